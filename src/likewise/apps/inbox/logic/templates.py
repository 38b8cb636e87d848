"""Answers with slots: `Hi {{first_name|there}}, ...`."""

import re
from collections.abc import Mapping

import msgspec

from likewise.apps.inbox.errors import SlotUnknown
from likewise.apps.inbox.model import Answerable
from likewise.platform.errors import FieldError

__all__ = ["SLOTS", "Template", "parse_template"]

_SLOT = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|([^{}]*))?\}\}")
_MESSAGE_CHARACTERS = 200

SLOTS: Mapping[str, str] = {
    "first_name": "the first word of the visitor's name",
    "name": "the visitor's name",
    "message": "the beginning of their message, 200 characters at most",
    "channel": "the name of the channel it came through",
    "date": "the day it was sent, such as 2026-11-21 (UTC)",
}
"""What a template may ask for, and what it is filled with."""


class Template(msgspec.Struct, frozen=True):
    """Literal text, and slots with what stands in for them where nothing is known: `(text, slot, fallback)`."""

    parts: tuple[tuple[str, str, str], ...]
    tail: str

    def render(self, message: Answerable) -> str:
        """The answer to one message. A slot without a value leaves its fallback, and no doubled blank behind."""
        said: list[str] = []
        for text, slot, fallback in self.parts:
            said.append(text)
            value = _value(message, slot) or fallback
            if not value and said[-1].endswith(" "):
                said[-1] = said[-1][:-1]
            said.append(value)
        said.append(self.tail)
        return "".join(said)


def parse_template(text: str) -> Template:
    """Read a template. Raises SlotUnknown, which names the slots there are."""
    parts: list[tuple[str, str, str]] = []
    end = 0
    for match in _SLOT.finditer(text):
        slot = match[1]
        if slot not in SLOTS:
            known = ", ".join(f"{{{{{name}}}}}" for name in SLOTS)
            problem = FieldError("/response_text", f"no slot is named {slot}")
            raise SlotUnknown(slot=slot, known=known, errors=[problem])
        parts.append((text[end : match.start()], slot, (match[2] or "").strip()))
        end = match.end()
    return Template(tuple(parts), text[end:])


def _value(message: Answerable, slot: str) -> str:
    name = (message.visitor_name or "").strip()
    match slot:
        case "first_name":
            return name.split()[0] if name else ""
        case "name":
            return name
        case "message":
            return message.text[:_MESSAGE_CHARACTERS]
        case "channel":
            return message.channel
        case _:
            return message.sent_at.date().isoformat()
