-- name: find_corpus
-- What the planner must know of the collection with this name. Uses collections_tenant_id_name_key.
select c.id, c.language, c.facets, coalesce(t.item_count, 0) as item_count, coalesce(t.passage_count, 0) as passage_count,
       coalesce(s.document_count, 0) as document_count, coalesce(s.lexeme_count, 0) as lexeme_count
from collections.collections c
left join collections.totals t on t.tenant_id = :tenant_id and t.collection_id = c.id
left join search.totals s on s.tenant_id = :tenant_id and s.collection_id = c.id
where c.tenant_id = :tenant_id and c.name = :name;

-- name: find_partition
-- The partition that holds a tenant's vectors: its rows as the statistics estimate them, and whether it has a ready HNSW
-- index for this space. Reads the catalogue only.
select greatest(part.reltuples, pg_stat_get_live_tuples(part.oid), 0)::bigint as row_count,
       exists (
           select from pg_index x
           join pg_class i on i.oid = x.indexrelid
           join pg_am a on a.oid = i.relam
           where x.indrelid = part.oid and x.indisvalid and a.amname = 'hnsw'
             and pg_get_expr(x.indpred, x.indrelid) = :predicate
       ) as has_index
from pg_inherits h
join pg_class part on part.oid = h.inhrelid
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
-- The nearest passages by the HNSW index of the tenant's partition, scanned on until enough pass the filter.
select m.passage_id, m.item_id, (1 - m.distance)::float8 as score
from (
    select v.passage_id, v.item_id,
           v.embedding::halfvec($(dimension)) <=> :vector::halfvec($(dimension)) as distance
    from embedding.vectors v
    where v.tenant_id = :tenant_id and v.space_id = $(space) and v.collection_id = :collection_id
    order by v.embedding::halfvec($(dimension)) <=> :vector::halfvec($(dimension))
) m
where $(conditions)
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

-- name: list_asked_texts
-- What a tenant asked of a collection lately, newest first, each text once. Uses queries_collection.
select n.text from (
    select distinct on (q.hash) q.text, q.created_at from (
        select hash, text, created_at from search.queries
        where tenant_id = :tenant_id and collection_id = :collection_id and text <> ''
        order by created_at desc
        limit :window
    ) q
    order by q.hash, q.created_at desc
) n
order by n.created_at desc
limit :limit;
