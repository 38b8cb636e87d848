"""What a question wants: which tool, and what its pieces are to it."""

import re
from collections.abc import Sequence
from typing import Final, Literal, cast

import msgspec

from likewise.apps.community.logic.discovering import cues
from likewise.apps.community.logic.discovering.reading import Piece, Reading
from likewise.apps.community.logic.discovering.words import listed, number_of

__all__ = ["Asked", "Intent", "ask", "follow", "is_follow_up"]

Intent = Literal[
    "find", "count", "distribution", "categories", "compare", "associations", "together", "trend", "when", "where",
    "similar", "people", "people_like", "person", "trending", "insights", "none",
]  # fmt: skip

_PRONOUN: Final = re.compile(r"\b(?:them|those|these|they|it|ones?|that|their)\b")
_FOLLOW_WORDS_MAX: Final = 6
_AGAINST: Final = listed("and with to vs versus than from against or as compared between")
_COMMON: Final = frozenset(
    ["moment", "months", "weekdays", "near", "person", "season", "weekday", "time_of_day", "hour"]
)
"""Dimensions that say when, where and of whom: they are common to both sides unless they are what is compared."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. `pieces` limit what it is about, `left` and `right` are the two sides of a comparison.

    `skeleton` and `question` are of the question that said what is wanted, which is an earlier one in a follow-up.
    """

    intent: Intent
    pieces: list[Piece]
    left: list[Piece]
    right: list[Piece]
    skeleton: str
    question: str
    unknown: list[str]
    text: str = ""


def ask(reading: Reading) -> Asked:
    """What a question wants, by itself."""
    reading = _without_nouns(reading)
    intent = _intent(reading)
    pieces, left, right = list(reading.pieces), list[Piece](), list[Piece]()
    limits = [piece for piece in pieces if piece.kind not in {"person", "key"}]
    if intent == "person" and limits:
        intent = "find"  # what somebody told then, there or of that
    if intent in {"find", "none"} and not reading.unknown and pieces and all(piece.kind == "key" for piece in pieces):
        intent = "distribution"
    if intent == "compare":
        left, right, pieces = _sides(reading)
        if not left or not right:
            lonely = [piece for piece in reading.pieces if piece.kind in {"test", "category", "tag"}]
            intent, left, right, pieces = ("associations" if lonely else "find"), [], [], list(reading.pieces)
    return Asked(
        intent=intent,
        pieces=pieces,
        left=left,
        right=right,
        skeleton=reading.skeleton,
        question=reading.question,
        unknown=[] if all(number_of(word.lower()) is not None for word in reading.unknown) else reading.unknown,
        text=_content(reading),
    )


def is_follow_up(reading: Reading, asked: Asked) -> bool:
    """Whether a question goes on from the one before: "and at night?", "only in 2013", "where were they?"."""
    if cues.FOLLOWING.search(reading.skeleton):
        return True
    has_subject = any(piece.kind in {"test", "category", "tag", "title", "experience"} for piece in reading.pieces)
    if _PRONOUN.search(reading.skeleton) and not has_subject and not reading.unknown:
        return True
    is_short = len(reading.tokens) <= _FOLLOW_WORDS_MAX and not reading.unknown
    return is_short and not has_subject and asked.intent in {"none", "where", "when", "trend", "count"}


def follow(before: Asked, now: Asked) -> Asked:
    """The earlier question with what the later one changes: what it limits anew, and what it wants, if it says so."""
    dimensions = {piece.dimension for piece in now.pieces} | {piece.dimension for piece in (*now.left, *now.right)}
    kept = [piece for piece in before.pieces if piece.dimension not in dimensions and piece.kind != "title"]
    says = now.intent not in {"none", "find"} or (now.intent == "find" and before.intent == "none")
    keeps_sides = before.intent == "compare" and not now.left and (not says or now.intent == "compare")
    if says and now.intent != before.intent:
        kept = [piece for piece in kept if piece.kind != "key"]
    sides = [piece.dimension for piece in before.left]
    if keeps_sides and dimensions & set(sides):
        keeps_sides = False  # "what about discs?" after a comparison is a question about discs
    if now.intent == "distribution" and before.intent in {"compare", "associations"} and not dimensions - {"key"}:
        says, keeps_sides = False, before.intent == "compare"  # "and by colour?"
    intent = now.intent if says else before.intent
    if intent == "compare" and not keeps_sides and not now.left:
        intent = "find"
    subjects = [] if keeps_sides or intent == "compare" else [p for p in before.left if p.dimension not in dimensions]
    return Asked(
        intent=intent,
        pieces=[*kept, *subjects, *now.pieces],
        left=before.left if keeps_sides else now.left,
        right=before.right if keeps_sides else now.right,
        skeleton=now.skeleton if says else before.skeleton,
        question=now.question if says else before.question,
        unknown=now.unknown,
        text=now.text or before.text,
    )


