-- Spaces, the vectors of passages, what still waits for one, and the cache of vectors by text.
-- @reference embedding.spaces
-- @distribute embedding.vectors tenant_id
-- @local embedding.pending
-- @local embedding.cache

create schema embedding;
grant usage on schema embedding to likewise_app, likewise_maintenance;

create table embedding.spaces (
    space_id smallint primary key,
    model text not null,
    version text not null,
    dimension int not null check (dimension between 1 and 4000),
    active boolean not null default false,
    created_at timestamptz not null default now(),
    unique (model, version, dimension)
);
comment on table embedding.spaces is 'truth: the vector spaces in use; vectors of two spaces are never compared';
grant select on embedding.spaces to likewise_app;
grant select, insert, update, delete on embedding.spaces to likewise_maintenance;

create table embedding.vectors (
    tenant_id uuid not null,
    space_id smallint not null,
    passage_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    embedding halfvec not null,
    primary key (tenant_id, space_id, collection_id, passage_id)
) partition by hash (tenant_id);
comment on table embedding.vectors is 'derived: the vector of each passage in each space';
create table embedding.vectors_p00 partition of embedding.vectors
    for values with (modulus 32, remainder 0);
create table embedding.vectors_p01 partition of embedding.vectors
    for values with (modulus 32, remainder 1);
create table embedding.vectors_p02 partition of embedding.vectors
    for values with (modulus 32, remainder 2);
create table embedding.vectors_p03 partition of embedding.vectors
    for values with (modulus 32, remainder 3);
create table embedding.vectors_p04 partition of embedding.vectors
    for values with (modulus 32, remainder 4);
create table embedding.vectors_p05 partition of embedding.vectors
    for values with (modulus 32, remainder 5);
create table embedding.vectors_p06 partition of embedding.vectors
    for values with (modulus 32, remainder 6);
create table embedding.vectors_p07 partition of embedding.vectors
    for values with (modulus 32, remainder 7);
create table embedding.vectors_p08 partition of embedding.vectors
    for values with (modulus 32, remainder 8);
create table embedding.vectors_p09 partition of embedding.vectors
    for values with (modulus 32, remainder 9);
create table embedding.vectors_p10 partition of embedding.vectors
    for values with (modulus 32, remainder 10);
create table embedding.vectors_p11 partition of embedding.vectors
    for values with (modulus 32, remainder 11);
create table embedding.vectors_p12 partition of embedding.vectors
    for values with (modulus 32, remainder 12);
create table embedding.vectors_p13 partition of embedding.vectors
    for values with (modulus 32, remainder 13);
create table embedding.vectors_p14 partition of embedding.vectors
    for values with (modulus 32, remainder 14);
create table embedding.vectors_p15 partition of embedding.vectors
    for values with (modulus 32, remainder 15);
create table embedding.vectors_p16 partition of embedding.vectors
    for values with (modulus 32, remainder 16);
create table embedding.vectors_p17 partition of embedding.vectors
    for values with (modulus 32, remainder 17);
create table embedding.vectors_p18 partition of embedding.vectors
    for values with (modulus 32, remainder 18);
create table embedding.vectors_p19 partition of embedding.vectors
    for values with (modulus 32, remainder 19);
create table embedding.vectors_p20 partition of embedding.vectors
    for values with (modulus 32, remainder 20);
create table embedding.vectors_p21 partition of embedding.vectors
    for values with (modulus 32, remainder 21);
create table embedding.vectors_p22 partition of embedding.vectors
    for values with (modulus 32, remainder 22);
create table embedding.vectors_p23 partition of embedding.vectors
    for values with (modulus 32, remainder 23);
create table embedding.vectors_p24 partition of embedding.vectors
    for values with (modulus 32, remainder 24);
create table embedding.vectors_p25 partition of embedding.vectors
    for values with (modulus 32, remainder 25);
create table embedding.vectors_p26 partition of embedding.vectors
    for values with (modulus 32, remainder 26);
create table embedding.vectors_p27 partition of embedding.vectors
    for values with (modulus 32, remainder 27);
create table embedding.vectors_p28 partition of embedding.vectors
    for values with (modulus 32, remainder 28);
create table embedding.vectors_p29 partition of embedding.vectors
    for values with (modulus 32, remainder 29);
create table embedding.vectors_p30 partition of embedding.vectors
    for values with (modulus 32, remainder 30);
create table embedding.vectors_p31 partition of embedding.vectors
    for values with (modulus 32, remainder 31);
create index vectors_item on embedding.vectors (tenant_id, item_id);
alter table embedding.vectors enable row level security;
alter table embedding.vectors force row level security;
create policy tenant on embedding.vectors to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on embedding.vectors to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on embedding.vectors to likewise_app, likewise_maintenance;

create table embedding.pending (
    tenant_id uuid not null,
    space_id smallint not null,
    passage_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    priority smallint not null default 1,
    attempts int not null default 0,
    lease uuid,
    leased_until timestamptz not null default '-infinity',
    reason text,
    failed_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, space_id, passage_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
comment on table embedding.pending is 'truth: passages that wait for a vector, or failed to get one and why';
create index pending_queue on embedding.pending (priority, tenant_id, space_id, passage_id) where failed_at is null;
create index pending_collection on embedding.pending (tenant_id, collection_id, passage_id);
create index pending_item on embedding.pending (tenant_id, item_id);
alter table embedding.pending enable row level security;
alter table embedding.pending force row level security;
create policy tenant on embedding.pending to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on embedding.pending to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on embedding.pending to likewise_app, likewise_maintenance;

create table embedding.cache (
    space_id smallint not null,
    hash bytea not null,
    embedding halfvec not null,
    created_at timestamptz not null default now(),
    used_at timestamptz not null default now(),
    primary key (space_id, hash)
) with (fillfactor = 90);
comment on table embedding.cache is 'cache: vectors by the sha256 of space and normalised text';
create index cache_age on embedding.cache (used_at);
grant select, insert, update, delete on embedding.cache to likewise_maintenance;
