-- What searches add up to per month, how true the vector indexes answer, and what this machine's comparisons cost.
-- @distribute search.query_months tenant_id
-- @distribute search.text_months tenant_id
-- @distribute search.recalls tenant_id
-- @local search.calibrations

-- took_counts: searches that took at most 1, 2, 5, 10, 20, 50, 100, 200, 500 ms, and all.
create table search.query_months (
    tenant_id uuid not null,
    collection_id uuid not null,
    month date not null,
    search_count bigint not null,
    empty_count bigint not null,
    clicked_count bigint not null,
    cached_count bigint not null,
    took_counts bigint[] not null,
    primary key (tenant_id, collection_id, month)
);
comment on table search.query_months is 'truth: searches of a collection per month, kept when their record has gone';

create table search.text_months (
    tenant_id uuid not null,
    collection_id uuid not null,
    month date not null,
    hash bytea not null,
    text text not null,
    search_count bigint not null,
    empty_count bigint not null,
    clicked_count bigint not null,
    primary key (tenant_id, collection_id, month, hash)
);
comment on table search.text_months is 'truth: the commonest queries of a collection per month, and how they fared';

create table search.recalls (
    tenant_id uuid not null,
    space_id smallint not null,
    measured_at timestamptz not null,
    collection_id uuid not null,
    index_name text not null,
    vector_count bigint not null,
    query_count int not null,
    ef_search int not null,
    recall real not null,
    goal real not null,
    primary key (tenant_id, space_id, measured_at)
);
comment on table search.recalls is 'truth: recall@10 of a large tenant''s vector index, and the ef_search chosen for it';

create table search.calibrations (
    measured_at timestamptz primary key,
    dimension int not null,
    exact_row_us real not null,
    approximate_us real not null,
    exact_rows_max int not null
);
comment on table search.calibrations is 'truth: what comparing vectors costs on this machine, and the switch to indexes that follows';

create index queries_hash on search.queries (tenant_id, hash);
create index queries_clicked on search.queries (tenant_id, clicked_item_id) where clicked_item_id is not null;

alter table search.query_months enable row level security;
alter table search.query_months force row level security;
create policy tenant on search.query_months to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on search.query_months to likewise_maintenance using (true) with check (true);
alter table search.text_months enable row level security;
alter table search.text_months force row level security;
create policy tenant on search.text_months to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on search.text_months to likewise_maintenance using (true) with check (true);
alter table search.recalls enable row level security;
alter table search.recalls force row level security;
create policy tenant on search.recalls to likewise_app
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy maintenance on search.recalls to likewise_maintenance using (true) with check (true);
grant select, insert, update, delete on search.query_months, search.text_months, search.recalls
    to likewise_app, likewise_maintenance;
grant select on search.calibrations to likewise_app;
grant select, insert, update, delete on search.calibrations to likewise_maintenance;

-- Words of the vocabulary that look like the given ones, at most `rows_max` for each: the likely ones first, for a slip
-- is far more often meant for a common word than for another slip.
drop function search.near_words(uuid, text[], int);
create function search.near_words(collection uuid, words text[], rows_max int)
returns table (typed text, word text, lexeme text, document_count bigint, similarity float8)
language plpgsql stable security definer rows 20
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
        order by similarity(l.word, given) * ln(l.document_count + 2) desc, l.lexeme
        limit rows_max;
    end loop;
end
$body$;

-- The same as before, but for what the planner is told: taken for a thousand rows, which it never gives, its result was
-- joined to all the items there are.
drop function search.rank_documents(uuid, text, text[], float8[], float8, float8, float8, uuid[], int, int);
create function search.rank_documents(
    collection uuid, candidates text, terms text[], weights float8[], length_mean float8,
    k1 float8, b float8, only_items uuid[], scanned_max int, rows_max int
) returns table (passage_id uuid, item_id uuid, score float8)
language plpgsql stable security definer rows 100
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

revoke all on function search.rank_documents from public;
revoke all on function search.near_words from public;
grant execute on function search.rank_documents to likewise_app;
grant execute on function search.near_words to likewise_app;
grant create on schema search to likewise_maintenance;
alter function search.rank_documents owner to likewise_maintenance;
alter function search.near_words owner to likewise_maintenance;
revoke create on schema search from likewise_maintenance;
