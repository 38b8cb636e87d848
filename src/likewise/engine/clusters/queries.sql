-- name: insert_grouping
-- From now on this collection is grouped; one that is already gets these options.
insert into clusters.groupings (tenant_id, collection_id, threshold, size_min, linkage)
values (:tenant_id, :collection_id, :threshold, :size_min, :linkage)
on conflict (tenant_id, collection_id)
do update set threshold = excluded.threshold, size_min = excluded.size_min, linkage = excluded.linkage,
              version = groupings.version + 1;

-- name: find_grouping
-- How a collection is grouped. Uses groupings_pkey.
select collection_id, threshold, size_min, linkage, version, text_count, fitted_text_count, fitted_at, fit, is_refining,
       created_at
from clusters.groupings where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: lock_grouping
-- The same, held until the end of the transaction: whoever changes clusters of a collection waits here.
select collection_id, threshold, size_min, linkage, version, text_count, fitted_text_count, fitted_at, fit, is_refining,
       created_at
from clusters.groupings where tenant_id = :tenant_id and collection_id = :collection_id
for update;

-- name: pin_grouping
-- Hold a grouping with others who do, until the end of the transaction: whoever changes clusters waits. Uses groupings_pkey.
select collection_id from clusters.groupings
where tenant_id = :tenant_id and collection_id = :collection_id
for share;

-- name: list_groupings
-- Collections of a tenant that are grouped, at most `limit`.
select collection_id, threshold, size_min, linkage, version, text_count, fitted_text_count, fitted_at, fit, is_refining,
       created_at
from clusters.groupings where tenant_id = :tenant_id
order by collection_id
limit :limit;

-- name: list_grown
-- Collections of every tenant with texts that no refinement has seen, at most `limit`.
select tenant_id, collection_id from clusters.groupings
where text_count <> fitted_text_count and not is_refining
order by tenant_id, collection_id
limit :limit;

-- name: move_grouping
-- One version on: texts came or went, clusters changed.
update clusters.groupings
set version = version + 1, text_count = text_count + :texts, is_refining = :is_refining
where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: mark_fitted
-- What a refinement measured, and the axes of the map.
update clusters.groupings
set fit = :fit, axes = :axes, fitted_text_count = text_count, fitted_at = :at, is_refining = false, version = version + 1
where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: find_axes
-- The axes of a collection's map. Uses groupings_pkey.
select axes from clusters.groupings where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: delete_grouping
-- The collection is not grouped any more.
delete from clusters.groupings where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: delete_some_texts
-- A bounded part of a collection's texts, for ungrouping. Uses texts_pkey.
delete from clusters.texts where tenant_id = :tenant_id and collection_id = :collection_id and hash = any(array(
    select t.hash from clusters.texts t
    where t.tenant_id = :tenant_id and t.collection_id = :collection_id order by t.hash limit :limit
));

-- name: delete_some_members
-- A bounded part of a collection's members, for ungrouping.
delete from clusters.members where tenant_id = :tenant_id and item_id = any(array(
    select m.item_id from clusters.members m
    where m.tenant_id = :tenant_id and m.collection_id = :collection_id order by m.hash, m.item_id limit :limit
));

-- name: delete_some_signatures
-- A bounded part of a collection's signatures, for ungrouping.
delete from clusters.signatures
where tenant_id = :tenant_id and collection_id = :collection_id and (band, hash) in (
    select s.band, s.hash from clusters.signatures s
    where s.tenant_id = :tenant_id and s.collection_id = :collection_id order by s.band, s.hash limit :limit
);

-- name: delete_summaries
-- What is told of a collection's clusters.
delete from clusters.summaries where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: delete_clusters
-- A collection's clusters.
delete from clusters.clusters where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: delete_changes
-- A collection's changes, with their moves.
delete from clusters.changes where tenant_id = :tenant_id and collection_id = :collection_id;

