-- name: find_corpus
-- What recommendations must know of the collection with this name. Uses collections_tenant_id_name_key.
select c.id, c.facets, coalesce(t.passage_count, 0) as passage_count
from collections.collections c
left join collections.totals t on t.tenant_id = :tenant_id and t.collection_id = c.id
where c.tenant_id = :tenant_id and c.name = :name;

-- name: list_item_ids
-- Ids of the items with these keys. Uses items_tenant_id_collection_id_key_key.
select id, key from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and key = any(:keys);

-- name: upsert_interactions
-- Store interactions; those that say nothing new are left as they are and do not come back. What is of a lasting kind
-- says nothing new by another time alone.
insert into recommend.interactions as r (tenant_id, collection_id, user_key, item_id, kind, weight, happened_at)
select :tenant_id, :collection_id, n.user_key, n.item_id, n.kind, n.weight, n.happened_at
from unnest(:user_keys::text[], :item_ids::uuid[], :kinds::text[], :weights::real[], :times::timestamptz[])
     as n (user_key, item_id, kind, weight, happened_at)
where exists (select from collections.items i where i.tenant_id = :tenant_id and i.id = n.item_id)
order by n.user_key, n.item_id, n.kind
on conflict (tenant_id, collection_id, user_key, item_id, kind)
do update set weight = excluded.weight, happened_at = excluded.happened_at
where r.weight <> excluded.weight or r.happened_at <> excluded.happened_at and r.kind <> all(:lasting::text[])
returning user_key, item_id, kind;

-- name: delete_interactions
-- Take interactions back.
delete from recommend.interactions r
using unnest(:user_keys::text[], :item_ids::uuid[], :kinds::text[]) as n (user_key, item_id, kind)
where r.tenant_id = :tenant_id and r.collection_id = :collection_id
  and r.user_key = n.user_key and r.item_id = n.item_id and r.kind = n.kind
returning r.user_key, r.item_id, r.kind;

-- name: count_acts
-- How many people upvoted, viewed and commented each of these items. Uses interactions_item.
select n.item_id, count(r.kind) filter (where r.kind in ('upvote', 'like')) as upvotes,
       count(r.kind) filter (where r.kind = 'view') as views,
       count(r.kind) filter (where r.kind = 'comment') as comments
from unnest(:item_ids::uuid[]) as n (item_id)
left join recommend.interactions r on r.tenant_id = :tenant_id and r.item_id = n.item_id
group by n.item_id;

-- name: delete_interactions_of_items
-- What anybody did with items that go. Uses interactions_item.
delete from recommend.interactions where tenant_id = :tenant_id and item_id = any(:item_ids)
returning user_key, item_id;

-- name: delete_impressions_of_items
-- Impressions of items that go. Uses impressions_item.
delete from recommend.impressions where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: delete_interactions_of_user
-- A bounded part of what a user did. Uses interactions_pkey.
delete from recommend.interactions r
where r.tenant_id = :tenant_id and (r.collection_id, r.user_key, r.item_id, r.kind) in (
    select d.collection_id, d.user_key, d.item_id, d.kind from recommend.interactions d
    where d.tenant_id = :tenant_id and d.collection_id = :collection_id and d.user_key = :user_key
    limit :limit)
returning r.user_key, r.item_id;

-- name: delete_impressions_of_user
-- What was shown to a user. Uses impressions_pkey.
delete from recommend.impressions
where tenant_id = :tenant_id and collection_id = :collection_id and user_key = :user_key;

-- name: list_collections_of_user
-- Collections in which a user did something or has a profile. Uses collections_pkey.
select c.id from collections.collections c
where c.tenant_id = :tenant_id and (
    exists (select from recommend.interactions r
            where r.tenant_id = :tenant_id and r.collection_id = c.id and r.user_key = :user_key)
    or exists (select from recommend.profiles p
               where p.tenant_id = :tenant_id and p.collection_id = c.id and p.user_key = :user_key)
    or exists (select from recommend.impressions m
               where m.tenant_id = :tenant_id and m.collection_id = c.id and m.user_key = :user_key))
limit :limit;

-- name: list_authors_known
-- Who wrote these items, as last derived. Uses standings_pkey.
select collection_id, author as user_key from recommend.standings
where tenant_id = :tenant_id and item_id = any(:item_ids) and author is not null
limit :limit;

