"""From a question to a plan of tools, without a model: what is understood is said, and so is what is not."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from likewise.apps.community.logic.discovering.intents import Asked, ask, follow, is_follow_up
from likewise.apps.community.logic.discovering.reading import ME, Piece, Reading, read_question
from likewise.apps.community.logic.discovering.refusing import NotUnderstood, is_empty, refuse, why_not
from likewise.apps.community.logic.discovering.steps import make_steps, make_wish
from likewise.apps.community.logic.discovering.tools import CATEGORY, MONTHS, WEEKDAYS, AttributeTest, Find, Tool
from likewise.apps.community.logic.discovering.vocabulary import Lexicon, Vocabulary, lexicon
from likewise.apps.community.logic.discovering.wording import (
    describe_near,
    describe_step,
    describe_test,
    describe_time,
    key_name,
)
from likewise.apps.community.logic.discovering.words import join

__all__ = ["HISTORY_MAX", "Plan", "Understood", "plan"]

HISTORY_MAX: Final = 5
"""Earlier questions that are looked at, the latest."""
_LENIENT: Final = frozenset(["find", "none", "similar"])


class Understood(msgspec.Struct, frozen=True):
    """Words of a question, and what they were taken for."""

    words: str
    meaning: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the community. `sentence` says how the question was understood, `notes` what of it was not;
    `words` are those that say what it is about, for a search by meaning where nothing is just so."""

    steps: tuple[Tool, ...]
    understood: list[Understood]
    sentence: str
    notes: list[str] = []
    words: str = ""
    planner: Literal["rules", "model"] = "rules"


def plan(
    question: str,
    *,
    vocabulary: Vocabulary,
    now: datetime,
    user: str | None = None,
    history: Sequence[str] = (),
    known: Lexicon | None = None,
    rows: int = 10,
) -> Plan | NotUnderstood:
    """The plan for a question of `user`, asked after the questions of `history`.

    `now` is aware; `known` is the lexicon of the vocabulary, where it is at hand; `rows` are those of one result.
    """
    words = known or lexicon(vocabulary)
    reading = read_question(question, vocabulary=vocabulary, known=words, now=now)
    asked = ask(reading)
    about = [piece.said for piece in reading.of("test", "category") if not piece.is_negated]
    reason = why_not(question)
    if reason is not None:
        return refuse(reason, vocabulary, about=about)
    before = _before(history, vocabulary=vocabulary, now=now, known=words)
    if before is not None and is_follow_up(reading, asked):
        asked = follow(before, asked)
        if not asked.pieces and asked.intent in _LENIENT and not asked.unknown:
            return refuse("no_content", vocabulary)
    elif is_empty(reading, asked):
        return refuse("no_content", vocabulary)
    if user is None and any(piece.value == ME for piece in (*asked.pieces, *asked.left, *asked.right)):
        return refuse("nobody", vocabulary, about=about)
    return _planned(_turned(_resolved(asked, user)), reading, vocabulary, rows=rows)


def _before(history: Sequence[str], *, vocabulary: Vocabulary, now: datetime, known: Lexicon) -> Asked | None:
    """What the earlier questions came to, each taken up by the next where that goes on from it."""
    found: Asked | None = None
    for question in history[-HISTORY_MAX:]:
        if why_not(question) is not None:
            continue
        reading = read_question(question, vocabulary=vocabulary, known=known, now=now)
        asked = ask(reading)
        if found is not None and is_follow_up(reading, asked):
            found = follow(found, asked)
        elif not is_empty(reading, asked):
            found = asked
    return found


def _resolved(asked: Asked, user: str | None) -> Asked:
    def resolve(pieces: list[Piece]) -> list[Piece]:
        return [msgspec.structs.replace(one, value=user or "") if one.value == ME else one for one in pieces]

    return msgspec.structs.replace(
        asked, pieces=resolve(asked.pieces), left=resolve(asked.left), right=resolve(asked.right)
    )