-- name: list_arrivals
-- Items that are in no cluster yet, with their texts. Uses items_pkey or items_order.
select i.id as item_id, i.title, i.body, coalesce(i.happened_at, i.created_at) as seen_at
from collections.items i
where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.id = any(:item_ids)
  and not exists (select from clusters.members m where m.tenant_id = :tenant_id and m.item_id = i.id)
order by i.id
limit :limit;

-- name: list_item_ids
-- One page of a collection's items in the order they came. Uses items_order.
select i.id from collections.items i
where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.id > :after
order by i.id
limit :limit;

-- name: list_texts
-- Texts by their hashes. Uses texts_pkey or texts_cluster or texts_map.
select hash, cluster_id, item_id, item_count, similarity, reason from clusters.texts
where tenant_id = :tenant_id and collection_id = :collection_id and hash = any(:hashes)
limit :limit;

-- name: list_texts_in_order
-- One page of a collection's texts. Uses texts_pkey.
select hash, cluster_id, item_id, item_count, similarity, reason from clusters.texts
where tenant_id = :tenant_id and collection_id = :collection_id and hash > :after
order by hash
limit :limit;

-- name: list_texts_of_clusters
-- Texts of these clusters. Uses texts_cluster.
select hash, cluster_id, item_id, item_count, similarity, reason from clusters.texts
where tenant_id = :tenant_id and collection_id = :collection_id and cluster_id = any(:cluster_ids) and hash > :after
order by hash
limit :limit;

-- name: list_texts_of_items
-- The texts of these items. Uses members_pkey.
select t.hash, t.cluster_id, t.item_id, t.item_count, t.similarity, t.reason
from clusters.texts t
where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.hash in (
    select m.hash from clusters.members m where m.tenant_id = :tenant_id and m.item_id = any(:item_ids)
)
limit :limit;

-- name: list_bodies
-- Titles and bodies of items. Uses items_pkey.
select i.id as item_id, i.title, i.body, coalesce(i.happened_at, i.created_at) as seen_at
from collections.items i
where i.tenant_id = :tenant_id and i.id = any(:item_ids)
limit :limit;

-- name: list_stems
-- What words stem to in the collection's language; those that say nothing by themselves have no row.
select w.word, s.lexemes[1] as stem
from collections.collections c
cross join unnest(:words::text[]) as w (word)
cross join lateral (select tsvector_to_array(to_tsvector(c.language::regconfig, w.word)) as lexemes) s
where c.tenant_id = :tenant_id and c.id = :collection_id and cardinality(s.lexemes) > 0
limit :limit;

-- name: list_near_hashes
-- Texts that share a band with one of these. Uses signatures_pkey.
select band, hash from clusters.signatures
where tenant_id = :tenant_id and collection_id = :collection_id and band = any(:bands)
order by band, hash
limit :limit;

-- name: insert_signatures
-- The bands of new texts.
insert into clusters.signatures (tenant_id, collection_id, band, hash)
select :tenant_id, :collection_id, n.band, n.hash from unnest(:bands::bigint[], :hashes::bytea[]) as n (band, hash)
on conflict do nothing;

-- name: delete_signatures
-- The bands of texts that are gone. Uses signatures_text or signatures_pkey.
delete from clusters.signatures
where tenant_id = :tenant_id and collection_id = :collection_id and hash = any(:hashes);

-- name: insert_clusters
-- New clusters.
insert into clusters.clusters (tenant_id, collection_id, id)
select :tenant_id, :collection_id, n.id from unnest(:ids::uuid[]) as n (id)
on conflict do nothing;

-- name: upsert_texts
-- New texts, and more items of known ones.
insert into clusters.texts (tenant_id, collection_id, hash, cluster_id, item_id, item_count, similarity, reason, map_x, map_y)
select :tenant_id, :collection_id, n.hash, n.cluster_id, n.item_id, n.item_count, n.similarity, n.reason, n.map_x, n.map_y
from unnest(:hashes::bytea[], :cluster_ids::uuid[], :item_ids::uuid[], :item_counts::int[], :similarities::real[],
            :reasons::text[], :xs::real[], :ys::real[])
     as n (hash, cluster_id, item_id, item_count, similarity, reason, map_x, map_y)
