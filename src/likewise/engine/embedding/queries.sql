-- name: list_spaces
-- Every space there is; they are few.
select space_id, model, version, dimension, active from embedding.spaces order by space_id limit 1000;

-- name: insert_space
-- A space for a model that has none yet.
insert into embedding.spaces (space_id, model, version, dimension, active)
select coalesce(max(space_id), 0) + 1, :model, :version, :dimension, count(*) filter (where active) = 0
from embedding.spaces
on conflict do nothing;

-- name: activate_space
-- From now on this is the space that is searched.
update embedding.spaces set active = (space_id = :space_id) where active <> (space_id = :space_id);

-- name: insert_pending
-- Passages that want a vector in each space their tenant writes, queued in the transaction that stores them.
insert into embedding.pending (tenant_id, space_id, passage_id, item_id, collection_id, priority)
select :tenant_id, s.space_id, n.passage_id, n.item_id, :collection_id, :priority
from unnest(:passage_ids::uuid[], :item_ids::uuid[]) as n (passage_id, item_id)
cross join (
    select coalesce((select space_id from embedding.tenant_spaces where tenant_id = :tenant_id),
                    (select space_id from embedding.spaces where active)) as space_id
    union
    select other_space_id from embedding.tenant_spaces where tenant_id = :tenant_id and other_space_id is not null and not dropping
) s
on conflict do nothing;

-- name: pin_tenants
-- Who never chose is held where it is, before another space becomes the active one.
insert into embedding.tenant_spaces (tenant_id, space_id)
select t.tenant_id, s.space_id from platform.tenants t cross join embedding.spaces s where s.active
on conflict do nothing;

-- name: find_tenant_spaces
-- Which space serves a tenant and which other one is written; no row where the active one serves. Uses tenant_spaces_pkey.
select space_id, other_space_id, filled_at, cut_over_at, dropping from embedding.tenant_spaces
where tenant_id = :tenant_id limit 1;

-- name: lock_tenant_spaces
-- The same, kept from changing until this transaction ends. Uses tenant_spaces_pkey.
select space_id, other_space_id, filled_at, cut_over_at, dropping from embedding.tenant_spaces
where tenant_id = :tenant_id limit 1 for update;

-- name: upsert_other_space
-- From now on a tenant's passages are embedded for this other space too; none where there is another already.
insert into embedding.tenant_spaces as t (tenant_id, space_id, other_space_id)
values (:tenant_id, (select space_id from embedding.spaces where active), :space_id)
on conflict (tenant_id) do update
set other_space_id = excluded.other_space_id, filled_at = null, cut_over_at = null, changed_at = excluded.changed_at
where t.other_space_id is null;

-- name: mark_filled
-- The other space holds every passage that is not still queued for it. Uses tenant_spaces_pkey.
update embedding.tenant_spaces set filled_at = :at where tenant_id = :tenant_id and other_space_id = :space_id;

-- name: swap_spaces
-- The other space serves from now on, and the one that served is the other. Uses tenant_spaces_pkey.
update embedding.tenant_spaces
set space_id = other_space_id, other_space_id = space_id, cut_over_at = :at, changed_at = :at
where tenant_id = :tenant_id and other_space_id = :space_id and filled_at is not null and not dropping;

-- name: mark_dropping
-- The other space is not written any more, and will be gone. Uses tenant_spaces_pkey.
update embedding.tenant_spaces set dropping = true, changed_at = :at
where tenant_id = :tenant_id and other_space_id = :space_id;

-- name: release_other_space
-- The other space is gone: another may be begun. Uses tenant_spaces_pkey.
update embedding.tenant_spaces
set other_space_id = null, filled_at = null, cut_over_at = null, dropping = false, changed_at = :at
where tenant_id = :tenant_id and other_space_id = :space_id and dropping;

