

-- name: ensure_people
-- Whoever does something here for the first time is known from now on.
insert into community.people (tenant_id, user_key)
select :tenant_id, n.user_key
from unnest(:user_keys::text[]) as n (user_key)
order by n.user_key -- two who write the same people at once must meet them in one order
on conflict do nothing;

-- name: lock_people
-- What these people say is said by nobody else until the transaction ends. Uses people_pkey.
select user_key from community.people
where tenant_id = :tenant_id and user_key = any(:user_keys)
order by user_key
for no key update;

-- name: hold_experiences
-- Whose these experiences are and who may see them; none is deleted until the transaction ends. Uses items_pkey or
-- items_order.
select i.id, i.author, i.visibility
from collections.items i
where i.tenant_id = :tenant_id and i.id = any(:ids) and i.collection_id = :collection_id
order by i.id
for key share;

-- name: find_owner
-- Whose an experience is and who may see it. Uses items_pkey or items_order.
select i.id, i.author, i.visibility
from collections.items i
where i.tenant_id = :tenant_id and i.id = :id and i.collection_id = :collection_id;

-- name: insert_comments
-- What people say under experiences.
insert into community.comments (tenant_id, id, experience_id, author, body, created_at)
select :tenant_id, n.id, n.experience_id, n.author, n.body, n.created_at
from unnest(:ids::uuid[], :experience_ids::uuid[], :authors::text[], :bodies::text[], :times::timestamptz[])
     as n (id, experience_id, author, body, created_at);

-- name: list_comments
-- One page of what is said under an experience, oldest first; what is hidden is shown to who said it. Uses comments_order
-- and people_pkey.
select c.id, c.experience_id, c.author, p.name as author_name, c.body as text, c.hidden_at, c.hidden_reason, c.created_at,
       c.edited_at
from community.comments c
left join community.people p on p.tenant_id = :tenant_id and p.user_key = c.author
where c.tenant_id = :tenant_id and c.experience_id = :experience_id and c.id > :after
  and (c.hidden_at is null or c.author = :viewer::text)
order by c.id
limit :limit;

-- name: list_comments_by_id
-- These comments, hidden ones, too. Uses comments_pkey and people_pkey.
select c.id, c.experience_id, c.author, p.name as author_name, c.body as text, c.hidden_at, c.hidden_reason, c.created_at,
       c.edited_at
from community.comments c
left join community.people p on p.tenant_id = :tenant_id and p.user_key = c.author
where c.tenant_id = :tenant_id and c.id = any(:ids);

-- name: lock_comment
-- A comment, held until the transaction ends. Uses comments_pkey.
select id, experience_id, author, hidden_at, hidden_reason, is_cleared
from community.comments
where tenant_id = :tenant_id and id = :id
for update;

-- name: update_comment
-- What a comment says now. Uses comments_pkey.
update community.comments set body = :body, edited_at = :at where tenant_id = :tenant_id and id = :id;

-- name: delete_comment
-- A comment is taken back. Uses comments_pkey.
delete from community.comments where tenant_id = :tenant_id and id = :id;

-- name: find_last_shown
-- When somebody last said something under an experience that is not hidden. Uses comments_order or comments_author.
select c.created_at
from community.comments c
where c.tenant_id = :tenant_id and c.experience_id = :experience_id and c.author = :author and c.hidden_at is null
order by c.created_at desc
limit 1;

-- name: insert_counters
-- Experiences that are counted for the first time. Uses items_pkey.
insert into community.counters (tenant_id, experience_id)
select :tenant_id, i.id
from collections.items i
where i.tenant_id = :tenant_id and i.id = any(:ids)
order by i.id
for key share
on conflict do nothing;

-- name: lock_counters
-- The counters of these experiences, held until the transaction ends: what is counted next is what is. Uses counters_pkey.
select experience_id from community.counters
where tenant_id = :tenant_id and experience_id = any(:ids)
order by experience_id
for update;

