-- name: find_collection
-- The collection with this name. Uses collections_tenant_id_name_key.
select id from collections.collections where tenant_id = :tenant_id and name = :name;

-- name: list_sources
-- What counting needs to know of these items; what is not public is not counted. Uses items_pkey.
select id as item_id, collection_id, category, happened_at, latitude, longitude
from collections.items
where tenant_id = :tenant_id and id = any(:item_ids) and visibility = 'public';

-- name: list_facets
-- The facets of these items, without author and category. Uses item_facets_pkey.
select item_id, name as key, text_value as text, number_value as number, time_value as time
from collections.item_facets
where tenant_id = :tenant_id and item_id = any(:item_ids) and left(name, 1) <> '$';

-- name: list_given
-- What callers say of these items with some confidence. Uses attributes_pkey.
select item_id, key, value as text, number_value as number, null::timestamptz as time
from patterns.attributes
where tenant_id = :tenant_id and item_id = any(:item_ids) and confidence >= :confidence_min;

-- name: list_counted
-- What these items were counted with. Uses counted_pkey.
select item_id, collection_id, terms
from patterns.counted
where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: upsert_counted
-- What items are counted with from now on.
insert into patterns.counted (tenant_id, item_id, collection_id, terms)
select :tenant_id, n.item_id, :collection_id, array(select x::bigint from jsonb_array_elements_text(n.terms) x)
from unnest(:item_ids::uuid[], :terms::text[]::jsonb[]) as n (item_id, terms)
on conflict (tenant_id, item_id) do update set terms = excluded.terms;

-- name: delete_counted
-- Items that are not counted any more. Uses counted_pkey.
delete from patterns.counted where tenant_id = :tenant_id and item_id = any(:item_ids);

-- name: insert_members
-- Items that have come to have a term.
insert into patterns.members (tenant_id, collection_id, term_id, item_id)
select :tenant_id, :collection_id, n.term_id, n.item_id
from unnest(:term_ids::bigint[], :item_ids::uuid[]) as n (term_id, item_id)
on conflict do nothing;

-- name: delete_members
-- Items that have ceased to have a term. Uses members_pkey.
delete from patterns.members m
using unnest(:term_ids::bigint[], :item_ids::uuid[]) as n (term_id, item_id)
where m.tenant_id = :tenant_id and m.collection_id = :collection_id and m.term_id = n.term_id and m.item_id = n.item_id;

-- name: list_terms
-- Terms by their ids, with their counts. Uses terms_pkey.
select id, kind, key, value, low, high, item_count
from patterns.terms
where tenant_id = :tenant_id and collection_id = :collection_id and id = any(:ids);

-- name: add_terms
-- Move the counts of terms; an id that another term has already is left out of what comes back.
insert into patterns.terms (tenant_id, collection_id, id, kind, key, value, low, high, item_count)
select :tenant_id, :collection_id, n.id, n.kind, n.key, n.value, n.low, n.high, n.item_count
from unnest(:ids::bigint[], :kinds::text[], :keys::text[], :values::text[], :lows::float8[], :highs::float8[],
            :counts::bigint[]) as n (id, kind, key, value, low, high, item_count)
order by n.id
on conflict (tenant_id, collection_id, id) do update set item_count = terms.item_count + excluded.item_count
where terms.kind = excluded.kind and terms.key = excluded.key and terms.value = excluded.value
returning id;

-- name: delete_empty_terms
-- Terms that no item has any more.
delete from patterns.terms
where tenant_id = :tenant_id and collection_id = :collection_id and id = any(:ids) and item_count <= 0;

-- name: add_pairs
-- Move the counts of pairs, in one order.
insert into patterns.pairs (tenant_id, collection_id, a, b, item_count)
select :tenant_id, :collection_id, n.a, n.b, n.item_count
from unnest(:firsts::bigint[], :seconds::bigint[], :counts::bigint[]) as n (a, b, item_count)
order by n.a, n.b
on conflict (tenant_id, collection_id, a, b) do update set item_count = pairs.item_count + excluded.item_count;