order by n.hash
on conflict (tenant_id, collection_id, hash) do update set item_count = texts.item_count + excluded.item_count;

-- name: insert_members
-- Which text each item is.
insert into clusters.members (tenant_id, item_id, collection_id, hash, seen_at)
select :tenant_id, n.item_id, :collection_id, n.hash, n.seen_at
from unnest(:item_ids::uuid[], :hashes::bytea[], :times::timestamptz[]) as n (item_id, hash, seen_at)
on conflict do nothing;

-- name: delete_members
-- Items that go, and the texts they were. Uses members_pkey.
delete from clusters.members where tenant_id = :tenant_id and item_id = any(:item_ids)
returning item_id, hash;

-- name: shrink_texts
-- Fewer items of these texts; what they are now, another item standing for them where the old one went.
update clusters.texts t
set item_count = t.item_count - n.item_count,
    item_id = coalesce((select m.item_id from clusters.members m
                        where m.tenant_id = :tenant_id and m.collection_id = :collection_id and m.hash = t.hash
                        order by m.item_id limit 1), t.item_id)
from unnest(:hashes::bytea[], :item_counts::int[]) as n (hash, item_count)
where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.hash = n.hash
returning t.hash, t.cluster_id, t.item_id, t.item_count, t.similarity, t.reason;

-- name: delete_texts
-- Texts nobody writes any more. Uses texts_pkey or texts_cluster or texts_map.
delete from clusters.texts where tenant_id = :tenant_id and collection_id = :collection_id and hash = any(:hashes);

-- name: move_texts
-- Texts go from the clusters they are believed to be in to others; those that really went. Uses texts_pkey
-- or texts_cluster.
update clusters.texts t
set cluster_id = n.to_id, similarity = n.similarity, reason = n.reason
from unnest(:hashes::bytea[], :from_ids::uuid[], :to_ids::uuid[], :similarities::real[], :reasons::text[])
     as n (hash, from_id, to_id, similarity, reason)
where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.hash = n.hash and t.cluster_id = n.from_id
returning t.hash;

-- name: place_texts
-- Where texts are on the map. Uses texts_pkey.
update clusters.texts t
set map_x = n.map_x, map_y = n.map_y
from unnest(:hashes::bytea[], :xs::real[], :ys::real[]) as n (hash, map_x, map_y)
where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.hash = n.hash;

-- name: list_states
-- What assignment compares a text with: every cluster's mean and threshold. Uses summaries_pkey.
select s.cluster_id, s.item_count, s.text_count, s.summed_text_count, s.vector_sum, s.exemplar_vectors, s.threshold,
       s.first_seen_at, s.last_seen_at, s.heat
from clusters.summaries s
where s.tenant_id = :tenant_id and s.collection_id = :collection_id
order by s.cluster_id;

-- name: list_kept
-- Clusters that people have locked or acted on.
select id from clusters.clusters
where tenant_id = :tenant_id and collection_id = :collection_id and (is_locked or acted_at is not null);

-- name: list_kept_since
-- Of these clusters, those that people have locked, or acted on since a moment. Uses clusters_pkey.
select id from clusters.clusters
where tenant_id = :tenant_id and collection_id = :collection_id and id = any(:ids) and (is_locked or acted_at > :since);

-- name: upsert_counts
-- What arrivals change of a cluster's summary; the first of them stand for it until it is looked at as a whole.
insert into clusters.summaries as s (tenant_id, collection_id, cluster_id, item_count, text_count, summed_text_count,
                                vector_sum, threshold, label, exemplars, first_seen_at, last_seen_at, heat)
