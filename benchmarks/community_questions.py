"""What is asked of a community: each question as a call of its service, and as a request over HTTP.

Parameters are drawn anew each time: active people and quiet ones, frequent and rare values, large and small groups.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from community_client import API, public_id
from community_made import KEYS, Made
from community_words import CATEGORIES, QUERIES
from likewise.apps.community import service
from likewise.apps.community.model import AttributeWish, ExperienceOrder, ExperienceWish
from likewise.engine.collections import Place, Radius, TimeRange
from likewise.engine.patterns import Group
from likewise.engine.recommend import LIKENESSES, Likeness, list_similar_users
from likewise.platform.feature import App

__all__ = ["Question", "questions"]

FEED, PAGE = 20, 20
ORDERS: Sequence[ExperienceOrder] = ("newest", "happened", "upvotes", "comments", "views")
_TEXT_KEYS = [key for key in KEYS if key.kind == "text"]
Request = tuple[str, str, object]


class Question(NamedTuple):
    """Something asked again and again. `request` draws as `ask` does, so that both ask the same."""

    name: str
    group: str
    ask: Callable[[Random], Awaitable[object]] | None
    request: Callable[[Random], Request] | None


def questions(app: App, tenant_id: UUID, made: Made, *, left_out: Collection[int]) -> list[Question]:
    """Every question; those about one experience are about none of these."""
    return [
        *_People(app, tenant_id, made).questions(),
        *_Searches(app, tenant_id, made, left_out=left_out).questions(),
        *_Patterns(app, tenant_id, made).questions(),
    ]


class _People:
    """R1 and R2: people alike, feeds, what is trending."""

    def __init__(self, app: App, tenant_id: UUID, made: Made) -> None:
        self._app, self._tenant_id, self._made = app, tenant_id, made

    def questions(self) -> list[Question]:
        alike = [self._alike(by, with_shared=shared) for by in LIKENESSES for shared in (False, True)]
        return [
            *alike,
            Question("person with DNA", "", self._person, lambda chance: ("GET", self._path(chance), None)),
            Question("feed of 20", "feed", self._feed, lambda chance: ("POST", f"{self._path(chance)}/feed", {})),
            Question("feed of 20, near and of categories", "feed", self._feed_near, self._request_near),
            Question("trending", "", self._trending, lambda _: ("GET", f"{API}/trending", None)),
        ]

    def _user(self, chance: Random) -> str:
        return chance.choice(self._made.people)

    def _path(self, chance: Random) -> str:
        return f"{API}/people/{self._user(chance)}"

    def _alike(self, by: Likeness, *, with_shared: bool) -> Question:
        if with_shared:
            return Question(
                f"similar people by {by}, with shared ground",
                "",
                lambda chance: service.list_similar_members(self._app, self._tenant_id, user=self._user(chance), by=by),
                lambda chance: ("GET", f"{self._path(chance)}/similar?by={by}", None),
            )
        return Question(
            f"similar people by {by}",
            "people",
            lambda chance: list_similar_users(
                self._app,
                self._tenant_id,
                collection="experiences",
                user=self._user(chance),
                by=by,
                with_shared=False,
            ),
            None,
        )

    async def _person(self, chance: Random) -> object:
        return await service.get_member(self._app, self._tenant_id, user=self._user(chance))

    async def _feed(self, chance: Random) -> object:
        return await service.feed_of(self._app, self._tenant_id, user=self._user(chance), k=FEED)

    async def _feed_near(self, chance: Random) -> object:
        user, (lat, lon), category = self._user(chance), _spot(self._made, chance), chance.choice(CATEGORIES)
        return await service.feed_of(
            self._app, self._tenant_id, user=user, k=FEED, place=Place(lat, lon), categories=[category]
        )

    def _request_near(self, chance: Random) -> Request:
        path, (lat, lon), category = self._path(chance), _spot(self._made, chance), chance.choice(CATEGORIES)
        return "POST", f"{path}/feed", {"place": {"lat": lat, "lon": lon}, "categories": [category]}

    async def _trending(self, _: Random) -> object:
        return await service.list_trending(self._app, self._tenant_id)


class _Searches:
    """Lists by wishes in every order, words, likeness."""

    def __init__(self, app: App, tenant_id: UUID, made: Made, *, left_out: Collection[int]) -> None:
        self._app, self._tenant_id, self._made = app, tenant_id, made
        self._left_out = left_out

    def questions(self) -> list[Question]:
        frequent = [
            self._list(f"attribute, frequent value, by {order}", lambda c: _wish(_value(c, rare=False)), order)
            for order in ORDERS
        ]
        return [
            self._list("list, newest", lambda _: ExperienceWish(), "newest", group=""),
            *frequent,
            self._list("attribute, rare value", lambda c: _wish(_value(c, rare=True)), "newest"),
            self._list("attribute, two values and a number", self._several, "newest"),
            self._list("attribute and category and place", self._placed, "newest"),
            self._list("attribute and category and place, by upvotes", self._placed, "upvotes"),
            self._list("attribute and year", self._dated, "happened"),
            Question("similar experiences", "", self._similar, self._request_similar),
            Question("search, words", "", self._search, self._request_search),
            Question("search, words and attribute", "", self._search_wish, self._request_search_wish),
            Question("experience", "", self._experience, lambda c: ("GET", f"{API}/experiences/{self._one(c)}", None)),
            Question("discovery", "", None, self._request_discovery),
        ]

    def _list(
        self,
        name: str,
        draw: Callable[[Random], ExperienceWish],
        order: ExperienceOrder,
        *,
        group: str = "attributes",
    ) -> Question:
        return Question(
            name,
            group,
            lambda chance: service.list_experiences(
                self._app, self._tenant_id, wish=draw(chance), order=order, limit=PAGE
            ),
            lambda chance: ("GET", f"{API}/experiences?{_query(draw(chance), order)}", None),
        )

    def _several(self, chance: Random) -> ExperienceWish:
        return ExperienceWish(
            attributes=(
                _value(chance, rare=False),
                _value(chance, rare=False),
                AttributeWish(key="duration_s", gte=float(chance.randrange(20, 200))),
            )
        )

    def _placed(self, chance: Random) -> ExperienceWish:
        lat, lon = _spot(self._made, chance)
        category = CATEGORIES[int(10 * chance.random() ** 2)]
        return ExperienceWish(
            category=(category,),
            attributes=(AttributeWish(key="shape", values=(KEYS[0].value(int(6 * chance.random() ** 2)),)),),
            near=Radius(lat, lon, 200.0),
        )

    def _dated(self, chance: Random) -> ExperienceWish:
        end = self._made.moment(int(chance.choice(self._made.happened)))
        return ExperienceWish(
            attributes=(_value(chance, rare=False),),
            happened=TimeRange(gte=end.replace(year=end.year - 1, day=min(end.day, 28)), lt=end),
        )

    def _number(self, chance: Random) -> int:
        while True:
            number = chance.randrange(self._made.size)
            if not self._made.is_private[number] and number not in self._left_out:
                return number

    def _one(self, chance: Random) -> str:
        return public_id(self._made, self._number(chance))

    async def _similar(self, chance: Random) -> object:
        experience_id = self._made.ids[self._number(chance)]
        return await service.similar_experiences(self._app, self._tenant_id, experience_id=experience_id)

    def _request_similar(self, chance: Random) -> Request:
        return "GET", f"{API}/experiences/{self._one(chance)}/similar", None

    async def _search(self, chance: Random) -> object:
        return await service.search_experiences(self._app, self._tenant_id, words=_words(chance), k=10)

    def _request_search(self, chance: Random) -> Request:
        return "POST", f"{API}/search", {"query": _words(chance), "k": 10}

    async def _search_wish(self, chance: Random) -> object:
        words, wish = _words(chance), _value(chance, rare=False)
        return await service.search_experiences(self._app, self._tenant_id, words=words, wish=_wish(wish), k=10)

    def _request_search_wish(self, chance: Random) -> Request:
        words, wish = _words(chance), _value(chance, rare=False)
        given = {"attributes": [{"key": wish.key, "values": wish.values}]}
        return "POST", f"{API}/search", {"query": words, "wish": given, "k": 10}

    async def _experience(self, chance: Random) -> object:
        experience_id = self._made.ids[self._number(chance)]
        return await service.get_experience(self._app, self._tenant_id, experience_id=experience_id)

    def _request_discovery(self, chance: Random) -> Request:
        category = CATEGORIES[int(len(CATEGORIES) * chance.random() ** 2)].replace("_", " ")
        shape = KEYS[0].value(chance.randrange(5))
        asked = chance.choice(
            (
                f"How many {category} experiences are there?",
                f"What goes together with a {shape}?",
                f"Where do people see a {shape}?",
                f"Show me {category} experiences with a {shape}",
                f"How does {shape} change over time?",
                "What is trending?",
            )
        )
        return "POST", f"{API}/discovery", {"question": asked}


class _Patterns:
    """P1: what the counts tell."""

    def __init__(self, app: App, tenant_id: UUID, made: Made) -> None:
        self._app, self._tenant_id, self._made = app, tenant_id, made

    def questions(self) -> list[Question]:
        app, tenant_id = self._app, self._tenant_id

        def asked(
            name: str, route: str, call: Callable[[Random], Awaitable[object]], draw: Callable[[Random], dict[str, str]]
        ) -> Question:
            request = lambda chance: ("GET", f"{API}/patterns/{route}?{urlencode(draw(chance))}", None)  # noqa: E731
            return Question(name, "patterns", call, request)

        return [
            asked(
                "distribution",
                "distribution",
                lambda c: service.pattern_distribution(app, tenant_id, key=_key(c), limit=50),
                lambda c: {"key": _key(c), "limit": "50"},
            ),
            asked("distribution in a group", "distribution", self._distribution, self._distribution_query),
            asked(
                "associations of a value",
                "associations",
                lambda c: service.pattern_associations(app, tenant_id, group=_value_group(c), limit=50),
                lambda c: _group_query(_value_group(c)) | {"significant": "false"},
            ),
            asked(
                "significant in a group",
                "associations",
                lambda c: service.pattern_associations(
                    app, tenant_id, group=self._group(c), significant_only=True, limit=50
                ),
                lambda c: _group_query(self._group(c)),
            ),
            asked("trend of a value", "trend", self._trend, self._trend_query),
            asked(
                "trends of a key",
                "trend",
                lambda c: service.pattern_trend(app, tenant_id, key=_key(c), limit=20),
                lambda c: {"key": _key(c)},
            ),
            asked("drift", "drift", self._drift, self._drift_query),
            asked(
                "map of a value",
                "map",
                lambda c: service.pattern_map(app, tenant_id, group=_value_group(c)),
                lambda c: _group_query(_value_group(c)),
            ),
            asked("map of everything", "map", lambda _: service.pattern_map(app, tenant_id), lambda _: {}),
            asked("keys", "keys", lambda _: service.pattern_keys(app, tenant_id), lambda _: {}),
            asked("insights", "insights", lambda _: service.pattern_insights(app, tenant_id), lambda _: {}),
        ]

    def _group(self, chance: Random) -> Group:
        month = f"{self._made.moment(int(chance.choice(self._made.happened))):%Y-%m}"
        lat, lon = _spot(self._made, chance)
        return chance.choice(
            [
                Group(kind="category", value=CATEGORIES[int(len(CATEGORIES) * chance.random() ** 2)]),
                Group(kind="period", first=month, last=month),
                Group(kind="place", value=f"{int(lat // 5) * 5},{int(lon // 5) * 5}"),
            ]
        )

    async def _distribution(self, chance: Random) -> object:
        key, group = _key(chance), self._group(chance)
        return await service.pattern_distribution(self._app, self._tenant_id, key=key, group=group, limit=50)

    def _distribution_query(self, chance: Random) -> dict[str, str]:
        key, group = _key(chance), self._group(chance)
        return {"key": key, "limit": "50"} | _group_query(group)

    async def _trend(self, chance: Random) -> object:
        wish = _value(chance, rare=False)
        return await service.pattern_trend(self._app, self._tenant_id, key=wish.key, value=str(wish.values[0]))

    def _trend_query(self, chance: Random) -> dict[str, str]:
        wish = _value(chance, rare=False)
        return {"key": wish.key, "value": str(wish.values[0])}

    async def _drift(self, chance: Random) -> object:
        (before, after), key = self._halves(), _key(chance)
        return await service.pattern_drift(self._app, self._tenant_id, key=key, before=before, after=after)

    def _drift_query(self, chance: Random) -> dict[str, str]:
        (before, after), key = self._halves(), _key(chance)
        names = ("before_first", "before_last", "after_first", "after_last")
        return {"key": key} | dict(zip(names, (*before, *after), strict=True))

    def _halves(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The last half year, and the same half year before."""
        end = self._made.moment(self._made.ends)
        month = end.year * 12 + end.month - 1

        def text(number: int) -> str:
            return f"{number // 12:04}-{number % 12 + 1:02}"

        return (text(month - 17), text(month - 12)), (text(month - 5), text(month))