-- name: list_users_of_items
-- Users who turned to one of these items, a bounded number. Uses interactions_item.
select distinct collection_id, user_key from recommend.interactions
where tenant_id = :tenant_id and item_id = any(:item_ids)
limit :limit;

-- name: upsert_standings
-- Derive what ranking looks at in these items from the truth.
insert into recommend.standings (tenant_id, item_id, collection_id, author, category, latitude, longitude, is_public,
                                 born_at, upvotes, comments, views, dislikes, points)
select :tenant_id, i.id, i.collection_id, i.author, i.category, i.latitude, i.longitude, i.visibility = 'public',
       case when c.metadata ->> 'ages' = 'created' then i.created_at else coalesce(i.happened_at, i.created_at) end,
       n.upvotes, n.comments, n.views, n.dislikes,
       n.upvotes * :upvote::float8 + n.comments * :comment::float8 + n.views * :view::float8
from collections.items i
join collections.collections c on c.tenant_id = :tenant_id and c.id = i.collection_id
cross join lateral (
    select count(*) filter (where r.kind in ('upvote', 'like')) as upvotes,
           count(*) filter (where r.kind = 'comment') as comments,
           count(*) filter (where r.kind = 'view') as views,
           count(*) filter (where r.kind in ('dislike', 'less')) as dislikes
    from recommend.interactions r where r.tenant_id = :tenant_id and r.item_id = i.id
) n
where i.tenant_id = :tenant_id and i.id = any(:item_ids)
on conflict (tenant_id, item_id) do update set
    author = excluded.author, category = excluded.category, latitude = excluded.latitude,
    longitude = excluded.longitude, is_public = excluded.is_public, born_at = excluded.born_at,
    upvotes = excluded.upvotes, comments = excluded.comments, views = excluded.views, dislikes = excluded.dislikes,
    points = excluded.points
returning item_id;

-- name: delete_standings
-- Items that are gone. Uses standings_pkey.
delete from recommend.standings where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: insert_categories
-- Give the categories of these items, where they are new, the next places.
with fresh as (
    select distinct s.collection_id, s.category as name
    from recommend.standings s
    where s.tenant_id = :tenant_id and s.item_id = any(:item_ids) and s.category is not null
      and not exists (select from recommend.categories c
                      where c.tenant_id = :tenant_id and c.collection_id = s.collection_id and c.name = s.category)
), taken as (
    select c.collection_id, count(*) as places from recommend.categories c
    where c.tenant_id = :tenant_id and c.collection_id in (select f.collection_id from fresh f)
    group by c.collection_id
)
insert into recommend.categories (tenant_id, collection_id, name, place)
select :tenant_id, f.collection_id, f.name,
       coalesce(t.places, 0) + row_number() over (partition by f.collection_id order by f.name) - 1
from fresh f
left join taken t on t.collection_id = f.collection_id
on conflict do nothing;

-- name: list_categories
-- The places of a collection's categories. Uses categories_pkey.
select name, place from recommend.categories
where tenant_id = :tenant_id and collection_id = :collection_id
order by place
limit :limit;

-- name: list_acts
-- What users did last with what everybody may see, and what they wrote last: profiles are made of it. Uses
-- interactions_recent.
select u.user_key, a.item_id, a.is_own, a.kind, a.weight, a.happened_at as at, s.category
from unnest(:user_keys::text[]) as u (user_key)
cross join lateral (
    (select r.item_id, false as is_own, r.kind, r.weight, r.happened_at
     from recommend.interactions r
     where r.tenant_id = :tenant_id and r.collection_id = :collection_id and r.user_key = u.user_key
       and r.kind in ('view', 'like', 'upvote', 'comment')
     order by r.happened_at desc, r.item_id, r.kind
     limit :limit)
    union all
    (select i.id, true, 'wrote', 1::real, coalesce(o.born_at, i.happened_at, i.created_at)
     from collections.items i
     left join recommend.standings o on o.tenant_id = :tenant_id and o.item_id = i.id
     where i.tenant_id = :tenant_id and i.author = u.user_key and i.collection_id = :collection_id
       and i.visibility = 'public'
     order by coalesce(o.born_at, i.happened_at, i.created_at) desc, i.id
     limit :limit)
) a
left join recommend.standings s on s.tenant_id = :tenant_id and s.item_id = a.item_id
where a.is_own or coalesce(s.is_public, true);

