"""What can be asked of a community: each tool is a question in typed words, for the planner and a chat model alike."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from likewise.apps.community.model import AttributeWish, ExperienceWish
from likewise.engine.collections import Radius, TimeRange

__all__ = [
    "CATEGORY",
    "MONTHS",
    "TOOLS",
    "WEEKDAYS",
    "Associations",
    "AttributeTest",
    "Compare",
    "Count",
    "Distribution",
    "Find",
    "FindOrder",
    "Insights",
    "MonthName",
    "Near",
    "People",
    "PeopleLike",
    "Person",
    "Similar",
    "Together",
    "Tool",
    "Trend",
    "Trending",
    "Value",
    "WeekdayName",
    "When",
    "WhenBy",
    "Where",
    "Wish",
]

CATEGORY = "category"
"""The key that stands for an experience's category where a key is asked for."""

MonthName = Literal[
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
MONTHS: tuple[MonthName, ...] = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WeekdayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[WeekdayName, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WhenBy = Literal["year", "month", "month_of_year", "weekday", "season", "time_of_day"]
FindOrder = Literal["best", "newest", "happened", "earliest", "upvotes", "comments", "views", "highest", "lowest"]

KeyName = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="a key of an attribute, such as shape, or `category`")
]
Text = Annotated[str, Meta(max_length=300)]
Rows = Annotated[int, Meta(ge=1, le=100, description="rows wanted")]
_ROWS = 10


