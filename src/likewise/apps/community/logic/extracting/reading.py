"""A text as tokens: lower-case words and numbers, what parts them, and what is said around each of them.

All of it is linear in the text: one pass of one pattern that cannot backtrack, and looks of bounded length around what
a rule found.
"""

import re
from functools import cached_property
from typing import Final

from likewise.apps.community.logic.extracting.model import Extracted, Field, Value
from likewise.apps.community.logic.extracting.wordlists import words

__all__ = ["Reading"]

_TOKEN: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_BACK: Final = 5  # tokens before a find that may deny or weaken it
_AFTER: Final = 2
_REPORT: Final = 14

SAME, SLASH, CLAUSE, SENTENCE = 0, 1, 2, 3  # what parts a token from the one before it

_NEGATIONS: Final = words(
    "no not never without nor neither none cannot cant dont didnt wasnt isnt arent werent couldnt wouldnt doesnt hadnt "
    "havent hasnt wont aint nobody nothing zero lacked lacking"
)
_NOT_NEGATIONS: Final = frozenset(
    pair
    for first, seconds in (
        ("no", "doubt question wonder matter longer sooner mistaking denying"),
        ("not", "only just sure unlike long"),
        ("nothing", "but except"),
        ("none", "other"),
    )
    for pair in ((first, second) for second in seconds.split())
)
_DENYING_PAIRS: Final = frozenset([("instead", "of"), ("rather", "than"), ("lack", "of"), ("absence", "of")])
_STOPS: Final = words(
    "but and then because although though while when until it they he she we i that which who there so just except "
    "unless yet"
)
_HEDGES: Final = words(
    "maybe perhaps possibly probably might may seemed seems seemingly supposedly allegedly think thought believe guess "
    "suppose unsure almost nearly somewhat resembled resembling assume guessing possible hardly barely apparently "
    "faintly imagine suspect if wondered"
)
_HEDGING_PAIRS: Final = frozenset(
    [
        ("kind", "of"),
        ("sort", "of"),
        ("not", "sure"),
        ("could", "have"),
        ("must", "have"),
        ("or", "something"),
        ("or", "so"),
        ("as", "though"),
        ("hard", "to"),
        ("more", "like"),
    ]
)
_DENYING_WORDS: Final = _NEGATIONS | {first for first, _ in _DENYING_PAIRS}
_HEDGING_WORDS: Final = _HEDGES | {first for first, _ in _HEDGING_PAIRS}
_SAYING: Final = words(
    "said says told claimed claims reported reports swore swears mentioned insisted insists according describes "
    "described"
)
_SELF: Final = frozenset(["i", "we", "myself", "ourselves", "i've", "i'd", "me", "who"])
_JOINING: Final = " -/&+~'\"#*\u2018\u2019\u201c\u201d"
_HEDGED, _ASKED, _REPORTED = 0.7, 0.65, 0.75


