-- What people do with items, and what follows: profiles, people alike, items liked together, standings, learned weights.
-- @distribute recommend.interactions tenant_id
-- @distribute recommend.impressions tenant_id
-- @distribute recommend.standings tenant_id
-- @distribute recommend.categories tenant_id
-- @distribute recommend.profiles tenant_id
-- @distribute recommend.vectors tenant_id
-- @distribute recommend.neighbours tenant_id
-- @distribute recommend.affinities tenant_id
-- @distribute recommend.factors tenant_id
-- @distribute recommend.models tenant_id

create schema recommend;
grant usage on schema recommend to likewise_app, likewise_maintenance;

create table recommend.interactions (
    tenant_id uuid not null,
    collection_id uuid not null,
    user_key text not null,
    item_id uuid not null,
    kind text not null,
    weight real not null,
    happened_at timestamptz not null,
    primary key (tenant_id, collection_id, user_key, item_id, kind),
    foreign key (tenant_id, item_id) references collections.items (tenant_id, id) on delete cascade
) with (fillfactor = 90);
comment on table recommend.interactions is 'truth: what somebody did with an item, each kind once, the latest word';
create index interactions_recent on recommend.interactions (tenant_id, collection_id, user_key, happened_at desc);
create index interactions_item on recommend.interactions (tenant_id, item_id, kind);

create table recommend.impressions (
    tenant_id uuid not null,
    collection_id uuid not null,
    user_key text not null,
    item_id uuid not null,
    shown_count int not null,
    shown_at timestamptz not null,
    features real[] not null default '{}',
    primary key (tenant_id, collection_id, user_key, item_id),
    foreign key (tenant_id, item_id) references collections.items (tenant_id, id) on delete cascade
) with (fillfactor = 70);
comment on table recommend.impressions is 'truth: what a feed showed to whom, how often, and what the ranking saw of it then';
create index impressions_item on recommend.impressions (tenant_id, item_id);
create index impressions_age on recommend.impressions (tenant_id, collection_id, shown_at);

create table recommend.standings (
    tenant_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    author text,
    category text,
    latitude double precision,
    longitude double precision,
    is_public boolean not null,
    born_at timestamptz not null,
    upvotes bigint not null,
    comments bigint not null,
    views bigint not null,
    dislikes bigint not null,
    points double precision not null,
    primary key (tenant_id, item_id)
) with (fillfactor = 80);
comment on table recommend.standings is 'derived: what ranking looks at in an item, with counts of what people did with it';
create index standings_fresh on recommend.standings (tenant_id, collection_id, born_at desc, item_id) where is_public;
create index standings_category on recommend.standings (tenant_id, collection_id, category, born_at desc) where is_public;
create index standings_popular on recommend.standings (tenant_id, collection_id, points desc, item_id) where is_public;
create index standings_place on recommend.standings (tenant_id, collection_id, latitude, longitude)
    where is_public and latitude is not null;

create table recommend.categories (
    tenant_id uuid not null,
    collection_id uuid not null,
    name text not null,
    place int not null,
    primary key (tenant_id, collection_id, name)
);
comment on table recommend.categories is 'derived: the place of each category in the vectors of people''s categories, by first appearance';

create table recommend.profiles (
    tenant_id uuid not null,
    collection_id uuid not null,
    user_key text not null,
    id bigserial not null,
    categories jsonb not null default '{}',
    written_count int not null,
    liked_count int not null,
    last_at timestamptz,
    is_stale boolean not null,
    look_at timestamptz,
    looks int not null,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, collection_id, user_key),
    unique (tenant_id, collection_id, id)
) with (fillfactor = 80);
comment on table recommend.profiles is 'derived: what is known of each user: counts, shares of categories, and whether their place has moved';
create index profiles_stale on recommend.profiles (updated_at) where is_stale;
create index profiles_moved on recommend.profiles (tenant_id, collection_id, updated_at) where is_stale;
create index profiles_waiting on recommend.profiles (look_at) where look_at is not null;
grant usage on sequence recommend.profiles_id_seq to likewise_app, likewise_maintenance;

