-- name: find_collection
-- The collection that holds the texts of messages. Uses collections_tenant_id_name_key.
select id from collections.collections where tenant_id = :tenant_id and name = :name;

-- name: insert_channel
-- A new channel; nothing where the name is taken.
insert into inbox.channels (tenant_id, id, name, delivery_url, metadata)
values (:tenant_id, :id, :name, :delivery_url, :metadata)
on conflict do nothing;

-- name: list_channels
-- One page of channels by name. Uses channels_tenant_id_name_key.
select id, name, delivery_url, secret_version, metadata, created_at from inbox.channels
where tenant_id = :tenant_id and name > :after order by name limit :limit;

-- name: list_channels_named
-- Channels with these names. Uses channels_tenant_id_name_key.
select id, name, delivery_url, secret_version, metadata, created_at from inbox.channels
where tenant_id = :tenant_id and name = any(:names) limit :limit;

-- name: list_channels_by_id
-- Channels with these ids. Uses channels_pkey.
select id, name, delivery_url, secret_version, metadata, created_at from inbox.channels
where tenant_id = :tenant_id and id = any(:ids) limit :limit;

-- name: update_channel
-- Where a channel's answers go, the version of its secret, what is noted of it. Uses channels_pkey.
update inbox.channels
set delivery_url = :delivery_url, secret_version = :secret_version, metadata = :metadata
where tenant_id = :tenant_id and id = :id;

-- name: upsert_visitors
-- Visitors as they are known now; those whose picture has another address. Uses visitors_tenant_id_channel_id_external_id_key.
insert into inbox.visitors as v (tenant_id, id, channel_id, external_id, name, avatar_url)
select :tenant_id, n.id, n.channel_id, n.external_id, n.name, n.avatar_url
from unnest(:ids::uuid[], :channel_ids::uuid[], :external_ids::text[], :names::text[], :avatar_urls::text[])
     as n (id, channel_id, external_id, name, avatar_url)
order by n.channel_id, n.external_id
on conflict (tenant_id, channel_id, external_id) do update
set name = coalesce(excluded.name, v.name),
    avatar_url = coalesce(excluded.avatar_url, v.avatar_url),
    avatar_reason = case when excluded.avatar_url <> v.avatar_url then null else v.avatar_reason end,
    avatar_at = case when excluded.avatar_url is distinct from v.avatar_url and excluded.avatar_url is not null then null
                     else v.avatar_at end
returning v.id, v.channel_id, v.external_id, (v.avatar_url is not null and v.avatar_at is null) as wants_avatar;

-- name: find_visitor
-- One visitor. Uses visitors_pkey.
select id, channel_id, external_id, name, avatar_url, avatar_key, avatar_reason from inbox.visitors
where tenant_id = :tenant_id and id = :id;

-- name: mark_avatar
-- What became of a visitor's picture, unless its address is another by now. Uses visitors_pkey.
update inbox.visitors set avatar_key = :avatar_key, avatar_reason = :reason, avatar_at = :at
where tenant_id = :tenant_id and id = :id and avatar_url = :avatar_url;

-- name: delete_visitors_of
-- Visitors of these messages who have no others; the keys of their pictures. Uses visitors_pkey.
with gone as (
    delete from inbox.visitors v
    where v.tenant_id = :tenant_id and v.id = any(:ids) and not exists (
        select from inbox.messages m where m.tenant_id = :tenant_id and m.visitor_id = v.id
    )
    returning v.avatar_key
)
select avatar_key from gone where avatar_key is not null;

-- name: list_known
-- Messages that are here already under the ids their channels gave them, with their texts.
-- Uses messages_tenant_id_channel_id_external_id_key.
select m.id, m.channel_id, m.external_id, i.body as text
from unnest(:channel_ids::uuid[], :external_ids::text[]) as n (channel_id, external_id)
join inbox.messages m
  on m.tenant_id = :tenant_id and m.channel_id = n.channel_id and m.external_id = n.external_id
join collections.items i on i.tenant_id = :tenant_id and i.id = m.id
limit :limit;

-- name: insert_messages
-- New messages; one whose id somebody else has just taken is left out of what comes back.
insert into inbox.messages (tenant_id, id, channel_id, external_id, visitor_id, sent_at, received_at)
select :tenant_id, n.id, n.channel_id, n.external_id, n.visitor_id, n.sent_at, :at
from unnest(:ids::uuid[], :channel_ids::uuid[], :external_ids::text[], :visitor_ids::uuid[], :times::timestamptz[])
     as n (id, channel_id, external_id, visitor_id, sent_at)
