"""Texts read anew: by newer rules, or by a chat model that sees what the rules do not.

What the author said stays. What is read takes the place of what the same reader read before, together with the item's
facets, and only where the experience is still what was read: one that was edited meanwhile has been read anew by that.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import ExperienceNotFound, ExperienceRefused
from likewise.apps.community.logic.attributes import kind_of
from likewise.apps.community.model import ExperienceAttribute
from likewise.apps.community.service.drafting import Checked, check_draft
from likewise.apps.community.service.extracting import RULES_VERSION, read_attributes
from likewise.apps.community.service.founding import declare_keys, find_community, read_community
from likewise.apps.community.service.storing import make_ready, store_ready
from likewise.apps.community.service.telling import ToldBefore, list_told
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import WriteContended
from likewise.platform.feature import App

__all__ = ["Reread", "extract_again", "put_read_by_model"]

_BATCH = 200
_FIRST_ID = UUID(int=0)


class Reread(msgspec.Struct, frozen=True):
    """How many experiences were read by newer rules, and of how many more or other things are known now."""

    read: int = 0
    changed: int = 0


async def extract_again(app: App, tenant_id: UUID, *, on_progress: Callable[[Reread], None] = lambda _: None) -> Reread:
    """Read every experience anew that was read by older rules, in bounded transactions; interrupted, it goes on."""
    done, after = Reread(), _FIRST_ID
    if await find_community(app, tenant_id) is None:
        return done
    while True:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            ids = await store.list_outread(tx, rules_version=RULES_VERSION, after=after, limit=_BATCH)
        if not ids:
            return done
        changed = await _read_again(app, tenant_id, await list_told(app, tenant_id, experience_ids=ids), by_model={})
        done, after = Reread(done.read + len(ids), done.changed + changed), ids[-1]
        on_progress(done)


async def put_read_by_model(
    app: App, tenant_id: UUID, *, told: ToldBefore, experience_id: UUID, found: Sequence[ExperienceAttribute]
) -> bool:
    """Keep what a model read in an experience as it was told; whether anything is known now that was not."""
    return bool(await _read_again(app, tenant_id, {experience_id: told}, by_model={experience_id: list(found)}))


async def _read_again(
    app: App,
    tenant_id: UUID,
    told: dict[UUID, ToldBefore],
    *,
    by_model: dict[UUID, list[ExperienceAttribute]],
) -> int:
    """Read these by the rules of now; of how many something else is known."""
    settings = app.settings.get(CommunitySettings)
    told, checked = _still_keepable(told, settings)
    read = await read_attributes(checked)
    found = await read_community(app, tenant_id)
    known = {} if found is None else found.kinds
    new = [*(one for ones in read for one in ones), *(one for ones in by_model.values() for one in ones)]
    room = settings.keys_max - len(known)
    kinds = {one.key: kind_of(one.value) for one in new if one.key not in known}
    community = await declare_keys(app, tenant_id, kinds=dict(list(kinds.items())[: max(0, room)]))
    ready = [
        msgspec.structs.replace(one, seen=before.content_hash, by_model=by_model.get(experience_id))
        for one, (experience_id, before) in zip(
            await make_ready(app, community, list(zip(checked, read, strict=True))), told.items(), strict=True
        )
    ]
    try:
        async with app.db.tenant(tenant_id) as tx:
            outcomes = await store_ready(app, tx, community, ready, is_reading=True)
        return sum(one.status == "updated" for one in outcomes)
    except (WriteContended, ExperienceNotFound):
        if len(told) == 1:
            return 0  # edited or gone since it was looked at: whoever did it has read it anew
    parts = [{experience_id: one} for experience_id, one in told.items()]
    return sum([await _read_again(app, tenant_id, part, by_model=by_model) for part in parts])


def _still_keepable(
    told: dict[UUID, ToldBefore], settings: CommunitySettings
) -> tuple[dict[UUID, ToldBefore], list[Checked]]:
    """Those that would be taken in today; the others stay as they were read: bounds may have become narrower."""
    checked: dict[UUID, Checked] = {}
    for experience_id, one in told.items():
        with suppress(ExperienceRefused):
            checked[experience_id] = check_draft(one.draft, settings)
    return {experience_id: told[experience_id] for experience_id in checked}, list(checked.values())
