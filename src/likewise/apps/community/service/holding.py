"""Experiences that are there, for whoever does something with them, and the people who do."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.errors import ExperienceNotFound, UserRefused
from likewise.apps.community.logic.people import can_be_user
from likewise.apps.community.service.founding import find_community
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.ids import encode_id

__all__ = ["check_users", "get_community", "hold_experiences", "missing", "read_owner"]


def missing(experience_id: UUID) -> ExperienceNotFound:
    """That an experience is not there, or not for everybody: nobody learns which."""
    return ExperienceNotFound(id=encode_id("exp", experience_id))


def check_users(users: Iterable[str]) -> None:
    """Raises UserRefused where one cannot be the id of a person."""
    for user in users:
        if not can_be_user(user):
            raise UserRefused(user=user[:100])


async def get_community(app: App, tenant_id: UUID, *, experience_id: UUID) -> UUID:
    """The collection of a tenant's experiences. Raises ExperienceNotFound where there are none at all."""
    found = await find_community(app, tenant_id)
    if found is None:
        raise missing(experience_id)
    return found


async def hold_experiences(tx: Tx, *, collection_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, store.Owner]:
    """Those of these experiences that are there; none of them is deleted until the transaction ends. Those who hold the
    same experience do not wait for each other."""
    rows = await store.hold_experiences(tx, collection_id=collection_id, ids=list(dict.fromkeys(ids)))
    return {row.id: row for row in rows}


async def read_owner(tx: Tx, *, collection_id: UUID, experience_id: UUID, viewer: str | None) -> store.Owner:
    """Whose an experience is. Raises ExperienceNotFound where this person does not see it."""
    owner = await store.find_owner(tx, collection_id=collection_id, experience_id=experience_id)
    if owner is None or not owner.is_open_to(viewer):
        raise missing(experience_id)
    return owner