on conflict do nothing
returning id;

-- name: delete_messages
-- Messages whose items go; their visitors. Uses messages_pkey.
delete from inbox.messages where tenant_id = :tenant_id and id = any(:ids)
returning id, visitor_id;

-- name: delete_deliveries_of
-- Answers to messages that go. Uses deliveries_message and deliveries_cancelled.
delete from inbox.deliveries
where tenant_id = :tenant_id and message_id = any(:message_ids) and (state <> 'cancelled' or state = 'cancelled')
returning id;

-- name: delete_outbox
-- Deliveries that are not to be sent any more. Uses outbox_pkey.
delete from inbox.outbox where tenant_id = :tenant_id and delivery_id = any(:delivery_ids);

-- name: delete_exceptions_of
-- Exceptions for messages that go. Uses exceptions_message.
delete from inbox.exceptions where tenant_id = :tenant_id and message_id = any(:message_ids);

-- name: list_messages
-- Messages from a source that names their ids, newest first, with their visitor, their cluster and their answer.
-- Uses messages_pkey.
select m.id, c.name as channel, m.external_id, i.body as text, m.visitor_id, v.name as visitor_name, v.avatar_key,
       m.sent_at, m.received_at, t.cluster_id, t.similarity,
       case when t.item_id = m.id then t.reason when t.hash is not null then 'identical' end as reason,
       d.id as delivery_id, d.state as delivery_state
from ($(source)) p
join inbox.messages m on m.tenant_id = :tenant_id and m.id = p.id
join inbox.channels c on c.tenant_id = :tenant_id and c.id = m.channel_id
join collections.items i on i.tenant_id = :tenant_id and i.id = m.id
left join inbox.visitors v on v.tenant_id = :tenant_id and v.id = m.visitor_id
left join clusters.members g on g.tenant_id = :tenant_id and g.item_id = m.id
left join clusters.texts t on t.tenant_id = :tenant_id and t.collection_id = g.collection_id and t.hash = g.hash
left join inbox.deliveries d on d.tenant_id = :tenant_id and d.message_id = m.id and d.state <> 'cancelled'
order by m.id desc
limit :limit;

-- name: list_payloads
-- What came with these messages. Uses items_pkey.
select id, metadata::text as payload from collections.items
where tenant_id = :tenant_id and id = any(:message_ids) limit :limit;

-- name: list_clusters
-- One page of clusters in a state, in an order, each with a few messages: one statement. Uses summaries_size.
select s.cluster_id as id, c.name, s.label, s.words, coalesce(b.state, 'open') as state, s.item_count as message_count,
       s.text_count, coalesce(a.count, 0) as answered_count, s.outlier_count, s.heat, s.first_seen_at, s.last_seen_at,
       c.is_locked, coalesce(b.answers_late, false) as answers_late, b.action_id, e.examples
from clusters.summaries s
join clusters.clusters c on c.tenant_id = :tenant_id and c.collection_id = :collection_id and c.id = s.cluster_id
$(decided) join inbox.clusters b on b.tenant_id = :tenant_id and b.cluster_id = s.cluster_id
left join lateral (
    select count(*) as count from inbox.deliveries d
    where d.tenant_id = :tenant_id and d.cluster_id = s.cluster_id and d.state <> 'cancelled'
) a on true
cross join lateral (
    select coalesce(json_agg(json_build_object('id', i.id, 'text', left(i.body, :characters), 'visitor', v.name)
                             order by array_position(s.exemplars, i.id)), '[]')::text as examples
    from collections.items i
    join inbox.messages m on m.tenant_id = :tenant_id and m.id = i.id
    left join inbox.visitors v on v.tenant_id = :tenant_id and v.id = m.visitor_id
    where i.tenant_id = :tenant_id and i.id = any(s.exemplars[1 : :examples])
) e
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.item_count >= :size_min and $(conditions)
order by $(cluster_order)
limit :limit;

-- name: count_states
-- How many clusters that hold messages are answered and archived. Uses clusters_state.
select b.state, count(*) as count
from inbox.clusters b
join clusters.summaries s on s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.cluster_id = b.cluster_id
where b.tenant_id = :tenant_id and b.state <> 'open'
group by b.state
limit 2;

