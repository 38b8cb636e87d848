-- Tenants and their keys, the log of facts and who has read how far, operations, idempotency keys, jobs.
-- @reference platform.tenants
-- @reference platform.api_keys
-- @local platform.migrations
-- @local platform.events
-- @local platform.event_cursors
-- @distribute platform.event_positions tenant_id
-- @distribute platform.dead_letters tenant_id
-- @distribute platform.operations tenant_id
-- @distribute platform.idempotency_keys tenant_id
-- @library procrastinate

create schema platform;
grant usage on schema platform to likewise_app, likewise_maintenance;

create table platform.migrations (
    number int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
);
comment on table platform.migrations is 'truth: which migrations were applied, and in which form';
grant select on platform.migrations to likewise_app, likewise_maintenance;

create table platform.tenants (
    tenant_id uuid primary key,
    name text not null unique,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now()
);
comment on table platform.tenants is 'truth: whoever must never see another''s rows';
alter table platform.tenants enable row level security;
alter table platform.tenants force row level security;
create policy tenant on platform.tenants to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.tenants to likewise_maintenance using (true) with check (true);
grant select on platform.tenants to likewise_app;
grant select, insert, update, delete on platform.tenants to likewise_maintenance;

create table platform.api_keys (
    tenant_id uuid not null references platform.tenants (tenant_id) on delete cascade,
    id uuid not null,
    name text not null,
    hash bytea not null unique,
    hint text not null,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    used_at timestamptz,
    primary key (tenant_id, id)
);
comment on table platform.api_keys is 'truth: hashes of API keys, never the keys';
alter table platform.api_keys enable row level security;
alter table platform.api_keys force row level security;
create policy tenant on platform.api_keys to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.api_keys to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on platform.api_keys to likewise_app, likewise_maintenance;

create table platform.events (
    id bigserial primary key,
    xid xid8 not null default pg_current_xact_id(),
    lane smallint not null,
    tenant_id uuid not null,
    type text not null,
    payload jsonb not null,
    audience text,
    created_at timestamptz not null default now()
) with (fillfactor = 100, autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table platform.events is 'truth: the log of facts, kept until every consumer has read it and its days are over';
create index events_lane on platform.events (lane, xid, id);
create index events_tenant on platform.events (tenant_id, xid, id);
alter table platform.events enable row level security;
alter table platform.events force row level security;
create policy tenant on platform.events to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.events to likewise_maintenance using (true) with check (true);
grant select, insert, delete on platform.events to likewise_app;
grant select, insert, update, delete on platform.events to likewise_maintenance;
grant usage on sequence platform.events_id_seq to likewise_app, likewise_maintenance;

create table platform.event_cursors (
    consumer text not null,
    lane smallint not null,
    xid xid8 not null default '0',
    event_id bigint not null default 0,
    updated_at timestamptz not null default now(),
    primary key (consumer, lane)
) with (fillfactor = 50);
comment on table platform.event_cursors is 'truth: how far each consumer has read each lane';
grant select, insert, update, delete on platform.event_cursors to likewise_maintenance;

create table platform.event_positions (
    tenant_id uuid not null,
    consumer text not null,
    xid xid8 not null,
    event_id bigint not null,
    primary key (tenant_id, consumer)
) with (fillfactor = 50);
comment on table platform.event_positions is 'truth: the last event of a tenant whose effects a consumer has committed';
alter table platform.event_positions enable row level security;
alter table platform.event_positions force row level security;
create policy tenant on platform.event_positions to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.event_positions to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on platform.event_positions to likewise_app, likewise_maintenance;

create table platform.dead_letters (
    tenant_id uuid not null,
    id uuid not null,
    consumer text not null,
    event_id bigint not null,
    type text not null,
    payload jsonb not null,
    reason text not null,
    attempts int not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
comment on table platform.dead_letters is 'truth: events a consumer could not digest, with the reason; can be retried';
alter table platform.dead_letters enable row level security;
alter table platform.dead_letters force row level security;
create policy tenant on platform.dead_letters to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.dead_letters to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on platform.dead_letters to likewise_app, likewise_maintenance;

create table platform.operations (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    job_id bigint,
    status text not null default 'queued'
        check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    done bigint not null default 0,
    total bigint,
    unit text not null default '',
    rejected bigint not null default 0,
    message text not null default '',
    attempt int not null default 0,
    cancel_requested boolean not null default false,
    checkpoint jsonb,
    result jsonb,
    error jsonb,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id)
) with (fillfactor = 70);
comment on table platform.operations is 'truth: what somebody asked for and may watch or cancel';
alter table platform.operations enable row level security;
alter table platform.operations force row level security;
create policy tenant on platform.operations to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.operations to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on platform.operations to likewise_app, likewise_maintenance;

create table platform.idempotency_keys (
    tenant_id uuid not null,
    key text not null,
    fingerprint bytea not null,
    effect_at timestamptz,
    status int,
    media_type text,
    location text,
    body bytea,
    owner uuid not null,
    locked_until timestamptz not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, key)
);
comment on table platform.idempotency_keys is 'truth: writes that carried a key: whether they took effect, and their answers, for a day';
create index idempotency_keys_age on platform.idempotency_keys (created_at);
alter table platform.idempotency_keys enable row level security;
alter table platform.idempotency_keys force row level security;
create policy tenant on platform.idempotency_keys to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on platform.idempotency_keys to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on platform.idempotency_keys to likewise_app, likewise_maintenance;

create schema procrastinate;
grant usage on schema procrastinate to likewise_app, likewise_maintenance;
