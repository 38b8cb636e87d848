"""How many saw it, and how many of it there were."""

from typing import Final

from likewise.apps.community.logic.extracting.model import Extracted
from likewise.apps.community.logic.extracting.numbers import Number
from likewise.apps.community.logic.extracting.reading import Reading
from likewise.apps.community.logic.extracting.wordlists import words

__all__ = ["read_object_count", "read_witness_count"]

_ONE: Final = words(
    "wife husband brother sister mother father mom mum dad son daughter friend girlfriend boyfriend partner neighbor "
    "neighbour cousin uncle aunt fiance fiancee grandmother grandfather grandma grandpa nephew niece roommate flatmate "
    "coworker colleague boss buddy mate kid child stepson stepdaughter granddaughter grandson twin passenger driver "
    "fiancée guy girl boy woman man other person nan gran"
)
_MANY: Final = words(
    "wives brothers sisters sons daughters friends neighbors neighbours cousins uncles aunts kids children colleagues "
    "coworkers others people adults men women witnesses guys boys girls teenagers students persons officers nephews "
    "nieces grandchildren buddies mates passengers strangers hikers climbers nurses policemen soldiers pilots"
)
_OWNERS: Final = frozenset(["my", "his", "her", "our", "a", "an", "the", "their", "one", "another"])
_FIRST: Final = frozenset(["i", "me", "myself", "i've"])
_SEE: Final = words(
    "saw seen see witnessed witness watched observed viewed noticed watching present looked stood seeing"
)
_ALONE: Final = frozenset(["alone", "solo"])
_COMPANY: Final = _FIRST | _ALONE | {"by", "nobody", "one", "us", "with"}
_THINGS: Final = words(
    "light object orb craft ufo fireball ball disc disk saucer sphere triangle aircraft circle dot ship spacecraft "
    "star shape flash vehicle cigar cylinder diamond oval chevron boomerang entity thing egg cone beam anomaly machine "
    "drone rectangle square cube ring globe"
)
_MANY_THINGS: Final = {word + "s": word for word in _THINGS} | {"flashes": "flash", "entities": "entity"}
_THING_WORDS: Final = frozenset([*_THINGS, *_MANY_THINGS])
_SHAPES_OF_MANY: Final = words("light shape thing star triangle circle square diamond flash beam ring cone chevron")
_BETWEEN: Final = 4
_STOPS: Final = words(
    "of with and in on at from the my was were is are to that over by for had like as but or which feet foot minutes "
    "minute seconds second hours hour miles mile sec mins times degrees above below nights days o'clock pm am year old "
    "years then i we it they side end top time"
)
_GROUP_MAX: Final = 8
_COUNT_MAX: Final = 10_000


def read_witness_count(reading: Reading, numbers: list[Number]) -> list[Extracted]:
    """How many people saw it, the author among them: "my wife and I" is two."""
    starts = {number.after: number for number in numbers if not number.bare}
    found: list[Extracted] = []
    words = reading.words
    for index, word in enumerate(words if not _COMPANY.isdisjoint(words) else ()):
        if word in _FIRST:
            found += _company(reading, index, starts)
        elif word in _ALONE and words[index - 1 : index] != ["let"] and not reading.is_denied(index):
            mine = {"i", "me", "was", "am", "home", "driving", "walking", "live", "my"} & set(
                words[max(0, index - 5) : index]
            )
            found.append(reading.find("witness_count", 1.0, index, index + 1, 0.75 if mine else 0.5))
        elif word == "by" and words[index + 1 : index + 2] == ["myself"]:
            found.append(reading.find("witness_count", 1.0, index, index + 2, 0.8))
        elif word in {"nobody", "one"} and words[index + 1 : index + 3] == ["else", "saw"]:
            found.append(reading.find("witness_count", 1.0, index, index + 3, 0.85))
        elif word == "us" and words[index - 1 : index] == ["of"]:
            number = starts.get(index - 1) or starts.get(index)
            if number is not None and 1 < number.value <= _COUNT_MAX and words[number.first - 1] != "one":
                found.append(_count(reading, number.value, number.first, index + 1, number.sure * 0.9))
        elif word in {"with", "and"} and words[index + 1 : index + 2] == ["my"]:
            found += _with_mine(reading, index, starts)
    return found + _told(reading, numbers)


