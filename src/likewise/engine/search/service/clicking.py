"""Which result was opened, for those who want to know whether search serves."""

from uuid import UUID

from likewise.engine.search import store
from likewise.engine.search.model import Click
from likewise.engine.search.service.asking import moment_of
from likewise.engine.search.service.errors import SearchUnknown
from likewise.engine.search.service.recording import Recorder
from likewise.platform.feature import App
from likewise.platform.ids import decode_id

__all__ = ["note_click"]


async def note_click(app: App, tenant_id: UUID, click: Click) -> None:
    """Note that a result was opened; a later click of the same search replaces an earlier one. Raises SearchUnknown."""
    search_id, item_id = decode_id("sea", click.search_id), decode_id("itm", click.id)
    try:
        asked_at = moment_of(search_id)
    except (ValueError, OverflowError):  # a made-up id may say any time, even one beyond the calendar
        raise SearchUnknown from None
    await app.resource(Recorder).flush()  # the answer may be so fresh that its record still waits here
    async with app.db.tenant(tenant_id) as tx:
        is_noted = await store.mark_clicked(
            tx,
            search_id=search_id,
            created_at=asked_at,
            item_id=item_id,
            rank=click.rank,
            now=app.clock.now(),
        )
    if not is_noted:
        raise SearchUnknown