-- name: list_clusters_of
-- The clusters that these messages are in. Uses members_pkey.
select g.item_id as message_id, t.cluster_id
from clusters.members g
join clusters.texts t on t.tenant_id = :tenant_id and t.collection_id = g.collection_id and t.hash = g.hash
where g.tenant_id = :tenant_id and g.item_id = any(:message_ids)
limit :limit;

-- name: insert_decision
-- A place for what is decided about a cluster.
insert into inbox.clusters (tenant_id, cluster_id) values (:tenant_id, :cluster_id) on conflict do nothing;

-- name: lock_decision
-- What is decided about a cluster, held until the end of the transaction. Uses clusters_pkey or clusters_state.
select cluster_id, state, action_id, answers_late from inbox.clusters
where tenant_id = :tenant_id and cluster_id = :cluster_id
for update;

-- name: mark_decision
-- What is decided about a cluster from now on. Uses clusters_pkey or clusters_state.
update inbox.clusters set state = :state, action_id = :action_id, answers_late = :answers_late, updated_at = :at
where tenant_id = :tenant_id and cluster_id = :cluster_id;

-- name: list_answerable
-- Messages of a cluster that have no answer and are not left out, newest first. Uses texts_cluster.
select m.id, m.channel_id, c.name as channel, c.delivery_url is not null as has_url, v.name as visitor_name, m.sent_at,
       left(i.body, :characters) as text
from clusters.texts t
join clusters.members g on g.tenant_id = :tenant_id and g.collection_id = :collection_id and g.hash = t.hash
join inbox.messages m on m.tenant_id = :tenant_id and m.id = g.item_id
join inbox.channels c on c.tenant_id = :tenant_id and c.id = m.channel_id
join collections.items i on i.tenant_id = :tenant_id and i.id = m.id
left join inbox.visitors v on v.tenant_id = :tenant_id and v.id = m.visitor_id
where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.cluster_id = :cluster_id
  and m.id < :before and m.id <> all(:left_out)
  and not exists (select from inbox.deliveries d
                  where d.tenant_id = :tenant_id and d.message_id = m.id and d.state <> 'cancelled')
order by m.id desc
limit :limit;

-- name: count_answerable
-- How many those are. Uses texts_cluster.
select count(*)
from clusters.texts t
join clusters.members g on g.tenant_id = :tenant_id and g.collection_id = :collection_id and g.hash = t.hash
join inbox.messages m on m.tenant_id = :tenant_id and m.id = g.item_id
where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.cluster_id = :cluster_id
  and m.id <> all(:left_out)
  and not exists (select from inbox.deliveries d
                  where d.tenant_id = :tenant_id and d.message_id = m.id and d.state <> 'cancelled');

-- name: insert_action
-- An answer to a cluster.
insert into inbox.actions (tenant_id, id, cluster_id, response_text, answers_late, actor, message_count, leaves_at)
values (:tenant_id, :id, :cluster_id, :response_text, :answers_late, :actor, :message_count,
        now() + make_interval(secs => :undo_s));

-- name: add_to_action
-- More messages got the answer. Uses actions_pkey.
update inbox.actions set message_count = message_count + :count where tenant_id = :tenant_id and id = :id;

-- name: find_action
-- One answer. Uses actions_pkey.
select id, cluster_id, response_text, answers_late, actor, message_count, leaves_at, created_at, undone_at
from inbox.actions where tenant_id = :tenant_id and id = :id;

-- name: list_actions
-- One page of a cluster's answers, newest first. Uses actions_cluster.
select id, cluster_id, response_text, answers_late, actor, message_count, leaves_at, created_at, undone_at
from inbox.actions where tenant_id = :tenant_id and cluster_id = :cluster_id and id < :before
order by id desc limit :limit;

-- name: mark_action_undone
-- An answer that was taken back. Uses actions_pkey.
update inbox.actions set undone_at = :at where tenant_id = :tenant_id and id = :id;

-- name: find_previous_action
-- The answer before this one that still stands. Uses actions_cluster.
select id from inbox.actions
where tenant_id = :tenant_id and cluster_id = :cluster_id and id < :before and undone_at is null
order by id desc limit 1;

