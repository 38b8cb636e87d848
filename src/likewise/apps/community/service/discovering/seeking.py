"""Wishes as statements take them: checked against what the community knows."""

from uuid import UUID

import msgspec

from likewise.apps.community.errors import AttributeUnknown, CommunityEmpty, PlaceUnknown
from likewise.apps.community.logic.discovering import Vocabulary
from likewise.apps.community.logic.discovering.tools import CATEGORY as CATEGORY_KEY
from likewise.apps.community.logic.discovering.tools import MONTHS, WEEKDAYS, Near, Wish
from likewise.apps.community.model import folded
from likewise.apps.community.service.founding import Community, read_community
from likewise.apps.community.settings import CommunitySettings
from likewise.apps.community.store import Extra, Sought
from likewise.engine.collections import CATEGORY, Filter, read_filter
from likewise.platform.feature import App

__all__ = ["Seeker", "facet_name", "open_seeker", "settled"]


class Seeker(msgspec.Struct, frozen=True):
    """Who asks what of which community, within which bounds."""

    app: App
    tenant_id: UUID
    community: Community
    vocabulary: Vocabulary
    settings: CommunitySettings
    user: str | None

    def sought(
        self,
        wish: Wish,
        *,
        known: tuple[str, ...] = (),
        ids: tuple[UUID, ...] | None = None,
        items_max: int | None = None,
    ) -> Sought:
        """What a wish means; `known` are keys that must be known besides. Raises FilterRefused, AttributeUnknown."""
        settings = self.settings
        extra = Extra(
            months=tuple(MONTHS.index(one) + 1 for one in wish.months),
            weekdays=tuple(WEEKDAYS.index(one) + 1 for one in wish.weekdays),
            known=tuple(facet_name(key) for key in known if key != CATEGORY_KEY),
            without=tuple(
                (facet_name(test.key), tuple(_text(value) for value in test.not_values))
                for test in wish.attributes
                if test.not_values
            ),
            ids=ids,
            place=folded(wish.near.place) if wish.near is not None and wish.near.is_named else "",
        )
        for key in (*(name for name, _ in extra.without), *known):
            if key not in {CATEGORY_KEY, CATEGORY} and key not in self.community.kinds:
                raise AttributeUnknown(key=key, hint="GET /api/v1/community/attributes lists those there are.")
        conditions = read_filter(_filter(wish), self.community.kinds)
        return Sought(self.community.id, conditions, extra, items_max or settings.discovery_items_max)


async def open_seeker(app: App, tenant_id: UUID, *, vocabulary: Vocabulary, user: str | None) -> Seeker:
    """Raises CommunityEmpty."""
    community = await read_community(app, tenant_id)
    if community is None:
        raise CommunityEmpty
    return Seeker(app, tenant_id, community, vocabulary, app.settings.get(CommunitySettings), user)


def facet_name(key: str) -> str:
    """The facet that holds a key; a category is one, too."""
    return CATEGORY if key == CATEGORY_KEY else key


def settled(wish: Wish, vocabulary: Vocabulary) -> Wish:
    """A wish whose place is a point and whose categories are names, whoever made it. Raises PlaceUnknown."""
    titles = {folded(one.title): one.name for one in vocabulary.categories}
    categories = tuple(titles.get(folded(name), name) for name in wish.categories)
    return msgspec.structs.replace(wish, categories=categories, near=_settled_place(wish.near, vocabulary))


def _filter(wish: Wish) -> Filter:
    """The wish in the engine's language; tests of one key that stand beside each other must all be met."""
    asked = wish.as_experiences().as_filter()
    words: dict[str, list[str]] = {}
    for test in wish.attributes:
        if len(test.values) == 1:
            words.setdefault(test.key, []).append(_text(test.values[0]))
    several: dict[str, object] = {key: {"all": values} for key, values in words.items() if len(values) > 1}
    return msgspec.structs.replace(asked, facets={**asked.facets, **several})


def _settled_place(near: Near | None, vocabulary: Vocabulary) -> Near | None:
    if near is None or not near.is_named:
        return near
    wanted = folded(near.place)
    place = next((one for one in vocabulary.places if folded(one.name) == wanted), None)
    if place is None:
        raise PlaceUnknown(place=near.place)
    if place.is_wide:
        return Near(place=place.name)
    radius_km = max(near.radius_km, place.reach_km)
    return Near(place=place.name, lat=place.lat, lon=place.lon, radius_km=radius_km)


def _text(value: str | bool) -> str:  # noqa: FBT001 - a value is what it is
    return str(value).lower() if isinstance(value, bool) else folded(value)
