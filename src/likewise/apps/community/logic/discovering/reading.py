"""A question read once: which of its words mean something this community knows, and what is left of it."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, cast

import msgspec

from likewise.apps.community.logic.discovering.amounts import read_amount
from likewise.apps.community.logic.discovering.synonyms import NOTHING, UNITS
from likewise.apps.community.logic.discovering.times import Moment, is_time_word, read_moment
from likewise.apps.community.logic.discovering.tools import MONTHS, WEEKDAYS, AttributeTest, Near
from likewise.apps.community.logic.discovering.vocabulary import LOOSE, Lexicon, Sense, Vocabulary
from likewise.apps.community.logic.discovering.words import (
    CUES,
    GENERIC,
    SMALL,
    SMALL_STEMS,
    Token,
    listed,
    nearest,
    number_of,
    stem,
    tokens,
)

__all__ = ["ME", "Piece", "PieceKind", "Reading", "read_question"]

PieceKind = Literal["category", "test", "key", "tag", "moment", "near", "person", "title", "experience"]

ME: Final = "$me"
"""Stands for whoever asks, in a piece of kind `person`."""


_CORRECTIBLE_CUES: Final = dict.fromkeys(
    listed("where compare trend trending together similar remarkable often people longest category average between"), 1
)
_CORRECTIBLE_TIMES: Final[dict[str, int]] = dict.fromkeys(
    (*MONTHS, *WEEKDAYS, "summer", "winter", "autumn", "spring"), 1
)
_QUOTE_WORD: Final = "quotedtitle"
_NAME_LETTERS_MAX: Final = 6
_CUE_LETTERS_MIN: Final = 7
_NEGATIONS: Final = listed(
    "not no without except excluding never non isn't aren't wasn't weren't don't doesn't didn't minus neither nor"
)
_NEGATION_SKIPS: Final = listed(
    "the a an any of those that were are was is it which have having visible made make in near at on around from"
)
_PLACE_WORDS: Final = listed("in near around at from close nearby outside over about of to within by")
_PERSON_WORDS: Final = listed(
    "user member person author by of like about is to as does has did @ than resemble who from told and with"
)
_QUOTED: Final = re.compile(r"[\"“”«»]([^\"“”«»]{2,300})[\"“”«»]")
_KILOMETRES: Final = {"km": 1.0, "kilometer": 1.0, "mile": 1.609344, "mi": 1.609344}
_IN_KM, _NEAR_KM = 25.0, 50.0
_FORM_WORDS_MAX: Final = 8
_COMPARING: Final = frozenset(["compare", "versus", "vs", "difference", "differences", "differ", "comparison"])
_ASKING_WHO: Final = frozenset(["who", "people", "users", "members", "anyone", "anybody", "someone", "alike"])
_ME: Final = frozenset(["me", "myself", "mine", "i"])
_ME_BEFORE: Final = listed("like to as than resemble resembles am by have did do")


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens `first` to `after` of a question, and what they mean; `said` is how they were written."""

    kind: PieceKind
    first: int
    after: int
    said: str
    value: str = ""
    test: AttributeTest | None = None
    moment: Moment | None = None
    near: Near | None = None
    is_negated: bool = False

    @property
    def dimension(self) -> str:
        """What it limits: a key, the category, the time ... Two pieces of one dimension can be compared."""
        if self.moment is not None and self.moment.happened is None:
            return "months" if self.moment.months else "weekdays"
        return self.test.key if self.test is not None else self.kind


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it was read. `skeleton` is the question with a sign for each piece: `how many #test in #moment`.

    `unknown` are the words that mean nothing here, `corrected` those that were misspelled: (as written, as read).
    """

    question: str
    tokens: list[Token]
    pieces: list[Piece]
    skeleton: str
    unknown: list[str]
    corrected: list[tuple[str, str]]

    def of(self, *kinds: PieceKind) -> list[Piece]:
        """Its pieces of these kinds, in order."""
        return [piece for piece in self.pieces if piece.kind in kinds]


def read_question(question: str, *, vocabulary: Vocabulary, known: Lexicon, now: datetime) -> Reading:
    """Read a question with the words of a community."""
    quoted = _QUOTED.search(question)
    text = question if quoted is None else question[: quoted.start()] + f" {_QUOTE_WORD} " + question[quoted.end() :]
    words = [_corrected(token, known) for token in tokens(text)]
    reader = _Reader(words, vocabulary, known, now, quoted[1] if quoted else "")
    pieces = reader.read()
    unknown, parts, index = list[str](), list[str](), 0
    by_first = {piece.first: piece for piece in pieces}
    while index < len(words):
        piece = by_first.get(index)
        if piece is not None:
            parts.append(f"#{piece.kind}")
            index = piece.after
            continue
        parts.append(words[index].corrected or words[index].word)
        if not _is_plain(words[index]):
            unknown.append(words[index].text)
        index += 1
    return Reading(
        question=question,
        tokens=words,
        pieces=pieces,
        skeleton=" ".join(parts),
        unknown=unknown,
        corrected=[(token.text, token.corrected) for token in words if token.corrected],
    )


def _is_plain(token: Token) -> bool:
    """Whether a word that is no piece still says something about the question itself."""
    return token.word in SMALL or token.stem in GENERIC | SMALL_STEMS or is_time_word(token.word)


def _corrected(token: Token, known: Lexicon) -> Token:
    """The token with what a misspelled word was meant to be."""
    is_name = token.text[:1].isupper() and token.start > 0 and len(token.word) < _NAME_LETTERS_MAX
    if token.word in SMALL | CUES or token.word in known.spelled or is_name or token.word == _QUOTE_WORD:
        return token
    cue = nearest(token.word, _CORRECTIBLE_CUES, far_min=_CUE_LETTERS_MIN)
    if cue is not None:
        return msgspec.structs.replace(token, word=cue, stem=stem(cue), corrected=cue)
    if _is_plain(token) or token.stem in known.words or token.stem in UNITS or number_of(token.word) is not None:
        return token
    found = nearest(token.stem, known.words) or nearest(token.stem, _CORRECTIBLE_TIMES)
    return token if found is None else msgspec.structs.replace(token, stem=found, corrected=found)


class _Reader:
    """Walks along the words of one question; what was read is not read again."""

    def __init__(
        self, words: Sequence[Token], vocabulary: Vocabulary, known: Lexicon, now: datetime, quoted: str
    ) -> None:
        self.words = words
        self.vocabulary = vocabulary
        self.known = known
        self.now = now
        self.quoted = quoted
        self.pieces: list[Piece] = []
        said = {token.word for token in words}
        self._compares = bool(said & _COMPARING)
        self._asks_who = bool(said & _ASKING_WHO)

    def read(self) -> list[Piece]:
        index = 0
        while index < len(self.words):
            piece = self._piece(index)
            if piece is None:
                index += 1
                continue
            self.pieces.append(piece)
            index = piece.after
        return self.pieces

    def _piece(self, index: int) -> Piece | None:
        token = self.words[index]
        if token.word == _QUOTE_WORD:
            return Piece(kind="title", first=index, after=index + 1, said=self.quoted, value=self.quoted)
        if token.word.startswith("exp_"):
            return Piece(kind="experience", first=index, after=index + 1, said=token.text, value=token.word)
        moment = self._moment(index)
        if moment is not None and moment.moment is not None and moment.moment.happened is not None:
            return moment  # "summer 2013" is no summer of any year
        return self._around(index) or self._amount(index) or self._sense(index) or moment or self._me(index)

    def _said(self, first: int, after: int) -> str:
        return " ".join(token.text for token in self.words[first:after])

    def _word(self, index: int) -> str:
        return self.words[index].word if 0 <= index < len(self.words) else ""

    def _amount(self, index: int) -> Piece | None:
        found = read_amount(self.words, index, self.vocabulary, self.known)
        if found is None:
            return None
        test = AttributeTest(key=found.key, gte=found.gte, lte=found.lte)
        return Piece(kind="test", first=index, after=found.after, said=self._said(index, found.after), test=test)

    def _moment(self, index: int) -> Piece | None:
        moment = read_moment(self.words, index, self.now)
        if moment is None:
            return None
        said = self._said(index, moment.after)
        negated = self._is_negated(index)
        if moment.parts_of_day:
            values = [
                value
                for part in moment.parts_of_day
                for value in [self.vocabulary.value_like("time_of_day", *_parts_alike(part))]
                if value is not None
            ]
            if not values:
                return None
            test = _test("time_of_day", values, negated=negated)
            if moment.happened is None:
                return Piece(kind="test", first=index, after=moment.after, said=said, test=test, is_negated=negated)
        if moment.season:
            value = self.vocabulary.value_like("season", moment.season)
            if value is not None:
                test = _test("season", [value], negated=negated)
                return Piece(kind="test", first=index, after=moment.after, said=said, test=test, is_negated=negated)
        return Piece(
            kind="moment", first=index, after=moment.after, said=said, moment=moment, is_negated=negated,
            test=None,
        )  # fmt: skip

    def _sense(self, index: int) -> Piece | None:
        """The longest phrase of the community's own words that begins here."""
        longest = min(self.known.longest_from(self.words[index].stem), _FORM_WORDS_MAX)
        for length in range(longest, 0, -1):
            form = tuple(token.stem for token in self.words[index : index + length])
            if len(form) < length:
                continue
            senses = [one for one in self.known.senses(form) if self._fits(one, index, length)]
            if senses and not (length > 1 and self._is_better_apart(senses[0], index, length)):
                return self._meant(self._likeliest(senses), index, index + length)
        return None

    def _is_better_apart(self, sense: Sense, index: int, length: int) -> bool:
        """Whether one of the words of a loose phrase is the name of something commoner: "white lights"."""
        single = [self.known.senses((token.stem,)) for token in self.words[index : index + length]]
        return (
            sense.directness == LOOSE
            and sense.kind == "value"
            and any(
                one.kind in {"value", "category"} and one.directness > LOOSE and one.count > sense.count
                for found in single
                for one in found[:1]
            )
        )

    def _fits(self, sense: Sense, index: int, length: int) -> bool:
        token, before = self.words[index], self._word(index - 1)
        is_name = (token.text[:1].isupper() and index > 0) or token.text.lower().endswith("'s") or self._compares
        if sense.kind == "place":
            return before in _PLACE_WORDS or is_name
        if sense.kind == "person":
            has_sign = any(not letter.isalpha() for letter in str(sense.value)) and token.text == sense.value
            return before in _PERSON_WORDS or "@" in token.gap or is_name or has_sign
        if length == 1 and (token.word in SMALL or _is_time_of_year(token.word, before)):
            return False
        return not (
            length == 1 and sense.kind == "key" and token.word in {"last", "sight", "move", "time", "day", "hour"}
        )

    def _likeliest(self, senses: Sequence[Sense]) -> Sense:
        """The first, unless a key is named beside it whose value it may also be: "light shape", "colour orange"."""
        named = {piece.test.key if piece.test else piece.value for piece in self.pieces[-1:] if piece.kind == "key"}
        return next((one for one in senses if one.kind == "value" and one.key in named), senses[0])

    def _meant(self, sense: Sense, first: int, after: int) -> Piece | None:
        said, negated = self._said(first, after), self._is_negated(first)
        if sense.kind == "place" and sense.place is not None:
            is_near = self._word(first - 1) in {"near", "around", "close", "nearby", "outside", "to", "by", "about"}
            least = _NEAR_KM if is_near else _IN_KM
            place = sense.place
            radius_km = round(max(least, place.reach_km), 1)
            near = Near(place=place.name, lat=place.lat, lon=place.lon, radius_km=radius_km)
            if place.is_wide:
                near = Near(place=place.name)
            return Piece(kind="near", first=first, after=after, said=said, near=near, is_negated=negated)
        if sense.kind == "key":
            return self._key(sense, first, after, negated=negated)
        if sense.kind == "value":
            test = _test(sense.key, [sense.value], negated=negated)
            return Piece(kind="test", first=first, after=after, said=said, test=test, is_negated=negated)
        kind = cast("PieceKind", sense.kind)
        return Piece(kind=kind, first=first, after=after, said=said, value=str(sense.value), is_negated=negated)

    def _key(self, sense: Sense, first: int, after: int, *, negated: bool) -> Piece | None:
        """A key; "without sound" says its value."""
        said = self._said(first, after)
        if negated:
            test = self._nothing_of(sense.key)
            return None if test is None else Piece(kind="test", first=first, after=after, said=said, test=test)
        return Piece(kind="key", first=first, after=after, said=said, value=sense.key)

    def _nothing_of(self, key: str) -> AttributeTest | None:
        """What says that there was nothing of a key; of witnesses the author is always one."""
        if key.endswith("_count"):
            return AttributeTest(key=key, lte=1.0 if key == "witness_count" else 0.0)
        value = self.vocabulary.value_like(key, *NOTHING)
        return None if value is None else AttributeTest(key=key, values=(value,))

    def _around(self, index: int) -> Piece | None:
        """Reads "within 100 km of Berlin", "30 miles around Paris"."""
        start = index + (self._word(index) in {"within", "under"})
        number = number_of(self._word(start))
        factor = _KILOMETRES.get(self.words[start + 1].stem) if start + 1 < len(self.words) else None
        place = start + 2
        while self._word(place) in {"of", "from", "around", "the", "near"}:
            place += 1
        if number is None or factor is None or not 0 < number <= 20_000 or place == start + 2:
            return None
        found = self._place_at(place)
        if found is None:
            return None
        sense, after = found
        near = msgspec.structs.replace(sense, radius_km=round(number * factor, 3))
        return Piece(kind="near", first=index, after=after, said=self._said(index, after), near=near)

    def _place_at(self, index: int) -> tuple[Near, int] | None:
        if index >= len(self.words):
            return None
        for length in range(self.known.longest_from(self.words[index].stem), 0, -1):
            form = tuple(token.stem for token in self.words[index : index + length])
            for sense in self.known.senses(form):
                if sense.place is not None:
                    place = sense.place
                    return Near(place=place.name, lat=place.lat, lon=place.lon), index + length
        return None

    def _me(self, index: int) -> Piece | None:
        word, before = self._word(index), self._word(index - 1)
        is_me = word in _ME and before in _ME_BEFORE and (before != "to" or self._asks_who)
        if (
            word == "my"
            and self.words[index + 1 : index + 2]
            and self.words[index + 1].stem in GENERIC | {"sight", "dream", "post"}
        ):
            is_me = True
        if not is_me or (word == "i" and before in {"have", "did", "do"} and not self._tells(index)):
            return None
        return Piece(kind="person", first=index, after=index + 1, said=self._said(index, index + 1), value=ME)

    def _tells(self, index: int) -> bool:
        return self._word(index + 1) in {"told", "tell", "written", "write", "posted", "post", "shared", "share"}

    def _is_negated(self, first: int) -> bool:
        place = first - 1
        while place >= 0 and self._word(place) in _NEGATION_SKIPS and first - place <= 3:
            place -= 1
        if self._word(place) in _NEGATIONS or (self._word(place) == "than" and self._word(place - 1) == "other"):
            return True
        last = self.pieces[-1] if self.pieces else None
        return (
            last is not None and last.is_negated and last.after == first - 1 and self._word(first - 1) in {"or", "nor"}
        )


def _test(key: str, values: Sequence[str | bool], *, negated: bool) -> AttributeTest:
    if negated and list(values) == [True]:
        return AttributeTest(key=key, values=(False,))
    return AttributeTest(key=key, not_values=tuple(values)) if negated else AttributeTest(key=key, values=tuple(values))


def _parts_alike(part: str) -> tuple[str, ...]:
    return {"dusk": ("dusk", "evening"), "dawn": ("dawn", "morning"), "midday": ("midday", "noon")}.get(part, (part,))


def _is_time_of_year(word: str, before: str) -> bool:
    """Whether a word before it says that "fall", "may" and the like are times."""
    return word in {"may", "march", "fall", "spring", "summer", "winter", "autumn"} and before in {
        "in",
        "during",
        "last",
        "of",
    }
