-- name: queue_streams
-- Every queue's stream with the date its history begins with; days first, because an entry only moves within a day.
SELECT s.stream_id, e.data ->> 'date' AS date FROM stream s
LEFT JOIN event_store e ON e.tenant_id = s.tenant_id AND e.stream_id = s.stream_id AND e.version = 1 AND e.ordinal = 0
WHERE s.tenant_id = $1 AND s.kind = 'queue'
ORDER BY 2, 1;

-- name: lock_queue_streams
SELECT count(*) AS streams FROM (
    SELECT FROM stream WHERE tenant_id = $1 AND kind = 'queue' ORDER BY stream_id FOR UPDATE
) AS locked;

-- name: lock_other_streams
SELECT count(*) AS streams FROM (
    SELECT FROM stream WHERE tenant_id = $1 AND kind <> 'queue' ORDER BY stream_id FOR UPDATE
) AS locked;

-- name: kinds
SELECT kind, count(*) AS streams FROM stream WHERE tenant_id = $1 GROUP BY kind;

-- name: streams_of_kind
SELECT stream_id, version, state FROM stream
WHERE tenant_id = $1 AND kind = $2 AND stream_id > $3 ORDER BY stream_id LIMIT $4;

-- name: states
SELECT stream_id, state FROM stream WHERE tenant_id = $1 AND stream_id = ANY ($2::uuid[]);

-- name: events
SELECT stream_id, version, ordinal, event_id, type, schema_version, data, command, by_system, occurred_at
FROM event_store WHERE tenant_id = $1 AND stream_id = ANY ($2::uuid[])
ORDER BY stream_id, version, ordinal;

-- name: queue_rows
SELECT * FROM queue WHERE tenant_id = $1 AND date = $2;

-- name: entry_rows
SELECT * FROM queue_entry WHERE tenant_id = $1 AND date = $2;

-- name: pace_rows
SELECT * FROM doctor_pace WHERE tenant_id = $1;

-- name: days
SELECT date FROM queue WHERE tenant_id = $1 UNION SELECT date FROM queue_entry WHERE tenant_id = $1;

-- name: write_state
UPDATE stream SET state = $3 WHERE tenant_id = $1 AND stream_id = $2;

-- name: delete_queue
DELETE FROM queue WHERE tenant_id = $1 AND doctor_id = $2 AND date = $3;

-- name: delete_entry
DELETE FROM queue_entry WHERE tenant_id = $1 AND entry_id = $2;

-- name: delete_pace
DELETE FROM doctor_pace WHERE tenant_id = $1 AND doctor_id = $2;

-- name: raise_epoch
-- Above every epoch there was, also those a restore does not know of: seconds since 2025 grow faster than restores.
UPDATE deployment SET epoch = greatest(epoch + 1, extract(epoch FROM clock_timestamp() - '2025-01-01 00:00Z')::integer)
RETURNING epoch;

-- name: notify
SELECT pg_notify('queue_changed', $1);

-- name: insert_queue
INSERT INTO queue SELECT * FROM json_populate_record(NULL::queue, $1::json);

-- name: insert_entry
INSERT INTO queue_entry SELECT * FROM json_populate_record(NULL::queue_entry, $1::json);

-- name: insert_pace
INSERT INTO doctor_pace SELECT * FROM json_populate_record(NULL::doctor_pace, $1::json);