select :tenant_id, :collection_id, n.cluster_id, n.item_count, n.text_count, n.summed_text_count, n.vector_sum, n.threshold,
       n.label, n.exemplars::uuid[], n.first_seen_at, n.last_seen_at, n.heat
from unnest(:cluster_ids::uuid[], :item_counts::bigint[], 
            :text_counts::bigint[], :summed_text_counts::bigint[], :vector_sums::bytea[],
            :thresholds::real[], :labels::text[], :exemplars::text[], :firsts::timestamptz[], :lasts::timestamptz[],
            :heats::float8[])
     as n (cluster_id, item_count, text_count, summed_text_count, vector_sum, threshold, label, exemplars, first_seen_at, last_seen_at, heat)
order by n.cluster_id
on conflict (tenant_id, collection_id, cluster_id)
do update set item_count = excluded.item_count, text_count = excluded.text_count,
              summed_text_count = excluded.summed_text_count, vector_sum = excluded.vector_sum,
              exemplars = (s.exemplars || excluded.exemplars)[1 : greatest(:exemplars_max, cardinality(s.exemplars))],
              first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, heat = excluded.heat;

-- name: upsert_summaries
-- Whole summaries, made anew.
insert into clusters.summaries (tenant_id, collection_id, cluster_id, item_count, text_count, summed_text_count,
                                vector_sum, exemplar_vectors, threshold, spread, label, words, exemplars, outliers,
                                outlier_count, first_seen_at, last_seen_at, heat, updated_at)
select :tenant_id, :collection_id, n.cluster_id, n.item_count, n.text_count, n.text_count, n.vector_sum,
       n.exemplar_vectors, n.threshold, n.spread, n.label, n.words::text[], n.exemplars::uuid[], n.outliers::uuid[],
       n.outlier_count, n.first_seen_at, n.last_seen_at, n.heat, :at
from unnest(:cluster_ids::uuid[], :item_counts::bigint[], :text_counts::bigint[], :vector_sums::bytea[],
            :exemplar_vectors::bytea[], :thresholds::real[], :spreads::real[], :labels::text[], :words::text[],
            :exemplars::text[], :outliers::text[], :outlier_counts::int[], :firsts::timestamptz[],
            :lasts::timestamptz[], :heats::float8[])
     as n (cluster_id, item_count, text_count, vector_sum, exemplar_vectors, threshold, spread, label, words, exemplars,
           outliers, outlier_count, first_seen_at, last_seen_at, heat)
order by n.cluster_id
on conflict (tenant_id, collection_id, cluster_id)
do update set item_count = excluded.item_count, text_count = excluded.text_count,
              summed_text_count = excluded.summed_text_count, vector_sum = excluded.vector_sum,
              exemplar_vectors = excluded.exemplar_vectors, threshold = excluded.threshold, spread = excluded.spread,
              label = excluded.label, words = excluded.words, exemplars = excluded.exemplars,
              outliers = excluded.outliers, outlier_count = excluded.outlier_count,
              first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, heat = excluded.heat,
              updated_at = excluded.updated_at;

-- name: delete_summaries_of
-- Clusters that are empty are not told of. Uses summaries_pkey.
delete from clusters.summaries
where tenant_id = :tenant_id and collection_id = :collection_id and cluster_id = any(:cluster_ids);

-- name: list_times
-- How many items each of these texts has, and when they were seen. Uses members_text.
select hash, count(*) as item_count, min(seen_at) as first_seen_at, max(seen_at) as last_seen_at,
       ln(sum(exp(greatest(extract(epoch from seen_at - :now::timestamptz)::float8 / :trend_s, -600)))) as heat
from clusters.members
where tenant_id = :tenant_id and collection_id = :collection_id and hash = any(:hashes)
group by hash
limit :limit;

