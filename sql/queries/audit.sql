-- name: page
-- Newest first. An account that is limited to clinics ($10) sees what happened in their queues.
SELECT e.event_id, e.stream_id, e.version, e.ordinal, e.type, e.command, e.actor_id, e.by_system, e.request_id,
       e.occurred_at, e.data, a.name AS actor_name, a.role AS actor_role
FROM event_store e
LEFT JOIN account a ON a.tenant_id = e.tenant_id AND a.account_id = e.actor_id
WHERE e.tenant_id = $1
  AND e.occurred_at >= $2 AND e.occurred_at < $3
  AND ($4::uuid IS NULL OR e.actor_id = $4)
  AND ($5::text IS NULL OR e.type = $5)
  AND ($6::uuid IS NULL OR e.stream_id = $6)
  AND ($7::timestamptz IS NULL OR (e.occurred_at, e.event_id) < ($7, $8::uuid))
  AND (cardinality($10::uuid[]) = 0 OR e.stream_id IN (
      SELECT q.stream_id FROM queue q WHERE q.tenant_id = $1 AND q.clinic_id = ANY ($10)
  ))
ORDER BY e.occurred_at DESC, e.event_id DESC
LIMIT $9;

-- name: moved_heads
-- Streams whose head no signed root covers yet.
SELECT s.stream_id, s.version, s.head_hash FROM stream s
LEFT JOIN audit_head h ON h.tenant_id = s.tenant_id AND h.stream_id = s.stream_id
WHERE s.tenant_id = $1 AND s.version > coalesce(h.version, 0)
ORDER BY s.stream_id;

-- name: cover_heads
INSERT INTO audit_head (tenant_id, stream_id, version)
SELECT $1, h.stream_id, h.version FROM unnest($2::uuid[], $3::integer[]) AS h (stream_id, version)
ON CONFLICT (tenant_id, stream_id) DO UPDATE SET version = excluded.version;

-- name: last_root
SELECT sequence, root, clock_timestamp() AS now, (SELECT epoch FROM deployment) AS epoch
FROM (SELECT) AS always
LEFT JOIN LATERAL (
    SELECT sequence, root FROM audit_root WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1
) AS newest ON true;

-- name: insert_root
INSERT INTO audit_root (tenant_id, sequence, signed_at, heads, statement, root, signature)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: roots_after
SELECT sequence, signed_at, statement, root, signature FROM audit_root
WHERE tenant_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3;

-- name: epoch
SELECT epoch FROM deployment;

-- name: streams_after
SELECT stream_id, kind, version, head_hash, last_event_id FROM stream
WHERE tenant_id = $1 AND stream_id > $2 ORDER BY stream_id LIMIT $3;

-- name: events_after
SELECT version, ordinal, event_id, type, schema_version, data, command, actor_id, by_system, request_id, occurred_at,
       previous_hash, hash
FROM event_store
WHERE tenant_id = $1 AND stream_id = $2 AND (version, ordinal) > ($3, $4)
ORDER BY version, ordinal, occurred_at LIMIT $5;

-- name: orphans
-- Streams that events tell of although their row is gone.
SELECT DISTINCT e.stream_id FROM event_store e
WHERE e.tenant_id = $1
  AND NOT EXISTS (SELECT FROM stream s WHERE s.tenant_id = e.tenant_id AND s.stream_id = e.stream_id)
LIMIT 100;

-- name: count_events
SELECT count(*) AS events FROM event_store WHERE tenant_id = $1;

-- name: texts_after
SELECT text_id, body, salt, erased_at FROM free_text WHERE tenant_id = $1 AND text_id > $2 ORDER BY text_id LIMIT $3;