-- name: count_comments
-- How many comments stand under each of these experiences. Uses comments_order.
select c.experience_id, count(*) as comments
from community.comments c
where c.tenant_id = :tenant_id and c.experience_id = any(:ids) and c.hidden_at is null
group by c.experience_id;

-- name: update_counters
-- What was counted, where it is another than before. Uses counters_pkey.
update community.counters c
set upvotes = n.upvotes, comments = n.comments, views = n.views, updated_at = :at
from unnest(:ids::uuid[], :upvotes::bigint[], :comments::bigint[], :views::bigint[]) as n (id, upvotes, comments, views)
where c.tenant_id = :tenant_id and c.experience_id = n.id
  and (c.upvotes, c.comments, c.views) is distinct from (n.upvotes, n.comments, n.views);

-- name: delete_all_counters
-- A tenant's derived rows, to count them again.
delete from community.counters where tenant_id = :tenant_id;

-- name: list_ids_in_order
-- One page of a tenant's experiences, for counting anew. Uses experiences_pkey.
select id from community.experiences
where tenant_id = :tenant_id and id > :after
order by id
limit :limit;

-- name: lock_experience_item
-- Whose an experience is and who may see it; nobody changes it until the transaction ends. Uses items_pkey or
-- items_order.
select i.id, i.author, i.visibility
from collections.items i
where i.tenant_id = :tenant_id and i.id = :id and i.collection_id = :collection_id
for update;

-- name: lock_experience
-- What moderators decided of an experience, held until the transaction ends. Uses experiences_pkey.
select id, wanted_visibility, hidden_at, hidden_reason, is_cleared
from community.experiences
where tenant_id = :tenant_id and id = :id
for update;

-- name: mark_experience
-- What moderators decided of an experience. Uses experiences_pkey.
update community.experiences
set hidden_at = :hidden_at, hidden_reason = :hidden_reason, is_cleared = :is_cleared
where tenant_id = :tenant_id and id = :id;

-- name: mark_comment
-- What moderators decided of a comment. Uses comments_pkey.
update community.comments
set hidden_at = :hidden_at, hidden_reason = :hidden_reason, is_cleared = :is_cleared
where tenant_id = :tenant_id and id = :id;

-- name: upsert_report
-- Somebody's word on something; one that says another thing than before is open again.
insert into community.reports as r (tenant_id, id, subject_kind, subject_id, experience_id, reporter, reason, note, created_at)
values (:tenant_id, :id, :subject_kind, :subject_id, :experience_id, :reporter, :reason, :note, :at)
on conflict (tenant_id, subject_kind, subject_id, reporter) do update
set reason = excluded.reason, note = excluded.note, state = 'open', decided_at = null
where (r.reason, r.note) is distinct from (excluded.reason, excluded.note);

-- name: find_report
-- Somebody's word on something. Uses reports_tenant_id_subject_kind_subject_id_reporter_key or reports_reporter.
select id, subject_kind, subject_id, experience_id, reporter, reason, note, state, created_at, decided_at
from community.reports
where tenant_id = :tenant_id and subject_kind = :subject_kind and subject_id = :subject_id and reporter = :reporter;

-- name: count_open_reports
-- How many people's reports on something wait for a decision. Uses reports_queue.
select count(*) from community.reports
where tenant_id = :tenant_id and state = 'open' and subject_kind = :subject_kind and subject_id = :subject_id;

-- name: decide_reports
-- Reports on something that waited for a decision. Uses reports_queue.
update community.reports set state = :state, decided_at = :at
where tenant_id = :tenant_id and state = 'open' and subject_kind = :subject_kind and subject_id = :subject_id;

-- name: delete_reports
-- Reports on something that is gone. Uses reports_tenant_id_subject_kind_subject_id_reporter_key.
delete from community.reports
where tenant_id = :tenant_id and subject_kind = :subject_kind and subject_id = any(:subject_ids);

-- name: list_reports
-- Reports on something, the latest first. Uses reports_tenant_id_subject_kind_subject_id_reporter_key.
select id, subject_kind, subject_id, experience_id, reporter, reason, note, state, created_at, decided_at
from community.reports
where tenant_id = :tenant_id and subject_kind = :subject_kind and subject_id = :subject_id
order by id desc
limit :limit;

