-- name: insert_events
-- Facts of one tenant, in the order given, in the transaction of the truth.
with added as (
    insert into platform.events (lane, tenant_id, type, payload, audience)
    select :lane::smallint, :tenant_id::uuid, fact.type, fact.payload::jsonb, :audience::text
    from unnest(:types::text[], :payloads::text[]) with ordinality as fact (type, payload, place)
    order by fact.place
    returning xid, id
)
select xid::text::bigint as xid, max(id) as event_id from added group by xid;

-- name: insert_cursors
-- Every consumer stands in every lane; new ones at its beginning.
insert into platform.event_cursors (consumer, lane)
select consumer, lane from unnest(:consumers::text[]) as consumer, generate_series(0, :lanes::int - 1) as lane
on conflict (consumer, lane) do nothing;

-- name: list_waiting_lanes
-- Which consumers have something to read, in which lanes. Uses events_lane.
select c.consumer, c.lane
from platform.event_cursors c
cross join lateral (
    select 1 from platform.events e
    where e.lane = c.lane and (e.xid, e.id) > (c.xid, c.event_id)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.id limit 1
) as waiting
where c.consumer = any(:consumers) limit :limit;

-- name: count_unread_lanes
-- In how many lanes consumers have something that is committed, readable already or not. Uses events_lane.
select count(*)
from platform.event_cursors c
cross join lateral (
    select 1 from platform.events e
    where e.lane = c.lane and (e.xid, e.id) > (c.xid, c.event_id)
    limit 1
) as unread
where c.consumer = any(:consumers);

-- name: lock_lane
-- Whether this transaction may read the lane. An advisory lock takes no transaction id, so holding it does not hold
-- back the horizon that every consumer reads up to; a row lock would.
select pg_try_advisory_xact_lock(:space::int, :lock::int);

-- name: get_cursor
-- How far the lane is read, and the first transaction that may still be running.
select xid::text::bigint as xid, event_id, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon
from platform.event_cursors where consumer = :consumer and lane = :lane;

-- name: list_lane_events
-- The next events for a consumer in a lane, below the horizon. Uses events_lane.
select xid::text::bigint as xid, id, tenant_id, type, payload::text as payload
from platform.events
where lane = :lane and (xid, id) > (:xid::bigint::text::xid8, :event_id::bigint) and xid < :horizon::bigint::text::xid8
  and type = any(:types) and (audience is null or audience = :consumer)
order by platform.events.xid, id limit :limit;

-- name: mark_cursor
-- Move a lane's cursor, unless somebody else has moved it.
update platform.event_cursors
set xid = :xid::bigint::text::xid8, event_id = :event_id, updated_at = now()
where consumer = :consumer and lane = :lane
  and xid = :old_xid::bigint::text::xid8 and event_id = :old_event_id;

-- name: insert_position
-- A tenant's first position with a consumer.
insert into platform.event_positions (tenant_id, consumer, xid, event_id)
values (:tenant_id, :consumer, '0', 0) on conflict (tenant_id, consumer) do nothing;

-- name: lock_position
-- The last event of the tenant whose effects are committed; held until the transaction ends. Uses event_positions_pkey.
select xid::text::bigint as xid, event_id from platform.event_positions
where tenant_id = :tenant_id and consumer = :consumer for update;

-- name: mark_position
-- Move the position together with the effects, unless somebody else has moved it. Uses event_positions_pkey.
update platform.event_positions set xid = :xid::bigint::text::xid8, event_id = :event_id
where tenant_id = :tenant_id and consumer = :consumer
  and xid = :old_xid::bigint::text::xid8 and event_id = :old_event_id;

-- name: get_progress
-- How far a consumer has read a tenant's events: its own position, and its lane's cursor. Uses event_cursors_pkey.
select c.xid::text::bigint as cursor_xid, c.event_id as cursor_event_id,
       coalesce(p.xid, '0')::text::bigint as position_xid, coalesce(p.event_id, 0) as position_event_id
from platform.event_cursors c
left join platform.event_positions p on p.tenant_id = :tenant_id and p.consumer = c.consumer
where c.consumer = :consumer and c.lane = :lane;

-- name: find_last_event
-- A tenant's latest event. Uses events_tenant.
select xid::text::bigint as xid, id as event_id from platform.events
where tenant_id = :tenant_id order by platform.events.xid desc, id desc limit 1;

