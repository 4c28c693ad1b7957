-- name: enqueue
INSERT INTO job (tenant_id, kind, key, payload, due_at) VALUES ($1, $2, $3, $4::json, $5) ON CONFLICT DO NOTHING;

-- name: enqueue_all
INSERT INTO job (tenant_id, kind, key, payload, due_at)
SELECT $1, j.kind, j.key, j.payload::json, coalesce(j.due_at, clock_timestamp())
FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS j (kind, key, payload, due_at)
ON CONFLICT DO NOTHING;

-- name: enqueue_again
UPDATE job j SET state = 'ready', due_at = coalesce(n.due_at, clock_timestamp()), attempts = 0, lease_until = NULL,
                 finished_at = NULL, last_error = NULL
FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS n (kind, key, due_at)
WHERE j.tenant_id = $1 AND j.kind = n.kind AND j.key = n.key AND j.state <> 'ready';

-- name: enqueue_recurring
-- One row a tenant and kind, armed anew after each run; one that is there is left as it is. Spread a little, so that
-- they do not all come at once for ever after.
INSERT INTO job (tenant_id, kind, key, due_at)
SELECT t.tenant_id, k.kind, 'recurring', clock_timestamp() + random() * interval '10 seconds' FROM tenant t CROSS JOIN unnest($1::text[]) AS k (kind)
WHERE NOT EXISTS (
    SELECT FROM job j
    WHERE j.tenant_id = t.tenant_id AND j.kind = k.kind AND j.key = 'recurring' AND j.state = 'ready'
)
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    state = 'ready', due_at = excluded.due_at, attempts = 0, lease_until = NULL, finished_at = NULL
WHERE job.state <> 'ready';

-- name: claim
UPDATE job SET attempts = attempts + 1, lease_until = clock_timestamp() + $2::interval
WHERE (tenant_id, kind, key) IN (
    SELECT tenant_id, kind, key FROM job
    WHERE state = 'ready' AND kind = ANY ($3::text[]) AND due_at <= clock_timestamp()
      AND (lease_until IS NULL OR lease_until <= clock_timestamp())
    ORDER BY due_at LIMIT $1
    FOR UPDATE SKIP LOCKED
)
RETURNING tenant_id, kind, key, payload, due_at, attempts,
          extract(epoch FROM clock_timestamp() - due_at)::double precision AS late;

-- name: next_due
-- Seconds until the next job may be claimed, by Postgres' clock; nothing when none waits.
SELECT extract(epoch FROM least(
    (SELECT due_at FROM job WHERE state = 'ready' AND lease_until IS NULL AND kind = ANY ($1::text[])
     ORDER BY due_at LIMIT 1),
    (SELECT lease_until FROM job WHERE state = 'ready' AND lease_until IS NOT NULL AND kind = ANY ($1::text[])
     ORDER BY lease_until LIMIT 1)
) - clock_timestamp())::double precision AS seconds;

-- name: fence
-- Locks the row if this attempt still holds it; nothing comes back when another worker took over. An attempt is told
-- by its number and by when it was due, because a job that is armed anew counts from the beginning.
SELECT true AS held FROM job
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND due_at = $5 AND state = 'ready'
FOR UPDATE;

-- name: finish
UPDATE job SET state = 'done', finished_at = clock_timestamp(), lease_until = NULL
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND due_at = $5 AND state = 'ready';

-- name: overtaken
-- The jobs about one subject ($3 names it in the payload, $4 is it) that are due by $5: one run does what all are for.
SELECT key FROM job
WHERE state = 'ready' AND due_at <= $5 AND tenant_id = $1 AND kind = $2 AND payload ->> $3::text = $4::text;

-- name: finish_all
-- Whatever another worker has in its hands just now is left to it.
UPDATE job SET state = 'done', finished_at = clock_timestamp(), lease_until = NULL
WHERE (tenant_id, kind, key) IN (
    SELECT tenant_id, kind, key FROM job
    WHERE state = 'ready' AND tenant_id = $1 AND kind = $2 AND key = ANY ($3::text[])
    FOR UPDATE SKIP LOCKED
);

-- name: finish_overtaken
-- The jobs about one subject ($3 names it in the payload, $4 is it) that were due by $5: one run has done what all of
-- them are for. Whatever another worker has in its hands just now is left to it.
UPDATE job SET state = 'done', finished_at = clock_timestamp(), lease_until = NULL
WHERE (tenant_id, kind, key) IN (
    SELECT tenant_id, kind, key FROM job
    WHERE state = 'ready' AND due_at <= $5 AND tenant_id = $1 AND kind = $2 AND payload ->> $3::text = $4::text
    FOR UPDATE SKIP LOCKED
);

-- name: rearm
UPDATE job SET due_at = clock_timestamp() + $6::interval, attempts = 0, lease_until = NULL, last_error = NULL
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND due_at = $5 AND state = 'ready';

-- name: retry
-- With $8 attempts counted at most.
UPDATE job SET due_at = clock_timestamp() + $6::interval, lease_until = NULL, last_error = $7,
               attempts = least(attempts, coalesce($8::integer, attempts))
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND due_at = $5 AND state = 'ready';

-- name: bury
UPDATE job SET state = 'dead', finished_at = clock_timestamp(), lease_until = NULL, last_error = $6
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND due_at = $5 AND state = 'ready';

-- name: prune
DELETE FROM job WHERE tenant_id = $1
  AND ((state = 'done' AND finished_at < clock_timestamp() - $2::interval)
       OR (state = 'dead' AND finished_at < clock_timestamp() - $3::interval));

-- name: depths
SELECT kind, ready, due, running, retrying, retries, dead, oldest_seconds FROM job_depths() ORDER BY kind;

-- name: keep_partitions
SELECT keep_event_partitions();

-- name: keep_slot_partitions
SELECT keep_slot_partitions();

-- name: unwoken_queues
-- Safety net: queues whose wake time has come although no job is there to wake them.
SELECT q.doctor_id, q.date, q.next_wake_at, q.stream_id, q.version FROM queue q
WHERE q.tenant_id = $1 AND q.next_wake_at <= clock_timestamp()
  AND NOT EXISTS (
      SELECT FROM job j WHERE j.tenant_id = q.tenant_id AND j.kind = 'queue_tick' AND j.state = 'ready'
        AND j.key LIKE q.stream_id || ':%'
  )
LIMIT 1000;
