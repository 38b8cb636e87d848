"""What this process knows of tags: the newest committed version it has heard of, and when it last asked.

A tag lives here as long as an entry or a computation refers to it, so invalidating is one assignment, and there is no
index of entries to keep in step. Versions only grow here; each is the version of a committed bump, so a value whose
computation starts now is at least as new as the versions that stand here now.
"""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID
from weakref import WeakValueDictionary

from likewise.platform.cache.model import TagBump
from likewise.platform.cache.store import list_tag_versions
from likewise.platform.db import Database

__all__ = ["Tag", "Tags"]

_NEVER = -math.inf


class Tag:
    """One tag of one tenant. `asked_s`: when the query began that last told its version."""

    __slots__ = ("__weakref__", "asked_s", "asking", "name", "tenant_id", "version")

    def __init__(self, tenant_id: UUID, name: str) -> None:
        self.tenant_id = tenant_id
        self.name = name
        self.version = 0
        self.asked_s = _NEVER
        self.asking: asyncio.Task[None] | None = None


class Tags:
    """The tags in use by this process."""

    def __init__(self, database: Database, *, age_max_s: float, monotonic: Callable[[], float]) -> None:
        self._database = database
        self._age_max_s = age_max_s
        self._monotonic = monotonic
        self._tags: WeakValueDictionary[tuple[UUID, str], Tag] = WeakValueDictionary()

    def get(self, tenant_id: UUID, names: Iterable[str]) -> tuple[Tag, ...]:
        """The tags of these names, each once."""
        return tuple(self._tag(tenant_id, name) for name in dict.fromkeys(names))

    def apply(self, tenant_id: UUID, bumps: Iterable[TagBump]) -> None:
        """Take note of committed bumps: from here on, values that remember an older version are gone."""
        for bump in bumps:
            tag = self._tags.get((tenant_id, bump.tag))
            if tag is not None and bump.version > tag.version:
                tag.version = bump.version

    def doubt(self) -> None:
        """Ask about every tag anew: notifications may have been missed."""
        for tag in list(self._tags.values()):
            tag.asked_s = _NEVER

    async def check(self, tags: Sequence[Tag]) -> None:
        """Make every tag's version no older than the allowed age: one query for all that are, shared by all who ask."""
        oldest_s = self._monotonic() - self._age_max_s
        due = [tag for tag in tags if tag.asked_s < oldest_s]
        unasked = [tag for tag in due if tag.asking is None]
        if unasked:
            task = asyncio.create_task(self._ask(unasked), name="cache tags")
            for tag in unasked:
                tag.asking = task
        # Shielded: whoever goes away must not take the answer from the others.
        for task in {tag.asking for tag in due if tag.asking is not None}:
            await asyncio.shield(task)

    async def _ask(self, tags: Sequence[Tag]) -> None:
        asked_s = self._monotonic()
        tenant_id = tags[0].tenant_id
        try:
            async with self._database.tenant(tenant_id, read_only=True) as tx:
                found = await list_tag_versions(tx, tags=[tag.name for tag in tags])
            self.apply(tenant_id, found)
            for tag in tags:
                tag.asked_s = asked_s
        finally:
            for tag in tags:
                tag.asking = None

    def _tag(self, tenant_id: UUID, name: str) -> Tag:
        tag = self._tags.get((tenant_id, name))
        if tag is None:
            tag = self._tags[tenant_id, name] = Tag(tenant_id, name)
        return tag
