-- name: bump_tags
-- Move tags on, in one order for everybody so that writers do not deadlock. Versions start at the clock, so a tag whose
-- row was forgotten never returns to a version it had. Uses cache_tags_pkey.
insert into platform.cache_tags as known (tenant_id, tag, version)
select :tenant_id, bumped.tag, (extract(epoch from statement_timestamp()) * 1000000)::bigint
from unnest(:tags::text[]) as bumped (tag)
order by bumped.tag
on conflict (tenant_id, tag) do update set
    version = greatest(known.version + 1, excluded.version),
    bumped_at = excluded.bumped_at
returning tag, version;

-- name: list_tag_versions
-- The versions of tags; one that was never bumped has no row. Uses cache_tags_pkey.
select tag, version from platform.cache_tags where tenant_id = :tenant_id and tag = any(:tags::text[]);

-- name: delete_idle_tags
-- Forget tags of a tenant that nothing has bumped for longer than any value lives. Uses cache_tags_pkey.
delete from platform.cache_tags
where tenant_id = :tenant_id
  and tag in (
    select tag from platform.cache_tags
    where tenant_id = :tenant_id and bumped_at < :before
    limit :rows_max
  );
