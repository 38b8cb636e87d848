-- Community: what is kept beside each experience (its item in the collection `experiences` holds the text), who people are,
-- what they say of experiences, and what moderators decide.
-- @distribute community.people tenant_id
-- @distribute community.experiences tenant_id
-- @distribute community.attributes tenant_id
-- @distribute community.counters tenant_id
-- @distribute community.comments tenant_id
-- @distribute community.media tenant_id
-- @distribute community.reports tenant_id
-- @distribute community.decisions tenant_id

create schema community;
grant usage on schema community to likewise_app, likewise_maintenance;

create table community.people (
    tenant_id uuid not null,
    user_key text not null,
    name text,
    about text,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, user_key)
);
comment on table community.people is 'truth: members of a community by the caller''s own id, and what they say of themselves';

create table community.experiences (
    tenant_id uuid not null,
    id uuid not null,
    wanted_visibility text not null default 'public' check (wanted_visibility in ('public', 'private')),
    hidden_at timestamptz,
    hidden_reason text,
    is_cleared boolean not null default false,
    rules_version int not null,
    edited_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, id) references collections.items (tenant_id, id) on delete cascade
);
comment on table community.experiences is 'truth: what the community knows of an item: who its author lets see it, whether moderators hid or cleared it';
create index experiences_hidden on community.experiences (tenant_id, hidden_at desc, id desc) where hidden_at is not null;

-- By category, so that one that has grown large is a table of its own (`community.attributes_<n>`), small and its own to vacuum.
create table community.attributes (
    tenant_id uuid not null,
    category text not null,
    experience_id uuid not null,
    key text not null,
    ordinal int not null,
    text_value text,
    number_value double precision,
    confidence real not null,
    source text not null check (source in ('author', 'extracted', 'model')),
    is_counted boolean not null,
    field text not null default '' check (field in ('', 'title', 'text')),
    span_start int not null default 0,
    span_end int not null default 0,
    words text not null default '',
    primary key (tenant_id, category, experience_id, key, ordinal)
) partition by list (category);
comment on table community.attributes is 'truth: what is known of an experience, how surely, who says so, and the words it came from';
create table community.attributes_others partition of community.attributes default;
create index attributes_text on community.attributes (tenant_id, key, text_value, experience_id desc)
    where is_counted and text_value is not null;
create index attributes_number on community.attributes (tenant_id, key, number_value, experience_id desc)
    where is_counted and number_value is not null;
create index attributes_experience on community.attributes (tenant_id, experience_id);
-- A value goes with its key and category: without this the planner takes a common one for rare and walks all of it.
create statistics community.attributes_values (mcv) on category, key, text_value from community.attributes;
create statistics community.attributes_others_values (mcv) on category, key, text_value from community.attributes_others;
alter statistics community.attributes_values set statistics 1000;
alter statistics community.attributes_others_values set statistics 1000;

-- What few may see is little, so that counts of everything less that are as exact as they are quick.
create index items_unlisted on collections.items (tenant_id, collection_id, category) where visibility <> 'public';

create table community.counters (
    tenant_id uuid not null,
    experience_id uuid not null,
    upvotes bigint not null default 0,
    comments bigint not null default 0,
    views bigint not null default 0,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, experience_id),
    foreign key (tenant_id, experience_id) references collections.items (tenant_id, id) on delete cascade
) with (fillfactor = 70);
comment on table community.counters is 'derived: how many people upvoted, viewed, and how many comments stand; kept by events';
create index counters_upvotes on community.counters (tenant_id, upvotes desc, experience_id desc);
create index counters_comments on community.counters (tenant_id, comments desc, experience_id desc);
create index counters_views on community.counters (tenant_id, views desc, experience_id desc);

create table community.comments (
    tenant_id uuid not null,
    id uuid not null,
    experience_id uuid not null,
    author text not null,
    body text not null,
    hidden_at timestamptz,
    hidden_reason text,
    is_cleared boolean not null default false,
    edited_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, experience_id) references collections.items (tenant_id, id) on delete cascade
);
comment on table community.comments is 'truth: what people say under an experience';
create index comments_order on community.comments (tenant_id, experience_id, id);
create index comments_author on community.comments (tenant_id, author, id desc);
create index comments_hidden on community.comments (tenant_id, hidden_at desc, id desc) where hidden_at is not null;

create table community.media (
    tenant_id uuid not null,
    id uuid not null,
    experience_id uuid not null,
    alt text not null default '',
    width int not null,
    height int not null,
    bytes bigint not null,
    digest bytea not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, experience_id) references collections.items (tenant_id, id) on delete cascade
);
comment on table community.media is 'truth: pictures of an experience; the files are kept under the same id';
create index media_order on community.media (tenant_id, experience_id, id);

create table community.reports (
    tenant_id uuid not null,
    id uuid not null,
    subject_kind text not null check (subject_kind in ('experience', 'comment')),
    subject_id uuid not null,
    experience_id uuid not null,
    reporter text not null,
    reason text not null,
    note text not null default '',
    state text not null default 'open' check (state in ('open', 'upheld', 'dismissed')),
    created_at timestamptz not null default now(),
    decided_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, subject_kind, subject_id, reporter),
    foreign key (tenant_id, experience_id) references collections.items (tenant_id, id) on delete cascade
);
comment on table community.reports is 'truth: who found what unfit and why; one word of each person on each thing';
create index reports_queue on community.reports (tenant_id, state, subject_kind, subject_id);
create index reports_experience on community.reports (tenant_id, experience_id);
create index reports_reporter on community.reports (tenant_id, reporter);

create table community.decisions (
    tenant_id uuid not null,
    id uuid not null,
    subject_kind text not null check (subject_kind in ('experience', 'comment')),
    subject_id uuid not null,
    action text not null check (action in ('hide', 'show', 'clear')),
    actor text not null,
    reason text not null default '',
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
comment on table community.decisions is 'truth: what moderators, or the rule on reports, decided; never changed';
create index decisions_subject on community.decisions (tenant_id, subject_kind, subject_id, id desc);

alter table community.people enable row level security;
alter table community.people force row level security;
create policy tenant on community.people to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.people to likewise_maintenance using (true) with check (true);
alter table community.experiences enable row level security;
alter table community.experiences force row level security;
create policy tenant on community.experiences to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.experiences to likewise_maintenance using (true) with check (true);
alter table community.attributes enable row level security;
alter table community.attributes force row level security;
create policy tenant on community.attributes to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.attributes to likewise_maintenance using (true) with check (true);
alter table community.counters enable row level security;
alter table community.counters force row level security;
create policy tenant on community.counters to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.counters to likewise_maintenance using (true) with check (true);
alter table community.comments enable row level security;
alter table community.comments force row level security;
create policy tenant on community.comments to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.comments to likewise_maintenance using (true) with check (true);
alter table community.media enable row level security;
alter table community.media force row level security;
create policy tenant on community.media to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.media to likewise_maintenance using (true) with check (true);
alter table community.reports enable row level security;
alter table community.reports force row level security;
create policy tenant on community.reports to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.reports to likewise_maintenance using (true) with check (true);
alter table community.decisions enable row level security;
alter table community.decisions force row level security;
create policy tenant on community.decisions to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on community.decisions to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete
    on community.people, community.experiences, community.attributes, community.counters,
    community.comments, community.media, community.reports, community.decisions
    to likewise_app, likewise_maintenance;
