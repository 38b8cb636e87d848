-- What the lexical and trigram arms read, what was asked, and the two doors through which the application ranks words.
-- @distribute search.documents tenant_id
-- @distribute search.lexemes tenant_id
-- @distribute search.totals tenant_id
-- @distribute search.queries tenant_id

create schema search;
grant usage on schema search to likewise_app, likewise_maintenance;

-- Lexemes stay uncompressed in the row: ranking reads each candidate once per word of the query.
create table search.documents (
    tenant_id uuid not null,
    passage_id uuid not null,
    item_id uuid not null,
    collection_id uuid not null,
    lexemes tsvector storage external not null,
    primary key (tenant_id, passage_id)
) with (toast_tuple_target = 8160);
comment on table search.documents is 'derived: the lexemes of each passage, its item''s title among them with weight A';
create index documents_item on search.documents (tenant_id, item_id);
create index documents_lexemes on search.documents using gin (tenant_id, collection_id, lexemes)
    with (gin_pending_list_limit = 1024);

create table search.lexemes (
    tenant_id uuid not null,
    collection_id uuid not null,
    lexeme text not null,
    word text not null,
    document_count bigint not null,
    primary key (tenant_id, collection_id, lexeme)
) with (fillfactor = 70);
comment on table search.lexemes is 'derived: a collection''s vocabulary, how many documents hold each lexeme, and a word it was written as';
create index lexemes_word on search.lexemes using gin (tenant_id, collection_id, word gin_trgm_ops)
    with (gin_pending_list_limit = 512);

create table search.totals (
    tenant_id uuid not null,
    collection_id uuid not null,
    document_count bigint not null default 0,
    lexeme_count bigint not null default 0,
    primary key (tenant_id, collection_id)
) with (fillfactor = 50);
comment on table search.totals is 'derived: a collection''s documents and the sum of their distinct lexemes';

create table search.queries (
    tenant_id uuid not null,
    created_at timestamptz not null,
    id uuid not null,
    collection_id uuid not null,
    text text not null,
    hash bytea not null,
    arms text[] not null,
    plan text not null,
    candidate_count int not null,
    result_count int not null,
    took_ms real not null,
    is_cached boolean not null,
    clicked_item_id uuid,
    clicked_rank int,
    clicked_at timestamptz,
    primary key (tenant_id, created_at, id)
);
comment on table search.queries is 'truth: what was asked, how it was answered and what was opened; never a vector';
create index queries_collection on search.queries (tenant_id, collection_id, created_at);

alter table search.documents enable row level security;
alter table search.documents force row level security;
create policy tenant on search.documents to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on search.documents to likewise_maintenance using (true) with check (true);
alter table search.lexemes enable row level security;
alter table search.lexemes force row level security;
create policy tenant on search.lexemes to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on search.lexemes to likewise_maintenance using (true) with check (true);
alter table search.totals enable row level security;
alter table search.totals force row level security;
create policy tenant on search.totals to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on search.totals to likewise_maintenance using (true) with check (true);
alter table search.queries enable row level security;
alter table search.queries force row level security;
create policy tenant on search.queries to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on search.queries to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on search.documents, search.lexemes, search.totals, search.queries
    to likewise_app, likewise_maintenance;

-- The operators of text search and of trigrams are not leakproof, so under row level security their indexes are closed
-- to the application's role. These two functions run as the maintenance role, which no policy holds back, and name the
-- tenant of the transaction themselves; the caller cannot choose it.

-- BM25 over the documents that match `candidates` (a tsquery), at most `scanned_max` of them. ts_rank of one lexeme that
-- occurs n times is (6/pi^2) * sum(1/j^2, j = 1..n); the tail of that sum is close to 1 / (n + 1/2), which gives n back
-- without unnesting the vector: ten times as fast.
create function search.rank_documents(
    collection uuid, candidates text, terms text[], weights float8[], length_mean float8,
    k1 float8, b float8, only_items uuid[], scanned_max int, rows_max int
) returns table (passage_id uuid, item_id uuid, score float8)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $body$
#variable_conflict use_column
declare
    tenant constant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    wanted constant tsquery := candidates::tsquery;
    queries constant tsquery[] := terms::tsquery[];
begin
    return query
    select found.passage_id, found.item_id, (
        select coalesce(sum(weighted.weight * count.n / (count.n + k1 * (1 - b + b * found.length / length_mean))), 0)
        from unnest(queries, weights) weighted (query, weight)
        cross join lateral (
            select 1 / (1.6449341 * (1 - ts_rank('{1, 1, 1, 1}', found.lexemes, weighted.query)::float8)) - 0.5 as n
        ) count
        where count.n > 0.5
    ) as score
    from (
        select d.passage_id, d.item_id, d.lexemes, length(d.lexemes)::float8 as length
        from search.documents d
        where d.tenant_id = tenant
            and d.collection_id = collection
            and d.lexemes @@ wanted
            and (only_items is null or d.item_id = any (only_items))
        limit scanned_max
    ) found
    order by score desc, found.passage_id
    limit rows_max;
end
$body$;

-- Words of the vocabulary that look like the given ones, the most alike first, at most `rows_max` for each.
create function search.near_words(collection uuid, words text[], rows_max int)
returns table (typed text, word text, lexeme text, document_count bigint, similarity float8)
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
set pg_trgm.similarity_threshold = 0.3
as $body$
#variable_conflict use_column
declare
    tenant constant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    given text;
begin
    foreach given in array words loop
        return query
        select given, l.word, l.lexeme, l.document_count, similarity(l.word, given)::float8 as alike
        from search.lexemes l
        where l.tenant_id = tenant and l.collection_id = collection and l.word % given
        order by alike desc, l.document_count desc, l.lexeme
        limit rows_max;
    end loop;
end
$body$;

-- Who may call them is said before they change hands: afterwards it would be another's to say.
revoke all on function search.rank_documents from public;
revoke all on function search.near_words from public;
grant execute on function search.rank_documents to likewise_app;
grant execute on function search.near_words to likewise_app;
grant create on schema search to likewise_maintenance;
alter function search.rank_documents owner to likewise_maintenance;
alter function search.near_words owner to likewise_maintenance;
revoke create on schema search from likewise_maintenance;
