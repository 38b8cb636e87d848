"""People by the caller's own ids: what they say of themselves. They are known from the first thing they do here."""

from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.errors import PersonRefused
from likewise.apps.community.model import MemberDraft
from likewise.apps.community.service.holding import check_users
from likewise.apps.community.settings import CommunitySettings
from likewise.apps.community.store import Person
from likewise.engine.collections import ItemRefused, Visibility, make_draft
from likewise.platform.errors import FieldError
from likewise.platform.feature import App

__all__ = ["Person", "list_members", "put_member"]

_POINTERS = {"/title": "/name", "/body": "/about"}
_ABOUT_BYTES_MAX = 8_000


async def put_member(app: App, tenant_id: UUID, *, user: str, draft: MemberDraft) -> Person:
    """Somebody as they say of themselves from now on. Raises UserRefused, PersonRefused."""
    check_users([user])
    checked = _checked(draft)
    async with app.db.tenant(tenant_id) as tx:
        await store.upsert_person(tx, user=user, draft=checked, at=app.clock.now())
        return (await store.list_people_by_id(tx, users=[user]))[0]


async def list_members(app: App, tenant_id: UUID, *, after: str = "", limit: int = 50) -> list[Person]:
    """One page of people by their ids, from behind `after` on."""
    bounded = min(limit, app.settings.get(CommunitySettings).page_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_people(tx, after=after, limit=bounded)


def _checked(draft: MemberDraft) -> MemberDraft:
    """What can be stored: a name and what is said about somebody meet what titles and texts do."""
    name = " ".join((draft.name or "").split())
    about = (draft.about or "").strip()
    try:
        item = make_draft(
            key="person",
            body=about or "nothing",
            title=name,
            facets={},
            kinds={},
            author=None,
            category=None,
            place=None,
            happened_at=None,
            visibility=Visibility.PUBLIC,
            metadata=draft.metadata,
            body_bytes_max=_ABOUT_BYTES_MAX,
        )
    except ItemRefused as refused:
        errors = [FieldError(_POINTERS.get(one.pointer, one.pointer), one.detail) for one in refused.errors]
        reason = "; ".join(f"{one.pointer}: {one.detail}" for one in errors)
        raise PersonRefused(reason=reason, errors=errors) from None
    return MemberDraft(name=item.title or None, about=item.body if about else None, metadata=item.metadata)
