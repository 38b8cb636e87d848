-- name: find_corpus
-- What the planner must know of the collection with this name. Uses collections_tenant_id_name_key.
select c.id, c.language, c.facets, coalesce(t.item_count, 0) as item_count, coalesce(t.passage_count, 0) as passage_count,
       coalesce(s.document_count, 0) as document_count, coalesce(s.lexeme_count, 0) as lexeme_count
from collections.collections c
left join collections.totals t on t.tenant_id = :tenant_id and t.collection_id = c.id
left join search.totals s on s.tenant_id = :tenant_id and s.collection_id = c.id
where c.tenant_id = :tenant_id and c.name = :name;

-- name: find_partition
-- The graph that serves a tenant: the rows it is shared with, whether there is a ready HNSW index for this space (the
-- tenant's own if it was promoted), and the tuned ef_search. Reads the catalogue, and recalls_pkey.
select coalesce(graph.row_count, greatest(part.reltuples, pg_stat_get_live_tuples(part.oid), 0))::bigint as row_count,
       graph.index_name is not null as has_index, coalesce(graph.index_name, '') as index_name,
       (select r.ef_search from search.recalls r
        where r.tenant_id = :tenant_id and r.space_id = :space_id order by r.measured_at desc limit 1) as ef_search
from pg_inherits h
join pg_class part on part.oid = h.inhrelid
left join lateral (
    select i.relname::text as index_name, nullif(i.reltuples, -1) as row_count, p.is_own
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_am a on a.oid = i.relam
    cross join lateral (select pg_get_expr(x.indpred, x.indrelid) as said) e
    cross join lateral (
        select position('(tenant_id = ' in e.said) > 0 as is_own,
               position((:tenant_id::uuid)::text in e.said) > 0 as is_named
    ) p
    where x.indrelid = part.oid and x.indisvalid and a.amname = 'hnsw'
      and (e.said = :predicate or starts_with(e.said, '(' || :predicate || ' AND ')) and p.is_own = p.is_named
    order by p.is_own desc
    limit 1
) graph on true
where h.inhparent = 'embedding.vectors'::regclass
  and satisfies_hash_partition(
        h.inhparent,
        substring(pg_get_expr(part.relpartbound, part.oid) from 'modulus (\d+)')::int,
        substring(pg_get_expr(part.relpartbound, part.oid) from 'remainder (\d+)')::int,
        :tenant_id::uuid);

-- name: count_facet_values
-- How many items have one of these values of a facet, by the kept counters. Uses facet_counts_pkey.
select coalesce(sum(item_count), 0)::bigint as item_count
from collections.facet_counts
where tenant_id = :tenant_id and collection_id = :collection_id and name = :name and text_value = any(:values);

-- name: list_matching_items
-- Items that pass a whole filter, at most `limit`; for filters whose parts are wide and whose whole is narrow.
select i.id
from collections.items i
where i.tenant_id = :tenant_id and i.collection_id = :collection_id and $(conditions)
limit :limit;

-- name: list_items_of_words
-- Items with one of these values of a facet, at most `limit`. Uses item_facets_text.
select f.item_id
from collections.item_facets f
where f.tenant_id = :tenant_id and f.collection_id = :collection_id and f.name = :name and f.text_value = any(:values)
limit :limit;

-- name: list_items_of_range
-- Items whose facet lies within bounds, at most `limit`. Uses item_facets_number or item_facets_time.
select f.item_id
from collections.item_facets f
where f.tenant_id = :tenant_id and f.collection_id = :collection_id and f.name = :range_0_name$(bounds)
limit :limit;

-- name: list_items_of_time
-- Items that happened within a stretch of time, at most `limit`. Uses items_time.
select i.id
from collections.items i
where i.tenant_id = :tenant_id and i.collection_id = :collection_id
  and i.happened_at >= coalesce(:happened_from, '-infinity'::timestamptz)
  and i.happened_at < coalesce(:happened_before, 'infinity'::timestamptz)
limit :limit;

-- name: list_items_of_box
-- Items within a box on earth, at most `limit`. Uses items_place.
select i.id
from collections.items i
where i.tenant_id = :tenant_id and i.collection_id = :collection_id
  and i.latitude between :near_south and :near_north and i.longitude between :near_west and :near_east
limit :limit;

-- name: nearest_exact
-- The nearest passages of a collection that pass the filter: every vector is compared, each candidate is tested in turn.
-- Uses the tenant's key range; the ordering is one that no HNSW index serves.
select m.passage_id, m.item_id, (1 - m.distance)::float8 as score
from (
    select v.passage_id, v.item_id, v.embedding <=> :vector as distance
    from embedding.vectors v
    where v.tenant_id = :tenant_id and v.space_id = $(space) and v.collection_id = :collection_id
    order by distance, v.passage_id
) m
where $(conditions)
order by m.distance, m.passage_id
limit :limit;

-- name: nearest_of_items
-- The nearest passages among those of the given items: each is compared, each candidate is tested in turn. Uses vectors_item.
select m.passage_id, m.item_id, (1 - m.distance)::float8 as score
from (
    select v.passage_id, v.item_id, v.embedding <=> :vector as distance
    from embedding.vectors v
    where v.tenant_id = :tenant_id and v.space_id = $(space) and v.collection_id = :collection_id
      and v.item_id = any(:item_ids)
    order by distance, v.passage_id
) m
where $(conditions)
order by m.distance, m.passage_id
limit :limit;

-- name: nearest_approximate
-- The nearest passages by the HNSW index of the tenant's partition, scanned on until enough pass the filter. The outer
-- order keeps the planner from joins that lose the inner one.
select m.passage_id, m.item_id, (1 - m.distance)::float8 as score
from (
    select v.passage_id, v.item_id,
           v.embedding::halfvec($(dimension)) <=> :vector::halfvec($(dimension)) as distance
    from embedding.vectors v
    where v.tenant_id = :tenant_id and v.space_id = $(space) and v.collection_id = :collection_id
    order by v.embedding::halfvec($(dimension)) <=> :vector::halfvec($(dimension))
) m
where $(conditions)
order by m.distance
limit :limit;

-- name: list_item_keys
-- Ids of the items with these keys. Uses items_tenant_id_collection_id_key_key.
select id, key from collections.items
where tenant_id = :tenant_id and collection_id = :collection_id and key = any(:keys);

-- name: read_words
-- What words mean in the collection's language: their lexemes, and how many documents hold each. Uses lexemes_pkey.
select w.word, coalesce(array_agg(x.lexeme) filter (where x.lexeme is not null), '{}') as lexemes,
       coalesce(array_agg(coalesce(l.document_count, 0)) filter (where x.lexeme is not null), '{}') as document_counts
from unnest(:words::text[]) with ordinality as w (word, place)
left join lateral unnest(tsvector_to_array(to_tsvector(:language::regconfig, w.word))) as x (lexeme) on true
left join search.lexemes l
    on l.tenant_id = :tenant_id and l.collection_id = :collection_id and l.lexeme = x.lexeme
group by w.place, w.word
order by w.place;

-- name: count_found_values
-- The commonest values of some facets among these items. Uses item_facets_pkey.
select c.name, c.value, c.item_count
from (
    select f.name, f.text_value as value, count(distinct f.item_id) as item_count,
           row_number() over (partition by f.name order by count(distinct f.item_id) desc, f.text_value) as place
    from collections.item_facets f
    where f.tenant_id = :tenant_id and f.item_id = any(:item_ids) and f.name = any(:names) and f.text_value is not null
    group by f.name, f.text_value
) c
where c.place <= :limit
order by c.name, c.place;

-- name: list_stems
-- What words stem to in a language.
select w.word, tsvector_to_array(to_tsvector(:language::regconfig, w.word)) as lexemes
from unnest(:words::text[]) as w (word);

-- name: list_near_words
-- Words of the vocabulary that look like these. Uses lexemes_word, inside a function that may.
select typed, word, lexeme, document_count, similarity
from search.near_words(:collection_id, :words, :limit);

-- name: rank_documents
-- Passages by BM25 among the documents that match `candidates`, those that pass the filter. Uses documents_lexemes, inside
-- a function that may.
select m.passage_id, m.item_id, m.score
from search.rank_documents(:collection_id, :candidates, :terms, :weights, :length_mean, :k1, :b, :item_ids::uuid[],
                           :scanned_max, :ranked_max) m
where $(conditions)
order by m.score desc, m.passage_id
limit :limit;

-- name: list_matched_passages
-- Passages as results show them, with their items. Uses passages_pkey and items_pkey.
select i.id as item_id, i.key, coalesce(i.title, '') as title,
       substring(i.body from p.span_start + 1 for p.span_end - p.span_start) as text,
       p.ordinal, p.heading_path, p.span_start, p.span_end, i.facets, i.author, i.category, i.latitude, i.longitude,
       i.happened_at
from collections.passages p
join collections.items i on i.tenant_id = :tenant_id and i.id = p.item_id
where p.tenant_id = :tenant_id and i.tenant_id = :tenant_id and p.id = any(:ids)
limit :limit;

-- name: lock_vocabulary
-- One writer at a time for a tenant's vocabulary, so that two never wait for each other in a circle.
select pg_advisory_xact_lock(hashtextextended('search.lexemes ' || :tenant_id::uuid, 0));

-- name: delete_documents
-- Forget the documents of these items and take them out of the counters. Uses documents_item.
with gone as (
    delete from search.documents where tenant_id = :tenant_id and item_id = any(:item_ids)
    returning collection_id, lexemes
), lost as (
    select g.collection_id, x.lexeme, count(*) as documents
    from gone g cross join lateral unnest(tsvector_to_array(g.lexemes)) as x (lexeme)
    group by g.collection_id, x.lexeme
), rarer as (
    update search.lexemes l set document_count = l.document_count - lost.documents
    from lost
    where l.tenant_id = :tenant_id and l.collection_id = lost.collection_id and l.lexeme = lost.lexeme
      and l.document_count > lost.documents
), unused as (
    delete from search.lexemes l using lost
    where l.tenant_id = :tenant_id and l.collection_id = lost.collection_id and l.lexeme = lost.lexeme
      and l.document_count <= lost.documents
), sums as (
    select collection_id, count(*) as documents, sum(length(lexemes)) as lexemes from gone group by collection_id
), totals as (
    update search.totals t
    set document_count = t.document_count - sums.documents, lexeme_count = t.lexeme_count - sums.lexemes
    from sums
    where t.tenant_id = :tenant_id and t.collection_id = sums.collection_id
)
select coalesce(sum(documents), 0)::bigint from sums;

-- name: insert_documents
-- Read the passages of these items: the title counts twice as much as the text, hence twice. Uses passages_tenant_id_item_id_ordinal_key.
with fresh as (
    insert into search.documents (tenant_id, passage_id, item_id, collection_id, lexemes)
    select :tenant_id, p.id, i.id, i.collection_id,
           setweight(to_tsvector(c.language::regconfig, coalesce(i.title || ' ' || i.title, '')), 'A')
           || to_tsvector(c.language::regconfig, substring(i.body from p.span_start + 1 for p.span_end - p.span_start))
    from collections.items i
    join collections.passages p on p.tenant_id = :tenant_id and p.item_id = i.id
    join collections.collections c on c.tenant_id = :tenant_id and c.id = i.collection_id
    where i.tenant_id = :tenant_id and i.id = any(:item_ids)
    on conflict (tenant_id, passage_id) do nothing
    returning item_id, collection_id, lexemes
), found as (
    select f.collection_id, x.lexeme, count(*) as documents
    from fresh f cross join lateral unnest(tsvector_to_array(f.lexemes)) as x (lexeme)
    group by f.collection_id, x.lexeme
), lexemes as (
    insert into search.lexemes (tenant_id, collection_id, lexeme, word, document_count)
    select :tenant_id, collection_id, lexeme, '', documents from found
    on conflict (tenant_id, collection_id, lexeme)
    do update set document_count = lexemes.document_count + excluded.document_count
), totals as (
    insert into search.totals (tenant_id, collection_id, document_count, lexeme_count)
    select :tenant_id, collection_id, count(*), sum(length(lexemes)) from fresh group by collection_id
    on conflict (tenant_id, collection_id)
    do update set document_count = totals.document_count + excluded.document_count,
                  lexeme_count = totals.lexeme_count + excluded.lexeme_count
)
select count(*) from fresh;

-- name: name_lexemes
-- Give lexemes that are new the word they were written as, the shortest of these items.
with tokens as materialized (
    select distinct c.id as collection_id, c.language, lower(t.token) as word
    from collections.items i
    join collections.collections c on c.tenant_id = :tenant_id and c.id = i.collection_id
    cross join lateral ts_parse('default', coalesce(i.title || ' ', '') || i.body) as t (kind, token)
    where i.tenant_id = :tenant_id and i.id = any(:item_ids) and t.kind in (1, 2, 3, 9, 10, 11, 15, 16, 17)
), named as (
    select distinct on (k.collection_id, x.lexeme) k.collection_id, x.lexeme, k.word
    from tokens k
    cross join lateral unnest(tsvector_to_array(to_tsvector(k.language::regconfig, k.word))) as x (lexeme)
    order by k.collection_id, x.lexeme, length(k.word), k.word
)
update search.lexemes l set word = named.word
from named
where l.tenant_id = :tenant_id and l.collection_id = named.collection_id and l.lexeme = named.lexeme and l.word = '';

-- name: delete_all_documents
-- Forget every document of a tenant.
delete from search.documents where tenant_id = :tenant_id;

-- name: delete_all_lexemes
-- Forget a tenant's vocabulary.
delete from search.lexemes where tenant_id = :tenant_id;

-- name: delete_all_totals
-- Forget a tenant's counters.
delete from search.totals where tenant_id = :tenant_id;

-- name: insert_queries
-- Record a batch of answers.
insert into search.queries (tenant_id, created_at, id, collection_id, text, hash, arms, plan, candidate_count,
                            result_count, took_ms, is_cached)
select :tenant_id, n.created_at, n.id, n.collection_id, n.text, n.hash, string_to_array(n.arms, ','), n.plan,
       n.candidate_count, n.result_count, n.took_ms, n.is_cached
from unnest(:times::timestamptz[], :ids::uuid[], :collection_ids::uuid[], :texts::text[], :hashes::bytea[],
            :arms::text[], :plans::text[], :candidate_counts::int[], :result_counts::int[], :tooks::real[],
            :cached::boolean[])
     as n (created_at, id, collection_id, text, hash, arms, plan, candidate_count, result_count, took_ms, is_cached)
on conflict (tenant_id, created_at, id) do nothing;

-- name: mark_clicked
-- Note which result of an answer was opened. Uses queries_pkey.
update search.queries set clicked_item_id = :item_id, clicked_rank = :rank, clicked_at = :now
where tenant_id = :tenant_id and created_at = :created_at and id = :id;

-- name: has_backlog
-- Whether more than so many texts wait for their vector, of whichever tenant.
select count(*) > :rows from (select from embedding.pending where failed_at is null limit :rows::bigint + 1) waiting;

-- name: list_loose_indexes
-- Indexes that lost too much even with the longest candidate list, when they were measured last.
select l.index_name
from (
    select distinct on (r.tenant_id, r.space_id) r.index_name, r.ef_search, r.recall, r.goal
    from search.recalls r
    order by r.tenant_id, r.space_id, r.measured_at desc
) l
where l.ef_search >= :ef_search and l.recall < l.goal
order by l.index_name
limit 1000;

-- name: list_large_corpora
-- The largest collection of each tenant that has one of more than so many passages, the largest first.
select t.tenant_id, t.collection_id, t.passage_count
from (
    select distinct on (c.tenant_id) c.tenant_id, c.collection_id, c.passage_count
    from collections.totals c
    where c.passage_count > :rows
    order by c.tenant_id, c.passage_count desc
) t
order by t.passage_count desc
limit :limit;

-- name: find_corpus_by_id
-- The same as find_corpus, for a collection whose id is known. Uses collections_pkey.
select c.id, c.language, c.facets, coalesce(t.item_count, 0) as item_count, coalesce(t.passage_count, 0) as passage_count,
       coalesce(s.document_count, 0) as document_count, coalesce(s.lexeme_count, 0) as lexeme_count
from collections.collections c
left join collections.totals t on t.tenant_id = :tenant_id and t.collection_id = c.id
left join search.totals s on s.tenant_id = :tenant_id and s.collection_id = c.id
where c.tenant_id = :tenant_id and c.id = :collection_id;

-- name: list_recent_texts
-- What was asked of a collection last, each text once. Uses queries_collection.
select q.text
from (
    select text, hash, created_at
    from search.queries
    where tenant_id = :tenant_id and collection_id = :collection_id and text <> ''
    order by created_at desc
    limit :limit::bigint * 10
) q
group by q.text
order by max(q.created_at) desc
limit :limit;

-- name: list_sampled_vectors
-- Vectors of every `step`th passage, for a tenant that has not been asked enough yet.
select v.embedding
from (
    select k.passage_id, row_number() over (order by k.passage_id) as place
    from embedding.vectors k
    where k.tenant_id = :tenant_id and k.space_id = $(space) and k.collection_id = :collection_id
) p
join embedding.vectors v
    on v.tenant_id = :tenant_id and v.space_id = $(space) and v.collection_id = :collection_id
    and v.passage_id = p.passage_id
where p.place % :step::bigint = 0
limit :limit;

-- name: insert_recall
-- Keep what was measured of a tenant's index.
insert into search.recalls (tenant_id, space_id, measured_at, collection_id, index_name, vector_count, query_count,
                            ef_search, recall, goal)
values (:tenant_id, :space_id, :measured_at, :collection_id, :index_name, :vector_count, :query_count, :ef_search,
        :recall, :goal)
on conflict (tenant_id, space_id, measured_at) do nothing;

-- name: find_recall
-- The latest measurement of a tenant's index. Uses recalls_pkey.
select measured_at, index_name, vector_count, query_count, ef_search, recall, goal
from search.recalls
where tenant_id = :tenant_id and space_id = :space_id
order by measured_at desc
limit 1;

-- name: count_poor_recalls
-- How many tenants' indexes were measured, and how many of them find less than they should.
select count(*) as measured, count(*) filter (where l.recall < l.goal) as poor, coalesce(min(l.recall), 1)::float8 as worst
from (
    select distinct on (r.tenant_id, r.space_id) r.recall, r.goal
    from search.recalls r
    where r.measured_at >= :since
    order by r.tenant_id, r.space_id, r.measured_at desc
    limit 10000
) l;

-- name: delete_old_recalls
-- Forget measurements from before a time, some at once.
delete from search.recalls r
using (
    select tenant_id, space_id, measured_at from search.recalls where measured_at < :before limit :limit
) old
where r.tenant_id = old.tenant_id and r.space_id = old.space_id and r.measured_at = old.measured_at;

-- name: insert_calibration
-- Keep what comparing costs on this machine.
insert into search.calibrations (measured_at, dimension, exact_row_us, approximate_us, exact_rows_max)
values (:measured_at, :dimension, :exact_row_us, :approximate_us, :exact_rows_max)
on conflict (measured_at) do nothing;

-- name: find_calibration
-- The latest calibration. Uses calibrations_pkey.
select measured_at, dimension, exact_row_us, approximate_us, exact_rows_max
from search.calibrations order by measured_at desc limit 1;

-- name: list_tenants_with_old_queries
-- Tenants whose record reaches back beyond a time, some at once.
select distinct q.tenant_id from (
    select tenant_id from search.queries where created_at < :before limit :rows
) q
order by q.tenant_id
limit :limit;

-- name: roll_up_queries
-- Add up the oldest searches from before a time per month and per text, and take them out of the record.
with gone as (
    delete from search.queries q
    using (
        select created_at, id from search.queries
        where tenant_id = :tenant_id and created_at < :before order by created_at, id limit :limit
    ) old
    where q.tenant_id = :tenant_id and q.created_at = old.created_at and q.id = old.id
    returning q.collection_id, date_trunc('month', q.created_at at time zone 'UTC')::date as month, q.text, q.hash,
              q.result_count, q.took_ms, q.is_cached, q.clicked_at
), kept as (
    select g.* from gone g
    join collections.collections c on c.tenant_id = :tenant_id and c.id = g.collection_id
), months as (
    insert into search.query_months (tenant_id, collection_id, month, search_count, empty_count, clicked_count,
                                     cached_count, took_counts)
    select :tenant_id, collection_id, month, count(*), count(*) filter (where result_count = 0), count(clicked_at),
           count(*) filter (where is_cached),
           array[count(*) filter (where took_ms <= 1), count(*) filter (where took_ms <= 2),
                 count(*) filter (where took_ms <= 5), count(*) filter (where took_ms <= 10),
                 count(*) filter (where took_ms <= 20), count(*) filter (where took_ms <= 50),
                 count(*) filter (where took_ms <= 100), count(*) filter (where took_ms <= 200),
                 count(*) filter (where took_ms <= 500), count(*)]
    from kept group by collection_id, month
    on conflict (tenant_id, collection_id, month) do update set
        search_count = query_months.search_count + excluded.search_count,
        empty_count = query_months.empty_count + excluded.empty_count,
        clicked_count = query_months.clicked_count + excluded.clicked_count,
        cached_count = query_months.cached_count + excluded.cached_count,
        took_counts = array[query_months.took_counts[1] + excluded.took_counts[1],
                            query_months.took_counts[2] + excluded.took_counts[2],
                            query_months.took_counts[3] + excluded.took_counts[3],
                            query_months.took_counts[4] + excluded.took_counts[4],
                            query_months.took_counts[5] + excluded.took_counts[5],
                            query_months.took_counts[6] + excluded.took_counts[6],
                            query_months.took_counts[7] + excluded.took_counts[7],
                            query_months.took_counts[8] + excluded.took_counts[8],
                            query_months.took_counts[9] + excluded.took_counts[9],
                            query_months.took_counts[10] + excluded.took_counts[10]]
), texts as (
    insert into search.text_months (tenant_id, collection_id, month, hash, text, search_count, empty_count, clicked_count)
    select :tenant_id, collection_id, month, hash, min(text), count(*), count(*) filter (where result_count = 0),
           count(clicked_at)
    from kept where text <> '' group by collection_id, month, hash
    on conflict (tenant_id, collection_id, month, hash) do update set
        search_count = text_months.search_count + excluded.search_count,
        empty_count = text_months.empty_count + excluded.empty_count,
        clicked_count = text_months.clicked_count + excluded.clicked_count
)
select count(*) from gone;

-- name: delete_rare_texts
-- Keep only the commonest queries of each collection's month, some at once.
delete from search.text_months t
using (
    select n.collection_id, n.month, n.hash
    from (
        select collection_id, month, hash,
               row_number() over (partition by collection_id, month order by search_count desc, hash) as place
        from search.text_months where tenant_id = :tenant_id
    ) n
    where n.place > :texts_max
    limit :limit
) rare
where t.tenant_id = :tenant_id and t.collection_id = rare.collection_id and t.month = rare.month and t.hash = rare.hash;

-- name: delete_orphaned_queries
-- Forget what was asked of collections that are gone, some at once.
delete from search.queries q
using (
    select created_at, id from search.queries o
    where o.tenant_id = :tenant_id
      and not exists (select from collections.collections c where c.tenant_id = :tenant_id and c.id = o.collection_id)
    limit :limit
) gone
where q.tenant_id = :tenant_id and q.created_at = gone.created_at and q.id = gone.id;

-- name: delete_orphaned_months
-- Forget the months of collections that are gone, some at once.
with orphans as (
    select o.collection_id, o.month from search.query_months o
    where o.tenant_id = :tenant_id
      and not exists (select from collections.collections c where c.tenant_id = :tenant_id and c.id = o.collection_id)
    limit :limit
), texts as (
    delete from search.text_months t using orphans
    where t.tenant_id = :tenant_id and t.collection_id = orphans.collection_id and t.month = orphans.month
)
delete from search.query_months m using orphans
where m.tenant_id = :tenant_id and m.collection_id = orphans.collection_id and m.month = orphans.month;

-- name: forget_clicks
-- Take items that go out of the record of what was opened; that something was opened stays. Uses queries_clicked.
update search.queries set clicked_item_id = null
where tenant_id = :tenant_id and clicked_item_id = any(:item_ids);

-- name: forget_query
-- Forget every search for a text, one by one and added up. Uses queries_hash.
with recent as (
    delete from search.queries where tenant_id = :tenant_id and hash = :hash returning 1 as searches
), months as (
    delete from search.text_months where tenant_id = :tenant_id and hash = :hash returning search_count
)
select coalesce((select sum(searches) from recent), 0)::bigint
       + coalesce((select sum(search_count) from months), 0)::bigint as searches;

-- name: sum_queries
-- The searches since a time, added up; of one collection or of all.
select count(*) as searches, count(*) filter (where result_count = 0) as without_results, count(clicked_at) as clicked,
       (count(clicked_at)::float8 / nullif(count(*), 0)) as click_through, avg(clicked_rank)::float8 as click_rank_mean,
       (count(*) filter (where is_cached)::float8 / nullif(count(*), 0)) as cached_share,
       percentile_cont(0.5) within group (order by took_ms) as latency_p50_ms,
       percentile_cont(0.95) within group (order by took_ms) as latency_p95_ms
from search.queries
where tenant_id = :tenant_id and created_at >= :since
  and (:collection_id::uuid is null or collection_id = :collection_id::uuid);

-- name: list_top_queries
-- The commonest queries since a time, or of those that found nothing.
select min(text) as query, count(*) as searches, count(*) filter (where result_count = 0) as without_results,
       count(clicked_at) as clicked
from search.queries
where tenant_id = :tenant_id and created_at >= :since and text <> ''
  and (:collection_id::uuid is null or collection_id = :collection_id::uuid)
  and (not :only_empty::bool or result_count = 0)
group by hash
order by count(*) desc, min(text)
limit :limit;

-- name: list_query_months
-- Months that were added up, the latest first; of one collection or of all.
select m.month, sum(m.search_count)::bigint as searches, sum(m.empty_count)::bigint as without_results,
       sum(m.clicked_count)::bigint as clicked, sum(m.cached_count)::bigint as cached,
       array[sum(m.took_counts[1])::bigint, sum(m.took_counts[2])::bigint, sum(m.took_counts[3])::bigint,
             sum(m.took_counts[4])::bigint, sum(m.took_counts[5])::bigint, sum(m.took_counts[6])::bigint,
             sum(m.took_counts[7])::bigint, sum(m.took_counts[8])::bigint, sum(m.took_counts[9])::bigint,
             sum(m.took_counts[10])::bigint] as took_counts
from search.query_months m
where m.tenant_id = :tenant_id and (:collection_id::uuid is null or m.collection_id = :collection_id::uuid)
group by m.month
order by m.month desc
limit :limit;

-- name: list_top_texts_of_months
-- The commonest queries of the months that were added up.
select min(t.text) as query, sum(t.search_count)::bigint as searches, sum(t.empty_count)::bigint as without_results,
       sum(t.clicked_count)::bigint as clicked
from search.text_months t
where t.tenant_id = :tenant_id and (:collection_id::uuid is null or t.collection_id = :collection_id::uuid)
group by t.hash
order by sum(t.search_count) desc, min(t.text)
