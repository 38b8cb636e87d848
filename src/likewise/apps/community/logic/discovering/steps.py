"""The tools that answer what is wanted, with their arguments."""

import re
from collections.abc import Sequence
from typing import Final, Literal, cast

import msgspec

from likewise.apps.community.logic.discovering.intents import Asked
from likewise.apps.community.logic.discovering.reading import Piece
from likewise.apps.community.logic.discovering.tools import (
    CATEGORY,
    Associations,
    AttributeTest,
    Compare,
    Count,
    Distribution,
    Find,
    FindOrder,
    Insights,
    MonthName,
    Near,
    People,
    PeopleLike,
    Person,
    Similar,
    Together,
    Tool,
    Trend,
    Trending,
    Value,
    WeekdayName,
    When,
    WhenBy,
    Where,
    Wish,
)
from likewise.apps.community.logic.discovering.vocabulary import Vocabulary
from likewise.engine.collections import TimeRange

__all__ = ["make_steps", "make_wish"]

_TIME_KEYS: Final[dict[str, WhenBy]] = {"season": "season", "weekday": "weekday", "time_of_day": "time_of_day"}
_COMPARATIVES: Final = (
    (r"\b(?:longer|shorter|briefer|long|last)\b", "duration"),
    (r"\b(?:bigger|larger|smaller|wider|big|large)\b", "size"),
    (r"\b(?:higher|lower|high)\b", "altitude"),
    (r"\b(?:closer|nearer|further|farther|far|close)\b", "distance"),
    (r"\b(?:taller)\b", "height"),
    (r"\b(?:faster|slower|fast)\b", "speed"),
    (r"\b(?:louder|quieter|loud)\b", "sound"),
    (r"\b(?:brighter|darker|bright)\b", "bright"),
    (r"\b(?:older|younger)\b", "age"),
)
_HIGHEST: Final = (
    (r"\b(?:longest)\b", "highest", "duration"),
    (r"\b(?:shortest|briefest)\b", "lowest", "duration"),
    (r"\b(?:biggest|largest)\b", "highest", "size"),
    (r"\b(?:smallest)\b", "lowest", "size"),
    (r"\b(?:highest)\b", "highest", "altitude"),
    (r"\b(?:lowest)\b", "lowest", "altitude"),
    (r"\b(?:nearest|closest)\b", "lowest", "distance"),
    (r"\b(?:furthest|farthest)\b", "highest", "distance"),
    (r"\b(?:tallest)\b", "highest", "height"),
)
_ORDERS: Final[tuple[tuple[str, FindOrder], ...]] = (
    (r"\bmost (?:upvot\w+|liked|loved|popular)|\bbest\b|\btop\b|\bpopular\b", "upvotes"),
    (r"\bmost (?:commented|discussed|talked)", "comments"),
    (r"\bmost (?:viewed|read|seen|watched)\b", "views"),
    (r"\b(?:newest|new|just told|freshest)\b", "newest"),
    (r"\b(?:latest|last|most recent|recent)\b", "happened"),
    (r"\b(?:oldest|earliest|first)\b", "earliest"),
)
_TOLD_WORDS_MIN: Final = 4
_ALIKE: Final = re.compile(
    r"\b(?:similar to|something like|anything like|more like|resembles?|resembling|like|similar|as)\b\s*:?",
    re.IGNORECASE,
)
_THIS: Final = re.compile(
    r"^(?:this one|that one|this|that|the following|what happened to me|mine)\s*[:,-]\s*", re.IGNORECASE
)
_SINGLE: Final = re.compile(
    r"\b(?:when|where) (?:was|is|did)\b|\b(?:which|what) (?:is|was) the\b"
    r"|\bthe (?:last|latest|newest|first|longest) (?:one|time)\b"
)