-- name: read_item_vectors
-- The mean vector of each of these items' passages, all in one piece, as they lie on the wire. Uses vectors_item.
select string_agg(uuid_send(m.item_id), '' order by m.item_id) as ids,
       string_agg(halfvec_send(m.vector), '' order by m.item_id) as vectors
from (
    select v.item_id, avg(v.embedding)::halfvec as vector
    from embedding.vectors v
    where v.tenant_id = :tenant_id and v.item_id = any(:item_ids) and v.space_id = :space_id
    group by v.item_id
) m;

-- name: upsert_profiles
-- Profiles of users of one collection, as just made; they have moved.
insert into recommend.profiles as p (tenant_id, collection_id, user_key, categories, written_count, liked_count, last_at,
                                     is_stale, look_at, looks)
select :tenant_id, :collection_id, n.user_key, n.categories, n.written_count, n.liked_count, n.last_at, true,
       n.look_at, n.looks
from unnest(:user_keys::text[], :categories::text[]::jsonb[], :written_counts::int[], :liked_counts::int[],
            :lasts::timestamptz[], :look_ats::timestamptz[], :looks::int[])
     as n (user_key, categories, written_count, liked_count, last_at, look_at, looks)
order by n.user_key -- two who write the same users at once must meet them in one order
on conflict (tenant_id, collection_id, user_key) do update set
    categories = excluded.categories, written_count = excluded.written_count, liked_count = excluded.liked_count,
    last_at = excluded.last_at, is_stale = true, look_at = excluded.look_at, looks = excluded.looks,
    updated_at = excluded.updated_at
returning id, user_key;

-- name: list_profile_ids
-- Ids of users with a profile. Uses profiles_pkey.
select id, user_key from recommend.profiles
where tenant_id = :tenant_id and collection_id = :collection_id and user_key = any(:user_keys);

-- name: delete_profiles
-- Users of whom nothing is left. Uses profiles_tenant_id_collection_id_id_key.
delete from recommend.profiles where tenant_id = :tenant_id and collection_id = :collection_id and id = any(:ids);

-- name: upsert_vectors
-- Where users of one collection stand.
insert into recommend.vectors (tenant_id, collection_id, kind, user_id, embedding)
select :tenant_id, :collection_id, n.kind, n.user_id, n.embedding
from unnest(:kinds::text[], :user_ids::bigint[], :embeddings::halfvec[]) as n (kind, user_id, embedding)
on conflict (tenant_id, collection_id, kind, user_id) do update set embedding = excluded.embedding;

-- name: delete_vectors
-- Users who stand nowhere any more. Uses vectors_pkey.
delete from recommend.vectors v
using unnest(:kinds::text[], :user_ids::bigint[]) as n (kind, user_id)
where v.tenant_id = :tenant_id and v.collection_id = :collection_id and v.kind = n.kind and v.user_id = n.user_id;

-- name: delete_neighbours
-- The lists of users who stand nowhere any more. Uses neighbours_pkey.
delete from recommend.neighbours v
using unnest(:kinds::text[], :user_ids::bigint[]) as n (kind, user_id)
where v.tenant_id = :tenant_id and v.collection_id = :collection_id and v.kind = n.kind and v.user_id = n.user_id;

-- name: list_moved
-- Users whose profile has moved since they were matched, longest first, of whichever tenant.
select p.tenant_id, p.collection_id, p.id, p.user_key, p.updated_at
from recommend.profiles p
where p.is_stale and p.collection_id <> all(:left_out)
order by p.updated_at
limit :limit;

-- name: count_moved
-- How many profiles of a collection have moved, counted up to a bound.
select count(*) from (
    select from recommend.profiles p
    where p.tenant_id = :tenant_id and p.collection_id = :collection_id and p.is_stale
    limit :limit
) moved;

-- name: mark_matched
-- Users whose neighbours are those of their profile as it is. Uses profiles_tenant_id_collection_id_id_key.
update recommend.profiles p set is_stale = false
from unnest(:ids::bigint[], :moments::timestamptz[]) as n (id, updated_at)
where p.tenant_id = :tenant_id and p.collection_id = :collection_id and p.id = n.id and p.updated_at = n.updated_at;

