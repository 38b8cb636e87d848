-- name: insert_collection
-- A new collection, unless its name is taken.
insert into collections.collections (tenant_id, id, name, facets, language, metadata)
values (:tenant_id, :id, :name, :facets, :language, :metadata)
on conflict do nothing;

-- name: insert_totals
-- The counters of a new collection, at nought.
insert into collections.totals (tenant_id, collection_id) values (:tenant_id, :collection_id)
on conflict do nothing;

-- name: find_collection
-- A collection with its counters, by name. Uses collections_tenant_id_name_key.
select c.id, c.name, c.facets, c.language, c.metadata, t.item_count, t.passage_count, c.created_at, c.updated_at
from collections.collections c
join collections.totals t on t.tenant_id = c.tenant_id and t.collection_id = c.id
where c.tenant_id = :tenant_id and t.tenant_id = :tenant_id and c.name = :name
limit 1;

-- name: list_collections
-- One page of collections with their counters, by name. Uses collections_tenant_id_name_key.
select c.id, c.name, c.facets, c.language, c.metadata, t.item_count, t.passage_count, c.created_at, c.updated_at
from collections.collections c
join collections.totals t on t.tenant_id = c.tenant_id and t.collection_id = c.id
where c.tenant_id = :tenant_id and t.tenant_id = :tenant_id and c.name > :after
order by c.name
limit :limit;

-- name: update_collection
-- Change a collection's declaration.
update collections.collections
set facets = :facets, language = :language, metadata = :metadata, updated_at = :at
where tenant_id = :tenant_id and id = :id;

-- name: delete_collection
-- The collection itself, after its items. Uses collections_pkey.
delete from collections.collections where tenant_id = :tenant_id and id = :id;

-- name: delete_totals
-- A collection's counters.
delete from collections.totals where tenant_id = :tenant_id and collection_id = :id;

-- name: delete_facet_counts
-- A collection's facet counters.
delete from collections.facet_counts where tenant_id = :tenant_id and collection_id = :id;

-- name: lock_existing
-- What is already stored under these keys, held until the end of the transaction. Uses items_tenant_id_collection_id_key_key.
select id, key, content_hash, version
from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and key = any(:keys)
order by key
for update;

-- name: insert_items
-- Items that are new; a key somebody else has just taken is left out of what comes back.
insert into collections.items (tenant_id, id, collection_id, key, content_hash, title, body, facets, author, category,
                               latitude, longitude, happened_at, visibility, metadata)
select :tenant_id, n.id, :collection_id, n.key, n.content_hash, n.title, n.body, n.facets, n.author, n.category,
       n.latitude, n.longitude, n.happened_at, n.visibility, n.metadata
from unnest(:ids::uuid[], :keys::text[], :hashes::bytea[], :titles::text[], :bodies::text[], :facets::text[]::jsonb[],
            :authors::text[], :categories::text[], :latitudes::float8[], :longitudes::float8[],
            :times::timestamptz[], :visibilities::text[], :metadata::text[]::jsonb[])
     as n (id, key, content_hash, title, body, facets, author, category, latitude, longitude, happened_at,
           visibility, metadata)
on conflict do nothing
returning id;

-- name: update_items
-- Items whose content has changed.
update collections.items i
set version = i.version + 1, content_hash = n.content_hash, title = n.title, body = n.body, facets = n.facets,
    author = n.author, category = n.category, latitude = n.latitude, longitude = n.longitude,
    happened_at = n.happened_at, visibility = n.visibility, metadata = n.metadata, updated_at = :at
from unnest(:ids::uuid[], :keys::text[], :hashes::bytea[], :titles::text[], :bodies::text[], :facets::text[]::jsonb[],
            :authors::text[], :categories::text[], :latitudes::float8[], :longitudes::float8[],
            :times::timestamptz[], :visibilities::text[], :metadata::text[]::jsonb[])
     as n (id, key, content_hash, title, body, facets, author, category, latitude, longitude, happened_at,
           visibility, metadata)
where i.tenant_id = :tenant_id and i.id = n.id;

-- name: insert_passages
-- The passages of new or changed items.
insert into collections.passages (tenant_id, id, item_id, collection_id, ordinal, heading_path, span_start, span_end)
select :tenant_id, n.id, n.item_id, :collection_id, n.ordinal,
       (select coalesce(array_agg(value), '{}') from jsonb_array_elements_text(n.heading_path)), n.span_start, n.span_end
from unnest(:ids::uuid[], :item_ids::uuid[], :ordinals::int[], :heading_paths::text[]::jsonb[], :starts::int[], :ends::int[])
     as n (id, item_id, ordinal, heading_path, span_start, span_end);

-- name: delete_passages
-- The passages of these items; their ids.
delete from collections.passages where tenant_id = :tenant_id and item_id = any(:item_ids)
returning id;

-- name: insert_facets
-- Facet values of new or changed items.
insert into collections.item_facets (tenant_id, item_id, name, ordinal, collection_id, text_value, number_value,
                                     time_value)
select :tenant_id, n.item_id, n.name, n.ordinal, :collection_id, n.text_value, n.number_value, n.time_value
from unnest(:item_ids::uuid[], :names::text[], :ordinals::int[], :texts::text[], :numbers::float8[],
            :times::timestamptz[])
     as n (item_id, name, ordinal, text_value, number_value, time_value);

