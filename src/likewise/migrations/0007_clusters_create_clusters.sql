-- Live grouping: which text is in which cluster, what is told of a cluster, and every change with what undoes it.
-- @distribute clusters.groupings tenant_id
-- @distribute clusters.clusters tenant_id
-- @distribute clusters.texts tenant_id
-- @distribute clusters.members tenant_id
-- @distribute clusters.signatures tenant_id
-- @distribute clusters.summaries tenant_id
-- @distribute clusters.changes tenant_id
-- @distribute clusters.moves tenant_id

create schema clusters;
grant usage on schema clusters to likewise_app, likewise_maintenance;

create table clusters.groupings (
    tenant_id uuid not null,
    collection_id uuid not null,
    threshold real,
    size_min int not null default 1 check (size_min >= 1),
    linkage text not null default 'centroid' check (linkage in ('centroid', 'exemplar')),
    version bigint not null default 1,
    text_count bigint not null default 0,
    fitted_text_count bigint not null default 0,
    fitted_at timestamptz,
    fit jsonb not null default '{}',
    axes bytea,
    is_refining boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (tenant_id, collection_id)
) with (fillfactor = 50);
comment on table clusters.groupings is 'truth: collections that are grouped, how, and what the last refinement measured in them';

create table clusters.clusters (
    tenant_id uuid not null,
    collection_id uuid not null,
    id uuid not null,
    name text,
    is_locked boolean not null default false,
    acted_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, collection_id, id)
);
comment on table clusters.clusters is 'truth: groups of texts that say the same thing, and what people decided about them';

create table clusters.texts (
    tenant_id uuid not null,
    collection_id uuid not null,
    hash bytea not null,
    cluster_id uuid not null,
    item_id uuid not null,
    item_count int not null,
    similarity real not null,
    reason text not null,
    map_x real,
    map_y real,
    created_at timestamptz not null default now(),
    primary key (tenant_id, collection_id, hash)
) with (fillfactor = 80);
comment on table clusters.texts is 'truth: each distinct text of a collection and the cluster it is in, so that identical texts cannot part';
create index texts_cluster on clusters.texts (tenant_id, collection_id, cluster_id, hash);
create index texts_map on clusters.texts (tenant_id, collection_id, item_id);

create table clusters.members (
    tenant_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    hash bytea not null,
    seen_at timestamptz not null,
    primary key (tenant_id, item_id)
);
comment on table clusters.members is 'derived: which text each item is, and when it was seen';
create index members_text on clusters.members (tenant_id, collection_id, hash, item_id);

create table clusters.signatures (
    tenant_id uuid not null,
    collection_id uuid not null,
    band bigint not null,
    hash bytea not null,
    primary key (tenant_id, collection_id, band, hash)
);
comment on table clusters.signatures is 'derived: MinHash bands of texts; two texts that share one are probably near-verbatim';
create index signatures_text on clusters.signatures (tenant_id, collection_id, hash);

create table clusters.summaries (
    tenant_id uuid not null,
    collection_id uuid not null,
    cluster_id uuid not null,
    item_count bigint not null default 0,
    text_count bigint not null default 0,
    vector_sum bytea not null,
    exemplar_vectors bytea,
    threshold real not null default 0,
    spread real not null default 0,
    label text not null default '',
    words text[] not null default '{}',
    exemplars uuid[] not null default '{}',
    outliers uuid[] not null default '{}',
    outlier_count int not null default 0,
    first_seen_at timestamptz not null default 'infinity',
    last_seen_at timestamptz not null default '-infinity',
    heat double precision not null default 0,
    summed_text_count bigint not null default 0,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, collection_id, cluster_id)
) with (fillfactor = 70);
comment on table clusters.summaries is 'derived: what is told of a cluster: its size, mean, spread, label, exemplars, outliers and trend';
create index summaries_size on clusters.summaries (tenant_id, collection_id, item_count desc, cluster_id);
create index summaries_trend on clusters.summaries (tenant_id, collection_id, heat desc, cluster_id);
create index summaries_stale on clusters.summaries (tenant_id, collection_id, cluster_id) where text_count <> summed_text_count;
create index summaries_newest on clusters.summaries (tenant_id, collection_id, last_seen_at desc, cluster_id);

create table clusters.changes (
    tenant_id uuid not null,
    id uuid not null,
    collection_id uuid not null,
    run_id uuid not null,
    kind text not null default 'move' check (kind in ('merge', 'split', 'move')),
    actor text not null default 'refinement' check (actor in ('person', 'refinement')),
    from_id uuid not null,
    to_id uuid not null,
    text_count int not null,
    undone_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
comment on table clusters.changes is 'truth: merges, splits and moves of texts between clusters, each of which can be undone';
create index changes_order on clusters.changes (tenant_id, collection_id, id);
create index changes_run on clusters.changes (tenant_id, run_id, id);

create table clusters.moves (
    tenant_id uuid not null,
    change_id uuid not null,
    hash bytea not null,
    similarity real not null,
    reason text not null,
    primary key (tenant_id, change_id, hash),
    foreign key (tenant_id, change_id) references clusters.changes (tenant_id, id) on delete cascade
);
comment on table clusters.moves is 'truth: the texts a change has moved, and how near each was to the cluster it left';

alter table clusters.groupings enable row level security;
alter table clusters.groupings force row level security;
create policy tenant on clusters.groupings to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.groupings to likewise_maintenance using (true) with check (true);
alter table clusters.clusters enable row level security;
alter table clusters.clusters force row level security;
create policy tenant on clusters.clusters to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.clusters to likewise_maintenance using (true) with check (true);
alter table clusters.texts enable row level security;
alter table clusters.texts force row level security;
create policy tenant on clusters.texts to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.texts to likewise_maintenance using (true) with check (true);
alter table clusters.members enable row level security;
alter table clusters.members force row level security;
create policy tenant on clusters.members to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.members to likewise_maintenance using (true) with check (true);
alter table clusters.signatures enable row level security;
alter table clusters.signatures force row level security;
create policy tenant on clusters.signatures to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.signatures to likewise_maintenance using (true) with check (true);
alter table clusters.summaries enable row level security;
alter table clusters.summaries force row level security;
create policy tenant on clusters.summaries to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.summaries to likewise_maintenance using (true) with check (true);
alter table clusters.changes enable row level security;
alter table clusters.changes force row level security;
create policy tenant on clusters.changes to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.changes to likewise_maintenance using (true) with check (true);
alter table clusters.moves enable row level security;
alter table clusters.moves force row level security;
create policy tenant on clusters.moves to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on clusters.moves to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on clusters.groupings, clusters.clusters, clusters.texts, clusters.members,
    clusters.signatures, clusters.summaries, clusters.changes, clusters.moves
    to likewise_app, likewise_maintenance;
