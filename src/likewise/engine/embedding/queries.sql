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
-- Passages that want a vector, queued in the transaction that stores them.
insert into embedding.pending (tenant_id, space_id, passage_id, item_id, collection_id, priority)
select :tenant_id, :space_id, n.passage_id, n.item_id, :collection_id, :priority
from unnest(:passage_ids::uuid[], :item_ids::uuid[]) as n (passage_id, item_id)
on conflict do nothing;

-- name: insert_pending_of_tenant
-- A bounded part of a tenant's passages that lack a vector in a space, queued for it. Uses passages_pkey.
insert into embedding.pending (tenant_id, space_id, passage_id, item_id, collection_id, priority)
select p.tenant_id, :space_id, p.id, p.item_id, p.collection_id, 1
from collections.passages p
where p.tenant_id = :tenant_id and p.id > :after
order by p.id
limit :limit
on conflict do nothing
returning passage_id;

-- name: find_next_tenant
-- Whose texts are next: urgent ones first, then the tenants in turn. Uses pending_queue.
select n.priority, n.tenant_id
from (
    (select 0 as turn, priority, tenant_id from embedding.pending
     where failed_at is null and space_id = :space_id and leased_until <= now() and priority = 0
     order by tenant_id limit 1)
    union all
    (select 1, priority, tenant_id from embedding.pending
     where failed_at is null and space_id = :space_id and leased_until <= now() and priority = 1
       and tenant_id > :last_tenant
     order by tenant_id limit 1)
    union all
    (select 2, priority, tenant_id from embedding.pending
     where failed_at is null and space_id = :space_id and leased_until <= now() and priority = 1
     order by tenant_id limit 1)
) n
order by n.turn
limit 1;

-- name: lease
-- Take the oldest pending passages of a tenant for a while, found once and then looked up by key. Uses pending_queue.
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
returning passage_id, item_id, collection_id, attempts;

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

-- name: estimate_cache_rows
-- About how many vectors are cached, from the planner's statistics.
select greatest(reltuples, 0)::bigint as row_count from pg_class where oid = 'embedding.cache'::regclass;

-- name: count_pending
-- How many passages of a collection wait, counted up to a bound. Uses pending_collection.
select count(*) as waiting from (
    select 1 from embedding.pending
    where tenant_id = :tenant_id and collection_id = :collection_id and failed_at is null
    limit :limit
) n;

-- name: count_queue
-- How many passages wait and how many failed, over all tenants, counted up to a bound.
select count(*) filter (where failed_at is null) as waiting, count(*) filter (where failed_at is not null) as failed,
       extract(epoch from now() - min(created_at) filter (where failed_at is null))::float8 as oldest_s
from (select failed_at, created_at from embedding.pending limit :limit) n;

-- name: list_states
-- Items with passages that wait or failed. Uses pending_item.
select item_id, bool_or(failed_at is not null) as failed
from embedding.pending
where tenant_id = :tenant_id and item_id = any(:item_ids)
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

-- name: delete_other_vectors
-- A bounded part of a tenant's vectors that the active model did not make. Uses vectors_pkey.
delete from embedding.vectors
where tenant_id = :tenant_id and space_id <> :space_id and (space_id, collection_id, passage_id) in (
    select space_id, collection_id, passage_id from embedding.vectors
    where tenant_id = :tenant_id and space_id <> :space_id
    limit :limit
);

-- name: delete_other_pending
-- Queue entries for models that are not used any more.
delete from embedding.pending where tenant_id = :tenant_id and space_id <> :space_id;