-- name: delete_meanings
-- Of another space: where a tenant's users stand by meaning.
delete from recommend.vectors where tenant_id = :tenant_id and kind = 'meaning';

-- name: look_at_all
-- Have the profiles of all of a tenant's users looked at again.
update recommend.profiles set look_at = :now, looks = 0 where tenant_id = :tenant_id;

-- name: list_waiting
-- Users some of whose items had no vector when last looked, and whom to look at again now, of whichever tenant.
select p.tenant_id, p.collection_id, p.user_key, p.looks
from recommend.profiles p
where p.look_at <= :now
order by p.look_at
limit :limit;

-- name: find_place
-- Where a user stands. Uses vectors_pkey.
select embedding as vector from recommend.vectors
where tenant_id = :tenant_id and collection_id = :collection_id and kind = :kind and user_id = :user_id;

-- name: nearest_users
-- The users most alike, every one compared, in the tenant's key range.
select v.user_id as id, (1 - (v.embedding <=> :vector))::float8 as similarity
from recommend.vectors v
where v.tenant_id = :tenant_id and v.collection_id = :collection_id and v.kind = :kind and v.user_id <> :user_id
order by v.embedding <=> :vector, v.user_id
limit :limit;

-- name: compare_users
-- How alike these users are to a vector. Uses vectors_pkey.
select v.user_id as id, (1 - (v.embedding <=> :vector))::float8 as similarity
from recommend.vectors v
where v.tenant_id = :tenant_id and v.collection_id = :collection_id and v.kind = :kind and v.user_id = any(:ids);

-- name: list_neighbours
-- Lists of these users, held until the end of the transaction. Uses neighbours_pkey.
select user_id, packed from recommend.neighbours
where tenant_id = :tenant_id and collection_id = :collection_id and kind = :kind and user_id = any(:user_ids)
order by user_id
for update;

-- name: hold_neighbours
-- One writer of a collection's lists of neighbours at a time: a moved user and a rebuild each write lists of others,
-- in orders of their own, and lists that are not there yet cannot be held row by row.
select pg_advisory_xact_lock(hashtextextended('recommend.neighbours ' || :tenant_id::uuid || :collection_id::uuid, 0));

-- name: upsert_neighbours
-- Lists of users of one collection.
insert into recommend.neighbours (tenant_id, collection_id, kind, user_id, packed)
select :tenant_id, :collection_id, :kind, n.user_id, n.packed
from unnest(:user_ids::bigint[], :packed::bytea[]) as n (user_id, packed)
on conflict (tenant_id, collection_id, kind, user_id) do update set packed = excluded.packed;

-- name: list_people
-- One page of a collection's users, by name. Uses profiles_pkey.
select id, user_key, categories, written_count, liked_count, last_at, updated_at
from recommend.profiles
where tenant_id = :tenant_id and collection_id = :collection_id and user_key > :after
order by user_key
limit :limit;

-- name: look_up_neighbours
-- The same by the collection's name, in one round trip. Uses profiles_pkey and neighbours_pkey.
select c.id as collection_id, p.id, p.user_key, n.packed
from collections.collections c
left join recommend.profiles p
    on p.tenant_id = :tenant_id and p.collection_id = c.id and p.user_key = :user_key
left join recommend.neighbours n
    on n.tenant_id = :tenant_id and n.collection_id = c.id and n.kind = :kind and n.user_id = p.id
where c.tenant_id = :tenant_id and c.name = :name;

-- name: find_neighbours
-- A user and the list of those most alike. Uses profiles_pkey and neighbours_pkey.
select p.id, p.user_key, n.packed
from recommend.profiles p
left join recommend.neighbours n
    on n.tenant_id = :tenant_id and n.collection_id = :collection_id and n.kind = :kind and n.user_id = p.id
where p.tenant_id = :tenant_id and p.collection_id = :collection_id and p.user_key = :user_key;

-- name: list_names
-- What users are called. Uses profiles_tenant_id_collection_id_id_key.
select id, user_key from recommend.profiles
where tenant_id = :tenant_id and collection_id = :collection_id and id = any(:ids);

-- name: list_kinds_known
-- By which likenesses a user can be compared. Uses vectors_pkey.
select kind from recommend.vectors
where tenant_id = :tenant_id and collection_id = :collection_id and kind = any(:kinds) and user_id = :user_id;

