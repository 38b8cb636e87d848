"""Keys and values of attributes as people read them: `duration_s: 100..200` is a duration, 1 min 40 s to 3 min 20 s."""

import re

from likewise.apps.community.logic.categories import find_category
from likewise.engine.patterns import Group

__all__ = ["category_title", "group_title", "key_title", "month_title", "place_title", "value_title"]

_UNITS = {"_s": "s", "_m": "m", "_km": "km", "_kmh": "km/h", "_c": "°C"}
_STEPS = re.compile(r"(-?[\d.e+]+)\.\.(-?[\d.e+]+)")
_WORDS = {"true": "yes", "false": "no"}
_CLOCK = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")
_PLACE_DEGREES = 5


def category_title(name: str) -> str:
    """What a category is called."""
    known = find_category(name)
    return _plain(name) if known is None else known.title


def key_title(key: str) -> str:
    """What a key is called, its unit in brackets; times need none."""
    stem, unit = _unit_of(key)
    return _plain(stem) if unit in {"", "s"} else f"{_plain(stem)} ({unit})"


def value_title(key: str, value: str) -> str:
    """What a value, or a stretch of numbers, is called."""
    unit = _unit_of(key)[1]
    steps = _STEPS.fullmatch(value)
    if steps is not None:
        return f"{_number(float(steps[1]), unit)} to {_number(float(steps[2]), unit)}"
    if unit and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return _number(float(value), unit)
    return _WORDS.get(value) or _plain(value)


def month_title(month: str) -> str:
    """`2013-06` is June 2013, `06` is June."""
    name = _MONTHS[int(month[-2:]) - 1]
    return f"{name} {month[:4]}" if len(month) > 2 else name


def group_title(group: Group | None) -> str:
    """What a question is about, as a heading."""
    if group is None:
        return "everything"
    match group.kind:
        case "value":
            return f"{key_title(group.key)}: {value_title(group.key, group.value)}"
        case "category":
            return category_title(group.value)
        case "place":
            return place_title(group.value)
        case "period":
            return " to ".join(dict.fromkeys((month_title(group.first), month_title(group.last))))


def place_title(cell: str) -> str:
    """The cell whose south-western corner is `40,-105`: 40 to 45 N, 105 to 100 W."""
    south, west = (int(part) for part in cell.split(","))
    return f"{_sides(south, 'N', 'S')}, {_sides(west, 'E', 'W')}"


def _sides(low: int, above: str, below: str) -> str:
    high = low + _PLACE_DEGREES
    return f"{low} to {high} {above}" if low >= 0 else f"{-low} to {-high} {below}"


def _unit_of(key: str) -> tuple[str, str]:
    for suffix, unit in _UNITS.items():
        if key.endswith(suffix) and len(key) > len(suffix):
            return key[: -len(suffix)], unit
    return key, ""


def _number(number: float, unit: str) -> str:
    if unit == "s":
        return _span(number)
    text = f"{number:,.10g}"
    return f"{text} {unit}" if unit else text


def _span(seconds: float) -> str:
    """The two largest units: 1 min 40 s."""
    if abs(seconds) < 1:
        return f"{seconds:.10g} s"
    left, parts = round(abs(seconds)), list[str]()
    for size, unit in _CLOCK:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return ("-" if seconds < 0 else "") + " ".join(parts[:2])


def _plain(name: str) -> str:
    return name.replace("_", " ")
