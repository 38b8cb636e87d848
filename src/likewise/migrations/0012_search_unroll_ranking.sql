-- The same ranking, with its sum written out term by term: unnesting the terms anew for each document took longer than
-- ranking it. With m = (pi^2/6) * (1 - ts_rank), the n of BM25 is 1/m - 1/2, and n / (n + k) is (1 - m/2) / (1 - m/2 + k*m);
-- a document without the term has m = pi^2/6.
drop function search.rank_documents(uuid, text, text[], float8[], float8, float8, float8, uuid[], int, int);
create function search.rank_documents(
    collection uuid, candidates text, terms text[], weights float8[], length_mean float8,
    k1 float8, b float8, only_items uuid[], scanned_max int, rows_max int
) returns table (passage_id uuid, item_id uuid, score float8)
language plpgsql stable security definer rows 100
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $body$
declare
    measures text;
    sum text;
begin
    select
        string_agg(
            format('1.6449341 * (1 - ts_rank(''{1, 1, 1, 1}'', d.lexemes, %L)::float8) as m%s', t.term::tsquery, t.place),
            ', '
        ),
        string_agg(
            format('case when m%1$s < 1 then %2$L::float8 * (1 - m%1$s / 2) / (1 - m%1$s / 2 + k * m%1$s) else 0 end', t.place, t.weight),
            ' + '
        )
    into measures, sum
    from unnest(terms, weights) with ordinality as t (term, weight, place);
    return query execute format(
        'select passage_id, item_id, %s as score from ('
        ' select d.passage_id, d.item_id, $1 * (1 - $2 + $2 * length(d.lexemes) / $3) as k, %s'
        ' from search.documents d'
        ' where d.tenant_id = $4 and d.collection_id = $5 and d.lexemes @@ $6'
        ' and ($7 is null or d.item_id = any ($7))'
        ' limit $8) found'
        ' order by score desc, passage_id limit $9',
        sum, measures
    )
    using k1, b, length_mean, nullif(current_setting('app.tenant_id', true), '')::uuid, collection, candidates::tsquery,
        only_items, scanned_max, rows_max;
end
$body$;

revoke all on function search.rank_documents from public;
grant execute on function search.rank_documents to likewise_app;
grant create on schema search to likewise_maintenance;
alter function search.rank_documents owner to likewise_maintenance;
revoke create on schema search from likewise_maintenance;