def _turned(asked: Asked) -> Asked:
    """With what is left out said in a way that tools take: "not in June" is the other months."""
    pieces: list[Piece] = []
    for piece in asked.pieces:
        moment = piece.moment
        if piece.is_negated and moment is not None and moment.happened is None:
            others = msgspec.structs.replace(
                moment,
                months=tuple(one for one in MONTHS if moment.months and one not in moment.months),
                weekdays=tuple(one for one in WEEKDAYS if moment.weekdays and one not in moment.weekdays),
            )
            pieces.append(msgspec.structs.replace(piece, moment=others, is_negated=False))
        elif piece.is_negated and piece.kind == "category":
            test = AttributeTest(key=CATEGORY, not_values=(piece.value,))
            pieces.append(msgspec.structs.replace(piece, kind="test", test=test))
        else:
            pieces.append(piece)
    return msgspec.structs.replace(asked, pieces=pieces)


def _planned(asked: Asked, reading: Reading, vocabulary: Vocabulary, *, rows: int) -> Plan:
    pieces = [*asked.pieces, *asked.left, *asked.right]
    understood = [
        Understood(piece.said, _meaning(piece, vocabulary)) for piece in sorted(pieces, key=lambda one: one.first)
    ]
    notes: list[str] = []
    known = [piece for piece in pieces if piece.kind != "key"]
    steps: tuple[Tool, ...]
    if asked.unknown and asked.intent not in _LENIENT and len(asked.unknown) > len(known):
        limits = [one for one in asked.pieces if one.kind in {"category", "moment", "near", "person"}]
        steps = (Find(words=asked.text, wish=make_wish(limits), k=rows),)
        notes.append(f"I do not know what {_quoted(asked.unknown)} means here, so I searched by meaning instead.")
    else:
        steps = make_steps(asked, vocabulary, rows=rows)
        searched = " ".join(step.words for step in steps if isinstance(step, Find))
        left = [word for word in asked.unknown if not re.search(rf"\b{re.escape(word)}\b", searched)]
        if left and asked.intent != "similar":
            notes.append(f"I do not know what {_quoted(left)} means here and left it out.")
        elif asked.unknown and asked.intent != "similar":
            notes.append(
                f"I do not know {_quoted(asked.unknown)} as a category or attribute, so I searched by meaning."
            )
    kept = [piece.said for piece in pieces if piece.is_negated and piece.test is None]
    if kept:
        notes.append(f"I cannot leave out {_quoted(kept)}, so this is not limited by it.")
    notes += [f"I read {written!r} as {_read(reading, written)!r}." for written, _ in reading.corrected]
    sentence = "Understood as: " + "; and ".join(describe_step(step, vocabulary) for step in steps) + "."
    return Plan(steps=steps, understood=understood, sentence=sentence, notes=notes, words=asked.text)


def _read(reading: Reading, written: str) -> str:
    """The word that a misspelled one was read as, in full where its piece tells."""
    for piece in reading.pieces:
        if written in piece.said.split():
            if piece.test is not None and piece.test.values and len(piece.said.split()) == 1:
                return str(piece.test.values[0])
            if piece.kind in {"category", "key", "tag"} and len(piece.said.split()) == 1:
                return piece.value.replace("_", " ")
    return next(read for said, read in reading.corrected if said == written)


def _meaning(piece: Piece, vocabulary: Vocabulary) -> str:  # noqa: PLR0911 - one for each kind
    """What a piece was taken for, in words."""
    if piece.test is not None:
        return describe_test(piece.test)
    if piece.moment is not None:
        moment = piece.moment
        if moment.happened is not None:
            return describe_time(moment.happened)
        return (
            f"in {join((one.title() for one in moment.months), last='or')}"
            if moment.months
            else (f"on a {join((one.title() for one in moment.weekdays), last='or')}")
        )
    if piece.near is not None:
        return describe_near(piece.near)
    match piece.kind:
        case "category":
            return f"category {vocabulary.title_of(piece.value)}"
        case "key":
            return f"the attribute {key_name(piece.value)}"
        case "person":
            return f"the person {piece.value}"
        case "tag":
            return f"the tag {piece.value}"
        case _:
            return f"an experience: {piece.value}"


def _quoted(words: Sequence[str]) -> str:
    return join((f"{word!r}" for word in dict.fromkeys(words)), last="or")
