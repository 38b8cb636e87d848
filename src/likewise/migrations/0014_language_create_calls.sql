-- Language: each tenant's routing table, what it has spent on chat models, every call with its cost, and old calls by month.
-- @distribute language.routings tenant_id
-- @distribute language.spends tenant_id
-- @distribute language.calls tenant_id
-- @distribute language.months tenant_id

create schema language;
grant usage on schema language to likewise_app, likewise_maintenance;

create table language.routings (
    tenant_id uuid not null,
    routing jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (tenant_id)
);
comment on table language.routings is 'truth: which models answer which tasks, and the month''s budget; a tenant without a row has the settings'' table';

create table language.spends (
    tenant_id uuid not null,
    month date not null,
    spent_micro bigint not null,
    primary key (tenant_id, month)
) with (fillfactor = 50);
comment on table language.spends is 'truth: what a tenant has spent or set aside in a month (UTC), millionths of a US dollar; the sum of its calls';

create table language.calls (
    tenant_id uuid not null,
    id uuid not null,
    at timestamptz not null,
    task text not null,
    difficulty text not null check (difficulty in ('easy', 'normal', 'hard')),
    tier text not null check (tier in ('extractive', 'cheap', 'standard', 'strong')),
    model text not null,
    outcome text not null default 'open' check (outcome in ('open', 'finished', 'cancelled', 'failed')),
    input_tokens bigint not null,
    output_tokens bigint not null,
    is_estimated boolean not null default true,
    cost_micro bigint,
    first_token_ms bigint,
    took_ms bigint,
    primary key (tenant_id, id)
) with (fillfactor = 80);
comment on table language.calls is 'truth: every attempt at asking a model, without a word of what was said; after some weeks its month has it';
comment on column language.calls.outcome is 'open: under way, or its process was killed; its cost is what was set aside';
comment on column language.calls.cost_micro is 'millionths of a US dollar; null where nobody stated the model''s price';
create index calls_at on language.calls (tenant_id, at, id);
create index calls_age on language.calls (at, tenant_id);

create table language.months (
    tenant_id uuid not null,
    month date not null,
    task text not null,
    difficulty text not null check (difficulty in ('easy', 'normal', 'hard')),
    tier text not null check (tier in ('extractive', 'cheap', 'standard', 'strong')),
    model text not null,
    calls bigint not null,
    failed_calls bigint not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    estimated_calls bigint not null,
    unpriced_calls bigint not null,
    cost_micro bigint not null,
    failed_cost_micro bigint not null,
    primary key (tenant_id, month, task, difficulty, tier, model)
);
comment on table language.months is 'truth: old calls added up, kept for ever';
comment on column language.months.cost_micro is 'of calls that came to something; what failed attempts cost is in failed_cost_micro';

alter table language.routings enable row level security;
alter table language.routings force row level security;
create policy tenant on language.routings to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on language.routings to likewise_maintenance using (true) with check (true);
alter table language.spends enable row level security;
alter table language.spends force row level security;
create policy tenant on language.spends to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on language.spends to likewise_maintenance using (true) with check (true);
alter table language.calls enable row level security;
alter table language.calls force row level security;
create policy tenant on language.calls to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on language.calls to likewise_maintenance using (true) with check (true);
alter table language.months enable row level security;
alter table language.months force row level security;
create policy tenant on language.months to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on language.months to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on language.routings, language.spends, language.calls, language.months
    to likewise_app, likewise_maintenance;
