"""A question, and everything that is told while it is answered. No transaction is open between two events."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal
from uuid import UUID

import msgspec

from likewise.apps.community.errors import HistoryTooLong, QuestionTooLong
from likewise.apps.community.logic.discovering import NotUnderstood, Plan, Vocabulary, lexicon, plan
from likewise.apps.community.logic.discovering.refusing import refuse
from likewise.apps.community.logic.discovering.results import DiscoveryResult, RowsResult
from likewise.apps.community.logic.discovering.telling import tell
from likewise.apps.community.logic.discovering.tools import Find, Tool
from likewise.apps.community.logic.discovering.wording import describe_step
from likewise.apps.community.service.discovering.finding import find_nearest
from likewise.apps.community.service.discovering.model import (
    DiscoveryEnded,
    DiscoveryEvent,
    DiscoveryFound,
    DiscoveryPlanned,
    DiscoveryRefused,
    DiscoverySaid,
)
from likewise.apps.community.service.discovering.modelling import may_plan, plan_by_model, say_by_model
from likewise.apps.community.service.discovering.running import run_step
from likewise.apps.community.service.discovering.seeking import Seeker, open_seeker
from likewise.apps.community.service.discovering.vocabulary import read_vocabulary
from likewise.apps.community.settings import CommunitySettings
from likewise.platform.errors import Fact, FieldError
from likewise.platform.feature import App

__all__ = ["HISTORY_QUESTIONS_MAX", "check_question", "discover"]

HISTORY_QUESTIONS_MAX = 50


class _Planned(msgspec.Struct, frozen=True):
    outcome: Plan | NotUnderstood
    model: str | None


def check_question(app: App, *, question: str, history: Sequence[str]) -> None:
    """Raises QuestionTooLong, HistoryTooLong."""
    most = app.settings.get(CommunitySettings).question_characters_max
    if len(history) > HISTORY_QUESTIONS_MAX:
        raise HistoryTooLong(
            count=len(history), count_max=HISTORY_QUESTIONS_MAX, errors=[FieldError("/history", "too many")]
        )
    for pointer, text in (("/question", question), *((f"/history/{n}", one) for n, one in enumerate(history))):
        if len(text) > most:
            raise QuestionTooLong(characters=len(text), characters_max=most, errors=[FieldError(pointer, "too long")])


async def discover(
    app: App, tenant_id: UUID, *, question: str, user: str | None = None, history: Sequence[str] = ()
) -> AsyncGenerator[DiscoveryEvent]:
    """The plan or a refusal, then each step's result, closing sentences, and the end. Close it to stop everything.

    Raises QuestionTooLong, HistoryTooLong before the first event.
    """
    check_question(app, question=question, history=history)
    started = time.perf_counter()
    vocabulary = await read_vocabulary(app, tenant_id)
    if not vocabulary.total:
        yield DiscoveryRefused(_nothing_told())
        yield DiscoveryEnded(took_ms=_since(started), planner="rules", model=None)
        return
    seeker = await open_seeker(app, tenant_id, vocabulary=vocabulary, user=user)
    planned = await _plan(seeker, question, history)
    if isinstance(planned.outcome, NotUnderstood):
        yield DiscoveryRefused(planned.outcome)
        yield DiscoveryEnded(took_ms=_since(started), planner="rules", model=planned.model)
        return
    made = planned.outcome
    yield DiscoveryPlanned(made)
    found: list[tuple[str, DiscoveryResult | None]] = []
    for number, step in enumerate(made.steps, start=1):
        event = await _run(seeker, step, number=number, words=made.words)
        found.append((event.title, event.result))
        yield event
    async with aclosing(_say(seeker, question, found, planner=made.planner)) as pieces:
        async for piece in pieces:
            yield DiscoverySaid(piece)
    yield DiscoveryEnded(took_ms=_since(started), planner=made.planner, model=planned.model)


async def _plan(seeker: Seeker, question: str, history: Sequence[str]) -> _Planned:
    """By the model where it may, else by the rules; where the model failed, the plan says so."""
    settings = seeker.settings
    model: str | None = None
    note = ""
    if question.strip() and await may_plan(seeker.app, seeker.tenant_id, planner=settings.discovery_planner):
        asked = await plan_by_model(seeker, question, history=history)
        model = asked.model
        if asked.outcome is not None:
            return _Planned(asked.outcome, model)
        note = f"The chat model did not plan this ({asked.trouble}), so it was planned by rules."
    known = await asyncio.to_thread(lexicon, seeker.vocabulary)  # at first it takes a tenth of a second
    made = plan(
        question,
        vocabulary=seeker.vocabulary,
        now=seeker.app.clock.now(),
        user=seeker.user,
        history=history,
        known=known,
        rows=min(10, settings.discovery_rows_max),
    )
    if isinstance(made, Plan):
        steps = made.steps[: settings.discovery_steps_max]
        made = msgspec.structs.replace(made, steps=steps, notes=[*made.notes, note] if note else made.notes)
    return _Planned(made, model)


async def _run(seeker: Seeker, step: Tool, *, number: int, words: str) -> DiscoveryFound:
    title = describe_step(step, seeker.vocabulary)
    tool = str(type(step).__struct_config__.tag)
    try:
        found = await run_step(seeker, step)
        if isinstance(step, Find) and isinstance(found, RowsResult) and not found.rows and words:
            found = await find_nearest(seeker, step, words=step.words or words)
        return DiscoveryFound(step=number, tool=tool, title=title, result=found, problem=None)
    except Fact as fact:
        return DiscoveryFound(step=number, tool=tool, title=title, result=None, problem=fact.message)


async def _say(
    seeker: Seeker,
    question: str,
    found: Sequence[tuple[str, DiscoveryResult | None]],
    *,
    planner: Literal["rules", "model"],
) -> AsyncGenerator[str]:
    """The closing sentences, by the model where it planned; by rules where it does not begin to speak."""
    has_begun = False
    if planner == "model":
        try:
            async with aclosing(say_by_model(seeker, question, found=found)) as pieces:
                async for piece in pieces:
                    has_begun = True
                    yield piece
        except Fact:
            if has_begun:
                yield "…"  # it broke off
    if not has_begun:
        yield " ".join(tell(result) for _, result in found if result is not None)


def _nothing_told() -> NotUnderstood:
    empty = refuse("no_content", Vocabulary())
    return msgspec.structs.replace(
        empty,
        sentence="Nobody has told an experience here yet, so there is nothing to ask about.",
        suggestions=[],
    )


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1_000, 1)