-- name: delete_facets
-- The facet values of these items; how many of each, for the counters.
with gone as (
    delete from collections.item_facets where tenant_id = :tenant_id and item_id = any(:item_ids)
    returning collection_id, name, text_value
)
select collection_id, name, text_value, count(*) as item_count
from gone where text_value is not null
group by collection_id, name, text_value;

-- name: add_facet_counts
-- Move the facet counters, in one order so that two writers never wait for each other in a circle.
insert into collections.facet_counts (tenant_id, collection_id, name, text_value, item_count)
select :tenant_id, :collection_id, n.name, n.text_value, n.item_count
from unnest(:names::text[], :texts::text[], :counts::bigint[]) as n (name, text_value, item_count)
order by n.name, n.text_value
on conflict (tenant_id, collection_id, name, text_value)
do update set item_count = facet_counts.item_count + excluded.item_count;

-- name: delete_empty_facet_counts
-- Counters that have come to nought.
delete from collections.facet_counts f
using unnest(:names::text[], :texts::text[]) as n (name, text_value)
where f.tenant_id = :tenant_id and f.collection_id = :collection_id
  and f.name = n.name and f.text_value = n.text_value and f.item_count <= 0;

-- name: add_totals
-- Move a collection's counters.
update collections.totals
set item_count = item_count + :items, passage_count = passage_count + :passages
where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: find_item
-- The item a caller knows by this key. Uses items_tenant_id_collection_id_key_key.
select id, collection_id, key, version, content_hash, title, body, facets, author, category, latitude, longitude,
       happened_at, visibility, metadata, created_at, updated_at
from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and key = :key
limit 1;

-- name: list_items
-- One page of a collection's items that meet a filter, newest first. Uses items_order.
select i.id, i.collection_id, i.key, i.version, i.content_hash, i.title, i.body, i.facets, i.author, i.category,
       i.latitude, i.longitude, i.happened_at, i.visibility, i.metadata, i.created_at, i.updated_at
from collections.items i
where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.id < :before and $(conditions)
order by i.id desc
limit :limit;

-- name: list_items_in_order
-- One page of a collection's items, oldest first, for export and rebuilding. Uses items_order.
select id, collection_id, key, version, content_hash, title, body, facets, author, category, latitude, longitude,
       happened_at, visibility, metadata, created_at, updated_at
from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and id > :after
order by id
limit :limit;

-- name: list_items_of_author
-- A bounded part of what one author wrote, wherever it is. Uses items_author.
select id, collection_id, key, version, content_hash, title, body, facets, author, category, latitude, longitude,
       happened_at, visibility, metadata, created_at, updated_at
from collections.items
where tenant_id = :tenant_id and author = :author
order by id
limit :limit
for update;

-- name: list_passages
-- Where the passages of these items are. Uses passages_tenant_id_item_id_ordinal_key.
select id, item_id, ordinal, heading_path, span_start, span_end
from collections.passages
where tenant_id = :tenant_id and item_id = any(:item_ids)
order by item_id, ordinal
limit :limit;

-- name: list_passage_texts
-- The titles and texts of these passages. Uses passages_pkey.
select p.id, p.item_id, p.collection_id, i.title, p.heading_path,
       substring(i.body from p.span_start + 1 for p.span_end - p.span_start) as text
from collections.passages p
join collections.items i on i.tenant_id = p.tenant_id and i.id = p.item_id
where p.tenant_id = :tenant_id and i.tenant_id = :tenant_id and p.id = any(:ids)
limit :limit;

-- name: delete_items
-- These items; their passages go with them.
delete from collections.items where tenant_id = :tenant_id and id = any(:ids);

-- name: list_facet_values
-- The commonest values of a keyword facet. Uses facet_counts_order.
select text_value as value, item_count as count
from collections.facet_counts
where tenant_id = :tenant_id and collection_id = :collection_id and name = :name
order by item_count desc, text_value
limit :limit;

-- name: find_number_range
-- The least and the greatest value of a number facet. Uses item_facets_number.
select min(number_value) as low, max(number_value) as high
from collections.item_facets
where tenant_id = :tenant_id and collection_id = :collection_id and name = :name and number_value is not null;

-- name: find_time_range
-- The earliest and the latest value of a time facet. Uses item_facets_time.
select min(time_value) as low, max(time_value) as high
from collections.item_facets
where tenant_id = :tenant_id and collection_id = :collection_id and name = :name and time_value is not null;

-- name: lock_facets
-- The facets a collection declares, held until the end of the transaction. Uses collections_pkey.
select facets from collections.collections where tenant_id = :tenant_id and id = :id for no key update;

-- name: mark_facets
-- The facets a collection declares from now on. Uses collections_pkey.
update collections.collections set facets = :facets, updated_at = :at where tenant_id = :tenant_id and id = :id;

-- name: lock_items
-- These items, held until the end of the transaction, in the order in which writers hold them. Uses items_pkey or
-- items_order.
select id, collection_id, key, version, content_hash, title, body, facets, author, category, latitude, longitude,
       happened_at, visibility, metadata, created_at, updated_at
from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and id = any(:ids)
order by key
for update;

-- name: mark_visibility
-- Who may find these items from now on, with the hashes that follow. Uses items_pkey.
update collections.items i
set visibility = :visibility, content_hash = n.content_hash, version = i.version + 1, updated_at = :at
from unnest(:ids::uuid[], :hashes::bytea[]) as n (id, content_hash)
where i.tenant_id = :tenant_id and i.id = n.id;
