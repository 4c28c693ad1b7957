-- name: claim
-- A second request with the same key waits here until the first has committed or rolled back.
INSERT INTO idempotent_answer (tenant_id, actor_id, key, request_digest, answer) VALUES ($1, $2, $3, $4, '\x')
ON CONFLICT DO NOTHING RETURNING true AS claimed;

-- name: claim_ahead
INSERT INTO idempotent_answer (tenant_id, actor_id, key, request_digest, answer) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, actor_id, key) DO UPDATE SET created_at = now()
WHERE idempotent_answer.answer = $5 AND idempotent_answer.request_digest = $4
  AND idempotent_answer.created_at < clock_timestamp() - $6::interval
RETURNING true AS claimed;

-- name: release
DELETE FROM idempotent_answer WHERE tenant_id = $1 AND actor_id = $2 AND key = $3 AND answer = $4;

-- name: answered
SELECT request_digest, answer, version FROM idempotent_answer WHERE tenant_id = $1 AND actor_id = $2 AND key = $3;

-- name: keep
UPDATE idempotent_answer SET answer = $4, version = $5 WHERE tenant_id = $1 AND actor_id = $2 AND key = $3;

-- name: prune
DELETE FROM idempotent_answer WHERE tenant_id = $1 AND created_at < clock_timestamp() - $2::interval;