-- name: insert_decision
-- What was decided on something.
insert into community.decisions (tenant_id, id, subject_kind, subject_id, action, actor, reason, created_at)
values (:tenant_id, :id, :subject_kind, :subject_id, :action, :actor, :reason, :at);

-- name: list_decisions
-- What was decided on something, the latest first. Uses decisions_subject.
select id, subject_kind, subject_id, action, actor, reason, created_at
from community.decisions
where tenant_id = :tenant_id and subject_kind = :subject_kind and subject_id = :subject_id
order by id desc
limit :limit;

-- name: list_cases
-- One page of what is reported or hidden: what most people reported first, of these what waits longest. Uses reports_queue,
-- which also tells what is not reported.
select q.subject_kind, q.subject_id, q.experience_id, q.open_reports, q.waits_since
from (
    select r.subject_kind, r.subject_id, r.experience_id, count(*) as open_reports, min(r.created_at) as waits_since
    from community.reports r
    where r.tenant_id = :tenant_id and r.state = 'open'
    group by r.subject_kind, r.subject_id, r.experience_id
    union all
    select 'experience', e.id, e.id, 0::bigint, e.hidden_at
    from community.experiences e
    where e.tenant_id = :tenant_id and e.hidden_at is not null and :with_closed and not exists (
        select from community.reports o
        where o.tenant_id = :tenant_id and o.state = 'open' and o.subject_kind = 'experience' and o.subject_id = e.id)
    union all
    select 'comment', c.id, c.experience_id, 0::bigint, c.hidden_at
    from community.comments c
    where c.tenant_id = :tenant_id and c.hidden_at is not null and :with_closed and not exists (
        select from community.reports o
        where o.tenant_id = :tenant_id and o.state = 'open' and o.subject_kind = 'comment' and o.subject_id = c.id)
) q
where q.open_reports < :reports or q.open_reports = :reports and (q.waits_since, q.subject_id) > (:since, :after)
order by q.open_reports desc, q.waits_since, q.subject_id
limit :limit;

-- name: list_experiences_of_cases
-- The experiences that cases are about, in short. Uses items_pkey and experiences_pkey.
select i.id, coalesce(i.author, '') as author, coalesce(i.title, '') as title, left(i.body, :characters) as text,
       e.hidden_at, e.hidden_reason
from collections.items i
join community.experiences e on e.tenant_id = :tenant_id and e.id = i.id
where i.tenant_id = :tenant_id and i.id = any(:ids);

-- name: count_reasons
-- Why these things are reported, and since when. Uses reports_queue.
select r.subject_id, r.reason, count(*) as reports, min(r.created_at) as first_at, max(r.created_at) as last_at
from community.reports r
where r.tenant_id = :tenant_id and r.state = 'open' and r.subject_kind = any(:subject_kinds)
  and r.subject_id = any(:subject_ids)
group by r.subject_id, r.reason;

-- name: insert_media
-- A picture of an experience.
insert into community.media (tenant_id, id, experience_id, alt, width, height, bytes, digest, created_at)
values (:tenant_id, :id, :experience_id, :alt, :width, :height, :bytes, :digest, :at);

-- name: count_media
-- How many pictures an experience has. Uses media_order.
select count(*) from community.media where tenant_id = :tenant_id and experience_id = :experience_id;

-- name: list_media
-- Pictures of experiences, in the order they came. Uses media_order.
select id, experience_id, alt, width, height, bytes, created_at
from community.media
where tenant_id = :tenant_id and experience_id = any(:experience_ids)
order by experience_id, id
limit :limit;

-- name: find_media
-- A picture. Uses media_pkey.
select id, experience_id, alt, width, height, bytes, created_at
from community.media
where tenant_id = :tenant_id and id = :id;

-- name: update_media
-- What a picture shows, in words. Uses media_pkey.
update community.media set alt = :alt where tenant_id = :tenant_id and id = :id;

