-- name: insert_operation
-- Something somebody asked for, waiting for its job or, without one, running at once.
insert into platform.operations (tenant_id, id, kind, job_id, status, attempt, total, unit, message, started_at)
values (:tenant_id, :id, :kind, :job_id, :status, :attempt, :total, :unit, :message,
        case when :status = 'running' then now() end);

-- name: find_operation
-- One operation. Uses operations_pkey.
select id, kind, status, done, total, unit, rejected, message, result::text as result, error::text as error,
       created_at, started_at, ended_at
from platform.operations where tenant_id = :tenant_id and id = :id;

-- name: list_operations
-- One page of operations, newest first. Uses operations_pkey.
select id, kind, status, done, total, unit, rejected, message, result::text as result, error::text as error,
       created_at, started_at, ended_at
from platform.operations where tenant_id = :tenant_id and id < :before order by id desc limit :limit;

-- name: cancel_operation
-- Ask an operation to stop; one that has not begun stops at once. Uses operations_pkey.
update platform.operations
set cancel_requested = true, updated_at = now(),
    status = case when status = 'queued' then 'cancelled' else status end,
    ended_at = case when status = 'queued' then now() end
where tenant_id = :tenant_id and id = :id and status in ('queued', 'running');

-- name: start_attempt
-- Begin an attempt that is later than every one before, unless the operation has ended. Uses operations_pkey.
update platform.operations
set status = 'running', attempt = :attempt, started_at = coalesce(started_at, now()), updated_at = now()
where tenant_id = :tenant_id and id = :id and attempt < :attempt and status in ('queued', 'running')
returning done, total, unit, rejected, message, checkpoint::text as checkpoint, cancel_requested;

-- name: hold_operation
-- The fence: note progress, unless the attempt is no longer the current one; nobody can take it over until this
-- transaction ends. Uses operations_pkey.
update platform.operations
set done = :done, total = :total, unit = :unit, rejected = :rejected, message = :message,
    checkpoint = coalesce(:checkpoint::jsonb, checkpoint), updated_at = now()
where tenant_id = :tenant_id and id = :id and attempt = :attempt and status = 'running'
returning cancel_requested;

-- name: end_operation
-- End the current attempt and the operation with it. Uses operations_pkey.
update platform.operations
set status = :status, done = :done, total = :total, unit = :unit, rejected = :rejected, message = :message,
    result = :result::jsonb, error = :error::jsonb, ended_at = now(), updated_at = now()
where tenant_id = :tenant_id and id = :id and attempt = :attempt and status = 'running';

-- name: requeue_operation
-- The attempt failed and another one follows. Uses operations_pkey.
update platform.operations set status = 'queued', message = :message, updated_at = now()
where tenant_id = :tenant_id and id = :id and attempt = :attempt and status = 'running';

-- name: list_silent_operations
-- Operations without a job that have not been heard of for long, of any tenant.
select tenant_id, id, attempt from platform.operations
where status = 'running' and job_id is null and updated_at < now() - make_interval(secs => :silent_s::float8)
order by tenant_id, id limit :limit;

-- name: defer_job
-- Add a job of the transaction's tenant.
select platform.defer_job(:queue::text, :name::text, :lock::text, :queueing_lock::text, :args::jsonb,
                          :scheduled_at::timestamptz);

-- name: hold_attempt
-- The fence of a job without an operation.
select platform.hold_attempt(:job_id::bigint, :attempt::int);

-- name: end_attempt
-- End a job without an operation in the transaction of its last effects.
select platform.end_attempt(:job_id::bigint, :attempt::int);

-- name: list_jobs
-- One page of a tenant's jobs, newest first. Uses jobs_tenant.
select id, task_name as name, status::text as status, attempts, scheduled_at, args ->> 'operation_id' as operation_id
from procrastinate.procrastinate_jobs
where args ->> 'tenant_id' = :tenant_id::uuid::text and id < :before order by id desc limit :limit;

-- name: finish_job
-- End a job, unless the attempt is no longer the current one.
update procrastinate.procrastinate_jobs
set status = :status::procrastinate.procrastinate_job_status, abort_requested = false, attempts = attempts + 1
where id = :job_id and status = 'doing' and attempts = :attempts;

-- name: retry_job
-- Put a job back for another attempt, by the database's clock, unless somebody else has.
update procrastinate.procrastinate_jobs
set status = 'todo', abort_requested = false, attempts = attempts + 1, queueing_lock = null,
    scheduled_at = now() + make_interval(secs => :delay_s::float8)
where id = :job_id and status = 'doing' and attempts = :attempts;

-- name: rescue_jobs
-- Put the jobs of workers that give no sign of life back into the queue; several workers may do so at once. A sign
-- from the future is none: the clock was set back, and the living soon give another.
update procrastinate.procrastinate_jobs
set status = 'todo', abort_requested = false, attempts = attempts + 1, queueing_lock = null, worker_id = null
where id in (
    select j.id from procrastinate.procrastinate_jobs j
    left join procrastinate.procrastinate_workers w on w.id = j.worker_id
    where j.status = 'doing'
      and (
          w.id is null
          or w.last_heartbeat not between now() - make_interval(secs => :lease_s::float8)
             and now() + make_interval(secs => :lease_s::float8)
      )
    order by j.id limit :limit
    for update of j skip locked
);

-- name: beat
-- A worker's sign of life; no row where it was taken for dead.
update procrastinate.procrastinate_workers set last_heartbeat = now() where id = :worker_id;

-- name: delete_old_jobs
-- Jobs that ended long ago, some at a time.
delete from procrastinate.procrastinate_jobs where id in (
    select j.id from procrastinate.procrastinate_jobs j
    where j.status in ('succeeded', 'failed', 'cancelled', 'aborted')
      and not exists (
          select 1 from procrastinate.procrastinate_events e
          where e.job_id = j.id and e.at > now() - make_interval(days => :retention_days::int) limit 1
      )
    order by j.id limit :limit
);

-- name: insert_schedules
-- New schedules count as having just come due, so that nothing starts by being installed.
insert into platform.schedules (name, last_at)
select name, now() from unnest(:names::text[]) as name on conflict (name) do nothing;

-- name: list_schedules
-- When schedules last came due, and what time the database has.
select name, last_at, now() as now from platform.schedules where name = any(:names) limit :limit;

-- name: take_due
-- Take the moment a schedule has come due, unless another worker has.
update platform.schedules set last_at = :due_at where name = :name and last_at < :due_at;

-- name: is_waiting
-- Whether a job with this queueing lock waits in the queue. Uses procrastinate_jobs_queueing_lock_idx_v1.
select exists (
    select 1 from procrastinate.procrastinate_jobs where queueing_lock = :queueing_lock and status = 'todo' limit 1
);
