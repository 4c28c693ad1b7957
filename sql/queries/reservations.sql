-- name: lock_<kind> (kind: room, equipment)
-- Whoever reserves it, plans its maintenance or removes it goes one after the other; who only refers to it may not be in
-- the middle of that when it is removed.
SELECT <kind>_id, clinic_id, active, name FROM <kind> WHERE tenant_id = $1 AND <kind>_id = $2 FOR NO KEY UPDATE;

-- name: <kind>_out_of_use (kind: room, equipment)
SELECT EXISTS (
    SELECT FROM <kind>_maintenance m WHERE m.tenant_id = $1 AND m.<kind>_id = $2 AND m.starts_at < $4
      AND least(m.ends_at, greatest(m.starts_at, coalesce(m.finished_at, 'infinity'))) > $3
) AS out_of_use;

-- name: reserve_<kind> (kind: room, equipment)
-- A second appointment of the same occasion shares its reservation. No row: the occasion has other times.
WITH reserved AS (
    INSERT INTO <kind>_reservation AS r (tenant_id, <kind>_id, occasion_id, starts_at, ends_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, <kind>_id, occasion_id) DO UPDATE SET appointments = r.appointments + 1
        WHERE r.starts_at = excluded.starts_at AND r.ends_at = excluded.ends_at
    RETURNING r.<kind>_id
)
INSERT INTO <kind>_use (tenant_id, appointment_id, <kind>_id, occasion_id)
SELECT $1, $6, <kind>_id, $3 FROM reserved
RETURNING <kind>_id;

-- name: release_<kind> (kind: room, equipment)
WITH gone AS (
    DELETE FROM <kind>_use WHERE tenant_id = $1 AND appointment_id = $2 RETURNING <kind>_id, occasion_id
)
UPDATE <kind>_reservation r SET appointments = r.appointments - 1 FROM gone
WHERE r.tenant_id = $1 AND r.<kind>_id = gone.<kind>_id AND r.occasion_id = gone.occasion_id
RETURNING r.<kind>_id, r.occasion_id;

-- name: drop_empty_<kind>_reservation (kind: room, equipment)
DELETE FROM <kind>_reservation WHERE tenant_id = $1 AND <kind>_id = $2 AND occasion_id = $3 AND appointments = 0;

-- name: <kind>_reserved (kind: room, equipment)
-- Reservations that overlap $3 to $4 (without it: from $3 on): none lasts longer than a day, so the btree on starts
-- finds them.
SELECT occasion_id, starts_at, ends_at, appointments FROM <kind>_reservation
WHERE tenant_id = $1 AND <kind>_id = $2 AND starts_at < coalesce($4, 'infinity'::timestamptz)
  AND starts_at > $3::timestamptz - interval '1 day' AND ends_at > $3
ORDER BY starts_at LIMIT $5;
