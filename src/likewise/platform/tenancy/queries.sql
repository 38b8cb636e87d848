-- name: insert_tenant
-- A new tenant, unless its name is taken.
insert into platform.tenants (tenant_id, name) values (:tenant_id, :name)
on conflict do nothing;

-- name: find_tenant_by_name
-- The tenant with this name. Uses tenants_name_key.
select tenant_id, name, created_at from platform.tenants where name = :name limit 1;

-- name: list_tenants
-- One page of tenants in the order they were made. Uses tenants_pkey.
select tenant_id, name, created_at from platform.tenants where tenant_id > :after
order by tenant_id limit :limit;

-- name: delete_tenant_row
-- The tenant itself, after everything it had.
delete from platform.tenants where tenant_id = :tenant_id;

-- name: insert_key
-- A new key's hash.
insert into platform.api_keys (tenant_id, id, name, hash, hint, scopes)
values (:tenant_id, :id, :name, :hash, :hint, :scopes);

-- name: list_keys
-- A tenant's keys, newest first. Uses api_keys_pkey.
select id, name, hint, scopes, created_at, used_at from platform.api_keys
where tenant_id = :tenant_id order by id desc limit :limit;

-- name: delete_key
-- Revoke a key at once.
delete from platform.api_keys where tenant_id = :tenant_id and id = :id;

-- name: find_key_by_hash
-- Who a presented key speaks for. Uses api_keys_hash_key.
select tenant_id, id, scopes, hash, coalesce(used_at < now() - interval '10 minutes', true) as stale
from platform.api_keys where hash = :hash limit 1;

-- name: mark_key_used
-- Remember, to ten minutes, when a key was used.
update platform.api_keys set used_at = :at where tenant_id = :tenant_id and id = :id;

-- name: has_keys
-- Whether any key exists at all.
select exists (select 1 from platform.api_keys limit 1) as found;