-- name: list_lags
-- Events each consumer has not read yet, up to a bound per lane, and the age of the oldest. Uses events_lane.
select c.consumer, coalesce(sum(ahead.behind), 0)::bigint as behind,
       coalesce(extract(epoch from clock_timestamp() - min(ahead.oldest)), 0)::float8 as age_s
from platform.event_cursors c
left join lateral (
    select count(*) as behind, min(unread.created_at) as oldest
    from (
        select e.created_at from platform.events e
        where e.lane = c.lane and (e.xid, e.id) > (c.xid, c.event_id)
        order by e.xid, e.id limit :behind_max
    ) as unread
) as ahead on true
where c.consumer <> :trimmer
group by c.consumer order by c.consumer limit :limit;

-- name: insert_dead_letter
-- Put an undigested event aside, with the reason.
insert into platform.dead_letters (tenant_id, id, consumer, event_id, type, payload, reason, attempts)
values (:tenant_id, :id, :consumer, :event_id, :type, :payload::jsonb, :reason, :attempts);

-- name: list_dead_letters
-- One page of a tenant's dead letters, oldest first. Uses dead_letters_pkey.
select id, consumer, event_id, type, reason, attempts, created_at from platform.dead_letters
where tenant_id = :tenant_id and id > :after order by id limit :limit;

-- name: take_dead_letters
-- Remove dead letters and return what is needed to publish them again. Uses dead_letters_pkey.
delete from platform.dead_letters where tenant_id = :tenant_id and id = any(:ids)
returning id, consumer, type, payload::text as payload;

-- name: delete_read_events
-- Old events of a lane that every consumer has read, oldest first, and a cursor that says how far the lane is trimmed;
-- how many there were. Uses events_lane.
with gone as (
    delete from platform.events where id in (
        select e.id from platform.events e
        cross join (
            select c.xid, c.event_id from platform.event_cursors c
            where c.consumer = any(:consumers) and c.lane = :lane order by c.xid, c.event_id limit 1
        ) as floor
        where e.lane = :lane and (e.xid, e.id) <= (floor.xid, floor.event_id)
          and e.created_at < now() - make_interval(days => :retention_days::int)
        order by e.xid, e.id limit :limit
    ) returning xid, id
), trimmed as (
    insert into platform.event_cursors as c (consumer, lane, xid, event_id)
    select :trimmer::text, :lane::smallint, gone.xid, gone.id from gone order by gone.xid desc, gone.id desc limit 1
    on conflict (consumer, lane) do update
    set xid = excluded.xid, event_id = excluded.event_id, updated_at = excluded.updated_at
    where (c.xid, c.event_id) < (excluded.xid, excluded.event_id)
)
select count(*) from gone;

-- name: list_lane_bounds
-- What followings need to know of lanes: how far each is trimmed, its last event that can be read, and the first
-- transaction that may still be running. Uses events_lane.
with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid)
select followed.lane, horizon.xid::text::bigint as horizon,
       coalesce(cut.xid, '0')::text::bigint as trimmed_xid, coalesce(cut.event_id, 0) as trimmed_event_id,
       coalesce(latest.xid, '0')::text::bigint as last_xid, coalesce(latest.id, 0) as last_event_id
from unnest(:lanes::smallint[]) as followed (lane)
cross join horizon
left join platform.event_cursors cut on cut.consumer = :trimmer and cut.lane = followed.lane
left join lateral (
    select e.xid, e.id from platform.events e
    where e.lane = followed.lane and e.xid < horizon.xid
    order by e.xid desc, e.id desc limit 1
) as latest on true;

-- name: list_new_events
-- What lies behind a place in each of some lanes: the events of these tenants and types, and the last one looked at,
-- whosever it is. A payload is given where it can be read and is wanted; each lane has a row at least. Uses events_lane.
with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid)
select place.number as place, horizon.xid::text::bigint as horizon,
       coalesce((cut.xid, cut.event_id) > (place.xid::text::xid8, place.event_id), false) as is_trimmed,
       looked.row, looked.xid::text::bigint as xid, looked.id, looked.tenant_id, looked.type,
       case when looked.is_wanted and looked.xid < horizon.xid then looked.payload::text end as payload
from unnest(:lanes::smallint[], :xids::bigint[], :event_ids::bigint[])
     with ordinality as place (lane, xid, event_id, number)