-- name: insert_exceptions
-- Messages left out of an answer.
insert into inbox.exceptions (tenant_id, action_id, message_id)
select :tenant_id, :action_id, n.id from unnest(:message_ids::uuid[]) as n (id)
on conflict do nothing;

-- name: list_exceptions
-- The messages left out of an answer. Uses exceptions_pkey.
select message_id from inbox.exceptions where tenant_id = :tenant_id and action_id = :action_id
order by message_id limit :limit;

-- name: insert_deliveries
-- Answers to messages that have none yet.
insert into inbox.deliveries (tenant_id, id, action_id, message_id, channel_id, cluster_id, text, state)
select :tenant_id, n.id, :action_id, n.message_id, n.channel_id, :cluster_id, n.text, n.state
from unnest(:ids::uuid[], :message_ids::uuid[], :channel_ids::uuid[], :texts::text[], :states::text[])
     as n (id, message_id, channel_id, text, state)
on conflict do nothing
returning id, state;

-- name: insert_outbox
-- Deliveries to be sent, from a moment on.
insert into inbox.outbox (tenant_id, delivery_id, action_id, due_at)
select :tenant_id, n.id, :action_id, now() + make_interval(secs => :delay_s) from unnest(:delivery_ids::uuid[]) as n (id)
on conflict do nothing;

-- name: hold_outbox_of
-- Hold what nobody takes at this moment of an answer in the outbox, until the end of the transaction: from here on nobody
-- begins to send it; how many. Uses outbox_action.
select count(*) from (
    select delivery_id from inbox.outbox
    where tenant_id = :tenant_id and action_id = :action_id
    for update skip locked
) held;

-- name: count_left
-- Deliveries of an answer that have gone, were begun or could be fetched, and those that have not ended. One that is not
-- here any more, as its message was archived or deleted, has gone unless the answer may not leave yet.
-- Uses deliveries_action.
select count(*) filter (where d.state in ('delivered', 'failed')
                           or (d.state = 'waiting' and (o.delivery_id is null or o.attempts + d.attempts > 0))
                           or (d.state = 'ready' and a.leaves_at <= clock_timestamp()))
         + case when a.leaves_at <= clock_timestamp() then a.message_count - count(d.id) else 0 end as gone,
       count(*) filter (where d.state = 'waiting') as waiting
from inbox.actions a
left join inbox.deliveries d on d.tenant_id = :tenant_id and d.action_id = :action_id
left join inbox.outbox o on o.tenant_id = :tenant_id and o.delivery_id = d.id
where a.tenant_id = :tenant_id and a.id = :action_id
group by a.leaves_at, a.message_count;

-- name: empty_outbox_of
-- Nothing of an answer is to be sent any more. Uses outbox_action.
delete from inbox.outbox where tenant_id = :tenant_id and action_id = :action_id;

-- name: cancel_deliveries
-- Deliveries of an answer that was taken back. Uses deliveries_action.
update inbox.deliveries set state = 'cancelled', ended_at = :at
where tenant_id = :tenant_id and action_id = :action_id and state in ('waiting', 'ready');

-- name: follow_clusters
-- Deliveries go with their messages where those have left these clusters. Uses deliveries_cluster.
update inbox.deliveries d set cluster_id = t.cluster_id
from clusters.members g
join clusters.texts t on t.tenant_id = :tenant_id and t.collection_id = g.collection_id and t.hash = g.hash
where d.tenant_id = :tenant_id and d.cluster_id = any(:cluster_ids) and d.state <> 'cancelled'
  and g.tenant_id = :tenant_id and g.item_id = d.message_id and t.cluster_id <> d.cluster_id;

-- name: list_deliveries
-- One page of deliveries, newest first. Uses deliveries_action or deliveries_state or deliveries_pkey.
select d.id, d.action_id, d.message_id, c.name as channel, m.external_id, d.text, d.state, d.attempts, d.last_status,
       d.last_error, d.created_at, d.ended_at
from inbox.deliveries d
join inbox.channels c on c.tenant_id = :tenant_id and c.id = d.channel_id
join inbox.messages m on m.tenant_id = :tenant_id and m.id = d.message_id
where d.tenant_id = :tenant_id and d.id < :before and $(conditions)
order by d.id desc
limit :limit;