-- name: delete_empty_pairs
-- Pairs that no item has any more. Uses pairs_pkey or pairs_reverse.
delete from patterns.pairs p
using unnest(:firsts::bigint[], :seconds::bigint[]) as n (a, b)
where p.tenant_id = :tenant_id and p.collection_id = :collection_id and p.a = n.a and p.b = n.b and p.item_count <= 0;

-- name: delete_pairs_of
-- Every pair of these terms. Uses pairs_pkey and pairs_reverse.
delete from patterns.pairs
where tenant_id = :tenant_id and collection_id = :collection_id and (a = any(:ids) or b = any(:ids));

-- name: count_pairs_of
-- Count the pairs of values that have become frequent enough, from the few items that have them. Uses members_pkey.
with found as materialized (
    select one.id as one, one.key, x.id as other, count(*) as item_count
    from unnest(:ids::bigint[], :keys::text[]) as one (id, key)
    cross join lateral (
        select m.item_id from patterns.members m
        where m.tenant_id = :tenant_id and m.collection_id = :collection_id and m.term_id = one.id
        offset 0 -- looked up for each; what follows is fenced in and joined by nothing for the same reason:
    ) m          -- a new community has no statistics yet, and joins were then planned as products, of seconds
    cross join lateral (
        select c.terms from patterns.counted c where c.tenant_id = :tenant_id and c.item_id = m.item_id limit 1
    ) c
    cross join lateral unnest(c.terms) as x (id)
    where x.id <> one.id
    group by one.id, one.key, x.id
), described as (
    select f.one, f.key, f.other, f.item_count, null::text as kind, null::text as other_key, null::bigint as other_count
    from found f
    union all
    select null, null, t.id, null, t.kind, t.key, t.item_count
    from patterns.terms t
    where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.id = any(array(select other from found))
)
insert into patterns.pairs (tenant_id, collection_id, a, b, item_count)
select :tenant_id, :collection_id, least(p.one, p.other), greatest(p.one, p.other), max(p.item_count)
from (
    select d.one, d.key, d.other, d.item_count, max(d.kind) over w as kind, max(d.other_key) over w as other_key,
           max(d.other_count) over w as other_count
    from described d
    window w as (partition by d.other)
) p
where p.one is not null
  and (p.kind = 'value' and p.other_count >= :items_min
       or p.kind = 'key' and p.other_key <> p.key
       or p.kind = 'context')
group by 3, 4;

-- name: delete_all_counted
-- Everything a tenant's items were counted with, to count anew.
delete from patterns.counted where tenant_id = :tenant_id;

-- name: delete_all_members
-- Who has which term, to count anew.
delete from patterns.members where tenant_id = :tenant_id;

-- name: delete_all_terms
-- Every term of a tenant, to count anew.
delete from patterns.terms where tenant_id = :tenant_id;

-- name: delete_all_pairs
-- Every pair of a tenant, to count anew.
delete from patterns.pairs where tenant_id = :tenant_id;

-- name: list_keys
-- The keys of a collection, commonest first, and how many values of each are frequent. Uses terms_order.
select k.key, k.item_count, v.value_count
from patterns.terms k
cross join lateral (
    select count(*) as value_count
    from patterns.terms t
    where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.kind = 'value' and t.key = k.key
      and t.item_count >= :items_min
) v
where k.tenant_id = :tenant_id and k.collection_id = :collection_id and k.kind = 'key' and k.item_count >= :items_min
order by k.item_count desc, k.key
limit :limit;

-- name: list_values
-- The commonest terms of a key that have at least so many items. Uses terms_order.
select id, kind, key, value, low, high, item_count
from patterns.terms
where tenant_id = :tenant_id and collection_id = :collection_id and kind = :kind and key = :key
  and item_count >= :items_min