-- name: list_clusters
-- One page of a collection's clusters of at least a size, in an order. Uses summaries_size.
select $(columns)
from clusters.summaries s
join clusters.clusters c on c.tenant_id = :tenant_id and c.collection_id = :collection_id and c.id = s.cluster_id
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.item_count >= :size_min
order by $(cluster_order)
limit :limit offset :offset;

-- name: find_cluster
-- One cluster. Uses summaries_pkey.
select $(columns)
from clusters.summaries s
join clusters.clusters c on c.tenant_id = :tenant_id and c.collection_id = :collection_id and c.id = s.cluster_id
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.cluster_id = :cluster_id;

-- name: list_members
-- One page of a cluster's items, in the order they came. Uses texts_cluster.
select i.id as item_id, i.key, i.title, i.body, t.similarity,
       case when m.item_id = t.item_id then t.reason else 'identical' end as reason, m.seen_at
from clusters.texts t
join clusters.members m on m.tenant_id = :tenant_id and m.collection_id = :collection_id and m.hash = t.hash
join collections.items i on i.tenant_id = :tenant_id and i.id = m.item_id
where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.cluster_id = :cluster_id
  and m.item_id > :after and $(conditions)
order by m.item_id
limit :limit;

-- name: list_members_by_id
-- These items, with what is told of their texts. Uses members_pkey.
select i.id as item_id, i.key, i.title, i.body, t.similarity,
       case when m.item_id = t.item_id then t.reason else 'identical' end as reason, m.seen_at
from clusters.members m
join clusters.texts t on t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.hash = m.hash
join collections.items i on i.tenant_id = :tenant_id and i.id = m.item_id
where m.tenant_id = :tenant_id and m.item_id = any(:item_ids)
limit :limit;

-- name: list_ids_of_keys
-- The items with these keys. Uses items_tenant_id_collection_id_key_key.
select i.id from collections.items i
where i.tenant_id = :tenant_id and i.collection_id = :collection_id and i.key = any(:keys)
limit :limit;

-- name: list_points
-- One page of the map. Uses texts_map.
select item_id, cluster_id, item_count, map_x as x, map_y as y
from clusters.texts
where tenant_id = :tenant_id and collection_id = :collection_id and item_id > :after and map_x is not null
order by item_id
limit :limit;

-- name: mark_cluster
-- What a person decided about a cluster. Uses clusters_pkey.
update clusters.clusters set is_locked = :is_locked, name = :name, acted_at = :acted_at
where tenant_id = :tenant_id and collection_id = :collection_id and id = :cluster_id;

-- name: insert_changes
-- What was done.
insert into clusters.changes (tenant_id, id, collection_id, run_id, kind, actor, from_id, to_id, text_count)
select :tenant_id, n.id, :collection_id, :run_id, n.kind, :actor, n.from_id, n.to_id, n.text_count
from unnest(:ids::uuid[], :kinds::text[], :from_ids::uuid[], :to_ids::uuid[], :text_counts::int[])
     as n (id, kind, from_id, to_id, text_count);

-- name: insert_moves
-- What undoes it.
insert into clusters.moves (tenant_id, change_id, hash, similarity, reason)
select :tenant_id, n.change_id, n.hash, n.similarity, n.reason
from unnest(:change_ids::uuid[], :hashes::bytea[], :similarities::real[], :reasons::text[])
     as n (change_id, hash, similarity, reason);

-- name: list_changes
-- One page of a collection's changes, newest first. Uses changes_order.
select id, run_id, kind, actor, from_id, to_id, text_count, undone_at, created_at
from clusters.changes
where tenant_id = :tenant_id and collection_id = :collection_id and id < :before
order by id desc
limit :limit;

-- name: list_changes_of_run
-- Changes made together, the last first. Uses changes_run.
select id, run_id, kind, actor, from_id, to_id, text_count, undone_at, created_at
from clusters.changes
where tenant_id = :tenant_id and run_id = :run_id
order by id desc
limit :limit;

