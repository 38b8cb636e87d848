-- The versions of cache tags, and the state of rate limits.
-- @distribute platform.cache_tags tenant_id
-- @distribute platform.limits tenant_id

create table platform.cache_tags (
    tenant_id uuid not null,
    tag text not null,
    version bigint not null,
    bumped_at timestamptz not null default now(),
    primary key (tenant_id, tag)
) with (fillfactor = 50);
comment on table platform.cache_tags is 'cache: how often each tag was bumped; a cached value is good while its tags stand where they stood';
alter table platform.cache_tags enable row level security;
alter table platform.cache_tags force row level security;
create policy tenant on platform.cache_tags to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.cache_tags to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on platform.cache_tags to likewise_app, likewise_maintenance;

-- Times are microseconds since 1970 in bigint: their arithmetic is immutable, which a distributed upsert demands.
create table platform.limits (
    tenant_id uuid not null,
    policy text not null,
    key text not null,
    full_at_us bigint not null,
    asked_at_us bigint not null,
    granted bigint not null,
    primary key (tenant_id, policy, key)
) with (fillfactor = 50);
comment on table platform.limits is 'cache: when each bucket will be full again; a missing row is a full bucket';
alter table platform.limits enable row level security;
alter table platform.limits force row level security;
create policy tenant on platform.limits to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.limits to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on platform.limits to likewise_app, likewise_maintenance;
