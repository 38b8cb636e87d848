"""Claim a key, mark it with the effect, keep the answer."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from likewise.platform.db import Database, Tx, before_commit
from likewise.platform.idempotency import store
from likewise.platform.idempotency.model import (
    AnswerLost,
    ClaimLost,
    KeyInFlight,
    KeyMalformed,
    KeyReused,
    KeyRow,
    StoredAnswer,
)
from likewise.platform.ids import new_id

__all__ = ["Claim", "claim", "fingerprint", "tidy_keys"]

KEPT_H = 24
_KEY_CHARS_MAX = 200
_CLAIM_TRIES_MAX = 3
_DELETE_BATCH = 1_000
_DELETE_BATCHES_MAX = 1_000


class Claim:
    """A key this request owns. What is done inside `effects()` marks it when something was changed."""

    def __init__(self, db: Database, tenant_id: UUID, key: str) -> None:
        self.key = key
        self.owner = new_id()
        self.has_effect = False
        self._db = db
        self._tenant_id = tenant_id
        self._is_open = False

    @contextmanager
    def effects(self) -> Generator[None]:
        """The block's transactions that change something mark the key before they commit.

        They raise ClaimLost, and change nothing, where another request has taken the key over.
        """
        self._is_open = True
        try:
            with before_commit(self._mark):
                yield
        finally:
            self._is_open = False  # tasks that outlive the request still carry its context

    async def keep(self, answer: StoredAnswer) -> None:
        """Keep the answer for repeated requests."""
        async with self._db.tenant(self._tenant_id) as tx:
            await store.store_answer(tx, key=self.key, owner=self.owner, answer=answer)

    async def give_up(self) -> None:
        """There is no answer to keep: free the key if nothing was changed, else let repeats be told at once."""
        async with self._db.tenant(self._tenant_id) as tx:
            if not await store.release_key(tx, key=self.key, owner=self.owner):
                await store.unlock_key(tx, key=self.key, owner=self.owner)

    async def _mark(self, tx: Tx) -> None:
        if self.has_effect or not self._is_open or tx.tenant_id not in {None, self._tenant_id}:
            return
        if not await store.has_written(tx):
            return
        if not await store.mark_effect(tx, tenant_id=self._tenant_id, key=self.key, owner=self.owner):
            raise ClaimLost
        tx.after_commit(self._note_effect)

    def _note_effect(self) -> None:
        self.has_effect = True


def fingerprint(*parts: bytes) -> bytes:
    """What makes two requests the same: sha256 over their parts, each with its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


async def claim(db: Database, tenant_id: UUID, *, key: str, request: bytes, lock_s: float) -> Claim | StoredAnswer:
    """The key for the request with this fingerprint, or the answer it was given before.

    Raises KeyMalformed, KeyReused, KeyInFlight, AnswerLost.
    """
    if not 0 < len(key) <= _KEY_CHARS_MAX or not key.isascii() or not key.isprintable():
        raise KeyMalformed(chars_max=_KEY_CHARS_MAX)
    fresh = Claim(db, tenant_id, key)
    for _ in range(_CLAIM_TRIES_MAX):
        async with db.tenant(tenant_id) as tx:
            if await store.claim_key(tx, key=key, fingerprint=request, owner=fresh.owner, lock_s=lock_s, kept_h=KEPT_H):
                return fresh
            found = await store.find_key(tx, key=key)
        if found is not None:
            return _known_answer(found, request)
    raise KeyInFlight  # released and taken again under our eyes


async def tidy_keys(db: Database) -> int:
    """Delete keys past their day; how many."""
    deleted = 0
    for _ in range(_DELETE_BATCHES_MAX):
        async with db.maintenance() as tx:
            gone = await store.delete_old_keys(tx, kept_h=KEPT_H, limit=_DELETE_BATCH)
        deleted += gone
        if gone < _DELETE_BATCH:
            break
    return deleted


def _known_answer(row: KeyRow, request: bytes) -> StoredAnswer:
    if row.fingerprint != request:
        raise KeyReused
    if row.status is not None:
        return StoredAnswer(row.status, row.media_type or "", row.location, row.body or b"")
    if row.effect_at is not None and not row.is_locked:
        raise AnswerLost(effect_at=row.effect_at)
    raise KeyInFlight