-- name: is_space_used
-- Whether a space serves anybody, or is written for anybody, or would serve those who never chose.
select exists (select from embedding.spaces where space_id = :space_id and active)
    or exists (select from embedding.tenant_spaces where space_id = :space_id limit 1)
    or exists (select from embedding.tenant_spaces where other_space_id = :space_id limit 1) as used;

-- name: read_fence
-- The first transaction number that is not given out yet: what began before it had one can have seen older rows.
select pg_snapshot_xmax(pg_current_snapshot())::text as fence;

-- name: is_fence_passed
-- Whether every transaction that wrote anything before the fence was read has ended.
select pg_snapshot_xmin(pg_current_snapshot()) >= :fence::text::xid8 as passed;

-- name: queue_passages
-- A bounded part of a tenant's passages, those without a vector in a space queued for it. Uses passages_pkey.
with part as materialized (
    select p.id, p.item_id, p.collection_id from collections.passages p
    where p.tenant_id = :tenant_id and p.id > :after
    order by p.id
    limit :limit
), queued as (
    insert into embedding.pending (tenant_id, space_id, passage_id, item_id, collection_id, priority)
    select :tenant_id, :space_id, part.id, part.item_id, part.collection_id, 1
    from part
    where not exists (
        select from embedding.vectors v
        where v.tenant_id = :tenant_id and v.space_id = :space_id
          and v.collection_id = part.collection_id and v.passage_id = part.id
    )
    on conflict do nothing
    returning passage_id
)
select (select count(*) from part) as seen, (select count(*) from queued) as queued,
       (select id from part order by id desc limit 1) as last;

-- name: delete_orphan_vectors
-- Vectors, in a bounded part of a space, whose passage was removed while they were made.
with part as materialized (
    select v.collection_id, v.passage_id from embedding.vectors v
    where v.tenant_id = :tenant_id and v.space_id = :space_id
      and (v.collection_id, v.passage_id) > (:after_collection, :after_passage)
    order by v.collection_id, v.passage_id
    limit :limit
), gone as (
    delete from embedding.vectors v
    using part
    where v.tenant_id = :tenant_id and v.space_id = :space_id
      and v.collection_id = part.collection_id and v.passage_id = part.passage_id
      and not exists (
          select from collections.passages p where p.tenant_id = :tenant_id and p.id = part.passage_id
      )
    returning v.passage_id
)
select (select count(*) from part) as seen, (select count(*) from gone) as deleted,
       (select collection_id from part order by collection_id desc, passage_id desc limit 1) as last_collection,
       (select passage_id from part order by collection_id desc, passage_id desc limit 1) as last_passage;

-- name: count_passages_of_tenant
-- How many passages a tenant has, by the counters that collections keep. Uses totals_pkey.
select coalesce(sum(passage_count), 0)::bigint as passages from (
    select passage_count from collections.totals where tenant_id = :tenant_id limit :limit
) n;

-- name: count_space
-- What of a tenant waits for a space and what failed, counted up to a bound.
select count(*) filter (where failed_at is null) as waiting, count(*) filter (where failed_at is not null) as failed
from (select failed_at from embedding.pending where tenant_id = :tenant_id and space_id = :space_id limit :limit) n;

-- name: delete_pending_of_space
-- A bounded part of what waits for a space that is dropped. Uses pending_pkey.
delete from embedding.pending
where tenant_id = :tenant_id and space_id = :space_id and passage_id in (
    select passage_id from embedding.pending
    where tenant_id = :tenant_id and space_id = :space_id
    limit :limit
);

-- name: delete_vectors_of_space
-- A bounded part of a tenant's vectors in a space that is dropped. Uses vectors_pkey.
delete from embedding.vectors
where tenant_id = :tenant_id and space_id = :space_id and (collection_id, passage_id) in (
    select collection_id, passage_id from embedding.vectors
    where tenant_id = :tenant_id and space_id = :space_id
    limit :limit
);

-- name: delete_cached_of_space
-- A bounded part of the cached vectors of a space that nobody uses. Uses cache_pkey.
delete from embedding.cache
where space_id = :space_id and hash in (select hash from embedding.cache where space_id = :space_id limit :limit);