def make_steps(  # noqa: C901, PLR0911, PLR0912 - one for each tool
    asked: Asked, vocabulary: Vocabulary, *, rows: int
) -> tuple[Tool, ...]:
    """The steps for what is wanted; never empty."""
    wish = make_wish(asked.pieces)
    match asked.intent:
        case "count" | "categories":
            return (_count(asked, wish),)
        case "distribution":
            return _distributions(asked, wish)
        case "compare":
            return (_compare(asked, vocabulary),)
        case "together":
            return (_together(asked, wish),)
        case "associations":
            return (_associations(asked, wish, vocabulary, rows=rows),)
        case "trend":
            is_yearly = re.search(r"\b(?:years?|yearly|annual\w*|decades?)\b", asked.skeleton)
            return (Trend(wish=wish, by="year" if is_yearly else "month"),)
        case "when":
            return _when(asked, wish, vocabulary)
        case "where":
            also_when = re.search(r"\bwhere and when\b|\bwhen and where\b", asked.skeleton)
            return (Where(wish=wish), *(_when(asked, wish, vocabulary) if also_when else ()))
        case "similar":
            return (_similar(asked, rows=rows),)
        case "people" | "people_like" | "person":
            return (_people(asked, wish, rows=rows),)
        case "trending":
            return (Trending(categories=wish.categories, k=rows),)
        case "insights":
            return (Insights(about=_about(asked.pieces), k=rows),)
        case "find" | "none":
            return (_find(asked, vocabulary, rows=rows),)


def make_wish(pieces: Sequence[Piece]) -> Wish:
    """What pieces limit, everything at once; values of one key are alternatives."""
    tests: dict[str, AttributeTest] = {}
    happened: TimeRange | None = None
    near: Near | None = None
    categories, tags, authors = list[str](), list[str](), list[str]()
    months, weekdays = list[MonthName](), list[WeekdayName]()
    for piece in pieces:
        if piece.is_negated and piece.test is None:
            continue
        if piece.test is not None:
            tests[piece.test.key] = _merged(tests.get(piece.test.key), piece.test)
        match piece.kind:
            case "category":
                categories.append(piece.value)
            case "tag":
                tags.append(piece.value)
            case "person":
                authors.append(piece.value)
            case "near":
                near = piece.near
            case "moment" if piece.moment is not None:
                happened = _both(happened, piece.moment.happened)
                months += piece.moment.months
                weekdays += piece.moment.weekdays
            case _:
                pass
    return Wish(
        categories=tuple(dict.fromkeys(categories)),
        attributes=tuple(tests.values()),
        tags=tuple(dict.fromkeys(tags)),
        authors=tuple(dict.fromkeys(authors)),
        near=near,
        happened=happened,
        months=tuple(dict.fromkeys(months)),
        weekdays=tuple(dict.fromkeys(weekdays)),
    )


def _merged(known: AttributeTest | None, new: AttributeTest) -> AttributeTest:
    if known is None:
        return new
    return AttributeTest(
        key=new.key,
        values=tuple(dict.fromkeys((*known.values, *new.values))),
        not_values=tuple(dict.fromkeys((*known.not_values, *new.not_values))),
        gte=new.gte if known.gte is None else known.gte if new.gte is None else max(known.gte, new.gte),
        lte=new.lte if known.lte is None else known.lte if new.lte is None else min(known.lte, new.lte),
    )


def _both(left: TimeRange | None, right: TimeRange | None) -> TimeRange | None:
    if left is None or right is None:
        return left or right
    firsts = [one for one in (left.gte, right.gte) if one is not None]
    ends = [one for one in (left.lt, right.lt) if one is not None]
    return TimeRange(gte=max(firsts, default=None), lt=min(ends, default=None))


def _keys(asked: Asked) -> list[str]:
    return list(dict.fromkeys(piece.value for piece in asked.pieces if piece.kind == "key"))


def _values(pieces: Sequence[Piece]) -> list[tuple[Piece, Value]]:
    """Pieces that say one value of a key, or a category."""
    found: list[tuple[Piece, Value]] = []
    for piece in pieces:
        if piece.kind == "category":
            found.append((piece, Value(key=CATEGORY, value=piece.value)))
        elif piece.test is not None and len(piece.test.values) == 1:
            found.append((piece, Value(key=piece.test.key, value=piece.test.values[0])))
    return found


