"""Plans checked against what the community knows, before any step is run."""

from collections.abc import Iterator

import msgspec

from likewise.apps.community.errors import AttributeUnknown, WishRefused
from likewise.apps.community.logic.discovering.tools import (
    CATEGORY,
    Associations,
    Compare,
    Distribution,
    Find,
    Together,
    Tool,
    Trending,
    Wish,
)
from likewise.apps.community.service.discovering.seeking import Seeker, settled

__all__ = ["checked"]


def checked(step: Tool, seeker: Seeker) -> Tool:
    """The step with places as points and categories by their names, its keys known and its categories told of.

    Raises AttributeUnknown, PlaceUnknown, WishRefused, FilterRefused.
    """
    fields = {
        name: settled(value, seeker.vocabulary)
        for name in ("wish", "left", "right")
        if isinstance(value := getattr(step, name, None), Wish)
    }
    made = msgspec.structs.replace(step, **fields) if fields else step
    for wish in fields.values():
        _check_categories(wish.categories, seeker)
        seeker.sought(wish)
    if isinstance(made, Trending):
        _check_categories(made.categories, seeker)
    for key in _keys(made):
        if key != CATEGORY and key not in seeker.community.kinds:
            known = ", ".join(one.key for one in seeker.vocabulary.keys)
            raise AttributeUnknown(key=key, hint=f"Known are: {known}.")
    return made


def _keys(step: Tool) -> Iterator[str]:
    match step:
        case Distribution(key=key):
            yield key
        case Compare(key=key) | Associations(key=key) | Find(order_key=key) if key is not None:
            yield key
        case Together(first=first, second=second):
            yield first.key
            yield second.key
        case _:
            return


def _check_categories(names: tuple[str, ...], seeker: Seeker) -> None:
    known = {one.name for one in seeker.vocabulary.categories}
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise WishRefused(reason=f"no experience is of category {unknown!r}; there are: {', '.join(sorted(known))}")
