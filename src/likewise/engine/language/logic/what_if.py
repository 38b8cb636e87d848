"""What calls would have cost under another table."""

from collections.abc import Sequence
from datetime import date

import msgspec

from likewise.engine.language.logic.prices import PRICES_AS_OF, PriceList, usd_of
from likewise.engine.language.logic.routing import Candidate, candidates
from likewise.engine.language.model import EXTRACTIVE, Difficulty, ModelPrice, Routing, WhatIf, WhatIfRow

__all__ = ["Group", "recompute"]


class Group(msgspec.Struct, frozen=True):
    """Calls of one task and difficulty, and the money of attempts that came to nothing."""

    task: str
    difficulty: Difficulty
    calls: int
    input_tokens: int
    output_tokens: int
    cost_micro: int
    failed_cost_micro: int


def recompute(
    groups: Sequence[Group], routing: Routing, *, month: date, prices: PriceList, budget_usd: float | None
) -> WhatIf:
    """Each group priced with the model that the table asks first, whether it is configured here or not."""
    rows: list[WhatIfRow] = []
    for group in groups:
        if not group.calls:
            continue
        first = next(
            iter(candidates(routing, task=group.task, difficulty=group.difficulty)), Candidate(EXTRACTIVE, "extractive")
        )
        rows.append(_row(group, first, prices.find(first.model)))
    rows.sort(key=lambda row: (-(row.what_if_usd or 0.0), row.task, row.difficulty))
    total = round(sum(row.what_if_usd or 0.0 for row in rows), 6)
    return WhatIf(
        month=f"{month:%Y-%m}",
        calls=sum(row.calls for row in rows),
        actual_usd=usd_of(sum(group.cost_micro for group in groups)),
        what_if_usd=total,
        failed_usd=usd_of(sum(group.failed_cost_micro for group in groups)),
        budget_usd=budget_usd,
        is_over_budget=budget_usd is not None and total > budget_usd,
        models_without_price=sorted({row.model for row in rows if row.what_if_usd is None}),
        prices_as_of=PRICES_AS_OF,
        rows=rows,
    )


def _row(group: Group, candidate: Candidate, price: ModelPrice | None) -> WhatIfRow:
    cost = None
    if price is not None:
        micro = group.input_tokens * price.input_usd + group.output_tokens * price.output_usd
        cost = round(micro / 1e6, 6)
    return WhatIfRow(
        task=group.task,
        difficulty=group.difficulty,
        calls=group.calls,
        input_tokens=group.input_tokens,
        output_tokens=group.output_tokens,
        actual_usd=usd_of(group.cost_micro),
        tier=candidate.tier,
        model=candidate.model,
        what_if_usd=cost,
    )
