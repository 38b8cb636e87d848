"""Count an inbox at rest against itself, in SQL of these tests' own."""

from typing import LiteralString
from uuid import UUID

from likewise.platform.db import Database, Statement

__all__ = ["CHECKS", "find_faults"]

_HOME: LiteralString = """
    select g.item_id as message_id, t.cluster_id from clusters.members g
    join clusters.texts t on t.tenant_id = g.tenant_id and t.collection_id = g.collection_id and t.hash = g.hash
    where g.tenant_id = %(t)s
"""
CHECKS: dict[str, LiteralString] = {
    "messages with two answers": """
        select message_id from inbox.deliveries where tenant_id = %(t)s and state <> 'cancelled'
        group by message_id having count(*) > 1
    """,
    "answers to messages that are not there": """
        select id from inbox.deliveries d where tenant_id = %(t)s and not exists (
            select from inbox.messages m where m.tenant_id = d.tenant_id and m.id = d.message_id)
    """,
    "answers that count for another cluster than their message is in": f"""
        select d.id from inbox.deliveries d join ({_HOME}) h on h.message_id = d.message_id
        where d.tenant_id = %(t)s and d.state <> 'cancelled' and d.cluster_id <> h.cluster_id
    """,
    "answers that were undone and stand": """
        select d.id from inbox.deliveries d
        join inbox.actions a on a.tenant_id = d.tenant_id and a.id = d.action_id
        where d.tenant_id = %(t)s and (a.undone_at is null) = (d.state = 'cancelled')
    """,
    "answers with more or fewer messages than they say": """
        select a.id, a.message_count, count(d.id) from inbox.actions a
        left join inbox.deliveries d on d.tenant_id = a.tenant_id and d.action_id = a.id
        where a.tenant_id = %(t)s group by a.id, a.message_count having count(d.id) <> a.message_count
    """,
    "waiting and not in the outbox, or the other way round": """
        select coalesce(d.id, o.delivery_id)
        from (select * from inbox.deliveries where tenant_id = %(t)s and state = 'waiting') d
        full join (select * from inbox.outbox where tenant_id = %(t)s) o on o.delivery_id = d.id
        where d.id is null or o.delivery_id is null
    """,
    "answered clusters without an answer that stands": """
        select c.cluster_id from inbox.clusters c
        left join inbox.actions a on a.tenant_id = c.tenant_id and a.id = c.action_id
        where c.tenant_id = %(t)s and c.state = 'actioned' and (a.id is null or a.undone_at is not null)
    """,
    "messages that an answered cluster hides unanswered": f"""
        select h.message_id from ({_HOME}) h
        join inbox.clusters c on c.tenant_id = %(t)s and c.cluster_id = h.cluster_id and c.state = 'actioned'
        where not exists (select from inbox.deliveries d where d.tenant_id = %(t)s and d.message_id = h.message_id
                          and d.state <> 'cancelled')
          and not exists (select from inbox.exceptions e where e.tenant_id = %(t)s and e.message_id = h.message_id
                          and e.action_id = c.action_id)
    """,
    "clusters told of with other counts than they have": """
        select coalesce(s.cluster_id, r.cluster_id), s.item_count, s.text_count, r.item_count, r.text_count
        from (select * from clusters.summaries where tenant_id = %(t)s) s
        full join (
            select t.cluster_id, sum(n.item_count) as item_count, count(*) as text_count from clusters.texts t
            join (select hash, count(*) as item_count from clusters.members where tenant_id = %(t)s group by hash) n
              on n.hash = t.hash
            where t.tenant_id = %(t)s group by 1
        ) r on r.cluster_id = s.cluster_id
        where s.item_count is distinct from r.item_count or s.text_count is distinct from r.text_count
    """,
    "messages without a cluster": f"""
        select id from inbox.messages m where tenant_id = %(t)s
        and not exists (select from ({_HOME}) h where h.message_id = m.id)
    """,
    "events that could not be handled": """
        select event_id, reason from platform.dead_letters where tenant_id = %(t)s
    """,
}


async def find_faults(database: Database, tenant_id: UUID) -> dict[str, list[str]]:
    """What is wrong with a tenant's inbox, by check; empty where all is well."""
    faults: dict[str, list[str]] = {}
    async with database.maintenance() as tx:
        for name, query in CHECKS.items():
            wrapped = Statement("tests", "", f"select to_jsonb(r)::text from ({query}) r", frozenset())
            found = await tx.fetch_values(wrapped, str, {"t": tenant_id})
            if found:
                faults[name] = found
    return faults
