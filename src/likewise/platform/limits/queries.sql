-- name: take_tokens
-- Take as many requests from a bucket as it holds, up to those wanted, and say how it stands: the generic cell rate
-- algorithm. A bucket filled later than :ceiling_us from now means that the clock was set back. Uses limits_pkey.
insert into platform.limits as bucket (tenant_id, policy, key, full_at_us, asked_at_us, granted)
values (
    :tenant_id, :policy, :key,
    (extract(epoch from statement_timestamp()) * 1000000)::bigint + :token_us::bigint * :fresh::bigint,
    (extract(epoch from statement_timestamp()) * 1000000)::bigint,
    :fresh::bigint
)
on conflict (tenant_id, policy, key) do update set
    full_at_us = greatest(least(bucket.full_at_us, excluded.asked_at_us + :ceiling_us::bigint), excluded.asked_at_us)
        + :token_us::bigint * greatest(0, least(:wanted::bigint, (excluded.asked_at_us + :burst_us::bigint - greatest(
            least(bucket.full_at_us, excluded.asked_at_us + :ceiling_us::bigint), excluded.asked_at_us
        )) / :token_us::bigint)),
    asked_at_us = excluded.asked_at_us,
    granted = greatest(0, least(:wanted::bigint, (excluded.asked_at_us + :burst_us::bigint - greatest(
        least(bucket.full_at_us, excluded.asked_at_us + :ceiling_us::bigint), excluded.asked_at_us
    )) / :token_us::bigint))
returning granted, full_at_us, asked_at_us;

-- name: delete_full_buckets
-- Forget buckets of a tenant that are full again: they count like missing ones. Uses limits_pkey.
delete from platform.limits
where tenant_id = :tenant_id
  and (policy, key) in (
    select policy, key from platform.limits
    where tenant_id = :tenant_id and full_at_us < :before_us
    limit :rows_max
  );
