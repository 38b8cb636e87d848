"""What a running job is given: progress, checkpoints, cancelling, and fenced transactions.

An attempt that was taken over (its worker was killed or paused past its lease) finds its number outdated: every
transaction of `effects()` begins with that question, so a late attempt changes nothing.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

import msgspec

from likewise.platform.db import Database, Tx
from likewise.platform.jobs import store
from likewise.platform.jobs.errors import AttemptSuperseded, JobCancelled
from likewise.platform.jobs.model import Progress

__all__ = ["JobContext"]

T = TypeVar("T")
CHECKPOINT_BYTES_MAX = 65_536


class JobContext:
    """One attempt of one job, or of an operation that runs in the foreground (`job_id` is None)."""

    def __init__(
        self,
        db: Database,
        *,
        tenant_id: UUID | None,
        operation_id: UUID | None,
        job_id: int | None,
        attempt: int,
        progress_interval_s: float,
        started: store.StartedAttempt | None = None,
    ) -> None:
        self.tenant_id = tenant_id
        self.operation_id = operation_id
        self.job_id = job_id
        self.attempt = attempt
        self.cancel_requested = started is not None and started.cancel_requested
        self.has_ended = False
        self._db = db
        self._interval_s = progress_interval_s
        self._progress = started.progress if started is not None else Progress()
        self._message = started.message if started is not None else ""
        self._checkpoint = started.checkpoint if started is not None else None
        self._written_at = 0.0
        self._effects_open = False

    @property
    def tenant(self) -> UUID:
        """The tenant this job works for; only jobs deferred by a tenant may ask."""
        if self.tenant_id is None:
            raise RuntimeError("this job belongs to no tenant")
        return self.tenant_id

    @property
    def cancelled(self) -> bool:
        """Whether cancelling was asked for, as of the last word with the database."""
        return self.cancel_requested

    def resumed(self, kind: type[T]) -> T | None:
        """The last checkpoint of an earlier attempt; None where there is none or it has another form."""
        if self._checkpoint is None:
            return None
        try:
            return msgspec.json.decode(self._checkpoint, type=kind)
        except msgspec.DecodeError:
            return None

    async def progress(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        unit: str | None = None,
        rejected: int | None = None,
        message: str | None = None,
    ) -> None:
        """Say how far the job is; what is not given stays. Written now and then, and with every effect.

        Raises AttemptSuperseded.
        """
        now = self._progress
        self._progress = Progress(
            done=now.done if done is None else done,
            total=now.total if total is None else total,
            unit=now.unit if unit is None else unit,
            rejected=now.rejected if rejected is None else rejected,
        )
        self._message = self._message if message is None else message
        is_due = time.monotonic() - self._written_at >= self._interval_s
        # Inside effects() the row is locked by that very transaction; it was written there and will be again.
        if is_due and not self._effects_open and self.operation_id is not None:
            async with self._db.tenant(self.tenant) as tx:
                await self._hold(tx, checkpoint=None)

    async def checkpoint(self, data: object = None) -> None:
        """A place to stop: note where to resume, and raise JobCancelled if that was asked for.

        `data` (anything JSON can hold, at most 64 KiB) is what `resumed` gives to the next attempt.
        Raises AttemptSuperseded. A job without an operation cannot be cancelled and keeps no checkpoint.
        """
        if self.operation_id is not None:
            async with self._db.tenant(self.tenant) as tx:
                await self._hold(tx, checkpoint=data)
        self._raise_if_cancelled()

    @asynccontextmanager
    async def effects(self, *, checkpoint: object = None) -> AsyncGenerator[Tx, None]:
        """A transaction for what the job changes, and for the checkpoint that says it is done.

        Raises JobCancelled before anything is changed, AttemptSuperseded where this attempt was taken over.
        """
        async with self._transaction() as tx:
            await self._hold(tx, checkpoint=checkpoint)
            self._raise_if_cancelled()
            self._effects_open = True
            try:
                yield tx
            finally:
                self._effects_open = False

    async def finish(self, tx: Tx, result: object = None) -> None:
        """End the job, inside `effects()`: its last effects and its end are one transaction."""
        if self.operation_id is not None:
            is_current = await store.end_operation(
                tx,
                operation_id=self.operation_id,
                attempt=self.attempt,
                status="succeeded",
                progress=self._progress,
                message=self._message,
                result=result,
            )
        else:
            is_current = self.job_id is not None and await store.end_attempt(
                tx, job_id=self.job_id, attempt=self.attempt
            )
        if not is_current:
            raise AttemptSuperseded(attempt=self.attempt)
        tx.after_commit(self._note_end)

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[Tx, None]:
        if self.tenant_id is None:
            async with self._db.maintenance() as tx:
                yield tx
        else:
            async with self._db.tenant(self.tenant_id) as tx:
                yield tx

    async def _hold(self, tx: Tx, *, checkpoint: object) -> None:
        """Prove that this attempt is the current one, for as long as `tx` is open."""
        if self.operation_id is not None:
            if checkpoint is not None and len(msgspec.json.encode(checkpoint)) > CHECKPOINT_BYTES_MAX:
                raise ValueError(f"a checkpoint holds at most {CHECKPOINT_BYTES_MAX} bytes")
            wish = await store.hold_operation(
                tx,
                operation_id=self.operation_id,
                attempt=self.attempt,
                progress=self._progress,
                message=self._message,
                checkpoint=checkpoint,
            )
            self._written_at = time.monotonic()
            if wish is None:
                raise AttemptSuperseded(attempt=self.attempt)
            self.cancel_requested = wish
        elif self.job_id is not None and not await store.hold_attempt(tx, job_id=self.job_id, attempt=self.attempt):
            raise AttemptSuperseded(attempt=self.attempt)

    def _raise_if_cancelled(self) -> None:
        if self.cancel_requested:
            raise JobCancelled

    def _note_end(self) -> None:
        self.has_ended = True

    def state(self) -> tuple[Progress, str]:
        """Progress and message as last told."""
        return self._progress, self._message