-- name: count_deliveries
-- How the deliveries of an answer stand. Uses deliveries_action.
select state, count(*) as count from inbox.deliveries
where tenant_id = :tenant_id and action_id = :action_id group by state;

-- name: lock_delivery
-- One delivery, held until the end of the transaction. Uses deliveries_pkey.
select id, action_id, state from inbox.deliveries where tenant_id = :tenant_id and id = :id for update;

-- name: end_deliveries
-- How deliveries went. Uses deliveries_pkey.
update inbox.deliveries d
set state = n.state, attempts = d.attempts + n.attempts, last_status = n.status, last_error = n.error,
    ended_at = case when n.state in ('delivered', 'failed') then now() end
from unnest(:ids::uuid[], :states::text[], :attempts::int[], :statuses::int[], :errors::text[])
     as n (id, state, attempts, status, error)
where d.tenant_id = :tenant_id and d.id = n.id and d.state in ('waiting', 'ready', 'failed')
returning d.id, d.action_id, d.state;

-- name: find_due_tenant
-- A tenant with deliveries that are due, the longest waiting first. Uses outbox_due.
select tenant_id from inbox.outbox
where due_at <= now()
order by due_at, tenant_id, delivery_id
limit 1;

-- name: lease_outbox
-- Take a tenant's due deliveries for a while. Uses outbox_pkey or outbox_due or outbox_action.
update inbox.outbox
set lease = :lease, due_at = now() + make_interval(secs => :lease_s), attempts = attempts + 1
where tenant_id = :tenant_id and delivery_id = any(array(
    select delivery_id from inbox.outbox
    where tenant_id = :tenant_id and due_at <= now()
    order by due_at, delivery_id
    limit :limit
    for update skip locked
))
returning delivery_id, attempts;

-- name: list_parcels
-- What is sent for these deliveries. Uses deliveries_pkey.
select d.id, d.action_id, d.message_id, d.channel_id, d.text, d.created_at, c.name as channel, c.delivery_url,
       c.secret_version, m.external_id, v.external_id as visitor_external_id, v.name as visitor_name
from inbox.deliveries d
join inbox.channels c on c.tenant_id = :tenant_id and c.id = d.channel_id
join inbox.messages m on m.tenant_id = :tenant_id and m.id = d.message_id
left join inbox.visitors v on v.tenant_id = :tenant_id and v.id = m.visitor_id
where d.tenant_id = :tenant_id and d.id = any(:ids) and d.state = 'waiting'
limit :limit;

-- name: take_leased
-- Deliveries that are still ours, out of the outbox. Uses outbox_pkey or outbox_action.
delete from inbox.outbox
where tenant_id = :tenant_id and delivery_id = any(:delivery_ids) and lease = :lease
returning delivery_id;

-- name: return_leased
-- Deliveries that are still ours, to be tried again later; those that were not begun have no attempt more.
-- Uses outbox_pkey or outbox_action.
update inbox.outbox o
set lease = null, due_at = now() + make_interval(secs => n.pause_s), attempts = o.attempts - (not n.begun)::int
from unnest(:delivery_ids::uuid[], :pauses_s::float8[], :begun::bool[]) as n (id, pause_s, begun)
where o.tenant_id = :tenant_id and o.delivery_id = n.id and o.lease = :lease
returning o.delivery_id;

-- name: count_outbox
-- Deliveries of every tenant that wait, up to a bound, and the age of the one due longest, seconds. Uses outbox_due.
select count(*) as count, extract(epoch from now() - min(due_at))::float8 as oldest_s
from (select due_at from inbox.outbox where due_at <= now() order by due_at limit :limit) n;

-- name: insert_change
-- What a person did, and what undoes it.
insert into inbox.changes (tenant_id, id, kind, actor, cluster_id, other_id, run_id, action_id, message_count, before)
values (:tenant_id, :id, :kind, :actor, :cluster_id, :other_id, :run_id, :action_id, :message_count, :before);

-- name: list_changes
-- One page of changes, newest first. Uses changes_pkey.
select id, kind, actor, cluster_id, other_id, run_id, action_id, message_count, before, created_at, undone_at
from inbox.changes where tenant_id = :tenant_id and id < :older_than order by id desc limit :limit;

