"""Wishes and plans in words."""

from datetime import datetime, timedelta

from likewise.apps.community.logic.discovering.amounts import STEP
from likewise.apps.community.logic.discovering.tools import (
    CATEGORY,
    Associations,
    AttributeTest,
    Compare,
    Count,
    Distribution,
    Find,
    Insights,
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
    When,
    Where,
    Wish,
)
from likewise.apps.community.logic.discovering.vocabulary import Vocabulary
from likewise.apps.community.logic.discovering.words import join
from likewise.engine.collections import TimeRange

__all__ = [
    "describe_near",
    "describe_step",
    "describe_test",
    "describe_time",
    "describe_wish",
    "key_name",
    "unit_of",
    "value_name",
]

_ORDERS = {
    "best": "",
    "newest": ", the newest first",
    "happened": ", the latest first",
    "earliest": ", the earliest first",
    "upvotes": ", those with most upvotes first",
    "comments": ", those with most comments first",
    "views": ", those seen by most people first",
}
_UNITS = {"s": "s", "m": "m", "km": "km", "minutes": "min", "years": "years"}
_BY = {
    "month": "month by month",
    "year": "year by year",
}
_BY_TIME = {"month_of_year": "month of the year"}


def key_name(key: str) -> str:
    """A key as people say it: `duration_s` is "duration", `witness_count` is "witness count"."""
    name, _, unit = key.rpartition("_")
    return (name if name and unit in _UNITS else key).replace("_", " ")