-- name: list_persons
-- Profiles of these users. Uses profiles_pkey.
select id, user_key, categories, written_count, liked_count, last_at, updated_at
from recommend.profiles
where tenant_id = :tenant_id and collection_id = :collection_id and user_key = any(:user_keys);

-- name: list_shared_items
-- Items that a user and each of others liked, newest first. Uses interactions_pkey.
select s.user_key, i.id, i.key, coalesce(i.title, left(i.body, 80)) as title
from unnest(:user_keys::text[]) as u (user_key)
cross join lateral (
    select r.user_key, r.item_id, max(r.happened_at) as at
    from (
        select distinct m.item_id from recommend.interactions m
        where m.tenant_id = :tenant_id and m.collection_id = :collection_id and m.user_key = :user_key
          and m.kind in ('like', 'upvote', 'comment')
    ) mine
    join recommend.interactions r on r.tenant_id = :tenant_id and r.collection_id = :collection_id
        and r.user_key = u.user_key and r.item_id = mine.item_id and r.kind in ('like', 'upvote', 'comment')
    group by r.user_key, r.item_id
    order by at desc, r.item_id
    limit :limit
) s
join collections.items i on i.tenant_id = :tenant_id and i.id = s.item_id and i.visibility = 'public';

-- name: list_trending
-- Items of the window by points over age, best first; every item of the window is looked at. Uses standings_fresh.
select s.item_id, (s.points / power(greatest(extract(epoch from :now::timestamptz - s.born_at) / 3600, :age_min), :power))::float8
       as score
from recommend.standings s
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.is_public and s.points > 0
  and s.born_at > :now::timestamptz - make_interval(secs => :window_s) and s.born_at <= :now::timestamptz
order by score desc, s.item_id
limit :limit;

-- name: list_trending_of_category
-- The same within a category. Uses standings_category.
select s.item_id, (s.points / power(greatest(extract(epoch from :now::timestamptz - s.born_at) / 3600, :age_min), :power))::float8
       as score
from recommend.standings s
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.category = :category and s.is_public
  and s.points > 0
  and s.born_at > :now::timestamptz - make_interval(secs => :window_s) and s.born_at <= :now::timestamptz
order by score desc, s.item_id
limit :limit;

-- name: list_fresh
-- The newest items. Uses standings_fresh.
select s.item_id, 0::float8 as score from recommend.standings s
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.is_public and s.born_at <= :now
order by s.born_at desc, s.item_id
limit :limit;

-- name: list_popular
-- The items with most points, ever. Uses standings_popular.
select s.item_id, s.points::float8 as score from recommend.standings s
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.is_public
order by s.points desc, s.item_id
limit :limit;

-- name: list_of_categories
-- The newest items of each of these categories. Uses standings_category.
select s.item_id, 0::float8 as score
from unnest(:categories::text[]) as c (name)
cross join lateral (
    select f.item_id from recommend.standings f
    where f.tenant_id = :tenant_id and f.collection_id = :collection_id and f.is_public and f.category = c.name
      and f.born_at <= :now
    order by f.born_at desc
    limit :limit
) s;

-- name: list_near
-- Items within a box on earth, newest first. Uses standings_place.
select s.item_id, 0::float8 as score from recommend.standings s
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.is_public
  and s.latitude between :south and :north and s.longitude between :west and :east and s.born_at <= :now
order by s.born_at desc
limit :limit;

-- name: list_recent
-- What a user did last, in whichever way. Uses interactions_recent.
select r.user_key, r.item_id, r.kind, r.weight, r.happened_at
from recommend.interactions r
where r.tenant_id = :tenant_id and r.collection_id = :collection_id and r.user_key = :user_key
order by r.happened_at desc
limit :limit;

-- name: list_done
-- Which of these items a user has turned to in any way but looking at them.
select distinct r.item_id from recommend.interactions r
where r.tenant_id = :tenant_id and r.collection_id = :collection_id and r.user_key = :user_key
  and r.item_id = any(:item_ids) and r.kind <> 'view';

-- name: list_likes_of_users
-- The latest likes of each of these users. Uses interactions_recent.
select u.user_key, r.item_id, r.kind, r.weight, r.happened_at
from unnest(:user_keys::text[]) as u (user_key)
cross join lateral (
    select l.item_id, l.kind, l.weight, l.happened_at from recommend.interactions l
    where l.tenant_id = :tenant_id and l.collection_id = :collection_id and l.user_key = u.user_key
      and l.kind in ('like', 'upvote', 'comment')
    order by l.happened_at desc
    limit :limit
) r;