order by item_count desc, id
limit :limit;

-- name: count_values
-- How many values are frequent enough to be looked at, of one key or of all. Uses terms_order.
select count(*) as value_count
from (
    select from patterns.terms
    where tenant_id = :tenant_id and collection_id = :collection_id and kind = 'value'
      and (:key::text is null or key = :key) and item_count >= :items_min
    limit :limit
) found;

-- name: list_partners
-- Terms that items of these groups have, the groups added up: values with at least so many items, and keys. Uses
-- pairs_pkey and pairs_reverse.
select t.id, t.kind, t.key, t.value, t.low, t.high, t.item_count, p.both
from (
    select other, sum(item_count)::bigint as both
    from (
        select b as other, item_count from patterns.pairs
        where tenant_id = :tenant_id and collection_id = :collection_id and a = any(:groups)
          and item_count >= :pair_items_min
        union all
        select a, item_count from patterns.pairs
        where tenant_id = :tenant_id and collection_id = :collection_id and b = any(:groups)
          and item_count >= :pair_items_min
    ) e
    group by other
) p
join patterns.terms t on t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.id = p.other
where t.kind = any(:kinds) and (:key::text is null or t.key = :key) and p.both >= :items_min
order by p.both desc, t.id
limit :limit;

-- name: list_pairs_with
-- How many items have this term and each of others: one look by key for each, hence the limit.
-- Uses pairs_pkey or pairs_reverse.
select n.other as id, p.item_count
from unnest(:others::bigint[]) as n (other)
cross join lateral (
    select item_count from patterns.pairs
    where tenant_id = :tenant_id and collection_id = :collection_id
      and a = least(:term_id::bigint, n.other) and b = greatest(:term_id::bigint, n.other)
    limit 1
) p;

-- name: count_matrix
-- How many items have each of these terms in each of these groups: one look by key for each, hence the limit.
-- Uses pairs_pkey or pairs_reverse.
select t.id as term_id, g.id as group_id, p.item_count
from unnest(:term_ids::bigint[]) as t (id)
cross join unnest(:groups::bigint[]) as g (id)
cross join lateral (
    select item_count from patterns.pairs
    where tenant_id = :tenant_id and collection_id = :collection_id and a = least(t.id, g.id) and b = greatest(t.id, g.id)
    limit 1
) p;

-- name: list_pairs
-- One page of a collection's pairs in their order. Uses pairs_pkey.
select a, b, item_count
from patterns.pairs
where tenant_id = :tenant_id and collection_id = :collection_id and (a, b) > (:after_a::bigint, :after_b::bigint)
order by a, b
limit :limit;

-- name: list_frequent_terms
-- Terms with at least so many items, whatever they are; rarer values have no pairs.
select id, kind, key, value, low, high, item_count
from patterns.terms
where tenant_id = :tenant_id and collection_id = :collection_id and (item_count >= :items_min or kind <> 'value')
order by item_count desc, id
limit :limit;

-- name: list_evidence
-- Keys of the newest items that have a term and all of some others, among the newest ones with the first. Uses members_pkey.
select i.key
from (
    select item_id from patterns.members
    where tenant_id = :tenant_id and collection_id = :collection_id and term_id = :term_id
    order by item_id desc
    limit :scanned_max
) m
join collections.items i on i.tenant_id = :tenant_id and i.id = m.item_id
where i.visibility = 'public' and not exists (
    select from unnest(:others::bigint[]) as n (other)
    where not exists (
        select from patterns.members x
        where x.tenant_id = :tenant_id and x.collection_id = :collection_id and x.term_id = n.other and x.item_id = m.item_id
    )
)
order by m.item_id desc
limit :limit;

-- name: find_item_id
-- The id of the item with this key. Uses items_tenant_id_collection_id_key_key.
select id from collections.items where tenant_id = :tenant_id and collection_id = :collection_id and key = :key;

