-- name: kinds
-- How the tenant's work stands, by kind.
SELECT kind, count(*) FILTER (WHERE state = 'ready') AS ready,
       count(*) FILTER (WHERE state = 'ready' AND due_at <= clock_timestamp()) AS due,
       count(*) FILTER (WHERE state = 'ready' AND lease_until > clock_timestamp()) AS running,
       count(*) FILTER (WHERE state = 'ready' AND last_error IS NOT NULL) AS retrying,
       coalesce(sum(greatest(0, attempts - 1)) FILTER (WHERE last_error IS NOT NULL), 0)::bigint AS retries,
       count(*) FILTER (WHERE state = 'dead') AS dead,
       coalesce(greatest(0, extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE state = 'ready'))), 0)
           ::double precision AS oldest_seconds
FROM job WHERE tenant_id = $1 AND state IN ('ready', 'dead') GROUP BY kind ORDER BY kind;

-- name: failures
-- What was given up, the latest first, and then what is tried again, the soonest first.
SELECT kind, key, state, attempts, due_at, CASE WHEN state = 'dead' THEN finished_at END AS failed_at,
       coalesce(last_error, '') AS reason
FROM job
WHERE tenant_id = $1 AND (state = 'dead' OR state = 'ready' AND last_error IS NOT NULL) AND ($2::text IS NULL OR kind = $2)
ORDER BY state, finished_at DESC NULLS LAST, due_at LIMIT $3;

-- name: retry_dead
-- Done again, with all their attempts: those that were given up, of the kind $2 and with the key $3 where one is named.
UPDATE job SET state = 'ready', due_at = clock_timestamp(), attempts = 0, lease_until = NULL, finished_at = NULL,
               last_error = NULL
WHERE (tenant_id, kind, key) IN (
    SELECT tenant_id, kind, key FROM job
    WHERE tenant_id = $1 AND state = 'dead' AND kind = $2 AND ($3::text IS NULL OR key = $3)
    ORDER BY finished_at LIMIT $4 FOR UPDATE SKIP LOCKED
)
RETURNING kind, key;