-- name: delete_media
-- A picture that is taken back. Uses media_pkey.
delete from community.media where tenant_id = :tenant_id and id = :id;

-- name: delete_media_of
-- Pictures of experiences that go. Uses media_order.
delete from community.media where tenant_id = :tenant_id and experience_id = any(:experience_ids)
returning id;

-- name: list_kept_media
-- Those of these pictures that are there. Uses media_pkey.
select id from community.media where tenant_id = :tenant_id and id = any(:ids);

-- name: find_picture
-- What whoever asks for a picture by its address must meet. Uses media_pkey and items_pkey.
select m.digest, i.visibility
from community.media m
join collections.items i on i.tenant_id = :tenant_id and i.id = m.experience_id
where m.tenant_id = :tenant_id and m.id = :id;

-- name: find_portrait
-- What somebody says of themselves, and how much they told, said and turned to. Uses people_pkey, items_author,
-- comments_author and interactions_recent.
select p.name, p.about, coalesce(p.metadata, '{}') as metadata, p.created_at, t.experiences, m.comments, a.turned_to
from (values (1)) as one (row)
left join community.people p on p.tenant_id = :tenant_id and p.user_key = :user_key
cross join lateral (
    select count(*) as experiences from collections.items i
    where i.tenant_id = :tenant_id and i.author = :user_key and i.collection_id = :collection_id
      and i.visibility = 'public'
) t
cross join lateral (
    select count(*) as comments from community.comments c
    where c.tenant_id = :tenant_id and c.author = :user_key and c.hidden_at is null
) m
cross join lateral (
    select count(distinct r.item_id) as turned_to from recommend.interactions r
    where r.tenant_id = :tenant_id and r.collection_id = :collection_id and r.user_key = :user_key
      and r.kind in ('like', 'upvote', 'comment')
) a;

-- name: list_names_of
-- What these people call themselves. Uses people_pkey.
select user_key, name from community.people
where tenant_id = :tenant_id and user_key = any(:users) and name is not null;

-- name: list_ids_of_keys
-- The experiences with these keys. Uses items_tenant_id_collection_id_key_key.
select key, id from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and key = any(:keys);

-- name: find_community
-- The collection whose items the experiences are, and which attributes it knows. Uses collections_tenant_id_name_key.
select id, facets from collections.collections where tenant_id = :tenant_id and name = :name;

-- name: lock_known
-- Experiences that are here already under these keys, held until the transaction ends in the order in which writers hold
-- them. Uses items_tenant_id_collection_id_key_key.
select i.id, i.key, coalesce(i.title, '') as title, i.body, coalesce(i.category, 'other') as category, i.content_hash,
       i.visibility, coalesce(e.wanted_visibility, 'public') as wanted_visibility
from collections.items i
left join community.experiences e on e.tenant_id = :tenant_id and e.id = i.id
where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.key = any(:keys)
order by i.key
for update of i;

-- name: list_told
-- Experiences as their authors told them, to be changed or read anew. Uses items_pkey or items_order.
select i.id, i.key, coalesce(i.author, '') as author, coalesce(i.title, '') as title, i.body,
       coalesce(i.category, 'other') as category, i.facets, i.latitude, i.longitude, i.happened_at, i.metadata,
       i.content_hash, coalesce(e.wanted_visibility, 'public') as wanted_visibility
from collections.items i
left join community.experiences e on e.tenant_id = :tenant_id and e.id = i.id
where i.tenant_id = :tenant_id and i.id = any(:ids) and i.collection_id = :collection_id;

-- name: list_outread
-- Experiences that were read by older rules, from behind an id on. Uses experiences_pkey.
select id from community.experiences
where tenant_id = :tenant_id and id > :after and rules_version < :rules_version
order by id
limit :limit;

-- name: mark_read
-- Experiences that were read by rules of a version. Uses experiences_pkey.
update community.experiences set rules_version = :rules_version
where tenant_id = :tenant_id and id = any(:ids) and rules_version <> :rules_version;