-- name: list_sample_passages
-- Passages of a collection that have a vector in a space, from an id on. Uses vectors_pkey.
select passage_id as id, item_id, embedding as vector from embedding.vectors
where tenant_id = :tenant_id and space_id = :space_id and collection_id = :collection_id and passage_id > :after
order by passage_id
limit :limit;

-- name: nearest_items
-- The nearest passages to a vector among the first `candidates` of a collection in a space: each is compared.
select n.passage_id as id, n.item_id
from (
    select v.passage_id, v.item_id, v.embedding
    from embedding.vectors v
    where v.tenant_id = :tenant_id and v.space_id = :space_id and v.collection_id = :collection_id
    order by v.passage_id
    limit :candidates
) n
order by n.embedding <=> :vector, n.passage_id
limit :limit;

-- name: list_vectors_of_passages
-- The vectors of these passages in a space. Uses vectors_pkey.
select passage_id as id, item_id, embedding as vector from embedding.vectors
where tenant_id = :tenant_id and space_id = :space_id and collection_id = :collection_id
  and passage_id = any(:passage_ids)
limit :limit;

-- name: find_next_tenant
-- Whose texts are next: urgent ones first, then the tenants in turn. Uses pending_queue.
select n.priority, n.tenant_id, n.space_id
from (
    (select 0 as turn, priority, tenant_id, space_id from embedding.pending
     where failed_at is null and leased_until <= now() and priority = 0
       and space_id = any(:spaces) and tenant_id <> all(:held)
     order by tenant_id, space_id limit 1)
    union all
    (select 1, priority, tenant_id, space_id from embedding.pending
     where failed_at is null and leased_until <= now() and priority = 1
       and space_id = any(:spaces) and tenant_id <> all(:held)
       and (tenant_id, space_id) > (:last_tenant, :last_space)
     order by tenant_id, space_id limit 1)
    union all
    (select 2, priority, tenant_id, space_id from embedding.pending
     where failed_at is null and leased_until <= now() and priority = 1
       and space_id = any(:spaces) and tenant_id <> all(:held)
     order by tenant_id, space_id limit 1)
) n
order by n.turn
limit 1;

-- name: lease
-- Take the oldest pending passages of a tenant for a while, found once and then looked up by key; in their order, which
-- whoever hears of them is told them in. Uses pending_queue.
with leased as (
    update embedding.pending
    set lease = :lease, leased_until = now() + make_interval(secs => :lease_s), attempts = attempts + 1
    where tenant_id = :tenant_id and space_id = :space_id and passage_id = any(array(
        select passage_id from embedding.pending
        where failed_at is null and priority = :priority and tenant_id = :tenant_id and space_id = :space_id
          and leased_until <= now()
        order by passage_id
        limit :limit
        for update skip locked
    ))
    returning passage_id, item_id, collection_id, attempts
)
select passage_id, item_id, collection_id, attempts from leased order by passage_id;

-- name: renew_lease
-- A sign of life: passages still ours stay so. Uses pending_pkey.
update embedding.pending set leased_until = now() + make_interval(secs => :lease_s)
where tenant_id = :tenant_id and space_id = :space_id and passage_id = any(:passage_ids) and lease = :lease;

-- name: take_leased
-- Passages still ours, out of the queue; the others were deleted or taken over. Uses pending_pkey.
delete from embedding.pending
where tenant_id = :tenant_id and space_id = :space_id and passage_id = any(:passage_ids) and lease = :lease
returning passage_id;

-- name: insert_vectors
-- Vectors of passages.
insert into embedding.vectors (tenant_id, space_id, passage_id, item_id, collection_id, embedding)
select :tenant_id, :space_id, n.passage_id, n.item_id, n.collection_id, n.embedding
from unnest(:passage_ids::uuid[], :item_ids::uuid[], :collection_ids::uuid[], :embeddings::halfvec[])
     as n (passage_id, item_id, collection_id, embedding)