def _without_nouns(reading: Reading) -> Reading:
    """Mere "objects" ask for no number of objects unless it says so, as "how many objects" does."""
    kept: list[Piece] = []
    skeleton = reading.skeleton
    for piece in reading.pieces:
        is_noun = piece.kind == "key" and piece.value.endswith("_count") and len(piece.said.split()) == 1
        if is_noun and not re.search(
            r"\b(?:how many|number of|average|median|mean|count of|typical|most|least|fewest|by|per) #key", skeleton
        ):
            skeleton = skeleton.replace("#key", piece.said.lower(), 1)
            continue
        kept.append(piece)
    return msgspec.structs.replace(reading, pieces=kept, skeleton=skeleton)


def _intent(reading: Reading) -> Intent:
    skeleton = reading.skeleton
    values = reading.of("test", "category", "tag")
    keys = reading.of("key")
    for name, pattern in cues.WANTED.items():
        intent = cast("Intent", name)
        if pattern.search(skeleton) and not _is_other(intent, skeleton, values, keys):
            return intent
    if cues.SUPERLATIVE.search(skeleton) and not (keys and re.search(r"\bmost (?:common|frequent|usual)\b", skeleton)):
        return "find"
    if keys and cues.ASKED_KEY.search(skeleton):
        return "distribution"
    if cues.CATEGORIES.search(skeleton):
        return "categories"
    if cues.COUNT.search(skeleton):
        return "count"
    return "find" if cues.FIND.search(skeleton) else "none"


def _is_other(intent: Intent, skeleton: str, values: Sequence[Piece], keys: Sequence[Piece]) -> bool:
    """Whether a rule's words stand there, and yet mean something else."""
    match intent:
        case "when":
            return bool(cues.SUPERLATIVE.search(skeleton) and re.search(r"\bwhen (?:was|is|did)\b", skeleton)) or (
                re.search(r"\bwhen\b(?! (?:do|does|did|is|are|was|were|have|has|can|people|\W|$))", skeleton)
                is not None
                and not re.search(r"^when\b", skeleton)
                and not re.search(r"\b(?:which|what|busiest) (?:month|year|weekday|day|season|time|hour)", skeleton)
            )
        case "where":
            return re.search(r"\bwhere\b", skeleton) is not None and bool(
                re.search(r"\b(?:experience|stor\w+|report|case|one|sighting|dream)s? where\b", skeleton)
            )
        case "people":
            if keys and not re.search(r"\b(?:who|whose|authors?)\b", skeleton):
                return True
            tells_of = re.search(r"\b(?:people|person|man|woman|somebody|anyone|those|experience\w*) who\b", skeleton)
            asks_for = re.search(
                r"^(?:(?:show|list|find|give|me|all|the) )*(?:people|members|users|those) who\b", skeleton
            )
            return tells_of is not None and asks_for is None
        case "together" | "associations":
            return intent == "together" and len({piece.dimension for piece in values} | _doubled(values)) < 2
        case _:
            return False


def _doubled(values: Sequence[Piece]) -> set[str]:
    """A sign for the second value of the same key: red and orange can occur together as well."""
    return {"second"} if len(values) > 1 else set()


def _sides(reading: Reading) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """The left and the right side of a comparison, and what is common to both."""
    things = [piece for piece in reading.pieces if piece.kind not in {"key", "title", "experience"}]
    keys = [piece for piece in reading.pieces if piece.kind == "key"]
    for cut in range(1, len(things)):
        between = {token.word for token in reading.tokens[things[cut - 1].after : things[cut].first]}
        left, right = things[:cut], things[cut:]
        both = {piece.dimension for piece in left} & {piece.dimension for piece in right}
        if between & _AGAINST and (both or (len(things) == 2 and not between & {"with"})):
            return _parted(left, right, keys, both)
    return [], [], list(reading.pieces)


def _parted(
    left: list[Piece], right: list[Piece], keys: list[Piece], both: set[str]
) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """What only one side says is common to both where it is a time, place or person, or where times are compared."""
    if not both:
        return left, right, keys
    in_common: list[Piece] = []
    sides: list[list[Piece]] = []
    for side in (left, right):
        own = [
            piece for piece in side if piece.dimension in both or not (piece.dimension in _COMMON or both <= _COMMON)
        ]
        in_common += [piece for piece in side if piece not in own]
        sides.append(own)
    return sides[0], sides[1], [*keys, *in_common]


def _content(reading: Reading) -> str:
    """The words of a question that say what it is about, in order."""
    said: list[tuple[int, str]] = [
        (piece.first, piece.said) for piece in reading.pieces if piece.kind in {"test", "category", "tag", "key"}
    ]
    inside = {index for piece in reading.pieces for index in range(piece.first, piece.after)}
    left = list(reading.unknown)
    for index, token in enumerate(reading.tokens):
        if index not in inside and token.text in left:
            said.append((index, token.text))
            left.remove(token.text)
    return " ".join(words for _, words in sorted(said))