def value_name(value: str | bool) -> str:  # noqa: FBT001 - a value is what it is
    """A value as people say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.replace("_", " ")


def describe_test(test: AttributeTest) -> str:
    """Such as "shape = triangle", "colour other than red", "duration of at least 300 s"."""
    name, unit = key_name(test.key), f" {unit_of(test.key)}".rstrip()
    if test.values:
        return f"{name} = {join(map(value_name, test.values), last='or')}"
    if test.not_values:
        return f"{name} other than {join(map(value_name, test.not_values), last='or')}"
    if test.gte is not None and test.lte is not None:
        return (
            f"{name} = {test.gte:g}{unit}"
            if test.gte == test.lte
            else f"{name} from {test.gte:g} to {test.lte:g}{unit}"
        )
    if test.gte is not None:
        return f"{name} of {_bound(test.gte, -STEP, 'at least', 'more than')}{unit}"
    return f"{name} of {_bound(test.lte or 0.0, STEP, 'at most', 'less than')}{unit}"


def describe_time(span: TimeRange) -> str:  # noqa: PLR0911 - one for each way to say it
    """Such as "in 2013", "in June 2013", "on 3 June 2013", "since 1 May 2012", "from 1 May to ..."."""
    first, before = span.gte, span.lt
    if first is None:
        return "" if before is None else f"before {_date(before)}"
    if before is None:
        return f"since {_date(first)}"
    if first.day == before.day == 1 and (first.hour, before.hour) == (0, 0):
        months = (before.year - first.year) * 12 + before.month - first.month
        if months == 1:
            return f"in {first:%B %Y}"
        if months == 12 and first.month == 1:
            return f"in {first.year}"
        if months % 12 == 0 and first.month == 1:
            return f"from {first.year} to {before.year - 1}"
        return f"from {first:%B %Y} to {before - timedelta(days=1):%B %Y}"
    if before - first == timedelta(days=1) and first.hour == 0:
        return f"on {_date(first)}"
    return f"from {_date(first)} to {_date(before)}"


def describe_near(near: Near) -> str:
    """Such as "within 50 km of Berlin", or "in places named TX, US"."""
    if near.is_named:
        return f"in places named {near.place}"
    place = near.place or f"{near.lat:.2f}, {near.lon:.2f}"
    return f"within {near.radius_km:g} km of {place}"


def describe_wish(wish: Wish, vocabulary: Vocabulary, *, noun: str = "experiences") -> str:
    """Such as "experiences of category UFO sighting with shape = triangle, in June 2013"."""
    words = noun
    if wish.categories:
        words += f" of category {join(map(vocabulary.title_of, wish.categories), last='or')}"
    told = [_described(one, vocabulary) for one in wish.attributes] + [f"the tag {tag}" for tag in wish.tags]
    if told:
        words += f" with {join(told)}"
    if wish.authors:
        names = {one.user: one.name or one.user for one in vocabulary.people}
        words += f" told by {join((names.get(user, user) for user in wish.authors), last='or')}"
    more = [describe_time(wish.happened)] if wish.happened else []
    more += [f"in {join((month.title() for month in wish.months), last='or')}"] if wish.months else []
    more += [f"on a {join((day.title() for day in wish.weekdays), last='or')}"] if wish.weekdays else []
    more += [describe_near(wish.near)] if wish.near else []
    return ", ".join([words, *more])


def _described(test: AttributeTest, vocabulary: Vocabulary) -> str:
    if test.key != CATEGORY:
        return describe_test(test)
    titles = [vocabulary.title_of(str(name)) for name in (*test.values, *test.not_values)]
    return f"a category {'' if test.values else 'other than '}{join(titles, last='or')}"


def describe_step(step: Tool, vocabulary: Vocabulary) -> str:  # noqa: PLR0911 - one for each tool
    """What a step asks, in words."""
    match step:
        case Find() | Count() | Distribution() | Associations() | Trend() | When() | Where() | People():
            return _of_wish(step, vocabulary)
        case Compare():
            sides = f"{describe_wish(step.left, vocabulary)} against {describe_wish(step.right, vocabulary)}"
            within = "" if step.wish.is_everything else f", among {describe_wish(step.wish, vocabulary)}"
            return f"{sides}, by {key_name(step.key) if step.key else 'what differs most'}{within}"
        case Together():
            both = [f"{key_name(one.key)} = {_shown(one, vocabulary)}" for one in (step.first, step.second)]
            within = "" if step.wish.is_everything else f", among {describe_wish(step.wish, vocabulary)}"
            return f"how often {both[0]} and {both[1]} occur together{within}"
        case Similar():
            to = step.experience or step.title or step.text or "the newest one"
            within = "" if step.wish.is_everything else f", among {describe_wish(step.wish, vocabulary)}"
            return (
                f"experiences like {to!r}{within}"
                if to != "the newest one"
                else f"experiences like the newest one{within}"
            )
        case PeopleLike():
            return f"people like {step.user}, by {step.by}"
        case Person():
            return f"who {step.user} is by what they tell and turn to"
        case Trending():
            of = f" of category {join(map(vocabulary.title_of, step.categories), last='or')}" if step.categories else ""
            return f"what people turn to now{of}"
        case Insights():
            return f"what is remarkable{' about ' + join(step.about) if step.about else ''}"


def _of_wish(  # noqa: PLR0911 - one for each tool
    step: Find | Count | Distribution | Associations | Trend | When | Where | People, vocabulary: Vocabulary
) -> str:
    what = describe_wish(step.wish, vocabulary)
    match step:
        case Find():
            if step.order_key is not None:
                side = "highest" if step.order == "highest" else "lowest"
                return f"{what}, those with the {side} {key_name(step.order_key)} first"
            return f"{what} that tell of {step.words!r}" if step.words else what + _ORDERS.get(step.order, "")
        case Count():
            return f"how many {what} there are" + ("" if step.by == "nothing" else f", by {step.by}")
        case Distribution():
            return f"the {key_name(step.key)} of {what}"
        case Associations():
            return f"the {key_name(step.key)} that goes with {what}" if step.key else f"what goes with {what}"
        case Trend():
            return f"how {what} become more or less common, {_BY[step.by]}"
        case When():
            return f"when {what} happened, by {_BY_TIME.get(step.by, step.by.replace('_', ' '))}"
        case Where():
            return f"where {what} happened"
        case People():
            return f"who tells most of {what}"


def _shown(one: Value, vocabulary: Vocabulary) -> str:
    return vocabulary.title_of(str(one.value)) if one.key == CATEGORY else value_name(one.value)


def _bound(value: float, step: float, closed: str, opened: str) -> str:
    """A bound that lies a step beyond a round number is that number, left out itself."""
    whole = round(value + step, 6)
    return f"{opened} {whole:g}" if round(whole, 2) == whole and round(value, 2) != value else f"{closed} {value:g}"


def unit_of(key: str) -> str:
    """The unit that a key's name ends with, as it is written behind a number; empty where there is none."""
    return _UNITS.get(key.rpartition("_")[2], "")


def _date(moment: datetime) -> str:
    if (moment.month, moment.day, moment.hour) == (1, 1, 0):
        return str(moment.year)
    return f"{moment.day} {moment:%B %Y}"
