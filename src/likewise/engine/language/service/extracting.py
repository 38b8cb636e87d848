"""The extractive model asked: offline, free, and always with citations."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding import embed_texts, serving_space
from likewise.engine.language import logic
from likewise.engine.language.model import (
    EXTRACTIVE,
    CallEnd,
    CallOutcome,
    CallStart,
    ChatEvent,
    Picked,
    StopReason,
    TextDelta,
)
from likewise.engine.language.models import Ended, Likeness, extract
from likewise.engine.language.service.asking import CALLS, Question, finished_of
from likewise.engine.language.service.spending import note_free_call
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.errors import Fact
from likewise.platform.feature import App

__all__ = ["ask_extractive"]

_LIKE_MODEL = "minilm"
"""The local model whose cosines say that two sentences mean the same. Others are too rough, or cost money."""


async def ask_extractive(app: App, tenant_id: UUID, question: Question) -> AsyncGenerator[Picked | ChatEvent]:
    """The extracted answer, sentence by sentence."""
    settings = app.settings.get(LanguageSettings)
    candidate = logic.Candidate(EXTRACTIVE, "extractive")
    start = CallStart(
        at=app.clock.now().astimezone(UTC),
        task=question.request.task,
        difficulty=question.difficulty,
        tier=candidate.tier,
        model=candidate.model,
        input_tokens=question.input_tokens,
        output_tokens=0,
        cost_micro=0,
    )
    yield Picked(candidate.model, candidate.tier, question.difficulty)
    reason: StopReason = "stop"
    outcome: CallOutcome = "cancelled"
    started, output_tokens, first_token_ms = time.monotonic(), 0, None
    end: CallEnd | None = None
    try:
        likeness = await _likeness(app, tenant_id)
        async with aclosing(extract(question.request, settings, likeness=likeness)) as events:
            async for event in events:
                if isinstance(event, Ended):
                    reason = event.reason
                    continue
                if isinstance(event, TextDelta):
                    output_tokens += logic.estimate_tokens(event.text)
                    first_token_ms = first_token_ms or _elapsed_ms(started)
                yield event
        outcome = "finished"
    finally:
        took_ms = _elapsed_ms(started)
        end = CallEnd(outcome, question.input_tokens, output_tokens, True, 0, first_token_ms, took_ms)
        await note_free_call(app, tenant_id, start, end)
        CALLS.labels(candidate.tier, outcome).inc()
    yield finished_of(question, candidate, end, reason)


async def _likeness(app: App, tenant_id: UUID) -> Likeness | None:
    """How sentences are compared by meaning, where that costs next to nothing; None: by their words alone."""
    try:
        space = await serving_space(app, tenant_id)
    except Fact:
        return None
    if space.model != _LIKE_MODEL:
        return None

    async def compare(question: str, sentences: Sequence[str]) -> NDArray[np.float32]:
        try:
            vectors = await embed_texts(app, tenant_id, texts=[question, *sentences], space=space)
        except Fact:
            return np.zeros(len(sentences), np.float32)
        return vectors[1:] @ vectors[0]

    return compare


def _elapsed_ms(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
