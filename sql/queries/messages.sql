-- name: insert_message
INSERT INTO message (tenant_id, message_id, kind, channel, recipient, language, patient_id, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: begin_sending
-- Nothing comes back when it is not to be sent (any more), or somebody is at it.
UPDATE message SET attempts = attempts + 1, sending_until = clock_timestamp() + $3::interval
WHERE tenant_id = $1 AND message_id = $2 AND state = 'queued'
  AND (sending_until IS NULL OR sending_until <= clock_timestamp())
RETURNING message_id, kind, channel, recipient, language, patient_id, attempts,
          coalesce(expires_at <= clock_timestamp(), false) AS is_over;

-- name: message_state
SELECT state FROM message WHERE tenant_id = $1 AND message_id = $2;

-- name: end_message
UPDATE message SET state = $3, ended_at = clock_timestamp(), sending_until = NULL, last_error = $4
WHERE tenant_id = $1 AND message_id = $2;

-- name: note_failure
UPDATE message SET sending_until = NULL, last_error = $3 WHERE tenant_id = $1 AND message_id = $2;

-- name: messages_to
SELECT message_id, kind, channel, recipient, state, created_at, ended_at FROM message
WHERE tenant_id = $1 AND (patient_id = ANY ($2::uuid[]) OR recipient = ANY ($3::text[]))
ORDER BY created_at, message_id;

-- name: delete_messages_to
DELETE FROM message WHERE tenant_id = $1 AND (patient_id = $2 OR recipient = ANY ($3::text[]));

-- name: sent_lately
-- How many of a kind and channel there were within a time, and in how many seconds the first of them is longer ago.
SELECT count(*)::integer AS number,
       greatest(1, ceil(extract(epoch FROM min(created_at) + $4::interval - clock_timestamp())))::integer AS seconds
FROM message WHERE tenant_id = $1 AND created_at > clock_timestamp() - $4::interval AND kind = $2 AND channel = $3;

-- name: prune_messages
-- A code is of no use to anybody after it; other messages are kept for as long as somebody may ask about them.
DELETE FROM message
WHERE tenant_id = $1 AND created_at < clock_timestamp() - (CASE WHEN kind = $2 THEN $3::interval ELSE $4::interval END);