-- name: list_affinities
-- What goes with these items. Uses affinities_pkey.
select item_id, packed from recommend.affinities where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: list_factors
-- The items' side of the factorisation. Uses factors_pkey.
select item_id, embedding as vector from recommend.factors where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: list_standings
-- What ranking looks at in these items, without those that have just been hidden. Uses standings_pkey.
select s.item_id, s.author, s.category, s.latitude, s.longitude, s.born_at, s.upvotes, s.comments, s.views, s.dislikes,
       s.points
from recommend.standings s
where s.tenant_id = :tenant_id and s.item_id = any(:item_ids) and s.is_public
  and exists (select from collections.items i
              where i.tenant_id = :tenant_id and i.id = s.item_id and i.visibility = 'public');

-- name: list_passing
-- Those of these items that pass a filter.
select i.id from collections.items i
where i.tenant_id = :tenant_id and i.id = any(:item_ids) and i.collection_id = :collection_id and $(conditions);

-- name: list_impressions
-- How often these items were shown to a user, and when last.
select item_id, shown_count, shown_at from recommend.impressions
where tenant_id = :tenant_id and collection_id = :collection_id and user_key = :user_key and item_id = any(:item_ids);

-- name: upsert_impressions
-- Items were shown to users; those that are gone meanwhile are left out.
insert into recommend.impressions as m (tenant_id, collection_id, user_key, item_id, shown_count, shown_at, features)
select :tenant_id, n.collection_id, n.user_key, n.item_id, 1, n.shown_at, n.features::real[]
from unnest(:collection_ids::uuid[], :user_keys::text[], :item_ids::uuid[], :moments::timestamptz[], :features::text[])
     as n (collection_id, user_key, item_id, shown_at, features)
where exists (select from collections.items i where i.tenant_id = :tenant_id and i.id = n.item_id)
order by n.collection_id, n.user_key, n.item_id
on conflict (tenant_id, collection_id, user_key, item_id) do update set
    shown_count = m.shown_count + 1, shown_at = excluded.shown_at, features = excluded.features;

-- name: delete_old_impressions
-- A bounded part of the impressions that are older than they are kept. Uses impressions_age.
delete from recommend.impressions m
where m.tenant_id = :tenant_id and (m.collection_id, m.user_key, m.item_id) in (
    select d.collection_id, d.user_key, d.item_id from recommend.impressions d
    where d.tenant_id = :tenant_id and d.collection_id = :collection_id and d.shown_at < :before
    limit :limit);

-- name: list_lessons
-- The latest impressions, what the ranking saw, and whether the user turned to the item afterwards. Uses impressions_age.
select m.features, exists (
    select from recommend.interactions r
    where r.tenant_id = :tenant_id and r.collection_id = :collection_id and r.user_key = m.user_key
      and r.item_id = m.item_id and r.kind in ('view', 'like', 'upvote', 'comment') and r.happened_at >= m.shown_at
) as is_clicked, m.user_key, m.shown_at
from recommend.impressions m
where m.tenant_id = :tenant_id and m.collection_id = :collection_id
order by m.shown_at desc
limit :limit;

-- name: nearest_exact
-- The passages nearest to a profile, every vector compared, in the tenant's key range.
select v.item_id, (1 - (v.embedding <=> :vector))::float8 as score
from embedding.vectors v
where v.tenant_id = :tenant_id and v.space_id = $(space) and v.collection_id = :collection_id
order by (v.embedding <=> :vector) + 0, v.passage_id
limit :limit;

-- name: nearest_approximate
-- The passages nearest to a profile by the HNSW index of the tenant's partition.
select v.item_id, (1 - (v.embedding::halfvec($(dimension)) <=> :vector::halfvec($(dimension))))::float8 as score
from embedding.vectors v
where v.tenant_id = :tenant_id and v.space_id = $(space) and v.collection_id = :collection_id
order by v.embedding::halfvec($(dimension)) <=> :vector::halfvec($(dimension))
limit :limit;