-- name: lock_item_ids
-- Ids of the items with these keys, which stay until the transaction ends. Uses items_tenant_id_collection_id_key_key.
select id, key from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and key = any(:keys)
for key share;

-- name: upsert_attributes
-- What a source says of items; saying it again replaces its confidence.
insert into patterns.attributes (tenant_id, item_id, key, value, source, number_value, confidence, updated_at)
select :tenant_id, n.item_id, n.key, n.value, n.source, n.number_value, n.confidence, :at
from unnest(:item_ids::uuid[], :keys::text[], :values::text[], :sources::text[], :numbers::float8[],
            :confidences::real[]) as n (item_id, key, value, source, number_value, confidence)
on conflict (tenant_id, item_id, key, value, source)
do update set number_value = excluded.number_value, confidence = excluded.confidence, updated_at = excluded.updated_at;

-- name: delete_attributes
-- What a source takes back. Uses attributes_pkey.
delete from patterns.attributes a
using unnest(:item_ids::uuid[], :keys::text[], :values::text[], :sources::text[]) as n (item_id, key, value, source)
where a.tenant_id = :tenant_id and a.item_id = n.item_id and a.key = n.key and a.value = n.value and a.source = n.source;

-- name: list_attributes
-- What callers say of one item. Uses attributes_pkey.
select key, value, confidence, source
from patterns.attributes
where tenant_id = :tenant_id and item_id = :item_id
order by key, value, source
limit :limit;

-- name: list_item_facets
-- The facets of one item. Uses item_facets_pkey.
select item_id, name as key, text_value as text, number_value as number, time_value as time
from collections.item_facets
where tenant_id = :tenant_id and item_id = :item_id and left(name, 1) <> '$'
order by name, ordinal
limit :limit;

-- name: upsert_insights
-- Insights that were found: new ones begin now, known ones are seen again, expired ones come back.
insert into patterns.insights (tenant_id, id, collection_id, kind, fingerprint, subject, strength, body, first_seen,
                               last_seen)
select :tenant_id, n.id, :collection_id, n.kind, n.fingerprint, n.subject, n.strength, n.body, :at, :at
from unnest(:ids::uuid[], :kinds::text[], :fingerprints::bytea[], :subjects::text[], :strengths::float8[],
            :bodies::text[]::jsonb[]) as n (id, kind, fingerprint, subject, strength, body)
order by n.fingerprint
on conflict (tenant_id, collection_id, fingerprint)
do update set strength = excluded.strength, body = excluded.body, subject = excluded.subject,
    last_seen = excluded.last_seen, expired_at = null,
    first_seen = case when insights.expired_at is null then insights.first_seen else excluded.first_seen end
returning id;

-- name: expire_insights
-- Insights that were not found any more. Uses insights_order.
update patterns.insights set expired_at = :at
where tenant_id = :tenant_id and collection_id = :collection_id and expired_at is null and last_seen < :at;

-- name: list_insights
-- One page of the insights that hold, strongest first. Uses insights_order.
select id, kind, subject, strength, body, first_seen, last_seen, expired_at
from patterns.insights
where tenant_id = :tenant_id and collection_id = :collection_id and expired_at is null
  and (:kind::text is null or kind = :kind)
  and (strength, id) < (:before_strength::float8, :before_id::uuid)
order by strength desc, id desc
limit :limit;

-- name: find_insight
-- An insight by its id, expired or not. Uses insights_pkey.
select id, collection_id, kind, subject, strength, body, first_seen, last_seen, expired_at
from patterns.insights
where tenant_id = :tenant_id and id = :id;

-- name: list_collection_ids
-- One page of a tenant's collections. Uses collections_pkey.
select id, name from collections.collections where tenant_id = :tenant_id and id > :after order by id limit :limit;

-- name: list_item_batch
-- One page of a tenant's items, for counting anew. Uses items_pkey.
select id as item_id, collection_id
from collections.items
where tenant_id = :tenant_id and id > :after
order by id
limit :limit;