class Reading:
    """One field of an experience. `words[i]` is lower case, its apostrophes straight and a final "'s" left out; it
    stands at `text[starts[i]:ends[i]]`.

    `parted[i]` says what stands between token i and the one before it: SAME (blanks, hyphens, quotes), SLASH, CLAUSE
    (commas, brackets, dashes, colons) or SENTENCE (full stops, question and exclamation marks, new lines).
    """

    __slots__ = ("__dict__", "ends", "field", "parted", "starts", "text", "words")

    def __init__(self, text: str, *, field: Field) -> None:
        self.text = text
        self.field: Field = field
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.parted: list[int] = []
        last = 0
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            word = match[0].lower()
            if not word.isalnum():  # has an apostrophe, or is a number with points
                word = word.replace("\u2019", "'").removesuffix("'s")
            self.words.append(word)
            self.starts.append(start)
            self.ends.append(end)
            self.parted.append(SAME if start - last == 1 and text[last] == " " else _parting(text, last, start))
            last = end

    def word(self, index: int) -> str:
        """The word at a place that may lie outside: then the empty one."""
        return self.words[index] if 0 <= index < len(self.words) else ""

    def gap(self, index: int) -> str:
        """What stands between this token and the one before it; empty at both ends."""
        return self.text[self.ends[index - 1] : self.starts[index]] if 0 < index < len(self.words) else ""

    def follows(self, index: int) -> bool:
        """Whether this token stands in the same clause as the one before it."""
        return 0 < index < len(self.words) and self.parted[index] <= SLASH

    def is_capital(self, index: int) -> bool:
        """Whether the token begins with a capital letter."""
        return 0 <= index < len(self.words) and self.text[self.starts[index]].isupper()

    def is_possessive(self, index: int) -> bool:
        """Whether the token ends with "'s"."""
        return self.text[self.starts[index] : self.ends[index]].endswith(("'s", "\u2019s"))

    def is_denied(self, first: int) -> bool:
        """Whether what begins at this token is said not to be: "no red lights", "it wasn't round"."""
        if not self._may_deny:
            return False
        words, index = self.words, first
        for _ in range(_BACK):
            if self.parted[index] > SLASH or index == 0:
                return False
            index -= 1
            word, after = words[index], words[index + 1]
            if (word in _NEGATIONS or word.endswith("n't")) and (word, after) not in _NOT_NEGATIONS:
                return True
            if (word, after) in _DENYING_PAIRS:
                return True
            if word in _STOPS:
                return False
        return False

    def certainty(self, first: int, after: int) -> float:
        """How certain the author is of the tokens [first, after): 1, or less by hedges, questions and hearsay."""
        factor = _HEDGED if self._may_hedge and self._is_hedged(first, after) else 1.0
        if not self._has_doubts:
            return factor
        asked, told = self._sentences[self._sentence_of[first]]
        if asked:
            factor *= _ASKED
        if told is not None and told < first <= told + _REPORT:
            factor *= _REPORTED
        return factor

    def find(self, key: str, value: Value, first: int, after: int, confidence: float) -> Extracted:
        """The attribute that the tokens [first, after) say, its confidence weakened by what stands around them."""
        start, end = self.starts[first], self.ends[after - 1]
        certain = min(1.0, max(0.0, confidence * self.certainty(first, after)))
        return Extracted(
            key=key,
            value=value,
            confidence=round(certain, 3),
            start=start,
            end=end,
            words=self.text[start:end],
            field=self.field,
        )

    def _is_hedged(self, first: int, after: int) -> bool:
        words, index = self.words, first
        for _ in range(_BACK):
            if self.parted[index] > SLASH or index == 0:
                break
            index -= 1
            if words[index] in _HEDGES or (words[index], words[index + 1]) in _HEDGING_PAIRS:
                return True
            if words[index] in _STOPS and words[index] not in {"it", "that"}:
                break
        for index in range(after, min(after + _AFTER, len(words))):
            if self.parted[index] == SENTENCE:
                return False
            if words[index] in {"maybe", "perhaps", "possibly"}:
                return True
            if index + 1 < len(words) and (words[index], words[index + 1]) in _HEDGING_PAIRS:
                return words[index] == "or"
        return False

    @cached_property
    def _may_deny(self) -> bool:
        return not _DENYING_WORDS.isdisjoint(self.words) or any(word.endswith("n't") for word in self.words)

    @cached_property
    def _may_hedge(self) -> bool:
        return not _HEDGING_WORDS.isdisjoint(self.words)

    @cached_property
    def _has_doubts(self) -> bool:
        return "?" in self.text or not _SAYING.isdisjoint(self.words)

    @cached_property
    def _sentence_of(self) -> list[int]:
        number, numbers = -1, list[int]()
        for index, parting in enumerate(self.parted):
            number += parting == SENTENCE or index == 0
            numbers.append(number)
        return numbers

    @cached_property
    def _sentences(self) -> list[tuple[bool, int | None]]:
        """Of each sentence: whether it asks, and the token by which it begins to report what others said."""
        sentences: list[tuple[bool, int | None]] = []
        for index, (word, parting) in enumerate(zip(self.words, self.parted, strict=True)):
            if parting == SENTENCE or index == 0:
                sentences.append((False, None))
            if word in _SAYING and sentences[-1][1] is None and not self._tells_itself(index):
                sentences[-1] = (sentences[-1][0], index)
            following = self.starts[index + 1] if index + 1 < len(self.words) else len(self.text)
            if following - self.ends[index] < 4 and "?" in self.text[self.ends[index] : following]:  # "?", "??", "? "
                sentences[-1] = (True, sentences[-1][1])
        return sentences

    def _tells_itself(self, index: int) -> bool:
        return any(self.word(place) in _SELF for place in range(index - 2, index) if place >= 0)


def _parting(text: str, last: int, start: int) -> int:
    between = text[last:start] if start - last <= 8 else text[last : last + 4] + text[start - 4 : start]
    if not between.strip(_JOINING) and " - " not in between and "\n" not in between:
        return SLASH if "/" in between else SAME
    if between[0] in ".!?" or "\n" in between or ". " in between or "! " in between or "? " in between:
        return SENTENCE
    return CLAUSE
