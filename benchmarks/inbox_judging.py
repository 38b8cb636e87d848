"""How well the messages of a month were grouped, told from what only the one who made them knows."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from agreement import Labels, Pairs, pairs, scores
from inbox_month import MonthMessage

__all__ = ["Agreement", "Judgement", "Landed", "LargeCluster", "judge"]


class Agreement(Struct, frozen=True):
    """Found clusters against true intents, each creator for itself.

    `ami`, `ari` and `nmi` are means over creators, weighted by messages; pairs are those of all creators together.
    """

    messages: int
    clusters: int
    intents: int
    ami: float
    ari: float
    nmi: float
    pair_precision: float
    pair_recall: float


class Landed(Struct, frozen=True):
    """Of the messages that repeat an earlier one, the share, 0 to 1, that is in the cluster of that one."""

    messages: int
    share: float


class LargeCluster(Struct, frozen=True):
    """One of the largest clusters: the intent most of its messages have, and the share of those, 0 to 1."""

    creator: str
    cluster: str
    messages: int
    intent: str
    purity: float


class _Placed(NamedTuple):
    """What is kept of a message; its text and payload are not, so that a million fit into memory."""

    creator: str
    intent: str
    is_asked: bool
    cluster: Hashable


class Judgement(Struct, frozen=True):
    """`everything` counts chit-chat and advertisements, `asked` leaves them out. `repeated` tells by variant what
    landed with its origin, `exact` and `near` sum it up; `largest` come in order of size."""

    everything: Agreement
    asked: Agreement
    repeated: dict[str, Landed]
    exact: Landed
    near: Landed
    largest: list[LargeCluster]


def judge(messages: Iterable[MonthMessage], clusters: Mapping[str, Hashable], *, largest: int = 10) -> Judgement:
    """Judge a grouping of the month's messages, given the cluster of each external id.

    What arrived twice counts once. Clusters of two creators are two clusters, even under one id. Raises ValueError
    where a message has no cluster, for a message that is lost must not go unseen.
    """
    placed: dict[str, _Placed] = {}
    lost: list[str] = []
    by_variant: defaultdict[str, list[bool]] = defaultdict(list)
    for message in messages:
        id_ = message.external_id
        if id_ not in clusters:
            lost.append(id_)
        elif id_ not in placed:
            placed[id_] = _Placed(message.creator, message.intent, message.source != "sms", clusters[id_])
            if message.origin is not None and message.origin in clusters:
                by_variant[message.variant].append(clusters[message.origin] == clusters[id_])
    if lost:
        raise ValueError(f"{len(lost)} messages have no cluster; the first is {lost[0]}.")
    every = list(placed.values())
    near = [is_there for variant, found in by_variant.items() if variant != "exact" for is_there in found]
    return Judgement(
        everything=_agreement(every),
        asked=_agreement([message for message in every if message.is_asked]),
        repeated={variant: _landed(found) for variant, found in sorted(by_variant.items())},
        exact=_landed(by_variant.get("exact", [])),
        near=_landed(near),
        largest=_largest(every, count=largest),
    )


def _agreement(messages: Sequence[_Placed]) -> Agreement:
    by_creator: defaultdict[str, list[_Placed]] = defaultdict(list)
    for message in messages:
        by_creator[message.creator].append(message)
    measured: list[tuple[float, float, float]] = []
    counted: list[Pairs] = []
    intents = found_count = 0
    for own in by_creator.values():
        truth = _labels([message.intent for message in own])
        found = _labels([message.cluster for message in own])
        intents, found_count = intents + int(truth.max()) + 1, found_count + int(found.max()) + 1
        measured.append(scores(truth, found))
        counted.append(pairs(truth, found))
    weights = [len(own) for own in by_creator.values()]
    ami, ari, nmi = np.average(measured, axis=0, weights=weights) if measured else (1.0, 1.0, 1.0)
    total = reduce(
        lambda one, other: Pairs(one.both + other.both, one.found + other.found, one.true + other.true),
        counted,
        Pairs(0, 0, 0),
    )
    return Agreement(
        messages=len(messages),
        clusters=found_count,
        intents=intents,
        ami=round(float(ami), 4),
        ari=round(float(ari), 4),
        nmi=round(float(nmi), 4),
        pair_precision=round(total.precision, 4),
        pair_recall=round(total.recall, 4),
    )


def _labels(names: Sequence[Hashable]) -> Labels:
    """Numbers from 0 on for names, in order of their first use."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def _landed(found: Sequence[bool]) -> Landed:
    return Landed(len(found), round(sum(found) / len(found), 4) if found else 1.0)


def _largest(messages: Iterable[_Placed], *, count: int) -> list[LargeCluster]:
    members: defaultdict[tuple[str, Hashable], Counter[str]] = defaultdict(Counter)
    for message in messages:
        members[message.creator, message.cluster][message.intent] += 1
    told: list[LargeCluster] = []
    for (creator, cluster), intents in sorted(members.items(), key=lambda pair: -pair[1].total())[:count]:
        intent, most = intents.most_common(1)[0]
        size = intents.total()
        told.append(LargeCluster(creator, str(cluster), size, intent, round(most / size, 4)))
    return told