class AttributeTest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an attribute is: one of `values`; or known and none of `not_values`; or a number from `gte` to `lte`."""

    key: KeyName
    values: Annotated[tuple[str | bool, ...], Meta(max_length=20)] = ()
    not_values: Annotated[tuple[str | bool, ...], Meta(max_length=20)] = ()
    gte: float | None = None
    lte: float | None = None


class Near(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A circle on earth: around a point, or around a place by its name as this community writes it. A place that is
    wider than a town, such as a country, is all that is named so, without a circle."""

    place: Annotated[str, Meta(max_length=200)] = ""
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    radius_km: Annotated[float, Meta(gt=0, le=20_038)] = 50.0

    @property
    def is_named(self) -> bool:
        """Whether it is a name without a point."""
        return self.lat is None or self.lon is None


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which experiences are meant, everything at once; what is left out does not matter.

    `months` and `weekdays` are those of any year: ["june", "july"], ["saturday"]. `happened` is a stretch of time.
    """

    categories: Annotated[tuple[str, ...], Meta(max_length=10)] = ()
    attributes: Annotated[tuple[AttributeTest, ...], Meta(max_length=10)] = ()
    tags: Annotated[tuple[Text, ...], Meta(max_length=10)] = ()
    authors: Annotated[tuple[Text, ...], Meta(max_length=10)] = ()
    near: Near | None = None
    happened: TimeRange | None = None
    months: Annotated[tuple[MonthName, ...], Meta(max_length=12)] = ()
    weekdays: Annotated[tuple[WeekdayName, ...], Meta(max_length=7)] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Wish()

    def as_experiences(self) -> ExperienceWish:
        """What of it the engine's filters can say; `not_values`, months and weekdays are looked at beside them."""
        near = self.near
        return ExperienceWish(
            category=self.categories,
            attributes=tuple(
                AttributeWish(key=one.key, values=one.values, gte=one.gte, lte=one.lte)
                for one in self.attributes
                if one.values or one.gte is not None or one.lte is not None
            ),
            tags=self.tags,
            author=self.authors,
            near=None
            if near is None or near.lat is None or near.lon is None
            else Radius(near.lat, near.lon, near.radius_km),
            happened=self.happened,
        )


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value of a key, or a category under the key `category`."""

    key: KeyName
    value: str | bool


class _Tool(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="tool", omit_defaults=True
):
    """What tools share: a name of their own in JSON."""


class Find(_Tool, frozen=True, kw_only=True, tag="find"):
    """Show experiences. With `words` they are found by meaning; without, listed in `order`.

    `highest` and `lowest` order by the number of `order_key`: the longest, say, by duration_s.
    """

    words: Text = ""
    wish: Wish = Wish()
    order: FindOrder = "best"
    order_key: KeyName | None = None
    k: Rows = _ROWS


class Count(_Tool, frozen=True, kw_only=True, tag="count"):
    """How many experiences there are; `by` also how many of each category, month or year."""

    wish: Wish = Wish()
    by: Literal["nothing", "category", "month", "year"] = "nothing"


class Distribution(_Tool, frozen=True, kw_only=True, tag="distribution"):
    """Which values a key has and how often; of a key of numbers the median, the quartiles and classes."""

    key: KeyName
    wish: Wish = Wish()


class Compare(_Tool, frozen=True, kw_only=True, tag="compare"):
    """How two groups of experiences differ: in `key`, or in whatever differs most. Both lie within `wish`."""

    left: Wish
    right: Wish
    key: KeyName | None = None
    wish: Wish = Wish()


class Associations(_Tool, frozen=True, kw_only=True, tag="associations"):
    """What goes with a group of experiences: values it has more or less often than the others; of `key` only."""

    wish: Wish
    key: KeyName | None = None


class Together(_Tool, frozen=True, kw_only=True, tag="together"):
    """How often two values occur together, against what chance would bring."""

    first: Value
    second: Value
    wish: Wish = Wish()


class Trend(_Tool, frozen=True, kw_only=True, tag="trend"):
    """Whether something becomes more or less common: its count and its share by month or year.

    The share is of the experiences of the same kind: those of any category, or those whose key is known.
    """

    wish: Wish = Wish()
    by: Literal["month", "year"] = "month"


class When(_Tool, frozen=True, kw_only=True, tag="when"):
    """When experiences happened, counted by months one after another, months of the year, weekdays ..."""

    wish: Wish = Wish()
    by: WhenBy = "month_of_year"


class Where(_Tool, frozen=True, kw_only=True, tag="where"):
    """Where experiences happened: cells of a map, and the places named most often."""

    wish: Wish = Wish()


class Similar(_Tool, frozen=True, kw_only=True, tag="similar"):
    """Experiences like another: known by its id, by words of its title, as the newest one there is, or by a text."""

    experience: Annotated[str, Meta(pattern=r"^exp_[0-9a-z]{26}$")] | None = None
    title: Text = ""
    is_newest: bool = False
    text: Annotated[str, Meta(max_length=2_000)] = ""
    wish: Wish = Wish()
    k: Rows = _ROWS


class People(_Tool, frozen=True, kw_only=True, tag="people"):
    """Who tells most of something."""

    wish: Wish = Wish()
    k: Rows = _ROWS


class PeopleLike(_Tool, frozen=True, kw_only=True, tag="people_like"):
    """Who is like somebody: by what they tell, by its categories, or by doing the same with the same."""

    user: Annotated[str, Meta(min_length=1, max_length=500)]
    by: Literal["meaning", "categories", "taste"] = "meaning"
    k: Rows = _ROWS


class Person(_Tool, frozen=True, kw_only=True, tag="person"):
    """Who somebody is: what they tell and turn to."""

    user: Annotated[str, Meta(min_length=1, max_length=500)]


class Trending(_Tool, frozen=True, kw_only=True, tag="trending"):
    """What people turn to now."""

    categories: Annotated[tuple[str, ...], Meta(max_length=10)] = ()
    k: Rows = _ROWS


class Insights(_Tool, frozen=True, kw_only=True, tag="insights"):
    """What is remarkable in this community; `about`: words that an insight's sentence has, such as a value."""

    about: Annotated[tuple[Text, ...], Meta(max_length=5)] = ()
    k: Rows = _ROWS


Tool: TypeAlias = (
    Find
    | Count
    | Distribution
    | Compare
    | Associations
    | Together
    | Trend
    | When
    | Where
    | Similar
    | People
    | PeopleLike
    | Person
    | Trending
    | Insights
)
TOOLS: tuple[type[Tool], ...] = (
    Find, Count, Distribution, Compare, Associations, Together, Trend, When,
    Where, Similar, People, PeopleLike, Person, Trending, Insights,
)  # fmt: skip