-- name: list_changes_of_cluster
-- One page of a cluster's changes, newest first. Uses changes_cluster.
select id, kind, actor, cluster_id, other_id, run_id, action_id, message_count, before, created_at, undone_at
from inbox.changes where tenant_id = :tenant_id and cluster_id = :cluster_id and id < :older_than
order by id desc limit :limit;

-- name: lock_change
-- One change, held until the end of the transaction. Uses changes_pkey.
select id, kind, actor, cluster_id, other_id, run_id, action_id, message_count, before, created_at, undone_at
from inbox.changes where tenant_id = :tenant_id and id = :id for update;

-- name: find_change_of_action
-- The change an answer was. Uses changes_cluster.
select id from inbox.changes
where tenant_id = :tenant_id and cluster_id = :cluster_id and action_id = :action_id and kind = 'answer'
order by id limit 1;

-- name: mark_change_undone
-- A change that holds no more. Uses changes_pkey.
update inbox.changes set undone_at = :at where tenant_id = :tenant_id and id = :id and undone_at is null;

-- name: list_answered
-- Of these clusters, those that count as answered. Uses clusters_pkey or clusters_state.
select cluster_id from inbox.clusters
where tenant_id = :tenant_id and cluster_id = any(:cluster_ids) and state = 'actioned' limit :limit;

-- name: list_wanted_avatars
-- Of these visitors, those whose picture was not fetched from its address yet. Uses visitors_pkey.
select id, avatar_url from inbox.visitors
where tenant_id = :tenant_id and id = any(:ids) and avatar_url is not null and avatar_at is null
order by id limit :limit;

-- name: list_archivable
-- Messages sent before one moment and stored before another, the oldest first, with the bytes of their text and payload:
-- those that have found their cluster and whose answer, if any, has ended. Uses messages_sent.
select m.id, m.sent_at, octet_length(i.body) + octet_length(i.metadata::text) as size_bytes
from inbox.messages m
join collections.items i on i.tenant_id = :tenant_id and i.id = m.id
where m.tenant_id = :tenant_id and m.sent_at < :sent_before and (m.sent_at, m.id) > (:after_at, :after_id)
  and i.created_at < :stored_before
  and exists (select from clusters.members g where g.tenant_id = :tenant_id and g.item_id = m.id)
  and not exists (select from inbox.deliveries d
                  where d.tenant_id = :tenant_id and d.message_id = m.id and d.state <> 'cancelled'
                    and d.state in ('waiting', 'ready'))
order by m.sent_at, m.id
limit :limit;

-- name: list_archived_messages
-- Messages with everything that brings them back, in order. Uses messages_pkey.
select m.id, m.channel_id, m.external_id, m.sent_at, m.received_at, m.visitor_id, v.external_id as visitor_external_id,
       v.name as visitor_name, v.avatar_url, i.key, i.title, i.body as text, i.author, i.category, i.latitude,
       i.longitude, i.happened_at, i.visibility, i.facets::text as facets, i.metadata::text as payload, t.cluster_id,
       t.similarity, t.reason, t.item_id = m.id as stands
from inbox.messages m
join collections.items i on i.tenant_id = :tenant_id and i.id = m.id
join clusters.members g on g.tenant_id = :tenant_id and g.item_id = m.id
join clusters.texts t on t.tenant_id = :tenant_id and t.collection_id = g.collection_id and t.hash = g.hash
left join inbox.visitors v on v.tenant_id = :tenant_id and v.id = m.visitor_id
where m.tenant_id = :tenant_id and m.id = any(:ids)
order by m.sent_at, m.id
limit :limit;

-- name: list_archived_deliveries
-- The answers to these messages, those taken back as well. Uses deliveries_message and deliveries_cancelled.
select d.id, d.action_id, d.message_id, d.channel_id, d.text, d.state, d.attempts, d.last_status, d.last_error,
       d.created_at, d.ended_at
from inbox.deliveries d
where d.tenant_id = :tenant_id and d.message_id = any(:message_ids)
  and (d.state <> 'cancelled' or d.state = 'cancelled')
order by d.message_id, d.id;

-- name: lock_deliveries_of
-- The answers to these messages, held until the end of the transaction. Uses deliveries_message and deliveries_cancelled.
select id from inbox.deliveries
where tenant_id = :tenant_id and message_id = any(:message_ids) and (state <> 'cancelled' or state = 'cancelled')
order by message_id, id
for update;

