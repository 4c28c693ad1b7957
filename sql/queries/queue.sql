-- name: project
-- The row of the queue and the rows of its changed entries, in one round trip. Idempotent: what already holds a newer
-- event is left alone. A transferred entry changes its doctor.
WITH whole AS (
    INSERT INTO queue AS q (tenant_id, doctor_id, date, stream_id, clinic_id, version, paused, closed, in_line, waiting,
                            blocked_until, next_wake_at, updated_at, last_event_id)
    VALUES ($1, $2, $3, $6, $7, $4, $8, $9, $10, $11, $12, $13, $14, $5)
    ON CONFLICT (tenant_id, doctor_id, date) DO UPDATE SET
        version = excluded.version, paused = excluded.paused, closed = excluded.closed, in_line = excluded.in_line,
        waiting = excluded.waiting, blocked_until = excluded.blocked_until, next_wake_at = excluded.next_wake_at,
        updated_at = excluded.updated_at, last_event_id = excluded.last_event_id
    WHERE q.version < excluded.version
)
INSERT INTO queue_entry AS q (tenant_id, entry_id, doctor_id, date, ticket, state, triage, start, arrived_at, called_at,
                              started_at, ended_at, late, walk_in, pinned, skips, overtakes, version, last_event_id)
SELECT $1, e.entry_id, $2, $3, e.ticket, e.state, e.triage, e.start, e.arrived_at, e.called_at, e.started_at,
       e.ended_at, e.late, e.walk_in, e.pinned, e.skips, e.overtakes, $4, $5
FROM unnest($15::uuid[], $16::text[], $17::text[], $18::smallint[], $19::timestamptz[], $20::timestamptz[],
            $21::timestamptz[], $22::timestamptz[], $23::timestamptz[], $24::bool[], $25::bool[], $26::bool[],
            $27::smallint[], $28::smallint[])
     AS e (entry_id, ticket, state, triage, start, arrived_at, called_at, started_at, ended_at, late, walk_in, pinned,
           skips, overtakes)
ON CONFLICT (tenant_id, entry_id) DO UPDATE SET
    doctor_id = excluded.doctor_id, date = excluded.date, ticket = excluded.ticket, state = excluded.state,
    triage = excluded.triage, start = excluded.start, arrived_at = excluded.arrived_at,
    called_at = excluded.called_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
    late = excluded.late, walk_in = excluded.walk_in, pinned = excluded.pinned, skips = excluded.skips,
    overtakes = excluded.overtakes, version = excluded.version, last_event_id = excluded.last_event_id
WHERE q.last_event_id < excluded.last_event_id;

-- name: project_pace
INSERT INTO doctor_pace AS p (tenant_id, doctor_id, minutes, seen, last_event_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET
    minutes = excluded.minutes, seen = excluded.seen, last_event_id = excluded.last_event_id
WHERE p.last_event_id < excluded.last_event_id;

-- name: doctor_pace
SELECT minutes, seen FROM doctor_pace WHERE tenant_id = $1 AND doctor_id = $2;

-- name: entry_place
SELECT e.doctor_id, e.date, e.ticket FROM queue_entry e WHERE e.tenant_id = $1 AND e.entry_id = $2;

-- name: open_queues_of_clinic
SELECT doctor_id, date FROM queue WHERE tenant_id = $1 AND clinic_id = $2 AND NOT closed ORDER BY date, doctor_id;

-- name: slots_of_day
-- The slots of a doctor between two instants that are neither blocked nor withdrawn, at clinics that are open, with how
-- many of their places can still be had and how many are held; none any more of those that have begun.
SELECT s.start, s.total, n.held, CASE WHEN s.start > now() THEN s.total - s.taken - n.held ELSE 0 END AS free
FROM slot s
CROSS JOIN LATERAL (SELECT s.held - CASE WHEN s.held_until <= now() THEN 1 ELSE 0 END AS held) AS n
WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start >= $3 AND s.start < $4 AND NOT s.blocked AND NOT s.withdrawn
  AND (SELECT c.active FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = s.clinic_id)
ORDER BY s.start;
