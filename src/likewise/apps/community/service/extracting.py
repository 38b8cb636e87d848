"""What the rules read in texts, for many at once without holding up the loop."""

import asyncio
from collections.abc import Sequence

from likewise.apps.community.logic.extracting import VERSION, extract
from likewise.apps.community.model import ExperienceAttribute, folded
from likewise.apps.community.service.drafting import Checked

__all__ = ["RULES_VERSION", "read_attributes"]

RULES_VERSION = VERSION
_THREAD_FROM = 4


async def read_attributes(checked: Sequence[Checked]) -> list[list[ExperienceAttribute]]:
    """What the rules read in each, in their order."""

    def work() -> list[list[ExperienceAttribute]]:
        return [_read(one) for one in checked]

    return await asyncio.to_thread(work) if len(checked) >= _THREAD_FROM else work()


def _read(one: Checked) -> list[ExperienceAttribute]:
    item = one.item
    found = extract(
        text=item.body,
        title=item.title or "",
        category=item.category,
        happened_at=one.draft.happened_at,
        latitude=None if item.place is None else item.place.lat,
    )
    return [
        ExperienceAttribute(
            key=read.key,
            value=folded(read.value) if isinstance(read.value, str) else read.value,
            confidence=read.confidence,
            source="extracted",
            is_counted=False,
            field=read.field,
            start=read.start,
            end=read.end,
            words=read.words,
        )
        for read in found
    ]
