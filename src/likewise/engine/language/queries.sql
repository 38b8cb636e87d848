-- name: find_routing
-- A tenant's own routing table. Uses routings_pkey.
select routing from language.routings where tenant_id = :tenant_id limit 1;

-- name: upsert_routing
-- A tenant's own routing table, new or replaced. Uses routings_pkey.
insert into language.routings (tenant_id, routing) values (:tenant_id, :routing)
on conflict (tenant_id) do update set routing = excluded.routing, updated_at = excluded.updated_at;

-- name: delete_routing
-- Back to the settings' table.
delete from language.routings where tenant_id = :tenant_id;

-- name: reserve_spend
-- Money for a call, taken from the month's budget if that leaves enough; no row where it does not. Uses spends_pkey.
insert into language.spends as s (tenant_id, month, spent_micro)
select :tenant_id, :month, :micro
where :micro::bigint <= :cap_micro::bigint
on conflict (tenant_id, month) do update
set spent_micro = s.spent_micro + excluded.spent_micro
where s.spent_micro + excluded.spent_micro <= :cap_micro::bigint
returning spent_micro;

-- name: adjust_spend
-- The difference between what was set aside and what a call cost. Uses spends_pkey.
update language.spends set spent_micro = greatest(0, spent_micro + :micro::bigint)
where tenant_id = :tenant_id and month = :month;

-- name: find_spent
-- What is spent or set aside in a month. Uses spends_pkey.
select spent_micro from language.spends where tenant_id = :tenant_id and month = :month;

-- name: insert_call
-- A call that begins, or one that cost nothing and has ended already.
insert into language.calls (
    tenant_id, id, at, task, difficulty, tier, model, outcome, input_tokens, output_tokens, is_estimated, cost_micro,
    first_token_ms, took_ms
)
values (
    :tenant_id, :id, :at, :task, :difficulty, :tier, :model, :outcome, :input_tokens, :output_tokens, :is_estimated,
    :cost_micro, :first_token_ms, :took_ms
);

-- name: end_call
-- How a call ended; no row where it had ended already. Uses calls_pkey.
update language.calls
set outcome = :outcome, input_tokens = :input_tokens, output_tokens = :output_tokens, is_estimated = :is_estimated,
    cost_micro = :cost_micro, first_token_ms = :first_token_ms, took_ms = :took_ms
where tenant_id = :tenant_id and id = :id and outcome = 'open';

-- name: list_costs
-- A month's costs by task, tier and model, dearest first, of calls and of those added up already. Uses calls_at and months_pkey.
select task, tier, model, sum(calls)::bigint as calls, sum(failed_calls)::bigint as failed_calls,
       sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
       sum(estimated_calls)::bigint as estimated_calls, sum(unpriced_calls)::bigint as unpriced_calls,
       sum(cost_micro)::bigint as cost_micro
from (
    select task, tier, model, count(*) filter (where outcome <> 'failed') as calls,
           count(*) filter (where outcome = 'failed') as failed_calls, sum(input_tokens) as input_tokens,
           sum(output_tokens) as output_tokens, count(*) filter (where is_estimated) as estimated_calls,
           count(*) filter (where cost_micro is null) as unpriced_calls, coalesce(sum(cost_micro), 0) as cost_micro
    from language.calls
    where tenant_id = :tenant_id and at >= :starts_at and at < :ends_at
    group by task, tier, model
    union all
    select task, tier, model, calls, failed_calls, input_tokens, output_tokens, estimated_calls, unpriced_calls,
           cost_micro + failed_cost_micro
    from language.months
    where tenant_id = :tenant_id and month = :month
) parts
group by task, tier, model
order by 10 desc, task, tier, model
limit :limit;

-- name: list_groups
-- A month's calls by task and difficulty, for pricing them anew. Uses calls_at and months_pkey.
select task, difficulty, sum(calls)::bigint as calls, sum(input_tokens)::bigint as input_tokens,
       sum(output_tokens)::bigint as output_tokens, sum(cost_micro)::bigint as cost_micro,
       sum(failed_cost_micro)::bigint as failed_cost_micro
from (
    select task, difficulty, count(*) filter (where outcome <> 'failed') as calls,
           coalesce(sum(input_tokens) filter (where outcome <> 'failed'), 0) as input_tokens,
           coalesce(sum(output_tokens) filter (where outcome <> 'failed'), 0) as output_tokens,
           coalesce(sum(cost_micro) filter (where outcome <> 'failed'), 0) as cost_micro,
           coalesce(sum(cost_micro) filter (where outcome = 'failed'), 0) as failed_cost_micro
    from language.calls
    where tenant_id = :tenant_id and at >= :starts_at and at < :ends_at
    group by task, difficulty
    union all
    select task, difficulty, calls, input_tokens, output_tokens, cost_micro, failed_cost_micro
    from language.months
    where tenant_id = :tenant_id and month = :month
) parts
group by task, difficulty
order by task, difficulty
limit :limit;

-- name: sum_open
-- What is set aside for calls of a month that have not ended. Uses calls_at.
select coalesce(sum(cost_micro), 0)::bigint from language.calls
where tenant_id = :tenant_id and at >= :starts_at and at < :ends_at and outcome = 'open';

-- name: list_tenants_with_old_calls
-- Tenants that have calls from before a time, some at once. Uses calls_age.
select distinct c.tenant_id from (
    select tenant_id from language.calls where at < :before order by at limit :rows
) c
order by c.tenant_id
limit :limit;

-- name: roll_up_calls
-- Add the oldest calls from before a time to their months, and take them away. Uses calls_at.
with gone as (
    delete from language.calls c
    using (
        select id from language.calls where tenant_id = :tenant_id and at < :before order by at, id limit :limit
    ) old
    where c.tenant_id = :tenant_id and c.id = old.id
    returning date_trunc('month', c.at at time zone 'UTC')::date as month, c.task, c.difficulty, c.tier, c.model,
              c.outcome, c.input_tokens, c.output_tokens, c.is_estimated, c.cost_micro
), months as (
    insert into language.months as m (
        tenant_id, month, task, difficulty, tier, model, calls, failed_calls, input_tokens, output_tokens,
        estimated_calls, unpriced_calls, cost_micro, failed_cost_micro
    )
    select :tenant_id, month, task, difficulty, tier, model, count(*) filter (where outcome <> 'failed'),
           count(*) filter (where outcome = 'failed'),
           coalesce(sum(input_tokens) filter (where outcome <> 'failed'), 0),
           coalesce(sum(output_tokens) filter (where outcome <> 'failed'), 0),
           count(*) filter (where is_estimated), count(*) filter (where cost_micro is null),
           coalesce(sum(cost_micro) filter (where outcome <> 'failed'), 0),
           coalesce(sum(cost_micro) filter (where outcome = 'failed'), 0)
    from gone group by month, task, difficulty, tier, model
    on conflict (tenant_id, month, task, difficulty, tier, model) do update set
        calls = m.calls + excluded.calls, failed_calls = m.failed_calls + excluded.failed_calls,
        input_tokens = m.input_tokens + excluded.input_tokens, output_tokens = m.output_tokens + excluded.output_tokens,
        estimated_calls = m.estimated_calls + excluded.estimated_calls,
        unpriced_calls = m.unpriced_calls + excluded.unpriced_calls, cost_micro = m.cost_micro + excluded.cost_micro,
        failed_cost_micro = m.failed_cost_micro + excluded.failed_cost_micro
)
select count(*) from gone;
