"""The file of an archive (lines of JSON, compressed by zstd) and what is told of it without reading it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
import zstandard

from likewise.apps.inbox.model import ArchivedMessage

__all__ = ["Digest", "digests", "lines_of", "pack", "read_payload", "unpack"]

_FORMAT = "likewise inbox archive"
_VERSION = 1
_LEVEL = 10
_INT_MIN, _INT_MAX = -(1 << 63), (1 << 64) - 1
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ArchivedMessage).decode


class _Head(msgspec.Struct, frozen=True):
    """The first line: what kind of file this is, and how many messages follow."""

    format: str
    version: int
    messages: int


class Digest(msgspec.Struct, frozen=True):
    """What an archive holds of one cluster."""

    cluster_id: UUID
    examples: list[str]
    message_count: int
    first_at: datetime
    last_at: datetime


def lines_of(messages: Sequence[ArchivedMessage]) -> list[bytes]:
    """Each message as its line."""
    return [_encode(message) for message in messages]


def pack(lines: Sequence[bytes]) -> bytes:
    """The file that holds these lines."""
    head = _encode(_Head(_FORMAT, _VERSION, len(lines)))
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(b"\n".join((head, *lines, b"")))


def unpack(content: bytes, *, sha256: str) -> list[ArchivedMessage]:
    """The messages of a file. Raises ValueError where it is not the one with this sha256, or not one of ours."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"its sha256 is {found}, not {sha256}")
    try:
        head, *lines = zstandard.ZstdDecompressor().decompress(content).splitlines()
        told = msgspec.json.decode(head, type=_Head)
        if told.format != _FORMAT or told.version != _VERSION:
            raise ValueError(f"it is of {told.format!r}, version {told.version}")
        messages = [_decode(line) for line in lines]
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ValueError(str(error)) from error
    if len(messages) != told.messages:
        raise ValueError(f"it holds {len(messages)} messages, not {told.messages}")
    return messages


def read_payload(payload: msgspec.Raw) -> dict[str, object]:
    """A payload as it came. The database writes 1e22 as 23 digits; what is no integer of 64 bits came as a float."""
    return {name: _as_it_came(value) for name, value in msgspec.json.decode(payload, type=dict[str, object]).items()}


def digests(messages: Sequence[ArchivedMessage], *, examples: int, characters: int) -> list[Digest]:
    """A summary of each cluster in these messages: some texts that differ, those that stood for it first."""
    members: dict[UUID, list[ArchivedMessage]] = {}
    for message in messages:
        members.setdefault(message.cluster_id, []).append(message)
    return [
        Digest(
            cluster_id=cluster_id,
            examples=_examples(some, count=examples, characters=characters),
            message_count=len(some),
            first_at=min(message.sent_at for message in some),
            last_at=max(message.sent_at for message in some),
        )
        for cluster_id, some in members.items()
    ]


def _examples(messages: Sequence[ArchivedMessage], *, count: int, characters: int) -> list[str]:
    ordered = sorted(messages, key=lambda message: not message.stands)
    return list(dict.fromkeys(" ".join(message.text.split())[:characters] for message in ordered))[:count]


def _as_it_came(value: object) -> object:
    if isinstance(value, dict):
        return {name: _as_it_came(part) for name, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_as_it_came(part) for part in cast("list[object]", value)]
    if isinstance(value, int) and not _INT_MIN <= value <= _INT_MAX:
        return float(value)
    return value
