"""The inbox's operations of T12; see `operations`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tests.apps.inbox_runs import settle
from tests.faults.inbox_texts import question
from tests.faults.operations import Act, Prepare

from likewise.apps.inbox import service
from likewise.apps.inbox.model import Card, MessageDraft, VisitorDraft
from likewise.platform.feature import App

__all__ = ["INBOX_WHOLE"]

CHANNEL = "website"
SENT_AT = datetime(2026, 1, 1, tzinfo=UTC)


def message(text: int, number: int) -> MessageDraft:
    """One of a few messages that ask one of a few questions."""
    return MessageDraft(
        text=question(text),
        channel=CHANNEL,
        id=f"{text}-{number}",
        visitor=VisitorDraft(id=f"v{number}", name=f"Visitor {number}"),
        sent_at=SENT_AT + timedelta(minutes=10 * text + number),
        payload={"number": number},
    )


async def prepare_inbox(app: App, tenant_id: UUID) -> list[Card]:
    """Three clusters, of three messages, two, and one; answers go to an address."""
    await service.create_channel(app, tenant_id, name=CHANNEL, delivery_url="http://inbox.example/answers")
    drafts = [message(text, number) for text in range(3) for number in range(3 - text)]
    for draft in drafts:  # one by one: so their ids are in the same order for every tenant
        await service.ingest(app, tenant_id, draft=draft)
    await settle(app, tenant_id)
    cards = await service.list_clusters(app, tenant_id)
    assert [card.message_count for card in cards] == [3, 2, 1]
    return cards


async def taking_messages_in(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """One that is known, one of a visitor who is known, and a new one."""
    await prepare_inbox(app, tenant_id)
    drafts = [message(0, 1), message(1, 2), message(7, 7)]
    return lambda: service.ingest_each(app, tenant_id, drafts=drafts)


async def answering_a_cluster(app: App, tenant_id: UUID, _folder: Path) -> Act:
    [card, *_] = await prepare_inbox(app, tenant_id)
    left_out = card.examples[0].id
    return lambda: service.answer_cluster(
        app,
        tenant_id,
        cluster_id=card.id,
        response_text="Yes, {{name}}.",
        actor="ada",
        exceptions=[left_out],
        answers_late=True,
    )


async def undoing_an_answer(app: App, tenant_id: UUID, _folder: Path) -> Act:
    [card, *_] = await prepare_inbox(app, tenant_id)
    made = await service.answer_cluster(app, tenant_id, cluster_id=card.id, response_text="Yes.", actor="ada")
    return lambda: service.undo_answer(app, tenant_id, action_id=made.id)


async def moving_messages(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """To another cluster, together with the answer they had before theirs was opened again."""
    [first, second, _] = await prepare_inbox(app, tenant_id)
    await service.answer_cluster(app, tenant_id, cluster_id=second.id, response_text="Yes.", actor="ada")
    await service.reopen_cluster(app, tenant_id, cluster_id=second.id, actor="ada")
    ids = [example.id for example in second.examples]
    return lambda: service.move_messages(
        app, tenant_id, cluster_id=second.id, message_ids=ids, into_id=first.id, actor="bob"
    )


async def merging_clusters(app: App, tenant_id: UUID, _folder: Path) -> Act:
    [first, second, _] = await prepare_inbox(app, tenant_id)
    return lambda: service.merge_clusters(app, tenant_id, cluster_id=second.id, into_id=first.id, actor="ada")


async def undoing_a_merge(app: App, tenant_id: UUID, _folder: Path) -> Act:
    [first, second, _] = await prepare_inbox(app, tenant_id)
    _, change = await service.merge_clusters(app, tenant_id, cluster_id=second.id, into_id=first.id, actor="ada")
    return lambda: service.undo_change(app, tenant_id, change_id=change.id)


async def putting_a_cluster_away(app: App, tenant_id: UUID, _folder: Path) -> Act:
    [card, *_] = await prepare_inbox(app, tenant_id)
    return lambda: service.archive_cluster(app, tenant_id, cluster_id=card.id, actor="ada")


INBOX_WHOLE: tuple[Prepare, ...] = (
    taking_messages_in,
    answering_a_cluster,
    undoing_an_answer,
    moving_messages,
    merging_clusters,
    undoing_a_merge,
    putting_a_cluster_away,
)
