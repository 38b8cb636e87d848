-- Collections, their items, the passages and facets of an item, and the counts kept of them.
-- @distribute collections.collections tenant_id
-- @distribute collections.items tenant_id
-- @distribute collections.passages tenant_id
-- @distribute collections.item_facets tenant_id
-- @distribute collections.facet_counts tenant_id
-- @distribute collections.totals tenant_id

create schema collections;
grant usage on schema collections to likewise_app, likewise_maintenance;

create table collections.collections (
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    facets jsonb not null default '{}',
    language text not null default 'english',
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name)
);
comment on table collections.collections is 'truth: named sets of items and the types of their facets';

create table collections.items (
    tenant_id uuid not null,
    id uuid not null,
    collection_id uuid not null,
    key text not null,
    version int not null default 1,
    content_hash bytea not null,
    title text,
    body text not null,
    facets jsonb not null default '{}',
    author text,
    category text,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    happened_at timestamptz,
    visibility text not null default 'public' check (visibility in ('public', 'private', 'hidden')),
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, collection_id, key),
    foreign key (tenant_id, collection_id) references collections.collections (tenant_id, id)
) with (fillfactor = 90);
comment on table collections.items is 'truth: what somebody wrote';
create index items_order on collections.items (tenant_id, collection_id, id);
create index items_author on collections.items (tenant_id, author) where author is not null;
create index items_time on collections.items (tenant_id, collection_id, happened_at) where happened_at is not null;
create index items_place on collections.items (tenant_id, collection_id, latitude, longitude) where latitude is not null;

create table collections.passages (
    tenant_id uuid not null,
    id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    ordinal int not null,
    heading_path text[] not null default '{}',
    span_start int not null,
    span_end int not null,
    primary key (tenant_id, id),
    unique (tenant_id, item_id, ordinal),
    foreign key (tenant_id, item_id) references collections.items (tenant_id, id) on delete cascade
);
comment on table collections.passages is 'truth: where each passage of an item''s body begins and ends, in characters';

create table collections.item_facets (
    tenant_id uuid not null,
    item_id uuid not null,
    name text not null,
    ordinal int not null,
    collection_id uuid not null,
    text_value text,
    number_value double precision,
    time_value timestamptz,
    primary key (tenant_id, item_id, name, ordinal)
);
comment on table collections.item_facets is 'derived: facet values of items in the form that filters use; author and category as $author and $category';
create index item_facets_text on collections.item_facets (tenant_id, collection_id, name, text_value, item_id)
    where text_value is not null;
create index item_facets_number on collections.item_facets (tenant_id, collection_id, name, number_value, item_id)
    where number_value is not null;
create index item_facets_time on collections.item_facets (tenant_id, collection_id, name, time_value, item_id)
    where time_value is not null;

create table collections.facet_counts (
    tenant_id uuid not null,
    collection_id uuid not null,
    name text not null,
    text_value text not null,
    item_count bigint not null,
    primary key (tenant_id, collection_id, name, text_value)
) with (fillfactor = 70);
comment on table collections.facet_counts is 'derived: how many items have a facet value; kept in the item''s own transaction';
create index facet_counts_order on collections.facet_counts (tenant_id, collection_id, name, item_count desc);

create table collections.totals (
    tenant_id uuid not null,
    collection_id uuid not null,
    item_count bigint not null default 0,
    passage_count bigint not null default 0,
    primary key (tenant_id, collection_id)
) with (fillfactor = 50);
comment on table collections.totals is 'derived: how many items and passages a collection has; kept in the item''s own transaction';

alter table collections.collections enable row level security;
alter table collections.collections force row level security;
create policy tenant on collections.collections to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on collections.collections to likewise_maintenance using (true) with check (true);
alter table collections.items enable row level security;
alter table collections.items force row level security;
create policy tenant on collections.items to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on collections.items to likewise_maintenance using (true) with check (true);
alter table collections.passages enable row level security;
alter table collections.passages force row level security;
create policy tenant on collections.passages to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on collections.passages to likewise_maintenance using (true) with check (true);
alter table collections.item_facets enable row level security;
alter table collections.item_facets force row level security;
create policy tenant on collections.item_facets to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on collections.item_facets to likewise_maintenance using (true) with check (true);
alter table collections.facet_counts enable row level security;
alter table collections.facet_counts force row level security;
create policy tenant on collections.facet_counts to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on collections.facet_counts to likewise_maintenance using (true) with check (true);
alter table collections.totals enable row level security;
alter table collections.totals force row level security;
create policy tenant on collections.totals to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on collections.totals to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on collections.collections, collections.items, collections.passages,
    collections.item_facets, collections.facet_counts, collections.totals to likewise_app, likewise_maintenance;
