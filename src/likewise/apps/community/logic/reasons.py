"""Why an experience is shown, in words a reader would use."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime

from likewise.apps.community.logic.titles import category_title
from likewise.apps.community.model import Experience
from likewise.engine.collections import Place
from likewise.engine.recommend import Reason

__all__ = ["say_why"]

_DEEDS = {"view": "looked at", "like": "liked", "upvote": "upvoted", "comment": "commented on"}
_EARTH_KM = 6371.0088
_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3_600.0, 86_400.0


def say_why(
    reason: Reason,
    experience: Experience,
    *,
    sources: Sequence[str],
    place: Place | None,
    followed: Collection[str],
    now: datetime,
) -> str:
    """One reason in plain words: "because you upvoted “The light over the bay”", "3 km from here"."""
    if reason.seed is not None:
        return f"because you {_DEEDS[reason.seed.deed]} \u201c{reason.seed.title}\u201d"
    words = {
        "meaning": "close to what you tell and turn to",
        "taste": "goes with what you turned to",
        "people": _people(reason.people),
        "recency": f"told {_ago((now - experience.created_at).total_seconds())}",
        "category": _category(experience.category, followed),
        "near": _near(experience, place),
    }
    return words.get(reason.kind) or _turned_to(experience, is_trending="trending" in sources)


def _people(count: int | None) -> str:
    if count == 1:
        return "somebody like you turned to it"
    return "people like you turned to it" if not count else f"{count} people like you turned to it"


def _category(category: str, followed: Collection[str]) -> str:
    name = category_title(category)
    return f"in {name}, which you asked for" if category in followed else f"in {name}, which you often turn to"


def _near(experience: Experience, place: Place | None) -> str:
    if place is None or experience.place is None:
        return "near you"
    distance_km = _distance_km(place, experience.place)
    return "right here" if distance_km < 1 else f"{distance_km:,.0f} km from here"


def _turned_to(experience: Experience, *, is_trending: bool) -> str:
    counts = (
        (experience.counters.upvotes, "upvote"),
        (experience.counters.comments, "comment"),
        (experience.counters.views, "view"),
    )
    told = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count)
    if not told:
        return "new here"
    return f"trending: {told}" if is_trending else told


def _ago(seconds: float) -> str:
    for size, word in ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {word}{'' if count == 1 else 's'} ago"
    return "just now"


def _distance_km(one: Place, other: Place) -> float:
    """By the great circle."""
    lat, lat2 = math.radians(one.lat), math.radians(other.lat)
    turn = math.radians(other.lon - one.lon)
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin(turn / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))
