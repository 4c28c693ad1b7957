-- name: enqueue
INSERT INTO job (tenant_id, kind, key, payload, due_at) VALUES ($1, $2, $3, $4::json, $5) ON CONFLICT DO NOTHING;

-- name: claim
UPDATE job SET attempts = attempts + 1, lease_until = clock_timestamp() + $2::interval
WHERE (tenant_id, kind, key) IN (
    SELECT tenant_id, kind, key FROM job
    WHERE state = 'ready' AND due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until <= clock_timestamp())
    ORDER BY due_at LIMIT $1
    FOR UPDATE SKIP LOCKED
)
RETURNING tenant_id, kind, key, payload, due_at, attempts;

-- name: next_due
SELECT min(greatest(due_at, coalesce(lease_until, due_at))) AS at FROM job WHERE state = 'ready';

-- name: fence
-- Locks the row if this attempt still holds it; nothing comes back when another worker took over.
SELECT true AS held FROM job
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND state = 'ready'
FOR UPDATE;

-- name: finish
UPDATE job SET state = 'done', finished_at = clock_timestamp(), lease_until = NULL
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND state = 'ready';

-- name: retry
UPDATE job SET due_at = clock_timestamp() + $5::interval, lease_until = NULL, last_error = $6
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND state = 'ready';

-- name: bury
UPDATE job SET state = 'dead', finished_at = clock_timestamp(), lease_until = NULL, last_error = $5
WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND attempts = $4 AND state = 'ready';

-- name: prune
DELETE FROM job WHERE state = 'done' AND finished_at < $1;

-- name: depths
SELECT kind, state, count(*) AS jobs, max(attempts) AS most_attempts, min(due_at) AS oldest_due
FROM job GROUP BY kind, state ORDER BY kind, state;

-- name: unwoken_queues
-- Safety net: queues whose wake time has come although no job is there to wake them.
SELECT q.doctor_id, q.date, q.next_wake_at, q.stream_id FROM queue q
WHERE q.tenant_id = $1 AND q.next_wake_at <= clock_timestamp()
  AND NOT EXISTS (
      SELECT FROM job j WHERE j.tenant_id = q.tenant_id AND j.kind = 'queue_tick' AND j.state = 'ready'
        AND j.key LIKE q.stream_id || ':%'
  );
