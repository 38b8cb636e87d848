"""Cutting a body into passages: what is embedded, found and cited on its own.

A short body is one passage. A long one is read as Markdown, which plain text is too: a passage never runs across a
heading unless what it has so far is tiny, and paragraphs, list items, tables and fenced code stay whole while they
fit. What does not fit is cut after a sentence or line, else at white space, else between characters, never inside one.

Passages together hold every character that is not white space. With an overlap, a piece of a block that had to be cut
begins with the last whole sentences of the piece before it; apart from that passages never overlap.
"""

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.collections.logic.blocks import Block, read_blocks
from likewise.engine.collections.logic.tokens import CENTITOKENS, CENTITOKENS_PER_CHARACTER_MAX, count_centitokens
from likewise.engine.collections.model import Passage

__all__ = ["TOKENS_MIN", "split_passages"]

TOKENS_MIN = 16  # the least `tokens_max` that makes sense
SECTION_SHARE_MIN = 8  # a section below tokens_max / 8 is joined with the next: tiny passages match by accident
SENTENCES_TRIED_MAX = 8  # ends of sentences, from the last one back
EARLY_CUT_SHARE = 4  # a sentence that ends in the first quarter of the room would waste the rest

_Span = tuple[int, int, list[str]]  # start, end, heading path
_SENTENCE_END = re.compile(r"[.!?\u2026][\"')\]\u201d\u2019]*(?=\s)|[\u3002\uff01\uff1f\u0964\u061f]|\n")
_JOINERS = "\u200c\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)  # two of them make a flag


def split_passages(body: str, *, tokens_max: int, overlap_tokens: int = 0) -> list[Passage]:
    """The passages of a body in order, none longer than about `tokens_max` word pieces; none for white space alone.

    Only a single character with more marks on it than that is longer. Raises ValueError for a `tokens_max` below
    TOKENS_MIN and for an overlap of half of it or more.
    """
    if tokens_max < TOKENS_MIN or not 0 <= overlap_tokens * 2 < tokens_max:
        raise ValueError(f"{tokens_max=} must be at least {TOKENS_MIN} and more than twice {overlap_tokens=}")
    if not body or body.isspace():
        return []
    if len(body) * CENTITOKENS_PER_CHARACTER_MAX <= tokens_max * CENTITOKENS:
        return [Passage(0, [], 0, len(body))]
    counts = count_centitokens(body)
    if counts[-1] <= tokens_max * CENTITOKENS:
        return [Passage(0, [], 0, len(body))]
    room = _Room(body, counts, tokens_max=tokens_max, overlap_tokens=overlap_tokens)
    return [
        Passage(ordinal, path, start, start + len(body[start:end].rstrip()))
        for ordinal, (start, end, path) in enumerate(_pack(read_blocks(body), room))
    ]