-- name: list_left_out
-- The answers that these messages were left out of. Uses exceptions_message.
select message_id, action_id from inbox.exceptions
where tenant_id = :tenant_id and message_id = any(:message_ids)
order by message_id, action_id;

-- name: insert_decisions
-- Places for what is decided about clusters, those there are and new ones, held in the order of their ids until the end of
-- the transaction: nothing is written over, but an update that does not happen locks its row. Uses clusters_pkey.
insert into inbox.clusters as c (tenant_id, cluster_id)
select :tenant_id, n.id from unnest(:cluster_ids::uuid[]) as n (id) order by n.id
on conflict (tenant_id, cluster_id) do update set state = c.state where false;

-- name: lock_decisions
-- What is decided about clusters, held until the end of the transaction. Uses clusters_pkey or clusters_state.
select cluster_id, state, action_id, answers_late from inbox.clusters
where tenant_id = :tenant_id and cluster_id = any(:cluster_ids)
order by cluster_id
for update;

-- name: lock_messages
-- Messages, held until the end of the transaction. Uses messages_pkey.
select id from inbox.messages where tenant_id = :tenant_id and id = any(:ids) order by id for update;

-- name: list_labels
-- What these clusters are called. Uses clusters_pkey and summaries_pkey.
select c.id as cluster_id, coalesce(c.name, s.label, '') as label
from clusters.clusters c
left join clusters.summaries s
  on s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.cluster_id = c.id
where c.tenant_id = :tenant_id and c.collection_id = :collection_id and c.id = any(:cluster_ids);

-- name: insert_archive
-- An archive whose file is written.
insert into inbox.archives (tenant_id, id, file_key, sha256, size_bytes, message_count, first_at, last_at)
values (:tenant_id, :id, :file_key, :sha256, :size_bytes, :message_count, :first_at, :last_at);

-- name: insert_archived_clusters
-- What an archive holds of each cluster; examples come as JSON.
insert into inbox.archived_clusters
    (tenant_id, archive_id, cluster_id, label, examples, message_count, first_at, last_at)
select :tenant_id, :archive_id, n.cluster_id, n.label, array(select json_array_elements_text(n.examples::json)),
       n.message_count, n.first_at, n.last_at
from unnest(:cluster_ids::uuid[], :labels::text[], :examples::text[], :message_counts::bigint[],
            :first_times::timestamptz[], :last_times::timestamptz[])
     as n (cluster_id, label, examples, message_count, first_at, last_at);

-- name: list_archives
-- One page of archives, newest first. Uses archives_pkey.
select id, file_key, sha256, size_bytes, message_count, first_at, last_at, created_at, restored_at
from inbox.archives where tenant_id = :tenant_id and id < :before order by id desc limit :limit;

-- name: find_archive
-- One archive. Uses archives_pkey.
select id, file_key, sha256, size_bytes, message_count, first_at, last_at, created_at, restored_at
from inbox.archives where tenant_id = :tenant_id and id = :id;

-- name: lock_archive
-- One archive, held until the end of the transaction. Uses archives_pkey.
select id, file_key, sha256, size_bytes, message_count, first_at, last_at, created_at, restored_at
from inbox.archives where tenant_id = :tenant_id and id = :id for update;

-- name: list_standing_archives
-- Of these archives, those whose file is still needed. Uses archives_pkey.
select id from inbox.archives
where tenant_id = :tenant_id and id = any(:ids) and restored_at is null
order by id limit :limit;

-- name: mark_archive_restored
-- An archive whose messages are all back. Uses archives_pkey.
update inbox.archives set restored_at = :at where tenant_id = :tenant_id and id = :id and restored_at is null;

-- name: delete_archived_clusters
-- What was told of an archive whose messages are back. Uses archived_clusters_pkey.
delete from inbox.archived_clusters where tenant_id = :tenant_id and archive_id = :archive_id;

-- name: list_archived_clusters
-- One page of what an archive holds. Uses archived_clusters_pkey.
select archive_id, cluster_id, label, examples, message_count, first_at, last_at from inbox.archived_clusters
where tenant_id = :tenant_id and archive_id = :archive_id and cluster_id > :after
order by cluster_id limit :limit;

