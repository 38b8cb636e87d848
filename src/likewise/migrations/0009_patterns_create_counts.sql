-- Attributes of items, the counts kept of them, and the insights that were found in these counts.
-- @distribute patterns.attributes tenant_id
-- @distribute patterns.counted tenant_id
-- @distribute patterns.members tenant_id
-- @distribute patterns.terms tenant_id
-- @distribute patterns.pairs tenant_id
-- @distribute patterns.insights tenant_id

create schema patterns;
grant usage on schema patterns to likewise_app, likewise_maintenance;

create table patterns.attributes (
    tenant_id uuid not null,
    item_id uuid not null,
    key text not null,
    value text not null,
    source text not null,
    number_value double precision,
    confidence real not null,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, item_id, key, value, source),
    foreign key (tenant_id, item_id) references collections.items (tenant_id, id) on delete cascade
);
comment on table patterns.attributes is 'truth: what callers say of items beside their facets, with source and confidence';

create table patterns.counted (
    tenant_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    terms bigint[] not null,
    primary key (tenant_id, item_id)
) with (fillfactor = 90);
comment on table patterns.counted is 'derived: the terms an item was counted with, so that they can be taken back';

create table patterns.members (
    tenant_id uuid not null,
    collection_id uuid not null,
    term_id bigint not null,
    item_id uuid not null,
    primary key (tenant_id, collection_id, term_id, item_id)
);
comment on table patterns.members is 'derived: which items have a term, for evidence and for counting pairs';

-- An id is a hash of collection, kind, key and value, so that counting anew gives the same rows.
create table patterns.terms (
    tenant_id uuid not null,
    collection_id uuid not null,
    id bigint not null,
    kind text not null,
    key text not null,
    value text not null,
    low double precision,
    high double precision,
    item_count bigint not null,
    primary key (tenant_id, collection_id, id)
) with (fillfactor = 70);
comment on table patterns.terms is 'derived: values, keys, categories, months and places, and how many items have each';
create index terms_order on patterns.terms (tenant_id, collection_id, kind, key, item_count desc);

create table patterns.pairs (
    tenant_id uuid not null,
    collection_id uuid not null,
    a bigint not null,
    b bigint not null,
    item_count bigint not null,
    primary key (tenant_id, collection_id, a, b)
) with (fillfactor = 80);
comment on table patterns.pairs is 'derived: how many items have two terms at once; a < b';
create index pairs_reverse on patterns.pairs (tenant_id, collection_id, b, a);

create table patterns.insights (
    tenant_id uuid not null,
    id uuid not null,
    collection_id uuid not null,
    kind text not null,
    fingerprint bytea not null,
    subject text not null,
    strength double precision not null,
    body jsonb not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    expired_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, collection_id, fingerprint),
    foreign key (tenant_id, collection_id) references collections.collections (tenant_id, id) on delete cascade
) with (fillfactor = 80);
comment on table patterns.insights is 'truth: what was found remarkable, since when, and when it ceased to be';
create index insights_order on patterns.insights (tenant_id, collection_id, strength desc, id desc)
    where expired_at is null;

alter table patterns.attributes enable row level security;
alter table patterns.attributes force row level security;
create policy tenant on patterns.attributes to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on patterns.attributes to likewise_maintenance using (true) with check (true);
alter table patterns.counted enable row level security;
alter table patterns.counted force row level security;
create policy tenant on patterns.counted to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on patterns.counted to likewise_maintenance using (true) with check (true);
alter table patterns.members enable row level security;
alter table patterns.members force row level security;
create policy tenant on patterns.members to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on patterns.members to likewise_maintenance using (true) with check (true);
alter table patterns.terms enable row level security;
alter table patterns.terms force row level security;
create policy tenant on patterns.terms to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on patterns.terms to likewise_maintenance using (true) with check (true);
alter table patterns.pairs enable row level security;
alter table patterns.pairs force row level security;
create policy tenant on patterns.pairs to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on patterns.pairs to likewise_maintenance using (true) with check (true);
alter table patterns.insights enable row level security;
alter table patterns.insights force row level security;
create policy tenant on patterns.insights to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on patterns.insights to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete
    on patterns.attributes, patterns.counted, patterns.members, patterns.terms, patterns.pairs, patterns.insights
    to likewise_app, likewise_maintenance;