on conflict (tenant_id, space_id, collection_id, passage_id) do update set embedding = excluded.embedding;

-- name: return_leased
-- Give passages back to be tried again later. Uses pending_pkey.
update embedding.pending
set lease = null, leased_until = now() + make_interval(secs => :pause_s), reason = :reason,
    attempts = attempts - :forgiven
where tenant_id = :tenant_id and space_id = :space_id and passage_id = any(:passage_ids) and lease = :lease;

-- name: mark_failed
-- A passage that cannot be embedded, and why. Uses pending_pkey.
update embedding.pending
set lease = null, failed_at = now(), reason = :reason
where tenant_id = :tenant_id and space_id = :space_id and passage_id = :passage_id and lease = :lease;

-- name: retry_failed
-- Queue a bounded part of a tenant's failed passages again.
update embedding.pending
set failed_at = null, attempts = 0, leased_until = '-infinity', reason = null
where tenant_id = :tenant_id and failed_at is not null and (space_id, passage_id) in (
    select space_id, passage_id from embedding.pending
    where tenant_id = :tenant_id and failed_at is not null
    limit :limit
);

-- name: list_cached
-- Cached vectors of these texts. Uses cache_pkey.
select hash, embedding as vector, used_at < now() - interval '1 day' as stale
from embedding.cache where space_id = :space_id and hash = any(:hashes)
limit :limit;

-- name: insert_cached
-- Keep vectors by their text's hash.
insert into embedding.cache (space_id, hash, embedding)
select :space_id, n.hash, n.embedding from unnest(:hashes::bytea[], :embeddings::halfvec[]) as n (hash, embedding)
on conflict do nothing;

-- name: mark_cached_used
-- Remember, to a day, when cached vectors were used.
update embedding.cache set used_at = :at where space_id = :space_id and hash = any(:hashes);

-- name: delete_cached
-- Forget the vectors of these texts, in every space.
delete from embedding.cache
where space_id in (select space_id from embedding.spaces) and hash = any(:hashes);

-- name: trim_cache_by_age
-- A bounded part of the cached vectors nobody has used for long. Uses cache_age.
delete from embedding.cache
where (space_id, hash) in (
    select space_id, hash from embedding.cache where used_at < :before order by used_at limit :limit
);

-- name: trim_cache_by_count
-- A bounded part of the least recently used cached vectors. Uses cache_age.
delete from embedding.cache
where (space_id, hash) in (select space_id, hash from embedding.cache order by used_at limit :limit);

-- name: count_cached
-- How many vectors are cached, counted up to a bound: the planner's estimate may be an hour old, and too many would go.
select count(*) as row_count from (select 1 from embedding.cache limit :limit) n;

-- name: count_pending
-- How many passages of a collection wait for the space that serves, counted up to a bound. Uses pending_collection.
select count(*) as waiting from (
    select 1 from embedding.pending
    where tenant_id = :tenant_id and collection_id = :collection_id and failed_at is null
      and space_id = coalesce((select space_id from embedding.tenant_spaces where tenant_id = :tenant_id),
                             (select space_id from embedding.spaces where active))
    limit :limit
) n;

-- name: count_queue
-- How many passages wait and how many failed, over all tenants, counted up to a bound.
select count(*) filter (where failed_at is null) as waiting, count(*) filter (where failed_at is not null) as failed,
       extract(epoch from now() - min(created_at) filter (where failed_at is null))::float8 as oldest_s
from (select failed_at, created_at from embedding.pending limit :limit) n;

-- name: list_states
-- Items with passages that wait for the space that serves, or failed. Uses pending_item.
select item_id, bool_or(failed_at is not null) as failed
from embedding.pending
where tenant_id = :tenant_id and item_id = any(:item_ids)
  and space_id = coalesce((select space_id from embedding.tenant_spaces where tenant_id = :tenant_id),
                             (select space_id from embedding.spaces where active))