def read_object_count(reading: Reading, numbers: list[Number]) -> list[Extracted]:
    """How many lights, objects or craft: "five glowing orbs", "a single light"."""
    numbered = {number.first: number for number in numbers}
    ends = {number.after - 1: number for number in numbers}
    found: list[Extracted] = []
    if _THING_WORDS.isdisjoint(reading.words):
        return found
    for index, word in enumerate(reading.words):
        many = word in _MANY_THINGS
        if not many and word not in _THINGS:
            continue
        number = _number_before(reading, index, ends)
        if number is None or not 1 <= number.value <= _COUNT_MAX or number.value != int(number.value * 2) / 2:
            continue
        if number.bare:
            if many or word in _SHAPES_OF_MANY:
                continue
            found.append(_objects(reading, 1.0, number.first, index, 0.6))
        elif many or word in {"craft", "aircraft", "ufo"} or number.value == 1:
            if _is_year(reading, number) or reading.word(number.first - 1) in {"of", "than", "size"}:
                continue
            part = 0.5 if _is_part(reading, number.first, index + 1) else 1.0
            found.append(_objects(reading, number.value, number.first, index, number.sure * 0.92 * part))
    return found if numbered else []


def _is_part(reading: Reading, first: int, after: int) -> bool:
    """Whether these are parts of one thing: "with three lights", "one light at each corner"."""
    return reading.word(first - 1) in {"with", "w", "has", "had"} or "each" in reading.words[after : after + 2]


def _objects(reading: Reading, value: float, first: int, last: int, confidence: float) -> Extracted:
    return reading.find("object_count", value, first, last + 1, confidence)


def _number_before(reading: Reading, index: int, ends: dict[int, Number]) -> Number | None:
    """The number that counts this noun: at most four describing words stand between."""
    if not reading.follows(index):
        return None
    for place in range(index - 1, max(-1, index - 2 - _BETWEEN), -1):
        if place in ends:
            number = ends[place]
            if number.bare and reading.words[place + 1 : place + 2] and reading.words[place + 1] in {"few", "lot"}:
                return None
            return number
        if reading.words[place] in _STOPS or not (reading.follows(place) or reading.gap(place).strip() == ","):
            return None
    return None


def _is_year(reading: Reading, number: Number) -> bool:
    return 1900 <= number.value < 2100 or reading.gap(number.first).endswith(("/", "#", ":"))


def _count(reading: Reading, value: float, first: int, after: int, confidence: float) -> Extracted:
    return reading.find("witness_count", float(value), first, after, confidence)


def _company(reading: Reading, index: int, numbers: dict[int, Number]) -> list[Extracted]:
    """Around an "I": those joined to it before ("my wife and I") or after ("I and two others")."""
    words = reading.words
    joined = words[index - 1 : index] == ["and"] or (index > 0 and "&" in reading.gap(index))
    if joined:
        place = index - 1 if words[index - 1] == "and" else index
        count, first, sure = _people_before(reading, place, numbers)
        parted = words[place] == "and" and not reading.follows(place)  # "a girl, and I" are not one company
        if count > (1 if parted else 0):
            return [_count(reading, count + 1, first, index + 1, sure)]
    ahead = index + 1
    if reading.word(ahead) == "and" or (ahead < len(words) and "&" in reading.gap(ahead)):
        ahead += words[ahead] == "and"
        count, after, sure = _people_after(reading, ahead, numbers)
        if count:
            return [_count(reading, count + 1, index, after, sure)]
    return []


