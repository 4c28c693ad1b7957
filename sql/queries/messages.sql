-- name: insert_message
-- Nothing comes back when the notice was told through this channel before.
INSERT INTO message (tenant_id, message_id, kind, channel, recipient, language, patient_id, expires_at, notice, facts,
                     rest, clinic_id, reader_id, sent_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::json, $11::text[], $12, $13, $14)
ON CONFLICT (tenant_id, notice, channel) WHERE notice IS NOT NULL DO NOTHING
RETURNING message_id;

-- name: notice_is_told
SELECT true AS told FROM message WHERE tenant_id = $1 AND notice = $2 LIMIT 1;

-- name: begin_sending
-- Nothing comes back when it is not to be sent (any more), or somebody is at it.
UPDATE message SET attempts = attempts + 1, sending_until = clock_timestamp() + $3::interval
WHERE tenant_id = $1 AND message_id = $2 AND state = 'queued'
  AND (sending_until IS NULL OR sending_until <= clock_timestamp())
RETURNING message_id, kind, channel, recipient, language, patient_id, attempts, reader_id, clinic_id, notice, facts,
          rest, sent_by, expires_at, provider_ref, coalesce(expires_at <= clock_timestamp(), false) AS is_over,
          clock_timestamp() - created_at AS age;

-- name: message_taken
-- A message that the provider has taken under the name $3, locked.
SELECT message_id, kind, channel, recipient, language, patient_id, attempts, reader_id, clinic_id, notice, facts, rest,
       sent_by, expires_at, provider_ref, coalesce(expires_at <= clock_timestamp(), false) AS is_over,
       clock_timestamp() - created_at AS age
FROM message WHERE tenant_id = $1 AND message_id = $2 AND state = 'sent' AND provider_ref = $3 FOR UPDATE;

-- name: message_state
SELECT state FROM message WHERE tenant_id = $1 AND message_id = $2;

-- name: lock_message
SELECT state FROM message WHERE tenant_id = $1 AND message_id = $2 FOR UPDATE;

-- name: end_message
UPDATE message SET state = $3, ended_at = clock_timestamp(), sending_until = NULL, last_error = $4,
                   provider_ref = coalesce($5, provider_ref)
WHERE tenant_id = $1 AND message_id = $2;

-- name: note_failure
UPDATE message SET sending_until = NULL, last_error = $3,
                   attempts = CASE WHEN $4 THEN attempts ELSE greatest(0, attempts - 1) END
WHERE tenant_id = $1 AND message_id = $2;

-- name: message_log
-- The newest first. Without clinics ($2) those of all of them, and those of none.
SELECT m.message_id, m.kind, m.channel, m.recipient, m.language, m.state, m.attempts, m.last_error, m.created_at,
       m.ended_at, m.expires_at, m.clinic_id, m.patient_id, m.reader_id, p.name AS patient_name, m.sent_by,
       m.provider_ref, m.notice
FROM message m LEFT JOIN patient p ON p.tenant_id = m.tenant_id AND p.patient_id = m.patient_id
WHERE m.tenant_id = $1
  AND (cardinality($2::uuid[]) = 0 OR m.clinic_id = ANY ($2))
  AND ($3::text[] IS NULL OR m.state = ANY ($3))
  AND ($4::text[] IS NULL OR m.kind = ANY ($4))
  AND ($5::text IS NULL OR m.channel = $5)
  AND ($6::uuid IS NULL OR m.patient_id = $6)
  AND ($7::timestamptz IS NULL OR m.created_at >= $7)
  AND ($8::timestamptz IS NULL OR m.created_at < $8)
  AND ($9::timestamptz IS NULL OR (m.created_at, m.message_id) < ($9, $10::uuid))
ORDER BY m.created_at DESC, m.message_id DESC
LIMIT $11;

-- name: message_of_log
SELECT m.message_id, m.kind, m.channel, m.recipient, m.language, m.state, m.attempts, m.last_error, m.created_at,
       m.ended_at, m.expires_at, m.clinic_id, m.patient_id, m.reader_id, p.name AS patient_name, m.sent_by,
       m.provider_ref, m.notice
FROM message m LEFT JOIN patient p ON p.tenant_id = m.tenant_id AND p.patient_id = m.patient_id
WHERE m.tenant_id = $1 AND m.message_id = $2;

-- name: revive_messages
UPDATE message SET state = 'queued', attempts = 0, sending_until = NULL, ended_at = NULL
WHERE tenant_id = $1 AND message_id = ANY ($2::uuid[]) AND state = 'dead'
  AND (expires_at IS NULL OR expires_at > clock_timestamp())
RETURNING message_id, kind;

-- name: readdress_message
UPDATE message SET recipient = $3 WHERE tenant_id = $1 AND message_id = $2;

-- name: dead_messages
SELECT message_id FROM message
WHERE tenant_id = $1 AND state = 'dead' AND (cardinality($2::uuid[]) = 0 OR clinic_id = ANY ($2))
  AND (expires_at IS NULL OR expires_at > clock_timestamp())
ORDER BY created_at, message_id LIMIT $3;

-- name: take_pace
-- $4 is the time between two, $5 how much of it may be saved up. What waits has its place already: nobody overtakes it.
INSERT INTO message_pace AS p (tenant_id, channel, urgent, tat) VALUES ($1, $2, $3, clock_timestamp() + $4::interval)
ON CONFLICT (tenant_id, channel, urgent) DO UPDATE SET tat = greatest(p.tat, clock_timestamp()) + $4::interval
RETURNING greatest(interval '0', p.tat - $5::interval - clock_timestamp()) AS wait;

-- name: messages_to
SELECT message_id, kind, channel, recipient, state, created_at, ended_at FROM message
WHERE tenant_id = $1
  AND (patient_id = ANY ($2::uuid[]) OR reader_id = ANY ($2::uuid[]) OR recipient = ANY ($3::text[]))
ORDER BY created_at, message_id;

-- name: delete_messages_to
DELETE FROM message WHERE tenant_id = $1 AND (patient_id = $2 OR reader_id = $2 OR recipient = ANY ($3::text[]));

-- name: sent_lately
-- How many of a kind and channel there were within a time, and in how many seconds the first of them is longer ago.
SELECT count(*)::integer AS number,
       greatest(1, ceil(extract(epoch FROM min(created_at) + $4::interval - clock_timestamp())))::integer AS seconds
FROM message WHERE tenant_id = $1 AND created_at > clock_timestamp() - $4::interval AND kind = $2 AND channel = $3;

-- name: prune_messages
-- A code is of no use to anybody after it; other messages are kept for as long as somebody may ask about them.
DELETE FROM message
WHERE tenant_id = $1 AND created_at < clock_timestamp() - (CASE WHEN kind = $2 THEN $3::interval ELSE $4::interval END);