-- name: upsert_experiences
-- Who their authors let see these experiences; one that was told anew is no longer what moderators cleared.
insert into community.experiences (tenant_id, id, wanted_visibility, rules_version, created_at)
select :tenant_id, n.id, n.wanted_visibility, :rules_version, :at
from unnest(:ids::uuid[], :visibilities::text[]) as n (id, wanted_visibility)
on conflict (tenant_id, id) do update
set wanted_visibility = excluded.wanted_visibility, rules_version = excluded.rules_version, edited_at = excluded.created_at,
    is_cleared = false;

-- name: lock_attributes
-- What is known of these experiences, held until the transaction ends. Uses attributes_experience.
select experience_id, key, text_value, number_value, confidence, source, is_counted, field, span_start, span_end, words
from community.attributes
where tenant_id = :tenant_id and category = any(:categories) and experience_id = any(:experience_ids)
order by experience_id, key, ordinal
for update;

-- name: insert_attributes
-- What is known of experiences.
insert into community.attributes (tenant_id, category, experience_id, key, ordinal, text_value, number_value, confidence,
                                  source, is_counted, field, span_start, span_end, words)
select :tenant_id, n.category, n.experience_id, n.key, n.ordinal, n.text_value, n.number_value, n.confidence, n.source,
       n.is_counted, n.field, n.span_start, n.span_end, n.words
from unnest(:categories::text[], :experience_ids::uuid[], :keys::text[], :ordinals::int[], :texts::text[],
            :numbers::float8[], :confidences::float4[], :sources::text[], :counted::bool[], :fields::text[],
            :starts::int[], :ends::int[], :words::text[])
     as n (category, experience_id, key, ordinal, text_value, number_value, confidence, source, is_counted, field,
           span_start, span_end, words);

-- name: delete_attributes
-- What was known of experiences that were told anew. Uses attributes_experience.
delete from community.attributes
where tenant_id = :tenant_id and category = any(:categories) and experience_id = any(:experience_ids);

-- name: delete_attributes_of
-- What was known of experiences that go, whatever their category. Uses attributes_experience.
delete from community.attributes where tenant_id = :tenant_id and experience_id = any(:experience_ids);

-- name: list_attributes_of
-- What is known of these experiences. Uses attributes_experience.
select experience_id, key, text_value, number_value, confidence, source, is_counted, field, span_start, span_end, words
from community.attributes
where tenant_id = :tenant_id and experience_id = any(:experience_ids)
order by experience_id, key, ordinal;

-- name: list_experiences
-- Experiences from a source that names their ids, with whose they are and what was done with them. Uses counters_pkey and
-- experiences_pkey and people_pkey.
select i.id, i.key, coalesce(i.author, '') as author, p.name as author_name, coalesce(i.title, '') as title,
       i.body as text, coalesce(i.category, 'other') as category, i.facets -> 'tags' as tags, i.latitude, i.longitude,
       i.happened_at, i.visibility, e.hidden_reason, i.metadata, coalesce(c.upvotes, 0) as upvotes,
       coalesce(c.comments, 0) as comments, coalesce(c.views, 0) as views, i.created_at, e.edited_at
from ($(source)) s
join collections.items i on i.tenant_id = :tenant_id and i.id = s.id and i.collection_id = :collection_id
left join community.experiences e on e.tenant_id = :tenant_id and e.id = i.id
left join community.counters c on c.tenant_id = :tenant_id and c.experience_id = i.id
left join community.people p on p.tenant_id = :tenant_id and p.user_key = i.author
limit :limit;

-- name: count_experiences
-- How many experiences a source names, counted up to a limit.
select count(*) from (select s.id from ($(source)) s limit :limit) n;

-- name: count_in_categories
-- How many public experiences there are in these categories: all of them less those that few may see. Uses
-- items_unlisted.
select coalesce(sum(f.item_count), 0)::bigint - (
    select count(*) from collections.items u
    where u.tenant_id = :tenant_id and u.collection_id = :collection_id and u.category = any(:categories)
      and u.visibility <> 'public'
) as count
from collections.facet_counts f
where f.tenant_id = :tenant_id and f.collection_id = :collection_id and f.name = '$category'
  and f.text_value = any(:categories);

