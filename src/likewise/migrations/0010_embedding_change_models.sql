-- Which space serves a tenant and which other one is kept in step; what was spent, used and saved; what must be forgotten.
-- @local embedding.tenant_spaces
-- @local embedding.forgotten
-- @distribute embedding.spends tenant_id
-- @distribute embedding.usage tenant_id

create table embedding.tenant_spaces (
    tenant_id uuid primary key,
    space_id smallint not null,
    other_space_id smallint,
    filled_at timestamptz,
    cut_over_at timestamptz,
    dropping boolean not null default false,
    changed_at timestamptz not null default now()
);
comment on table embedding.tenant_spaces is
    'truth: the space that serves a tenant, and another that is written too, until cut over or dropped; no row: the active one';
alter table embedding.tenant_spaces enable row level security;
alter table embedding.tenant_spaces force row level security;
create policy tenant on embedding.tenant_spaces to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on embedding.tenant_spaces to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on embedding.tenant_spaces to likewise_app, likewise_maintenance;

create table embedding.spends (
    tenant_id uuid not null,
    period text not null,
    starts_at timestamptz not null,
    spent_nano_usd bigint not null,
    primary key (tenant_id, period, starts_at)
) with (fillfactor = 70);
comment on table embedding.spends is
    'truth: money reserved for a provider''s answers, by day and month, in billionths of a US dollar';
alter table embedding.spends enable row level security;
alter table embedding.spends force row level security;
create policy tenant on embedding.spends to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on embedding.spends to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on embedding.spends to likewise_app, likewise_maintenance;

create table embedding.usage (
    tenant_id uuid not null,
    starts_at timestamptz not null,
    space_id smallint not null,
    texts bigint not null,
    cached_texts bigint not null,
    calls bigint not null,
    saved_calls bigint not null,
    tokens bigint not null,
    saved_tokens bigint not null,
    model_ms bigint not null,
    primary key (tenant_id, starts_at, space_id)
) with (fillfactor = 70);
comment on table embedding.usage is 'truth: what was embedded and what the cache saved, by day and space';
alter table embedding.usage enable row level security;
alter table embedding.usage force row level security;
create policy tenant on embedding.usage to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on embedding.usage to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on embedding.usage to likewise_app, likewise_maintenance;

create table embedding.forgotten (
    tenant_id uuid not null,
    space_id smallint not null,
    hash bytea not null,
    forgotten_at timestamptz not null default now(),
    primary key (tenant_id, space_id, hash)
);
comment on table embedding.forgotten is
    'truth: cached vectors that have to go, written with the removal of their texts, so that no crash can keep them';
create index forgotten_age on embedding.forgotten (forgotten_at);
alter table embedding.forgotten enable row level security;
alter table embedding.forgotten force row level security;
create policy tenant on embedding.forgotten to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on embedding.forgotten to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on embedding.forgotten to likewise_app, likewise_maintenance;

drop index embedding.pending_collection;
create index pending_collection on embedding.pending (tenant_id, space_id, collection_id, passage_id);
