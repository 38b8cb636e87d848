-- name: claim_key
-- Take a key that is new, that is older than it is kept, or whose owner went away before it changed anything.
-- Uses idempotency_keys_pkey.
insert into platform.idempotency_keys as known (tenant_id, key, fingerprint, owner, locked_until)
values (:tenant_id, :key, :fingerprint, :owner, now() + make_interval(secs => :lock_s::float8))
on conflict (tenant_id, key) do update
set fingerprint = excluded.fingerprint, owner = excluded.owner, locked_until = excluded.locked_until,
    status = null, media_type = null, location = null, body = null, effect_at = null, created_at = now()
where known.created_at < now() - make_interval(hours => :kept_h::int)
   or (known.status is null and known.effect_at is null and known.locked_until < now()
       and known.fingerprint = excluded.fingerprint);

-- name: find_key
-- What is known of a key that could not be claimed. Uses idempotency_keys_pkey.
select fingerprint, status, media_type, location, body, effect_at, locked_until > now() as is_locked
from platform.idempotency_keys where tenant_id = :tenant_id and key = :key;

-- name: has_written
-- Whether this transaction has changed anything so far.
select pg_current_xact_id_if_assigned() is not null as written;

-- name: mark_effect
-- The fence and the mark, in the effect's own transaction. Uses idempotency_keys_pkey.
update platform.idempotency_keys set effect_at = coalesce(effect_at, now())
where tenant_id = :tenant_id and key = :key and owner = :owner and status is null;

-- name: store_answer
-- Keep the answer for whoever repeats the request. Uses idempotency_keys_pkey.
update platform.idempotency_keys
set status = :status, media_type = :media_type, location = :location, body = :body
where tenant_id = :tenant_id and key = :key and owner = :owner;

-- name: release_key
-- Nothing was changed: the key may be used again, for anything. Uses idempotency_keys_pkey.
delete from platform.idempotency_keys
where tenant_id = :tenant_id and key = :key and owner = :owner and effect_at is null and status is null;

-- name: unlock_key
-- Something was changed and there is no answer to keep: whoever repeats is told at once. Uses idempotency_keys_pkey.
update platform.idempotency_keys set locked_until = now()
where tenant_id = :tenant_id and key = :key and owner = :owner and status is null;

-- name: delete_old_keys
-- Keys past their day, of any tenant, some at a time. Uses idempotency_keys_age.
delete from platform.idempotency_keys where (tenant_id, key) in (
    select k.tenant_id, k.key from platform.idempotency_keys k
    where k.created_at < now() - make_interval(hours => :kept_h::int) limit :limit
);