-- name: search_archived_clusters
-- What archives hold of clusters whose label or examples have these words, or words written alike, the best first.
-- Uses archived_clusters_pkey.
select c.archive_id, c.cluster_id, c.label, c.examples, c.message_count, c.first_at, c.last_at
from inbox.archived_clusters c
cross join lateral (
    select avg(public.word_similarity(n.word, lower(c.label || ' ' || array_to_string(c.examples, ' ')))) as alike
    from unnest(:words::text[]) as n (word)
) s
where c.tenant_id = :tenant_id and s.alike >= :least
order by s.alike desc, c.last_at desc, c.archive_id, c.cluster_id
limit :limit;

-- name: list_tenants_with_old
-- One page of tenants that have messages sent before a moment. Uses messages_sent.
select t.tenant_id as id from platform.tenants t
where t.tenant_id > :after
  and exists (select from inbox.messages m where m.tenant_id = t.tenant_id and m.sent_at < :sent_before)
order by t.tenant_id limit :limit;

-- name: list_present
-- Of archived messages, those that need not come back: they are here, or their place is taken by one that was sent
-- again. Uses messages_pkey and messages_tenant_id_channel_id_external_id_key and items_tenant_id_collection_id_key_key.
select n.id
from unnest(:ids::uuid[], :channel_ids::uuid[], :external_ids::text[], :keys::text[])
     as n (id, channel_id, external_id, key)
where exists (select from inbox.messages m where m.tenant_id = :tenant_id and m.id = n.id)
   or exists (select from inbox.messages m
              where m.tenant_id = :tenant_id and m.channel_id = n.channel_id and m.external_id = n.external_id)
   or exists (select from collections.items i
              where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.key = n.key);

-- name: restore_visitors
-- Visitors of messages that come back; what is known of them by now stays.
-- Uses visitors_tenant_id_channel_id_external_id_key.
insert into inbox.visitors as v (tenant_id, id, channel_id, external_id, name, avatar_url)
select :tenant_id, n.id, n.channel_id, n.external_id, n.name, n.avatar_url
from unnest(:ids::uuid[], :channel_ids::uuid[], :external_ids::text[], :names::text[], :avatar_urls::text[])
     as n (id, channel_id, external_id, name, avatar_url)
order by n.channel_id, n.external_id
on conflict (tenant_id, channel_id, external_id) do update
set name = coalesce(v.name, excluded.name), avatar_url = coalesce(v.avatar_url, excluded.avatar_url)
returning v.id, v.channel_id, v.external_id, (v.avatar_url is not null and v.avatar_at is null) as wants_avatar;

-- name: restore_messages
-- Messages that come back, with the times they had.
insert into inbox.messages (tenant_id, id, channel_id, external_id, visitor_id, sent_at, received_at)
select :tenant_id, n.id, n.channel_id, n.external_id, n.visitor_id, n.sent_at, n.received_at
from unnest(:ids::uuid[], :channel_ids::uuid[], :external_ids::text[], :visitor_ids::uuid[], :sent_times::timestamptz[],
            :received_times::timestamptz[])
     as n (id, channel_id, external_id, visitor_id, sent_at, received_at)
on conflict do nothing
returning id;

-- name: restore_deliveries
-- Answers that come back with their messages.
insert into inbox.deliveries (tenant_id, id, action_id, message_id, channel_id, cluster_id, text, state, attempts,
                              last_status, last_error, created_at, ended_at)
select :tenant_id, n.id, n.action_id, n.message_id, n.channel_id, n.cluster_id, n.text, n.state, n.attempts,
       n.last_status, n.last_error, n.created_at, n.ended_at
from unnest(:ids::uuid[], :action_ids::uuid[], :message_ids::uuid[], :channel_ids::uuid[], :cluster_ids::uuid[],
            :texts::text[], :states::text[], :attempts::int[], :statuses::int[], :errors::text[],
            :created_times::timestamptz[], :ended_times::timestamptz[])
     as n (id, action_id, message_id, channel_id, cluster_id, text, state, attempts, last_status, last_error, created_at,
           ended_at)
on conflict do nothing;

-- name: restore_exceptions
-- Messages that come back are left out of these answers.
insert into inbox.exceptions (tenant_id, action_id, message_id)
select :tenant_id, n.action_id, n.message_id
from unnest(:action_ids::uuid[], :message_ids::uuid[]) as n (action_id, message_id)
join inbox.actions a on a.tenant_id = :tenant_id and a.id = n.action_id
on conflict do nothing;