class _Room:
    """A body with its token counts: what fits into one passage, and where to cut what does not."""

    def __init__(self, body: str, counts: NDArray[np.int64], *, tokens_max: int, overlap_tokens: int) -> None:
        self.body = body
        self._counts = counts
        self._max = tokens_max * CENTITOKENS
        self._overlap = overlap_tokens * CENTITOKENS

    def fits(self, start: int, end: int) -> bool:
        return int(self._counts[end] - self._counts[start]) <= self._max

    def is_tiny(self, start: int, end: int) -> bool:
        return int(self._counts[end] - self._counts[start]) * SECTION_SHARE_MIN < self._max

    def _first_above(self, count: np.int64) -> int:
        """The first place up to which the text has more than `count`."""
        place: np.intp = self._counts.searchsorted(count, side="right")
        return int(place)

    def cut(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The span itself if it fits, else spans that do, each ending behind the one before it."""
        floor = start
        while not self.fits(start, end):
            limit = self._first_above(self._counts[start] + self._max) - 1
            place = self._find_cut(start, floor, min(limit, end))
            yield start, place
            floor = _skip_space(self.body, place)
            if floor >= end:
                return
            start = self._step_back(start, floor)
        yield start, end

    def _find_cut(self, start: int, floor: int, limit: int) -> int:
        """A place behind `floor`, at most `limit` unless one character reaches further."""
        early = max(floor, start + (limit - start) // EARLY_CUT_SHARE)
        ends = (found.end() for found in _SENTENCE_END.finditer(self.body, early, limit))
        for place in reversed(deque(ends, maxlen=SENTENCES_TRIED_MAX)):
            if _is_between_characters(self.body, place, floor):
                return place
        words = self.body[floor:limit].rsplit(None, 1)
        if len(words) == 2 and _is_between_characters(self.body, floor + len(words[0]), floor):
            return floor + len(words[0])
        place = limit
        while place > floor and not _is_between_characters(self.body, place, floor):
            place -= 1
        if place == floor:
            place = max(limit, floor + 1)
            while not _is_between_characters(self.body, place, floor):
                place += 1
        return place

    def _step_back(self, start: int, place: int) -> int:
        """Where the piece after `place` begins: there, or at an earlier sentence within the overlap."""
        if not self._overlap:
            return place
        lowest = self._first_above(self._counts[place] - self._overlap - 1)
        found = _SENTENCE_END.search(self.body, max(lowest, start + 1), place)
        back = _skip_space(self.body, found.end()) if found else place
        return back if back < place and _is_between_characters(self.body, back, start) else place


class _Held(msgspec.Struct, frozen=True):
    """A passage in the making: titles, text, and perhaps the titles of a next section from `tail_start` on."""

    start: int
    text_end: int  # where its text ends; `start` while it has titles only
    tail_start: int
    end: int
    path: list[str]

    @property
    def has_text(self) -> bool:
        return self.text_end > self.start

    def joined_with(self, block: Block) -> "_Held":
        path = self.path if self.has_text else block.path
        if not block.is_heading:
            return _Held(self.start, block.end, block.end, block.end, path)
        tail_start = self.tail_start if self.tail_start < self.end else block.start
        return _Held(self.start, self.text_end, tail_start, block.end, path)


def _pack(blocks: Iterable[Block], room: _Room) -> Iterator[_Span]:
    """Neighbouring blocks joined into passages while they fit.

    A passage's path is that of its first text, and titles stay with the text below them.
    """
    held: _Held | None = None
    for block in blocks:
        start = block.start
        if held is not None:
            if room.fits(held.start, block.end) and not _begins_section(block, held, room):
                held = held.joined_with(block)
                continue
            if held.has_text:
                yield held.start, held.text_end, held.path
                start = held.tail_start if held.tail_start < held.end else start
            else:
                start = held.start
        *pieces, (start, end) = room.cut(start, block.end)
        for piece in pieces:
            yield *piece, block.path
        text_end = start if block.is_heading else end
        held = _Held(start, text_end, start if block.is_heading else end, end, block.path)
    if held is not None:
        yield held.start, held.end, held.path


def _begins_section(block: Block, held: _Held, room: _Room) -> bool:
    return block.is_heading and held.has_text and not room.is_tiny(held.start, held.end)


def _skip_space(body: str, place: int) -> int:
    while place < len(body) and body[place].isspace() and _is_between_characters(body, place + 1, place):
        place += 1
    return place


def _is_between_characters(body: str, place: int, floor: int) -> bool:
    """Whether no character, as a reader sees them, runs across `place`. `floor` is known to be such a place."""
    if place <= floor or place >= len(body) or body[place - 1] in "\n\t":
        return True
    after = body[place]
    if after.isascii():
        return body[place - 1] not in _JOINERS
    code = ord(after)
    if unicodedata.category(after)[0] == "M" or after in _JOINERS or code in _SKIN_TONES or code in _TAGS:
        return False
    if body[place - 1] in _JOINERS:
        return False
    if code not in _FLAG_LETTERS:
        return True
    before = place
    while before > floor and ord(body[before - 1]) in _FLAG_LETTERS:
        before -= 1
    return (place - before) % 2 == 0