-- name: count_public
-- How many public experiences there are: all of them less those that few may see. Uses items_unlisted.
select t.item_count - (
    select count(*) from collections.items u
    where u.tenant_id = :tenant_id and u.collection_id = :collection_id and u.visibility <> 'public'
) as count
from collections.totals t
where t.tenant_id = :tenant_id and t.collection_id = :collection_id;

-- name: list_category_counts
-- The commonest categories and how many public experiences each has. Uses facet_counts_order and items_unlisted.
select f.text_value as name, f.item_count - coalesce(u.count, 0) as count
from collections.facet_counts f
left join (
    select i.category, count(*) as count from collections.items i
    where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.visibility <> 'public'
    group by i.category
) u on u.category = f.text_value
where f.tenant_id = :tenant_id and f.collection_id = :collection_id and f.name = '$category'
order by f.item_count desc, f.text_value
limit :limit;

-- name: list_value_counts
-- The commonest values of an attribute and how many public experiences have each. Uses facet_counts_order and
-- items_unlisted.
select f.text_value as name, f.item_count - coalesce(u.count, 0) as count
from collections.facet_counts f
left join (
    select a.text_value, count(*) as count from collections.items i
    join community.attributes a
      on a.tenant_id = :tenant_id and a.category = i.category and a.experience_id = i.id and a.key = :key and a.is_counted
    where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.visibility <> 'public'
    group by a.text_value
) u on u.text_value = f.text_value
where f.tenant_id = :tenant_id and f.collection_id = :collection_id and f.name = :key
order by f.item_count desc, f.text_value
limit :limit;

-- name: count_key_uses
-- How many experiences have these attributes, each counted up to a limit. Uses attributes_text and attributes_number.
select k.key as name, w.count + n.count as count
from unnest(:keys::text[]) as k (key)
cross join lateral (
    select count(distinct x.experience_id) as count from (
        select a.experience_id from community.attributes a
        where a.tenant_id = :tenant_id and a.key = k.key and a.is_counted and a.text_value is not null
        limit :limit) x
) w
cross join lateral (
    select count(*) as count from (
        select from community.attributes a
        where a.tenant_id = :tenant_id and a.key = k.key and a.is_counted and a.number_value is not null
          and a.text_value is null
        limit :limit) x
) n;

-- name: upsert_person
-- What somebody says of themselves from now on.
insert into community.people (tenant_id, user_key, name, about, metadata, created_at, updated_at)
values (:tenant_id, :user_key, :name, :about, :metadata, :at, :at)
on conflict (tenant_id, user_key) do update
set name = excluded.name, about = excluded.about, metadata = excluded.metadata, updated_at = excluded.updated_at;

-- name: list_people
-- One page of people by their ids. Uses people_pkey.
select user_key as user, name, about, metadata, created_at
from community.people
where tenant_id = :tenant_id and user_key > :after
order by user_key
limit :limit;

-- name: list_people_by_id
-- These people. Uses people_pkey.
select user_key as user, name, about, metadata, created_at
from community.people
where tenant_id = :tenant_id and user_key = any(:users);

-- name: delete_person
-- What somebody said of themselves. Uses people_pkey.
delete from community.people where tenant_id = :tenant_id and user_key = :user_key;

-- name: list_told_by
-- A bounded part of what somebody told. Uses items_author.
select id from collections.items
where tenant_id = :tenant_id and author = :author and collection_id = :collection_id
order by id
limit :limit;

-- name: list_comments_by
-- A bounded part of what somebody said under experiences. Uses comments_author.
select id, experience_id from community.comments
where tenant_id = :tenant_id and author = :author
order by id desc
limit :limit;

-- name: delete_comments
-- Comments that go. Uses comments_pkey.
delete from community.comments where tenant_id = :tenant_id and id = any(:ids);

