-- Inbox: channels and what comes through them, answers to whole clusters and their way out, what people changed, archives.
-- @distribute inbox.channels tenant_id
-- @distribute inbox.visitors tenant_id
-- @distribute inbox.messages tenant_id
-- @distribute inbox.clusters tenant_id
-- @distribute inbox.actions tenant_id
-- @distribute inbox.exceptions tenant_id
-- @distribute inbox.deliveries tenant_id
-- @local inbox.outbox
-- @distribute inbox.changes tenant_id
-- @distribute inbox.archives tenant_id
-- @distribute inbox.archived_clusters tenant_id

create schema inbox;
grant usage on schema inbox to likewise_app, likewise_maintenance;

create table inbox.channels (
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    delivery_url text,
    secret_version int not null default 1,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name)
);
comment on table inbox.channels is 'truth: where messages come from, and where answers to them go';

create table inbox.visitors (
    tenant_id uuid not null,
    id uuid not null,
    channel_id uuid not null,
    external_id text not null,
    name text,
    avatar_url text,
    avatar_key text,
    avatar_reason text,
    avatar_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, channel_id, external_id)
) with (fillfactor = 80);
comment on table inbox.visitors is 'truth: people who write, as their channel names them';
comment on column inbox.visitors.avatar_key is 'the stored picture; null while it was not fetched, and avatar_reason says why it will not be';

create table inbox.messages (
    tenant_id uuid not null,
    id uuid not null,
    channel_id uuid not null,
    external_id text not null,
    visitor_id uuid,
    sent_at timestamptz not null,
    received_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, channel_id, external_id)
);
comment on table inbox.messages is 'truth: messages; each is the item of the same id, which holds its text and what came with it';
create index messages_visitor on inbox.messages (tenant_id, visitor_id, id);
create index messages_sent on inbox.messages (tenant_id, sent_at, id);

create table inbox.clusters (
    tenant_id uuid not null,
    cluster_id uuid not null,
    state text not null default 'open' check (state in ('open', 'actioned', 'archived')),
    action_id uuid,
    answers_late boolean not null default false,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, cluster_id)
) with (fillfactor = 80);
comment on table inbox.clusters is 'truth: what people decided about a cluster; one without a row is open and was never answered';
comment on column inbox.clusters.action_id is 'the last answer that stands';
create index clusters_state on inbox.clusters (tenant_id, state, cluster_id) where state <> 'open';

create table inbox.actions (
    tenant_id uuid not null,
    id uuid not null,
    cluster_id uuid not null,
    response_text text not null,
    answers_late boolean not null,
    actor text not null,
    message_count bigint not null,
    leaves_at timestamptz not null,
    created_at timestamptz not null default now(),
    undone_at timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 80);
comment on table inbox.actions is 'truth: answers given to whole clusters; they can be undone until leaves_at';
create index actions_cluster on inbox.actions (tenant_id, cluster_id, id);

create table inbox.exceptions (
    tenant_id uuid not null,
    action_id uuid not null,
    message_id uuid not null,
    primary key (tenant_id, action_id, message_id),
    foreign key (tenant_id, action_id) references inbox.actions (tenant_id, id) on delete cascade
);
comment on table inbox.exceptions is 'truth: messages left out of an answer';
create index exceptions_message on inbox.exceptions (tenant_id, message_id);

create table inbox.deliveries (
    tenant_id uuid not null,
    id uuid not null,
    action_id uuid not null,
    message_id uuid not null,
    channel_id uuid not null,
    cluster_id uuid not null,
    text text not null,
    state text not null default 'waiting' check (state in ('waiting', 'ready', 'delivered', 'failed', 'cancelled')),
    attempts int not null default 0,
    last_status int,
    last_error text,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 80);
comment on table inbox.deliveries is 'truth: one answer to one message, and how it went';
comment on column inbox.deliveries.cluster_id is 'the cluster the message is in now';
comment on column inbox.deliveries.state is 'waiting: on its way to the channel''s address; ready: the channel has none, a client fetches it';
create unique index deliveries_message on inbox.deliveries (tenant_id, message_id) where state <> 'cancelled';
create index deliveries_cancelled on inbox.deliveries (tenant_id, message_id) where state = 'cancelled';
create index deliveries_cluster on inbox.deliveries (tenant_id, cluster_id, message_id) where state <> 'cancelled';
create index deliveries_action on inbox.deliveries (tenant_id, action_id, id);
create index deliveries_state on inbox.deliveries (tenant_id, state, id) where state in ('waiting', 'ready', 'failed');