group by item_id;

-- name: delete_pending
-- Passages that are gone need no vector. Uses pending_item.
delete from embedding.pending where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: delete_vectors
-- The vectors of items that are gone. Uses vectors_item.
delete from embedding.vectors where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: list_vectors
-- The vectors of these items in a space. Uses vectors_item.
select passage_id, item_id, collection_id, embedding as vector
from embedding.vectors
where tenant_id = :tenant_id and space_id = :space_id and item_id = any(:item_ids)
limit :limit;

-- name: insert_forgotten
-- Cached vectors that have to go, written in the transaction that removes their texts.
insert into embedding.forgotten (tenant_id, space_id, hash)
select :tenant_id, n.space_id, n.hash from unnest(:space_ids::smallint[], :hashes::bytea[]) as n (space_id, hash)
on conflict (tenant_id, space_id, hash) do update set forgotten_at = excluded.forgotten_at;

-- name: sweep_forgotten
-- A bounded part of the cached vectors that had to go some time ago: they go (again), and so does the note.
with due as materialized (
    select tenant_id, space_id, hash from embedding.forgotten
    where forgotten_at < :before
    order by forgotten_at
    limit :limit
    for update skip locked
), gone as (
    delete from embedding.cache c using due where c.space_id = due.space_id and c.hash = due.hash
)
delete from embedding.forgotten f using due
where f.tenant_id = due.tenant_id and f.space_id = due.space_id and f.hash = due.hash;

-- name: reserve_spend
-- Money for a call, taken from a period's cap if that leaves enough; no row where it does not. Uses spends_pkey.
insert into embedding.spends as s (tenant_id, period, starts_at, spent_nano_usd)
select :tenant_id, :period, :starts_at, :nano_usd
where :nano_usd::bigint <= :cap_nano_usd::bigint
on conflict (tenant_id, period, starts_at) do update
set spent_nano_usd = s.spent_nano_usd + excluded.spent_nano_usd
where s.spent_nano_usd + excluded.spent_nano_usd <= :cap_nano_usd::bigint
returning spent_nano_usd;

-- name: release_spend
-- Money that was reserved and not spent. Uses spends_pkey.
update embedding.spends set spent_nano_usd = greatest(0, spent_nano_usd - :nano_usd::bigint)
where tenant_id = :tenant_id and period = :period and starts_at = :starts_at;

-- name: list_spends
-- What was spent in the periods that begin then. Uses spends_pkey.
select period, starts_at, spent_nano_usd from embedding.spends
where tenant_id = :tenant_id and starts_at = any(:starts_at)
limit :limit;

-- name: add_usage
-- What was embedded and saved in a day, added up. Uses usage_pkey.
insert into embedding.usage as u (
    tenant_id, starts_at, space_id, texts, cached_texts, calls, saved_calls, tokens, saved_tokens, model_ms
)
values (:tenant_id, :starts_at, :space_id, :texts, :cached_texts, :calls, :saved_calls, :tokens, :saved_tokens, :model_ms)
on conflict (tenant_id, starts_at, space_id) do update
set texts = u.texts + excluded.texts, cached_texts = u.cached_texts + excluded.cached_texts,
    calls = u.calls + excluded.calls, saved_calls = u.saved_calls + excluded.saved_calls,
    tokens = u.tokens + excluded.tokens, saved_tokens = u.saved_tokens + excluded.saved_tokens,
    model_ms = u.model_ms + excluded.model_ms;

-- name: list_usage
-- A tenant's days, newest first. Uses usage_pkey.
select starts_at, space_id, texts, cached_texts, calls, saved_calls, tokens, saved_tokens, model_ms
from embedding.usage
where tenant_id = :tenant_id and starts_at >= :since
order by starts_at desc, space_id
limit :limit;

-- name: list_passage_ids
-- A tenant's passages, from an id on. Uses passages_pkey.
select id from collections.passages where tenant_id = :tenant_id and id > :after order by id limit :limit;