-- name: find_change
-- One change. Uses changes_pkey or changes_order.
select id, run_id, kind, actor, from_id, to_id, text_count, undone_at, created_at
from clusters.changes
where tenant_id = :tenant_id and collection_id = :collection_id and id = :change_id;

-- name: list_moves
-- The texts of a change, and how they stood before. Uses moves_pkey.
select hash, similarity, reason from clusters.moves
where tenant_id = :tenant_id and change_id = :change_id and hash > :after
order by hash
limit :limit;

-- name: mark_undone
-- A change that holds no more. Uses changes_pkey.
update clusters.changes set undone_at = :at where tenant_id = :tenant_id and id = any(:change_ids) and undone_at is null;

-- name: shrink_summaries
-- Fewer items and texts in these clusters; the sum still holds the texts that went until it is made anew.
update clusters.summaries s
set item_count = s.item_count - n.item_count, text_count = s.text_count - n.text_count
from unnest(:cluster_ids::uuid[], :item_counts::bigint[], :text_counts::bigint[]) as n (cluster_id, item_count, text_count)
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.cluster_id = n.cluster_id;

-- name: recount_summaries
-- Sizes as the texts have them, of those of these clusters whose summary tells another. Uses texts_cluster.
update clusters.summaries s
set item_count = n.item_count, text_count = n.text_count
from unnest(:cluster_ids::uuid[]) as c (id)
cross join lateral (
    select coalesce(sum(t.item_count), 0) as item_count, count(*) as text_count
    from clusters.texts t
    where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.cluster_id = c.id
) n
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.cluster_id = c.id
  and (s.item_count, s.text_count) <> (n.item_count, n.text_count);

-- name: delete_empty_summaries
-- Of these clusters, those without texts are not told of. Uses summaries_pkey.
delete from clusters.summaries s
where s.tenant_id = :tenant_id and s.collection_id = :collection_id and s.cluster_id = any(:cluster_ids) and not exists (
    select from clusters.texts t
    where t.tenant_id = :tenant_id and t.collection_id = :collection_id and t.cluster_id = s.cluster_id
);

-- name: list_stale
-- Clusters whose sum holds texts that went, at most `limit`. Uses summaries_stale.
select cluster_id from clusters.summaries
where tenant_id = :tenant_id and collection_id = :collection_id and cluster_id > :after
  and text_count <> summed_text_count
order by cluster_id
limit :limit;

-- name: count_texts
-- How many texts each of these clusters has. Uses texts_cluster.
select cluster_id, count(*) as text_count from clusters.texts
where tenant_id = :tenant_id and collection_id = :collection_id and cluster_id = any(:cluster_ids)
group by cluster_id;

-- name: find_collection_id
-- The collection with this name. Uses collections_tenant_id_name_key.
select id from collections.collections where tenant_id = :tenant_id and name = :name;

-- name: delete_all_members
-- Every membership of a tenant, to be derived again.
delete from clusters.members where tenant_id = :tenant_id;

-- name: delete_all_signatures
-- Every signature of a tenant, to be derived again.
delete from clusters.signatures where tenant_id = :tenant_id;

-- name: delete_all_summaries
-- Every summary of a tenant, to be derived again.
delete from clusters.summaries where tenant_id = :tenant_id;

-- name: empty_texts
-- Texts keep their clusters; who has them is to be derived again.
update clusters.texts set item_count = 0 where tenant_id = :tenant_id;

-- name: forget_vectors
-- Of another space: the sums of a tenant's clusters, which count as stale from now on.
update clusters.summaries set vector_sum = '', exemplar_vectors = null, summed_text_count = -1
where tenant_id = :tenant_id;

-- name: forget_axes
-- Of another space: the axes of a tenant's maps, and what processes remember.
update clusters.groupings set axes = null, version = version + 1 where tenant_id = :tenant_id;

-- name: empty_groupings
-- No text is counted until it is derived again.
update clusters.groupings set text_count = 0, version = version + 1 where tenant_id = :tenant_id;