def _about(pieces: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(str(value.value).replace("_", " ") for _, value in _values(pieces))


def _without_key(wish: Wish, key: str) -> Wish:
    """A wish that leaves a key open, so that its values can be told apart."""
    return msgspec.structs.replace(wish, attributes=tuple(one for one in wish.attributes if one.key != key))


def _find(asked: Asked, vocabulary: Vocabulary, *, rows: int) -> Find:
    skeleton, pieces = asked.skeleton, asked.pieces
    tests = [piece for piece in pieces if piece.test is not None]
    if asked.unknown and len(asked.unknown) > len(tests):
        wish = make_wish([piece for piece in pieces if not _is_of_text(piece)])
        return Find(words=asked.text, wish=wish, k=rows)
    wish = make_wish(pieces)
    if asked.unknown:
        return Find(words=asked.text, wish=wish, k=rows)
    quoted = [piece.value for piece in pieces if piece.kind == "title"]
    if quoted:
        return Find(words=quoted[0], wish=wish, k=rows)
    k = 1 if _SINGLE.search(skeleton) else rows
    for pattern, order, bare in _HIGHEST:
        key = vocabulary.key_like(bare, kind="number") if re.search(pattern, skeleton) else None
        if key is not None:
            return Find(wish=wish, order=cast("FindOrder", order), order_key=key.key, k=k)
    most = next((piece.value for piece in pieces if piece.kind == "key"), None)
    number = vocabulary.find_key(most) if most else None
    extreme = re.search(r"\b(most|least|fewest) (?:number of )?#key", skeleton)
    if number is not None and number.kind == "number" and extreme is not None:
        order = "highest" if extreme[1] == "most" else "lowest"
        return Find(wish=wish, order=cast("FindOrder", order), order_key=number.key, k=k)
    order = next((order for pattern, order in _ORDERS if re.search(pattern, skeleton)), "newest")
    return Find(wish=wish, order=cast("FindOrder", order), k=k)


def _is_of_text(piece: Piece) -> bool:
    """Whether a piece is what a text tells of, and no number, time, place, person or category."""
    if piece.kind == "tag":
        return True
    return piece.test is not None and piece.test.gte is None and piece.test.lte is None


def _count(asked: Asked, wish: Wish) -> Tool:
    skeleton, keys = asked.skeleton, _keys(asked)
    if asked.intent == "categories":
        return Count(wish=msgspec.structs.replace(wish, categories=()), by="category")
    if keys and re.search(r"\b(?:by|per|each|for each|of each|different) #key", skeleton):
        return _by_key(keys[0], wish)
    if re.search(r"\b(?:by|per|each|of each|every) weekday", skeleton):
        return When(wish=wish, by="weekday")
    by: Literal["nothing", "category", "month", "year"] = "nothing"
    if re.search(r"\b(?:per|by|each|every|a) month\b|\bmonthly\b", skeleton):
        by = "month"
    elif re.search(r"\b(?:per|by|each|every|a) year\b|\byearly\b|\bannual", skeleton):
        by = "year"
    elif re.search(r"\b(?:per|by|each|every|of each|in each) (?:categor|kind|topic|type)", skeleton):
        by = "category"
    return Count(wish=wish, by=by)


def _by_key(key: str, wish: Wish) -> Tool:
    if key in _TIME_KEYS:
        return When(wish=_without_key(wish, key), by=_TIME_KEYS[key])
    return Distribution(key=key, wish=_without_key(wish, key))


def _distributions(asked: Asked, wish: Wish) -> tuple[Tool, ...]:
    if re.search(r"\b(?:per|by|each) (?:month|year)\b|\bover time\b", asked.skeleton):
        return (*(_by_key(key, wish) for key in _keys(asked)[:2]), Trend(wish=wish))
    return tuple(_by_key(key, wish) for key in _keys(asked)[:3])


def _compare(asked: Asked, vocabulary: Vocabulary) -> Tool:
    left, right, common = make_wish(asked.left), make_wish(asked.right), make_wish(asked.pieces)
    keys = _keys(asked)
    if keys:
        return Compare(left=left, right=right, key=keys[0], wish=common)
    for pattern, bare in _COMPARATIVES:
        key = vocabulary.key_like(bare, f"{bare}ness") if re.search(pattern, asked.skeleton) else None
        if key is not None:
            return Compare(left=left, right=right, key=key.key, wish=common)
    if re.search(
        r"\b(?:common|often|frequent|frequently|likely|usual|rare|rarer|many|more|less|fewer)\b.*\bthan\b",
        asked.skeleton,
    ):
        subject = _subject(asked)
        if subject is not None:
            piece, value = subject
            sides = [
                make_wish([one for one in side if one is not piece]) for side in (asked.left, asked.right, asked.pieces)
            ]
            return Compare(left=sides[0], right=sides[1], key=value.key, wish=sides[2])
    return Compare(left=left, right=right, wish=common)


def _subject(asked: Asked) -> tuple[Piece, Value] | None:
    """What is said to be more common on one side than on the other: fear, in "is fear more common in dreams than"."""
    both = {piece.dimension for piece in asked.left} & {piece.dimension for piece in asked.right}
    return next(
        (found for found in _values((*asked.pieces, *asked.left, *asked.right)) if found[0].dimension not in both), None
    )


def _together(asked: Asked, wish: Wish) -> Tool:
    values = _values(asked.pieces)
    if len(values) < 2:
        return Count(wish=wish)
    (first, one), (second, other) = values[:2]
    rest = [piece for piece in asked.pieces if piece is not first and piece is not second]
    return Together(first=one, second=other, wish=make_wish(rest))


def _associations(asked: Asked, wish: Wish, vocabulary: Vocabulary, *, rows: int) -> Tool:
    if wish.is_everything:
        return Insights(k=rows)
    keys = _keys(asked)
    known = vocabulary.find_key(keys[0]) if keys else None
    if known is not None and known.kind == "number":
        return _by_key(known.key, wish)
    return Associations(wish=wish, key=keys[0] if keys else None)


def _when(asked: Asked, wish: Wish, vocabulary: Vocabulary) -> tuple[Tool, ...]:
    skeleton = asked.skeleton
    for key in _keys(asked):
        if key in _TIME_KEYS:
            return (_by_key(key, wish),)
    explicit: tuple[tuple[str, WhenBy], ...] = (
        (r"\b(?:which|what|each|every|busiest|best) years?\b|\bby year\b", "year"),
        (r"\bday(?:s)? of the week\b|\bweekdays?\b|\bwhich days?\b|\bwhat days?\b|\bbusiest day\b", "weekday"),
        (r"\bseason", "season"),
        (r"\b(?:what|which) times?\b|\btime of (?:the )?day\b|\bhours?\b", "time_of_day"),
        (r"\b(?:which|what|busiest|best) months?\b", "month_of_year"),
    )
    for pattern, by in explicit:
        if re.search(pattern, skeleton):
            return (When(wish=wish, by=by),)
    steps = [When(wish=wish, by="month_of_year")]
    if vocabulary.find_key("time_of_day") is not None and not any(one.key == "time_of_day" for one in wish.attributes):
        steps.append(When(wish=wish, by="time_of_day"))
    return tuple(steps)


def _similar(asked: Asked, *, rows: int) -> Tool:
    limits = make_wish([piece for piece in asked.pieces if piece.kind in {"category", "moment", "near"}])
    for piece in asked.pieces:
        if piece.kind == "experience":
            return Similar(experience=piece.value, wish=limits, k=rows)
        if piece.kind == "title":
            return Similar(title=piece.value, wish=limits, k=rows)
    if re.search(r"\b(?:last|latest|newest|most recent)\b", asked.skeleton):
        return Similar(is_newest=True, wish=limits, k=rows)
    cue = _ALIKE.search(asked.question)
    text = asked.question[cue.end() :].strip(" ?.!:") if cue else ""
    text = _THIS.sub("", text)
    if asked.unknown or len(text.split()) >= _TOLD_WORDS_MIN:
        before = [one for one in asked.pieces if cue and 0 <= asked.question.find(one.said) < cue.start()]
        limits = make_wish([one for one in before if one.kind in {"category", "moment", "near"}])
        return Similar(text=text or asked.text, wish=limits, k=rows)
    if asked.text:
        return Find(wish=make_wish(asked.pieces), order="newest", k=rows)
    return Similar(is_newest=True, wish=limits, k=rows)


def _people(asked: Asked, wish: Wish, *, rows: int) -> Tool:
    person = next((piece.value for piece in asked.pieces if piece.kind == "person"), None)
    if person is not None and asked.intent == "people_like":
        by: Literal["meaning", "categories", "taste"] = "meaning"
        if re.search(r"\btastes?\b|\bupvot\w*|\blikes? the same|\bsame (?:things|taste)|\benjoys?\b", asked.skeleton):
            by = "taste"
        elif re.search(r"\bcategor\w+|\bkinds?\b|\btopics?\b|\binterests?\b", asked.skeleton):
            by = "categories"
        return PeopleLike(user=person, by=by, k=rows)
    if person is not None and asked.intent == "person":
        return Person(user=person)
    return People(wish=wish, k=rows)
