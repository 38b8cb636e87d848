"""What can be done."""

from datetime import datetime
from typing import cast

import strawberry

from likewise.apps.inbox import model, service
from likewise.apps.inbox.errors import MessageRefused
from likewise.apps.inbox.graph import types
from likewise.apps.inbox.graph.types import Action, Change, Cluster
from likewise.platform.errors import Fact, FieldError, Rejected
from likewise.platform.graph import JSON, GraphContext, GraphInfo, require
from likewise.platform.ids import decode_id, encode_id
from likewise.platform.tenancy import Scope

__all__ = ["Mutation"]


@strawberry.input(description="Who writes, as the channel names them. Without an id the name stands for it.")
class VisitorInput:
    """See model.VisitorDraft."""

    id: str | None = None
    name: str | None = None
    avatar_url: str | None = None


@strawberry.input(description="A message. Sent again under its id, it is the same message.")
class MessageInput:
    """See model.MessageDraft."""

    text: str
    id: str | None = None
    channel: str = model.DEFAULT_CHANNEL
    visitor: VisitorInput | None = None
    sent_at: datetime | None = None
    payload: JSON | None = None


@strawberry.type(description="What became of a message.")
class Ingested:
    """See model.Ingested."""

    id: strawberry.ID | None
    status: str = strawberry.field(description="pending; grouped, where its text is in a cluster already; or rejected.")
    is_new: bool
    cluster_id: strawberry.ID | None
    error: str | None = strawberry.field(description="Why it was rejected.")


@strawberry.type(description="A cluster as it is now, and the change that can be undone.")
class Changed:
    """What a rearrangement gives."""

    cluster: Cluster
    change: Change


@strawberry.type
class Mutation:
    """Of the inbox."""

    @strawberry.mutation(description="Take in a message; its group is found a moment later.")
    async def ingest_message(self, info: GraphInfo, message: MessageInput) -> Ingested:
        """Answered before any model is asked."""
        context = require(info, Scope.WRITE)
        return _ingested(await service.ingest(context.app, context.tenant_id, draft=_draft(message)))

    @strawberry.mutation(description="Take in many messages at once; each has its own outcome.")
    async def ingest_messages(self, info: GraphInfo, messages: list[MessageInput]) -> list[Ingested]:
        """One transaction."""
        context = require(info, Scope.WRITE)
        outcomes: list[model.Ingested | Fact | None] = [None] * len(messages)
        drafts: dict[int, model.MessageDraft] = {}
        for place, one in enumerate(messages):
            try:
                drafts[place] = _draft(one)
            except MessageRefused as refusal:
                outcomes[place] = refusal
        found = await service.ingest_each(context.app, context.tenant_id, drafts=list(drafts.values()))
        for place, outcome in zip(drafts, found, strict=True):
            outcomes[place] = outcome
        return [_ingested(outcome) for outcome in outcomes if outcome is not None]

    @strawberry.mutation(description="Answer every message of a cluster that has no answer yet, in one transaction.")
    async def action_cluster(
        self,
        info: GraphInfo,
        cluster: strawberry.ID,
        response_text: str,
        exceptions: list[strawberry.ID] | None = None,
        answers_late: bool = False,
        expected_count: int | None = None,
    ) -> Action:
        """It leaves a little later; until then it can be undone."""
        context = require(info, Scope.WRITE)
        made = await service.answer_cluster(
            context.app,
            context.tenant_id,
            cluster_id=decode_id("clu", cluster),
            response_text=response_text,
            exceptions=[decode_id("msg", one) for one in exceptions or ()],
            answers_late=answers_late,
            expected_count=expected_count,
            actor=service.actor_of(context.caller),
        )
        return types.action(made)

    @strawberry.mutation(description="Take an answer back before any of it has left.")
    async def undo_action(self, info: GraphInfo, action: strawberry.ID) -> Action:
        """The cluster is open again."""
        context = require(info, Scope.WRITE)
        done = await service.undo_answer(context.app, context.tenant_id, action_id=decode_id("act", action))
        return types.action(done)

    @strawberry.mutation(description="A message leaves its cluster, with every other that says exactly the same.")
    async def remove_message(
        self, info: GraphInfo, message: strawberry.ID, into: strawberry.ID | None = None
    ) -> Changed:
        """For a cluster of its own, or for another."""
        context = require(info, Scope.WRITE)
        done = await service.remove_message(
            context.app,
            context.tenant_id,
            message_id=decode_id("msg", message),
            into_id=None if into is None else decode_id("clu", into),
            actor=service.actor_of(context.caller),
        )
        return _changed(context, done)

    @strawberry.mutation(description="Messages of a cluster go to another; without one they are split off.")
    async def move_messages(
        self,
        info: GraphInfo,
        cluster: strawberry.ID,
        messages: list[strawberry.ID],
        into: strawberry.ID | None = None,
    ) -> Changed:
        """With every other that says exactly the same."""
        context = require(info, Scope.WRITE)
        done = await service.move_messages(
            context.app,
            context.tenant_id,
            cluster_id=decode_id("clu", cluster),
            message_ids=[decode_id("msg", one) for one in messages],
            into_id=None if into is None else decode_id("clu", into),
            actor=service.actor_of(context.caller),
        )
        return _changed(context, done)

    @strawberry.mutation(description="Every message of a cluster goes to another, whose id stays.")
    async def merge_clusters(self, info: GraphInfo, cluster: strawberry.ID, into: strawberry.ID) -> Changed:
        """Both must be open."""
        context = require(info, Scope.WRITE)
        done = await service.merge_clusters(
            context.app,
            context.tenant_id,
            cluster_id=decode_id("clu", cluster),
            into_id=decode_id("clu", into),
            actor=service.actor_of(context.caller),
        )
        return _changed(context, done)

    @strawberry.mutation(description="Lock a cluster, or unlock it.")
    async def lock_cluster(self, info: GraphInfo, cluster: strawberry.ID, locked: bool = True) -> Changed:
        """A locked cluster takes in what arrives; nothing else changes it."""
        context = require(info, Scope.WRITE)
        done = await service.lock_cluster(
            context.app,
            context.tenant_id,
            cluster_id=decode_id("clu", cluster),
            locked=locked,
            actor=service.actor_of(context.caller),
        )
        return _changed(context, done)

    @strawberry.mutation(description="Name a cluster; an empty name takes its label again.")
    async def rename_cluster(self, info: GraphInfo, cluster: strawberry.ID, name: str) -> Changed:
        """For whoever looks at it next."""
        context = require(info, Scope.WRITE)
        done = await service.rename_cluster(
            context.app,
            context.tenant_id,
            cluster_id=decode_id("clu", cluster),
            name=_name(name),
            actor=service.actor_of(context.caller),
        )
        return _changed(context, done)

    @strawberry.mutation(description="Put a cluster away without an answer.")
    async def archive_cluster(self, info: GraphInfo, cluster: strawberry.ID) -> Changed:
        """What joins it later is put away with it."""
        context = require(info, Scope.WRITE)
        done = await service.archive_cluster(
            context.app, context.tenant_id, cluster_id=decode_id("clu", cluster), actor=service.actor_of(context.caller)
        )
        return _changed(context, done)

    @strawberry.mutation(description="Open an archived or an answered cluster again.")
    async def reopen_cluster(self, info: GraphInfo, cluster: strawberry.ID) -> Changed:
        """Answers that were given stand."""
        context = require(info, Scope.WRITE)
        done = await service.reopen_cluster(
            context.app, context.tenant_id, cluster_id=decode_id("clu", cluster), actor=service.actor_of(context.caller)
        )
        return _changed(context, done)

    @strawberry.mutation(description="Take back what a person changed, if nothing stands in the way since.")
    async def undo_change(self, info: GraphInfo, change: strawberry.ID) -> Change:
        """By the change's id."""
        context = require(info, Scope.WRITE)
        done = await service.undo_change(context.app, context.tenant_id, change_id=decode_id("chg", change))
        return types.change(done)


