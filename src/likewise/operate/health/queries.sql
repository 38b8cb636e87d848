-- name: count_content
-- How much a tenant has, from the counters kept with it. Uses totals_pkey.
select coalesce(sum(item_count), 0)::bigint as items, coalesce(sum(passage_count), 0)::bigint as passages,
       count(*) as collections
from collections.totals where tenant_id = :tenant_id;

-- name: count_pending
-- Texts of a tenant that wait for their vector, counted up to a bound.
select count(*) as pending from (
    select 1 from embedding.pending where tenant_id = :tenant_id and failed_at is null limit :limit
) as waiting;

-- name: measure_database
-- Bytes of the whole database.
select pg_database_size(current_database()) as bytes;

-- name: count_dead_letters
-- Events of any tenant that a consumer could not digest, counted up to a bound.
select count(*) as letters from (select 1 from platform.dead_letters limit :limit) as dead;