-- name: list_shown
-- Items as a feed shows them, as far as everybody may see them. Uses items_pkey.
select i.id, i.key, coalesce(i.title, '') as title, left(i.body, :characters) as text, i.author, i.category
from collections.items i
where i.tenant_id = :tenant_id and i.id = any(:item_ids) and i.visibility = 'public';

-- name: read_interactions
-- One page of everything people did in a collection, for a rebuild or an evaluation. Uses interactions_pkey.
select r.user_key, r.item_id, r.kind, r.weight, r.happened_at
from recommend.interactions r
where r.tenant_id = :tenant_id and r.collection_id = :collection_id
  and (r.user_key, r.item_id, r.kind) > (:after_user::text, :after_item::uuid, :after_kind::text)
order by r.user_key, r.item_id, r.kind
limit :limit;

-- name: read_vectors
-- One page of where users stand, in one piece. Uses vectors_pkey.
select coalesce(max(m.user_id), 0)::bigint as last, count(*) as row_count,
       string_agg(int8send(m.user_id), '' order by m.user_id) as ids,
       string_agg(halfvec_send(m.embedding), '' order by m.user_id) as vectors
from (
    select v.user_id, v.embedding from recommend.vectors v
    where v.tenant_id = :tenant_id and v.collection_id = :collection_id and v.kind = :kind and v.user_id > :after
    order by v.user_id
    limit :limit
) m;

-- name: find_model
-- What the last rebuild learned of a collection. Uses models_pkey.
select gram, weights, report, trained_at from recommend.models
where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: upsert_model
-- What a rebuild has learned.
insert into recommend.models (tenant_id, collection_id, gram, weights, report)
values (:tenant_id, :collection_id, :gram, :weights, :report)
on conflict (tenant_id, collection_id) do update set
    gram = excluded.gram, weights = excluded.weights, report = excluded.report, trained_at = excluded.trained_at;

-- name: upsert_affinities
-- What goes with items of one collection.
insert into recommend.affinities (tenant_id, item_id, collection_id, packed)
select :tenant_id, n.item_id, :collection_id, n.packed
from unnest(:item_ids::uuid[], :packed::bytea[]) as n (item_id, packed)
on conflict (tenant_id, item_id) do update set packed = excluded.packed;

-- name: upsert_factors
-- The items' side of a factorisation.
insert into recommend.factors (tenant_id, item_id, collection_id, embedding)
select :tenant_id, n.item_id, :collection_id, n.embedding
from unnest(:item_ids::uuid[], :embeddings::halfvec[]) as n (item_id, embedding)
on conflict (tenant_id, item_id) do update set embedding = excluded.embedding;

-- name: delete_affinities
-- Weights of a collection's items, before new ones are written. Uses affinities_collection.
delete from recommend.affinities where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: delete_factors
-- Factors of a collection's items, before new ones are written. Uses factors_collection.
delete from recommend.factors where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: delete_of_items
-- What was learned of items that go. Uses factors_pkey and affinities_pkey.
with gone as (delete from recommend.factors where tenant_id = :tenant_id and item_id = any(:item_ids))
delete from recommend.affinities where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: delete_all_standings
-- A tenant's derived rows, to build them again.
delete from recommend.standings where tenant_id = :tenant_id;

-- name: delete_all_categories
-- A tenant's derived rows, to build them again.
delete from recommend.categories where tenant_id = :tenant_id;

-- name: delete_all_profiles
-- A tenant's derived rows, to build them again.
delete from recommend.profiles where tenant_id = :tenant_id;

-- name: delete_all_vectors
-- A tenant's derived rows, to build them again.
delete from recommend.vectors where tenant_id = :tenant_id;

-- name: delete_all_neighbours
-- A tenant's derived rows, to build them again.
delete from recommend.neighbours where tenant_id = :tenant_id;

-- name: mark_all_matched
-- A collection's users whose profile has not moved since a moment: a rebuild has matched them. Uses profiles_moved.
update recommend.profiles set is_stale = false
where tenant_id = :tenant_id and collection_id = :collection_id and is_stale and updated_at <= :before;

-- name: list_grown_old
-- Collections learned longer ago than a moment, of whichever tenant.
select tenant_id, collection_id from recommend.models
where trained_at < :before
order by trained_at
limit :limit;

-- name: read_moment
-- What time it is by the database's clock, which is what profiles are dated by.
select now();