_NAME_CHARACTERS_MAX = 200


class NameTooLong(Rejected):
    """A cluster's name has {characters} characters; at most {characters_max} are allowed. Give it a shorter one."""


def _name(name: str) -> str:
    if len(name) > _NAME_CHARACTERS_MAX:
        raise NameTooLong(characters=len(name), characters_max=_NAME_CHARACTERS_MAX)
    return name


def _draft(given: MessageInput) -> model.MessageDraft:
    visitor = given.visitor
    payload = cast("object", given.payload)
    if payload is not None and not isinstance(payload, dict):
        reason = "the payload is a JSON object"
        raise MessageRefused(reason=reason, errors=[FieldError("/payload", reason)])
    return model.MessageDraft(
        text=given.text,
        id=given.id,
        channel=given.channel,
        visitor=None
        if visitor is None
        else model.VisitorDraft(id=visitor.id, name=visitor.name, avatar_url=visitor.avatar_url),
        sent_at=given.sent_at,
        payload=cast("dict[str, object] | None", payload),
    )


def _ingested(found: model.Ingested | Fact) -> Ingested:
    if isinstance(found, Fact):
        return Ingested(id=None, status="rejected", is_new=False, cluster_id=None, error=found.message)
    cluster = None if found.cluster_id is None else strawberry.ID(encode_id("clu", found.cluster_id))
    return Ingested(
        id=strawberry.ID(encode_id("msg", found.id)),
        status="pending" if cluster is None else "grouped",
        is_new=found.is_new,
        cluster_id=cluster,
        error=None,
    )


def _changed(context: GraphContext, done: tuple[model.Card, model.Change]) -> Changed:
    card, made = done
    return Changed(cluster=types.cluster(context, card), change=types.change(made))
