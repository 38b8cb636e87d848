"""How good the groups of a month of messages are: several creators, each an inbox of its own, day after day.

Messages come in as webhooks bring them; a worker groups them as it always does, with the refinement of every night.
Figures: agreement with the true intents, what of the repeats landed with their origin, and the largest groups as a
person would see them. Baseline: the same month grouped by identical text alone.

    python benchmarks/inbox_month_bench.py [--creators 3] [--messages 30000] [--show 20]
"""

import argparse
import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import groupby
from uuid import UUID

from harness import open_bench, report
from inbox_judging import Judgement, judge
from inbox_month import MonthMessage, delivered, make_month
from likewise.apps.inbox.model import COLLECTION, MessageDraft, VisitorDraft
from likewise.apps.inbox.service import LAST_ID, create_channel, ingest_each, list_clusters, list_messages
from likewise.cli.host import work
from likewise.engine.clusters.service import refine_grown
from likewise.engine.collections import wait_until_searchable
from likewise.platform.errors import Fact
from likewise.platform.feature import App
from likewise.platform.tenancy import create_tenant

BATCH = 1_000
PAGE = 200
POLL_S = 0.05
UNFINISHED = {"todo", "doing"}
SHOWN_CHARACTERS = 100


def draft_of(message: MonthMessage) -> MessageDraft:
    """A message as its webhook brings it."""
    return MessageDraft(
        text=message.text,
        id=message.external_id,
        channel=message.channel,
        visitor=VisitorDraft(id=message.visitor_id, name=message.visitor_name),
        sent_at=message.sent_at,
        payload=message.payload,
    )


async def take_in(app: App, tenant_id: UUID, messages: list[MonthMessage]) -> None:
    """Store a creator's messages and wait until each has its group."""
    for start in range(0, len(messages), BATCH):
        drafts = [draft_of(message) for message in messages[start : start + BATCH]]
        for outcome in await ingest_each(app, tenant_id, drafts=drafts):
            if isinstance(outcome, Fact):
                raise outcome
    await wait_until_searchable(app, tenant_id, collection=COLLECTION)
    while True:
        if all(one.cluster_id is not None for one in await list_messages(app, tenant_id, limit=PAGE)):
            break
        await asyncio.sleep(POLL_S)


async def pass_night(app: App, tenant_ids: Mapping[str, UUID]) -> None:
    """What the schedule does at four o'clock, to its end."""
    await refine_grown(app)
    for tenant_id in tenant_ids.values():
        while True:
            async with app.db.maintenance() as tx:
                jobs = await app.jobs.list_jobs(tx, tenant_id)
            if not any(job.status in UNFINISHED for job in jobs):
                break
            await asyncio.sleep(POLL_S)


async def homes(app: App, tenant_id: UUID) -> dict[str, str]:
    """The cluster of each message of a creator, by the message's id."""
    found: dict[str, str] = {}
    before = LAST_ID
    while page := await list_messages(app, tenant_id, before=before, limit=PAGE):
        found |= {message.external_id: str(message.cluster_id) for message in page}
        before = page[-1].id
    return found


async def live_through(app: App, messages: list[MonthMessage]) -> tuple[dict[str, UUID], float]:
    """Feed the month day by day; the creators, and the seconds it took."""
    tenant_ids: dict[str, UUID] = {}
    for creator in dict.fromkeys(message.creator for message in messages):
        tenant_ids[creator] = (await create_tenant(app.db, name=creator)).tenant_id
        for channel in {message.channel for message in messages if message.creator == creator}:
            await create_channel(app, tenant_ids[creator], name=channel)
    started = time.perf_counter()
    for _, day in groupby(messages, key=lambda message: message.sent_at.date()):
        of_creator: defaultdict[str, list[MonthMessage]] = defaultdict(list)
        for message in day:
            of_creator[message.creator].append(message)
        for creator, own in of_creator.items():
            await take_in(app, tenant_ids[creator], own)
        await pass_night(app, tenant_ids)
    return tenant_ids, time.perf_counter() - started


def agreement_row(what: str, judgement: Judgement) -> dict[str, object]:
    """How a grouping agrees with what was meant."""
    asked = judgement.asked
    return {
        "what": what,
        "messages": asked.messages,
        "clusters": asked.clusters,
        "intents": asked.intents,
        "ami": asked.ami,
        "ari": asked.ari,
        "nmi": asked.nmi,
        "pair_precision": asked.pair_precision,
        "pair_recall": asked.pair_recall,
        "exact_landed": judgement.exact.share,
        "near_landed": judgement.near.share,
    }


async def show(
    app: App, tenant_ids: Mapping[str, UUID], messages: list[MonthMessage], found: Mapping[str, str], count: int
) -> None:
    """Print the largest groups as the console lists them, and what their messages were meant to ask."""
    meant: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for external_id, message in {message.external_id: message for message in messages}.items():
        meant[found[external_id]][message.intent] += 1
    cards = [
        (card, creator)
        for creator, tenant_id in tenant_ids.items()
        for card in await list_clusters(app, tenant_id, limit=count)
    ]
    cards.sort(key=lambda pair: -pair[0].message_count)
    for card, creator in cards[:count]:
        print(f"\n{card.message_count:5} {creator}: {card.label}   [{', '.join(card.words)}]")
        for example in card.examples:
            print(f"        {example.text[:SHOWN_CHARACTERS]!r}")
        intents = meant[str(card.id)].most_common(4)
        print(f"      = {', '.join(f'{name} {number}' for name, number in intents)}")
    print()


async def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=3)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--show", type=int, default=0, help="print as many of the largest groups")
    options = parser.parse_args()
    messages = list(delivered(make_month(creators=options.creators, messages=options.messages)))
    messages.sort(key=lambda message: message.sent_at.date())
    async with open_bench() as (app, _), work(app):
        tenant_ids, seconds = await live_through(app, messages)
        found: dict[str, str] = {}
        for tenant_id in tenant_ids.values():
            found |= await homes(app, tenant_id)
        if options.show:
            await show(app, tenant_ids, messages, found, options.show)
    texts: dict[tuple[str, str], str] = {}
    alike = {
        message.external_id: texts.setdefault((message.creator, message.text.casefold()), message.external_id)
        for message in messages
    }
    rows = [
        agreement_row("as the inbox groups them", judge(messages, found)),
        agreement_row("by identical text alone", judge(messages, alike)),
    ]
    report("inbox_month", rows, seconds=round(seconds, 1), messages_per_s=round(len(messages) / seconds, 1))


if __name__ == "__main__":
    asyncio.run(main())
