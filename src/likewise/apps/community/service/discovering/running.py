"""One step of a plan: its tool is run, and what goes wrong is said instead."""

from likewise.apps.community.logic.discovering.results import DiscoveryResult
from likewise.apps.community.logic.discovering.tools import (
    Associations,
    Compare,
    Count,
    Distribution,
    Find,
    Insights,
    People,
    PeopleLike,
    Person,
    Similar,
    Together,
    Tool,
    Trend,
    Trending,
    When,
    Where,
)
from likewise.apps.community.service.discovering import comparing, counting, finding
from likewise.apps.community.service.discovering.seeking import Seeker

__all__ = ["run_step"]


async def run_step(seeker: Seeker, step: Tool) -> DiscoveryResult:  # noqa: C901, PLR0911, PLR0912 - one for each tool
    """What a tool finds. Raises what its reading raises: AttributeUnknown, FilterRefused, ExperienceNotFound ..."""
    match step:
        case Find():
            return await finding.find(seeker, step)
        case Count():
            return await counting.count(seeker, step)
        case Distribution():
            return await counting.distribution(seeker, step)
        case Compare():
            return await comparing.compare(seeker, step)
        case Associations():
            return await comparing.associations(seeker, step)
        case Together():
            return await comparing.together(seeker, step)
        case Trend():
            return await counting.trend(seeker, step)
        case When():
            return await counting.when(seeker, step)
        case Where():
            return await counting.where(seeker, step)
        case Similar():
            return await finding.similar(seeker, step)
        case People():
            return await counting.list_people_telling(seeker, step)
        case PeopleLike():
            return await finding.people_like(seeker, step)
        case Person():
            return await finding.person(seeker, step)
        case Trending():
            return await finding.trending(seeker, step)
        case Insights():
            return await finding.insights(seeker, step)