def _people_before(reading: Reading, place: int, numbers: dict[int, Number]) -> tuple[float, int, float]:
    """People in the tokens that end before `place`, as "my mother, my two brothers": count, first token, sureness."""
    total, first, sure, index = 0.0, place, 0.9, place - 1
    for _ in range(_GROUP_MAX):
        word = reading.word(index)
        if word not in _ONE and word not in _MANY:
            break
        number, start = _group_start(reading, index, numbers)
        if word in _MANY:
            total += number.value if number else 2.0
            sure = min(sure, number.sure * 0.9 if number else 0.45)
        else:
            total += 1.0
        first, index = start, start - 1
        if reading.word(index) == "and":
            index -= 1
        elif not {",", "&"}.intersection(reading.gap(start)) and reading.word(index) not in _ONE:
            break  # "my mother brother and I" has lost its comma
    return total, first, sure


def _group_start(reading: Reading, noun: int, numbers: dict[int, Number]) -> tuple[Number | None, int]:
    """The number before a noun for people, if any, and where its group begins: "my two older brothers"."""
    start = noun
    for place in range(noun, max(-1, noun - 5), -1):
        number = numbers.get(place)
        if number is not None:
            start = number.first
            if reading.word(start - 1) in _OWNERS:
                start -= 1
            return number, start
        if reading.word(place - 1) in _OWNERS:
            return None, place - 1
        if not reading.follows(place) or reading.word(place - 1) in _STOPS or reading.word(place - 1) in _ONE:
            break
    return None, start


def _people_after(reading: Reading, place: int, numbers: dict[int, Number]) -> tuple[float, int, float]:
    total, index, sure, after = 0.0, place, 0.9, place
    for _ in range(_GROUP_MAX):
        noun = next(
            (at for at in range(index, min(index + 5, len(reading.words))) if reading.words[at] in _ONE | _MANY), None
        )
        if noun is None or reading.is_possessive(noun) or _STOPS.intersection(reading.words[index:noun]):
            break
        number, _ = _group_start(reading, noun, numbers)
        if reading.words[noun] in _MANY:
            total += number.value if number else 2.0
            sure = min(sure, number.sure * 0.9 if number else 0.45)
        else:
            total += 1.0
        after = noun + 1
        if reading.word(after) == "and" or (after < len(reading.words) and "," in reading.gap(after)):
            index = after + (reading.word(after) == "and")
            if reading.word(index) not in _OWNERS:
                break
        else:
            break
    return total, after, sure


def _with_mine(reading: Reading, index: int, numbers: dict[int, Number]) -> list[Extracted]:
    if reading.words[index] != "with":
        return []
    count, after, sure = _people_after(reading, index + 1, numbers)
    return [_count(reading, count + 1, index, after, min(sure, 0.65))] if count else []


def _told(reading: Reading, numbers: list[Number]) -> list[Extracted]:
    """Those told of as a number: "3 adults witnessed", "witnessed by 8", "dozens of people saw"."""
    found: list[Extracted] = []
    for number in numbers:
        if number.bare or not 1 <= number.value <= _COUNT_MAX or number.value != int(number.value):
            continue
        noun = number.after
        if reading.word(noun) in {"other", "adult", "independent", "credible", "different"}:
            noun += 1
        near = _SEE.intersection(reading.words[max(0, number.first - 4) : noun + 4])
        by = reading.words[max(0, number.first - 2) : number.first][:1]
        if reading.word(noun) in _MANY and reading.follows(noun):
            if reading.word(noun) == "witnesses" or near:
                others = reading.word(noun) == "others"
                found.append(_count(reading, number.value + others, number.first, noun + 1, number.sure * 0.8))
        elif by and by[0] in _SEE and reading.word(number.first - 1) == "by" and not reading.follows(noun):
            found.append(_count(reading, number.value, number.first, number.after, number.sure * 0.75))
    return found