cross join horizon
left join platform.event_cursors cut on cut.consumer = :trimmer and cut.lane = place.lane
left join lateral (
    select page.*, row_number() over behind as row, lead(page.id) over behind is null as is_last,
           page.audience is null and page.type = any(:types)
           and page.tenant_id in (select unnest(:tenants::uuid[])) as is_wanted
    from (
        select e.xid, e.id, e.tenant_id, e.type, e.payload, e.audience from platform.events e
        where e.lane = place.lane and (e.xid, e.id) > (place.xid::text::xid8, place.event_id)
        order by e.xid, e.id limit :limit
    ) as page
    window behind as (order by page.xid, page.id)
) as looked on looked.is_wanted or looked.is_last
order by place.number, looked.row;

-- name: list_missed_events
-- What lies behind each of some places among its tenant's events: those of these types, and the last one looked at,
-- as list_new_events gives them. Uses events_tenant.
with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid)
select place.number as place, horizon.xid::text::bigint as horizon,
       coalesce((cut.xid, cut.event_id) > (place.xid::text::xid8, place.event_id), false) as is_trimmed,
       looked.row, looked.xid::text::bigint as xid, looked.id, looked.tenant_id, looked.type,
       case when looked.is_wanted and looked.xid < horizon.xid then looked.payload::text end as payload
from unnest(:tenants::uuid[], :lanes::smallint[], :xids::bigint[], :event_ids::bigint[])
     with ordinality as place (tenant_id, lane, xid, event_id, number)
cross join horizon
left join platform.event_cursors cut on cut.consumer = :trimmer and cut.lane = place.lane
left join lateral (
    select page.*, row_number() over behind as row, lead(page.id) over behind is null as is_last,
           page.audience is null and page.type = any(:types) as is_wanted
    from (
        select e.xid, e.id, e.tenant_id, e.type, e.payload, e.audience from platform.events e
        where e.tenant_id = place.tenant_id and (e.xid, e.id) > (place.xid::text::xid8, place.event_id)
        order by e.xid, e.id limit :limit
    ) as page
    window behind as (order by page.xid, page.id)
) as looked on looked.is_wanted or looked.is_last
order by place.number, looked.row;

-- name: has_foreign_marks
-- Whether the log holds transactions this server has not reached: it was restored from another server's backup.
select exists (
    select 1 from platform.events where xid >= pg_snapshot_xmax(pg_current_snapshot()) limit 1
) or exists (
    select 1 from platform.event_cursors where xid > pg_snapshot_xmax(pg_current_snapshot()) limit 1
);

-- name: rebase_cursors
-- Turn cursors into the number of events at or before them.
with line as (
    select xid, id, 0 as is_mark from platform.events
    union all
    select distinct xid, event_id, 1 from platform.event_cursors
), ranked as (
    select xid, id, is_mark,
           count(*) filter (where is_mark = 0) over (order by xid, id, is_mark rows unbounded preceding) as place
    from line
)
update platform.event_cursors c set xid = '1', event_id = ranked.place
from ranked where ranked.is_mark = 1 and ranked.xid = c.xid and ranked.id = c.event_id;

-- name: rebase_positions
-- Turn every tenant's positions into the number of events at or before them, as the cursors were.
with line as (
    select xid, id, 0 as is_mark from platform.events
    union all
    select distinct xid, event_id, 1 from platform.event_positions
), ranked as (
    select xid, id, is_mark,
           count(*) filter (where is_mark = 0) over (order by xid, id, is_mark rows unbounded preceding) as place
    from line
)
update platform.event_positions p set xid = '1', event_id = ranked.place
from ranked where ranked.is_mark = 1 and ranked.xid = p.xid and ranked.id = p.event_id;

-- name: renumber_events
-- Number the events by their order, below zero, so that no number is taken twice on the way.
with ranked as (select id, row_number() over (order by xid, id) as place from platform.events)
update platform.events e set id = -ranked.place from ranked where ranked.id = e.id;

-- name: rebase_events
-- The events by their new numbers, all of one transaction that every server has behind it.
update platform.events set id = -id, xid = '1' where id < 0;

-- name: lock_log
-- Nobody publishes or reads while the log is renumbered.
lock table platform.events, platform.event_cursors, platform.event_positions in exclusive mode;
