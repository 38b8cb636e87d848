-- What the job library may be asked for, and by whom: the application may only add a job of its own tenant and prove
-- that an attempt is still its own; everything else belongs to the maintenance role. And: schedules.
-- @local platform.schedules

create table platform.schedules (
    name text primary key,
    last_at timestamptz not null
);
comment on table platform.schedules is 'truth: when each schedule last came due';
grant select, insert, update, delete on platform.schedules to likewise_maintenance;

comment on table procrastinate.procrastinate_jobs is 'truth: jobs waiting, running and recently ended';
comment on table procrastinate.procrastinate_workers is 'cache: heartbeats of the running workers';
comment on table procrastinate.procrastinate_events is 'cache: what happened to recent jobs, for people to read';
comment on table procrastinate.procrastinate_periodic_defers is 'cache: not used; schedules are in platform.schedules';

create index jobs_tenant on procrastinate.procrastinate_jobs ((args ->> 'tenant_id'), id);

grant select, insert, update, delete on all tables in schema procrastinate to likewise_maintenance;
grant usage, select, update on all sequences in schema procrastinate to likewise_maintenance;

-- The library's functions name their tables without a schema: bind them to theirs, whoever calls.
do $$
declare
    routine regprocedure;
begin
    for routine in select oid::regprocedure from pg_proc where pronamespace = 'procrastinate'::regnamespace loop
        execute format('alter function %s set search_path = procrastinate, pg_temp', routine);
        execute format('revoke all on function %s from public', routine);
        execute format('grant execute on function %s to likewise_maintenance', routine);
    end loop;
end;
$$;

-- Add a job in the caller's transaction. A tenant's transaction can only add jobs of that tenant.
create function platform.defer_job(
    queue text, name text, lock text, queueing_lock text, args jsonb, scheduled_at timestamptz
) returns bigint language plpgsql security definer set search_path = procrastinate, pg_temp as $$
begin
    if (args ->> 'tenant_id') is distinct from nullif(current_setting('app.tenant_id', true), '') then
        raise exception 'a job belongs to the tenant of its transaction' using errcode = '42501';
    end if;
    return (
        procrastinate_defer_jobs_v1(array[
            row(queue, name, 0, lock, queueing_lock, args, scheduled_at)
        ]::procrastinate_job_to_defer_v1[])
    )[1];
end;
$$;

-- Whether this attempt of a job is still the current one. The answer stays true until the caller's transaction ends.
create function platform.hold_attempt(job bigint, attempt int)
returns boolean language plpgsql security definer set search_path = procrastinate, pg_temp as $$
begin
    perform from procrastinate_jobs
    where id = job and status = 'doing' and attempts = attempt - 1
      and (args ->> 'tenant_id') is not distinct from nullif(current_setting('app.tenant_id', true), '')
    for share;
    return found;
end;
$$;

-- End a job in the transaction of its last effects. False where the attempt is no longer the current one.
create function platform.end_attempt(job bigint, attempt int)
returns boolean language plpgsql security definer set search_path = procrastinate, pg_temp as $$
begin
    update procrastinate_jobs set status = 'succeeded', attempts = attempt
    where id = job and status = 'doing' and attempts = attempt - 1
      and (args ->> 'tenant_id') is not distinct from nullif(current_setting('app.tenant_id', true), '');
    return found;
end;
$$;

revoke all on function platform.defer_job, platform.hold_attempt, platform.end_attempt from public;
grant execute on function platform.defer_job, platform.hold_attempt, platform.end_attempt
    to likewise_app, likewise_maintenance;