create table recommend.vectors (
    tenant_id uuid not null,
    collection_id uuid not null,
    kind text not null,
    user_id bigint not null,
    embedding halfvec not null,
    primary key (tenant_id, collection_id, kind, user_id)
) with (fillfactor = 90);
comment on table recommend.vectors is 'derived: where each user stands: mean of what they wrote, of what they liked, of both (meaning), categories, taste';

create table recommend.neighbours (
    tenant_id uuid not null,
    collection_id uuid not null,
    kind text not null,
    user_id bigint not null,
    packed bytea not null,
    primary key (tenant_id, collection_id, kind, user_id)
) with (fillfactor = 80);
comment on table recommend.neighbours is 'derived: the users most alike, best first: for each its id (8 bytes) and its similarity (4 bytes)';

create table recommend.affinities (
    tenant_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    packed bytea not null,
    primary key (tenant_id, item_id)
);
comment on table recommend.affinities is 'derived: items that go with an item, best first: for each its id (16 bytes) and its weight (4 bytes)';
create index affinities_collection on recommend.affinities (tenant_id, collection_id);

create table recommend.factors (
    tenant_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    embedding halfvec not null,
    primary key (tenant_id, item_id)
);
comment on table recommend.factors is 'derived: the item''s side of the matrix factorisation';
create index factors_collection on recommend.factors (tenant_id, collection_id);

create table recommend.models (
    tenant_id uuid not null,
    collection_id uuid not null,
    gram bytea not null,
    weights jsonb not null default '{}',
    report jsonb not null default '{}',
    trained_at timestamptz not null default now(),
    primary key (tenant_id, collection_id)
);
comment on table recommend.models is 'derived: what a rebuild learned of a collection: the items'' Gram matrix, and ranking weights where they proved better';

alter table recommend.interactions enable row level security;
alter table recommend.interactions force row level security;
create policy tenant on recommend.interactions to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.interactions to likewise_maintenance using (true) with check (true);
alter table recommend.impressions enable row level security;
alter table recommend.impressions force row level security;
create policy tenant on recommend.impressions to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.impressions to likewise_maintenance using (true) with check (true);
alter table recommend.standings enable row level security;
alter table recommend.standings force row level security;
create policy tenant on recommend.standings to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.standings to likewise_maintenance using (true) with check (true);
alter table recommend.categories enable row level security;
alter table recommend.categories force row level security;
create policy tenant on recommend.categories to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.categories to likewise_maintenance using (true) with check (true);
alter table recommend.profiles enable row level security;
alter table recommend.profiles force row level security;
create policy tenant on recommend.profiles to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.profiles to likewise_maintenance using (true) with check (true);
alter table recommend.vectors enable row level security;
alter table recommend.vectors force row level security;
create policy tenant on recommend.vectors to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.vectors to likewise_maintenance using (true) with check (true);
alter table recommend.neighbours enable row level security;
alter table recommend.neighbours force row level security;
create policy tenant on recommend.neighbours to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.neighbours to likewise_maintenance using (true) with check (true);
alter table recommend.affinities enable row level security;
alter table recommend.affinities force row level security;
create policy tenant on recommend.affinities to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.affinities to likewise_maintenance using (true) with check (true);
alter table recommend.factors enable row level security;
alter table recommend.factors force row level security;
create policy tenant on recommend.factors to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.factors to likewise_maintenance using (true) with check (true);
alter table recommend.models enable row level security;
alter table recommend.models force row level security;
create policy tenant on recommend.models to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on recommend.models to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on recommend.interactions, recommend.impressions, recommend.standings,
    recommend.categories, recommend.profiles, recommend.vectors, recommend.neighbours, recommend.affinities, recommend.factors,
    recommend.models to likewise_app, likewise_maintenance;
