-- name: lock_stream
WITH locked AS MATERIALIZED (
    SELECT version, state, head_hash, last_event_at FROM stream
    WHERE tenant_id = $1 AND stream_id = $2
    FOR UPDATE
)
-- The clock is read above the lock, so it never stands before what the lock waited for; it never stands still either,
-- so event ids made from it grow with each commit.
SELECT version, state, head_hash, greatest(clock_timestamp(), last_event_at + interval '1 microsecond') AS now,
       (SELECT epoch FROM deployment) AS epoch
FROM locked;

-- name: create_stream
-- Whoever makes it has it locked: the row is what lock_stream finds, unless somebody else was first.
INSERT INTO stream (tenant_id, stream_id, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
RETURNING version, state, head_hash, clock_timestamp() AS now, (SELECT epoch FROM deployment) AS epoch;

-- name: append
-- One round trip: the stream moves on only from the version that was locked, its events come with it, and whoever listens
-- is told with the commit.
WITH moved AS (
    UPDATE stream SET version = $4, state = $5, head_hash = $6, last_event_at = $7, last_event_id = $8
    WHERE tenant_id = $1 AND stream_id = $2 AND version = $3
    RETURNING tenant_id, stream_id, version
), appended AS (
    INSERT INTO event_store (tenant_id, stream_id, version, ordinal, event_id, type, schema_version, data, command,
                             actor_id, by_system, request_id, occurred_at, previous_hash, hash)
    SELECT m.tenant_id, m.stream_id, m.version, e.ordinal, e.event_id, e.type, $9, e.data::json, $10, $11, $12, $13,
           $7, e.previous_hash, e.hash
    FROM moved m, unnest($14::smallint[], $15::uuid[], $16::text[], $17::text[], $18::bytea[], $19::bytea[])
         AS e (ordinal, event_id, type, data, previous_hash, hash)
    RETURNING 1
)
SELECT (SELECT count(*) FROM appended) AS appended,
       (SELECT count(pg_notify(n.channel, n.payload)) FROM unnest($20::text[], $21::text[]) AS n (channel, payload))
           AS notified;

-- name: read_stream
SELECT s.version, s.state, s.last_event_at, (SELECT epoch FROM deployment) AS epoch FROM stream s
WHERE s.tenant_id = $1 AND s.stream_id = $2;

-- name: states
SELECT stream_id, state FROM stream WHERE tenant_id = $1 AND stream_id = ANY ($2::uuid[]) AND state IS NOT NULL;

-- name: events_of_stream
SELECT version, ordinal, event_id, type, schema_version, data, command, actor_id, by_system, request_id, occurred_at,
       previous_hash, hash
FROM event_store
WHERE tenant_id = $1 AND stream_id = $2 AND occurred_at <= $3
ORDER BY version, ordinal;

-- name: insert_free_text
INSERT INTO free_text (tenant_id, text_id, body, salt, patient_id) VALUES ($1, $2, $3, $4, $5);

-- name: free_texts
SELECT text_id, body FROM free_text WHERE tenant_id = $1 AND text_id = ANY ($2::uuid[]);

-- name: all_events_of_stream
SELECT version, ordinal, event_id, type, schema_version, data, command, actor_id, by_system, request_id, occurred_at,
       previous_hash, hash
FROM event_store
WHERE tenant_id = $1 AND stream_id = $2
ORDER BY version, ordinal;

-- name: notify_changed
SELECT pg_notify('directory_changed', $1);