-- name: list_acts_of
-- A bounded part of what somebody did. Uses interactions_pkey.
select r.item_id, r.kind from recommend.interactions r
where r.tenant_id = :tenant_id and r.collection_id = :collection_id and r.user_key = :user_key
order by r.item_id, r.kind
limit :limit;

-- name: delete_reports_by
-- A bounded part of what somebody reported. Uses reports_reporter.
delete from community.reports r
where r.tenant_id = :tenant_id and r.id in (
    select o.id from community.reports o where o.tenant_id = :tenant_id and o.reporter = :reporter limit :limit)
returning r.experience_id;

-- name: discover_total
-- How many experiences a source names, by how many authors, from when to when, how many have a place, and the newest.
select count(*) as count, count(distinct i.author) as authors, min(i.happened_at) as first_at,
       max(i.happened_at) as last_at, count(i.latitude) as placed,
       coalesce((array_agg(i.id order by i.id desc))[1 : :ids_max], '{}') as ids
from (select w.* from ($(wished)) w limit :items_max) i;

-- name: discover_groups
-- How many experiences of a source are of each category, author, month, year, month of the year or weekday. Weekdays are
-- those of the clock where it happened, as far as it is known.
select g.label, count(*) as count
from (select w.* from ($(wished)) w limit :items_max) i
cross join lateral (
    select i.happened_at at time zone 'UTC' as at,
           i.happened_at at time zone 'UTC' + make_interval(mins => i.utc_offset_min) as local_at
) t
cross join lateral (
    select case :by::text
               when 'category' then i.category
               when 'author' then i.author
               when 'month' then to_char(t.at, 'YYYY-MM')
               when 'year' then to_char(t.at, 'YYYY')
               when 'month_of_year' then to_char(t.at, 'MM')
               when 'weekday' then to_char(t.local_at, 'ID')
           end as label
) g
where g.label is not null
group by g.label
order by count(*) desc, g.label
limit :limit;

-- name: discover_values
-- How many experiences of a source have each value of a key, and (with no value) how many have the key at all.
select f.text_value as label, count(distinct f.item_id) as count
from (select w.id from ($(wished)) w limit :items_max) n
join collections.item_facets f on f.tenant_id = :tenant_id and f.item_id = n.id and f.name = :key
where f.text_value is not null
group by grouping sets ((f.text_value), ())
order by grouping(f.text_value) desc, count(distinct f.item_id) desc, f.text_value
limit :limit;

-- name: discover_spread
-- How the numbers of a key are spread among the experiences of a source.
select count(*) as known, min(f.number_value) as least, max(f.number_value) as most,
       percentile_cont(array[0.25, 0.5, 0.75]) within group (order by f.number_value) as quartiles
from (select w.id from ($(wished)) w limit :items_max) n
join collections.item_facets f on f.tenant_id = :tenant_id and f.item_id = n.id and f.name = :key
where f.number_value is not null;

-- name: discover_classes
-- How many experiences of a source have a number in each class: 0 below the first edge, 1 from it to the next ...
select width_bucket(f.number_value, :edges::double precision[]) as place, count(*) as count
from (select w.id from ($(wished)) w limit :items_max) n
join collections.item_facets f on f.tenant_id = :tenant_id and f.item_id = n.id and f.name = :key
where f.number_value is not null
group by 1
order by 1
limit :limit;

-- name: discover_all_values
-- How many experiences of a source have each value of each key, and (with no value) how many have the key, commonest first.
select f.name as key, f.text_value as label, count(distinct f.item_id) as count
from (select w.id from ($(wished)) w limit :items_max) n
join collections.item_facets f on f.tenant_id = :tenant_id and f.item_id = n.id
where f.text_value is not null and f.name <> '$author'
group by grouping sets ((f.name, f.text_value), (f.name))
having count(distinct f.item_id) >= :least
order by grouping(f.text_value) desc, count(distinct f.item_id) desc, f.name, f.text_value
limit :limit;