def _wish(*attributes: AttributeWish) -> ExperienceWish:
    return ExperienceWish(attributes=attributes)


def _key(chance: Random) -> str:
    return chance.choice(_TEXT_KEYS).name


def _value(chance: Random, *, rare: bool) -> AttributeWish:
    """One of a key's commonest values, or one that few experiences have."""
    key = chance.choice([one for one in _TEXT_KEYS if one.values > 100] if rare else _TEXT_KEYS)
    place = chance.randrange(key.values // 2, key.values) if rare else int(min(key.values, 20) * chance.random() ** 2)
    return AttributeWish(key=key.name, values=(key.value(place),))


def _value_group(chance: Random) -> Group:
    wish = _value(chance, rare=False)
    return Group(kind="value", key=wish.key, value=str(wish.values[0]))


def _group_query(group: Group) -> dict[str, str]:
    if group.kind == "value":
        return {"segment": f"{group.key}:{group.value}"}
    if group.kind == "period":
        return {"first": group.first, "last": group.last}
    return {group.kind: group.value}


def _spot(made: Made, chance: Random) -> tuple[float, float]:
    """Where something happened."""
    while True:
        number = chance.randrange(made.size)
        if made.latitude[number] == made.latitude[number]:
            return round(float(made.latitude[number]), 3), round(float(made.longitude[number]), 3)


def _words(chance: Random) -> str:
    return f"{chance.choice(QUERIES)} {chance.choice(KEYS[0].names)}"


def _query(wish: ExperienceWish, order: ExperienceOrder) -> str:
    """A wish as the list's query."""
    pairs: list[tuple[str, str]] = [("order", order), ("limit", str(PAGE))]
    pairs += [("category", one) for one in wish.category]
    for one in wish.attributes:
        if one.values:
            pairs += [("attribute", f"{one.key}:{value}") for value in one.values]
        else:
            pairs.append(("attribute", f"{one.key}:{one.gte or ''}..{one.lte or ''}"))
    if wish.near is not None:
        pairs += [("near", f"{wish.near.lat},{wish.near.lon}"), ("radius_km", str(wish.near.radius_km))]
    if wish.happened is not None and wish.happened.gte is not None and wish.happened.lt is not None:
        pairs += [("from", wish.happened.gte.isoformat()), ("to", wish.happened.lt.isoformat())]
    return urlencode(pairs)