create table inbox.outbox (
    tenant_id uuid not null,
    delivery_id uuid not null,
    action_id uuid not null,
    due_at timestamptz not null,
    attempts int not null default 0,
    lease uuid,
    primary key (tenant_id, delivery_id)
) with (fillfactor = 70);
comment on table inbox.outbox is 'truth: deliveries that are to be sent, and when';
comment on column inbox.outbox.due_at is 'when it is to be sent; while somebody has the lease, when that ends';
create index outbox_due on inbox.outbox (due_at, tenant_id, delivery_id);
create index outbox_action on inbox.outbox (tenant_id, action_id, delivery_id);

create table inbox.changes (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null default 'answer' check (kind in ('answer', 'remove', 'move', 'merge', 'split', 'lock', 'unlock', 'rename', 'archive', 'reopen')),
    actor text not null,
    cluster_id uuid not null,
    other_id uuid,
    run_id uuid,
    action_id uuid,
    message_count bigint not null default 0,
    before text,
    created_at timestamptz not null default now(),
    undone_at timestamptz,
    primary key (tenant_id, id)
);
comment on table inbox.changes is 'truth: what people changed, each with what undoes it';
comment on column inbox.changes.before is 'the name, the lock or the state the cluster had';
create index changes_cluster on inbox.changes (tenant_id, cluster_id, id);

create table inbox.archives (
    tenant_id uuid not null,
    id uuid not null,
    file_key text not null,
    sha256 text not null,
    size_bytes bigint not null,
    message_count bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    created_at timestamptz not null default now(),
    restored_at timestamptz,
    primary key (tenant_id, id)
);
comment on table inbox.archives is 'truth: old messages in compressed files';

create table inbox.archived_clusters (
    tenant_id uuid not null,
    archive_id uuid not null,
    cluster_id uuid not null,
    label text not null,
    examples text[] not null,
    message_count bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (tenant_id, archive_id, cluster_id),
    foreign key (tenant_id, archive_id) references inbox.archives (tenant_id, id) on delete cascade
);
comment on table inbox.archived_clusters is 'truth: what an archive holds, in summary, so that it can be searched without being read';

alter table inbox.channels enable row level security;
alter table inbox.channels force row level security;
create policy tenant on inbox.channels to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.channels to likewise_maintenance using (true) with check (true);
alter table inbox.visitors enable row level security;
alter table inbox.visitors force row level security;
create policy tenant on inbox.visitors to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.visitors to likewise_maintenance using (true) with check (true);
alter table inbox.messages enable row level security;
alter table inbox.messages force row level security;
create policy tenant on inbox.messages to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.messages to likewise_maintenance using (true) with check (true);
alter table inbox.clusters enable row level security;
alter table inbox.clusters force row level security;
create policy tenant on inbox.clusters to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.clusters to likewise_maintenance using (true) with check (true);
alter table inbox.actions enable row level security;
alter table inbox.actions force row level security;
create policy tenant on inbox.actions to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.actions to likewise_maintenance using (true) with check (true);
alter table inbox.exceptions enable row level security;
alter table inbox.exceptions force row level security;
create policy tenant on inbox.exceptions to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.exceptions to likewise_maintenance using (true) with check (true);
alter table inbox.deliveries enable row level security;
alter table inbox.deliveries force row level security;
create policy tenant on inbox.deliveries to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.deliveries to likewise_maintenance using (true) with check (true);
alter table inbox.outbox enable row level security;
alter table inbox.outbox force row level security;
create policy tenant on inbox.outbox to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.outbox to likewise_maintenance using (true) with check (true);
alter table inbox.changes enable row level security;
alter table inbox.changes force row level security;
create policy tenant on inbox.changes to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.changes to likewise_maintenance using (true) with check (true);
alter table inbox.archives enable row level security;
alter table inbox.archives force row level security;
create policy tenant on inbox.archives to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.archives to likewise_maintenance using (true) with check (true);
alter table inbox.archived_clusters enable row level security;
alter table inbox.archived_clusters force row level security;
create policy tenant on inbox.archived_clusters to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on inbox.archived_clusters to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on inbox.channels, inbox.visitors, inbox.messages, inbox.clusters, inbox.actions,
    inbox.exceptions, inbox.deliveries, inbox.outbox, inbox.changes, inbox.archives, inbox.archived_clusters
    to likewise_app, likewise_maintenance;