-- name: discover_cells
-- How many experiences of a source happened in each cell of the map, the fullest first; cells count from the pole and
-- from the date line.
select floor((i.latitude + 90) / :degrees)::int as row_number, floor((i.longitude + 180) / :degrees)::int as column_number,
       count(*) as count
from (select w.* from ($(wished)) w limit :items_max) i
where i.latitude is not null
group by 1, 2
order by count(*) desc, 1, 2
limit :limit;

-- name: discover_places
-- The places that experiences of a source name most often, how many name each, and the box they lie in.
select i.place_name as name, count(*) as count, min(i.latitude) as south, max(i.latitude) as north,
       min(i.longitude) as west, max(i.longitude) as east
from (select w.* from ($(wished)) w limit :items_max) i
where i.place_name is not null
group by 1
order by count(*) desc, 1
limit :limit;

-- name: discover_together
-- Of the experiences of a source that have both keys: how many there are, how many have the one value, the other, both.
select count(*) as known, count(*) filter (where k.has_first) as first, count(*) filter (where k.has_second) as second,
       count(*) filter (where k.has_first and k.has_second) as both
from (
    select bool_or(f.name = :first_key and f.text_value = :first_value) as has_first,
           bool_or(f.name = :second_key and f.text_value = :second_value) as has_second
    from (select w.id from ($(wished)) w limit :items_max) n
    join collections.item_facets f
      on f.tenant_id = :tenant_id and f.item_id = n.id and f.name in (:first_key, :second_key)
    group by f.item_id
    having bool_or(f.name = :first_key) and bool_or(f.name = :second_key)
) k;

-- name: discover_ids
-- Experiences of a source in an order: the newest told, the latest or earliest that happened, those with most upvotes,
-- comments or views, with the highest or lowest number of a key; with that number.
select i.id, f.number_value as value
from (select w.* from ($(wished)) w limit :items_max) i
left join collections.item_facets f on f.tenant_id = :tenant_id and f.item_id = i.id and f.name = :key::text and f.ordinal = 0
left join community.counters c on c.tenant_id = :tenant_id and c.experience_id = i.id
where :key::text is null or f.number_value is not null
order by case :order::text
             when 'happened' then extract(epoch from i.happened_at)
             when 'earliest' then - extract(epoch from i.happened_at)
             when 'upvotes' then coalesce(c.upvotes, 0)
             when 'comments' then coalesce(c.comments, 0)
             when 'views' then coalesce(c.views, 0)
             when 'highest' then f.number_value
             when 'lowest' then - f.number_value
         end desc nulls last,
         i.id desc
limit :limit;

-- name: discover_vocabulary
-- The commonest values of all attributes, tags and categories, and how many public experiences have each.
select f.name as key, f.text_value as label, f.item_count - coalesce(u.count, 0) as count
from collections.facet_counts f
left join (
    select x.name, x.text_value, count(distinct x.item_id) as count
    from collections.items i
    join collections.item_facets x on x.tenant_id = :tenant_id and x.item_id = i.id and x.text_value is not null
    where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.visibility <> 'public'
    group by x.name, x.text_value
) u on u.name = f.name and u.text_value = f.text_value
where f.tenant_id = :tenant_id and f.collection_id = :collection_id and f.name <> '$author'
order by f.item_count desc, f.name, f.text_value
limit :limit;

-- name: list_interrupted_partitions
-- Tables that were to become partitions of the attributes or no longer are, unless somebody is at it just now.
select c.relname::text from pg_catalog.pg_class c
where c.relnamespace = 'community'::regnamespace and c.relname ~ '^attributes_([0-9]+|rest|old)$' and c.relkind = 'r'
  and not c.relispartition
  and not exists (
      select from pg_catalog.pg_locks l
      where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
        and (l.classid::bigint << 32) + l.objid::bigint = 7310579031
        and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database()))
limit 100;

-- name: list_said
-- Who said something under these experiences, and when; comments_order serves it.
select experience_id, author, created_at from community.comments
where tenant_id = :tenant_id and experience_id = any(:experience_ids::uuid[]) and author = any(:authors::text[])
  and created_at = any(:times::timestamptz[]);
