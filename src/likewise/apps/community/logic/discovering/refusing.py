"""What no tool can answer, said plainly, and what can be asked instead."""

import re
from collections.abc import Sequence
from typing import Final, Literal, cast

import msgspec

from likewise.apps.community.logic.discovering.cues import REFUSED
from likewise.apps.community.logic.discovering.intents import Asked
from likewise.apps.community.logic.discovering.reading import Reading
from likewise.apps.community.logic.discovering.vocabulary import Vocabulary
from likewise.apps.community.logic.discovering.wording import key_name, value_name
from likewise.apps.community.logic.discovering.words import GENERIC

__all__ = ["NotUnderstood", "RefusalReason", "is_empty", "refuse", "suggestions", "why_not"]

RefusalReason = Literal["empty", "no_content", "future", "arithmetic", "advice", "cause", "belief", "outside", "nobody"]

_SENTENCES: Final[dict[RefusalReason, str]] = {
    "empty": "There is no question.",
    "no_content": "I do not understand this: it names nothing that experiences tell of.",
    "future": "I do not understand questions about what is yet to come: I know only what has been told here.",
    "arithmetic": "I do not understand sums: I count experiences, and calculate nothing else.",
    "advice": "I do not understand questions for advice: I can show what others experienced, not what to do.",
    "cause": "I do not understand questions for causes: I can show what goes with what, not why.",
    "belief": "I do not understand questions of what is true: I know only what people tell here.",
    "outside": "I do not understand this: it is not about the experiences told here.",
    "nobody": "I do not know who you are: name yourself as `user`, then I can look for people like you.",
}
_NO_WORD: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}|^[^aeiouy]{4,}$|(.)\1{3,}")
_PRONOUN: Final = re.compile(r"\b(?:they|them|those|these|it)\b")
_ALONE: Final = frozenset(
    ["similar", "where", "when", "trend", "people", "count", "trending", "insights", "categories"]
)


class NotUnderstood(msgspec.Struct, frozen=True, kw_only=True):
    """Why a question is not answered, in a sentence, and what can be asked instead."""

    reason: RefusalReason
    sentence: str
    suggestions: list[str]


def why_not(question: str) -> RefusalReason | None:
    """Why no tool can answer a question, by its words alone; None where one may."""
    words = " ".join(question.lower().replace("\u2019", "'").split())
    if not any(letter.isalnum() for letter in words):
        return "empty"
    return next((cast("RefusalReason", name) for name, pattern in REFUSED.items() if pattern.search(words)), None)


def is_empty(reading: Reading, asked: Asked) -> bool:
    """Whether a question that stands alone says nothing of what it is about."""
    if reading.pieces:
        return False
    if reading.unknown:
        return all(_NO_WORD.search(word.lower()) for word in reading.unknown)
    if any(token.stem in GENERIC for token in reading.tokens):
        return False
    if _PRONOUN.search(reading.skeleton):
        return True
    return asked.intent not in _ALONE or len(reading.tokens) < 2


def refuse(reason: RefusalReason, vocabulary: Vocabulary, *, about: Sequence[str] = ()) -> NotUnderstood:
    """The refusal with three questions that this community can answer, about what was named where that is known."""
    return NotUnderstood(reason=reason, sentence=_SENTENCES[reason], suggestions=suggestions(vocabulary, about=about))


def suggestions(vocabulary: Vocabulary, *, about: Sequence[str] = ()) -> list[str]:
    """Three questions in this community's own words."""
    asked: list[str] = []
    subjects = list(about[:1])
    known = next((one for one in vocabulary.keys if one.kind == "text" and one.values), None)
    if known is not None:
        subjects.append(value_name(known.values[0].value))
        asked.append(f"Which {key_name(known.key)} is most common?")
    subjects += [category.title for category in vocabulary.categories[:2]]
    subjects = list(dict.fromkeys(subjects))
    if subjects:
        asked = [f"What goes with {subjects[0]}?", *asked, f"How has {subjects[-1]} changed over time?"]
        asked.append(f"Where was {subjects[0]} seen?")
    return [*asked, "What is trending?", "Show the newest experiences", "What is remarkable?"][:3]
