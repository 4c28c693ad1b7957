-- name: lock_room
-- Whoever reserves a room, plans its maintenance or removes it goes one after the other; who only refers to it may not
-- be in the middle of that when it is removed.
SELECT room_id, clinic_id, active, name FROM room WHERE tenant_id = $1 AND room_id = $2 FOR NO KEY UPDATE;

-- name: lock_equipment
SELECT equipment_id, clinic_id, active, name FROM equipment
WHERE tenant_id = $1 AND equipment_id = $2 FOR NO KEY UPDATE;

-- name: room_out_of_use
SELECT EXISTS (
    SELECT FROM room_maintenance m WHERE m.tenant_id = $1 AND m.room_id = $2 AND m.starts_at < $4
      AND least(m.ends_at, greatest(m.starts_at, coalesce(m.finished_at, 'infinity'))) > $3
) AS out_of_use;

-- name: equipment_out_of_use
SELECT EXISTS (
    SELECT FROM equipment_maintenance m WHERE m.tenant_id = $1 AND m.equipment_id = $2 AND m.starts_at < $4
      AND least(m.ends_at, greatest(m.starts_at, coalesce(m.finished_at, 'infinity'))) > $3
) AS out_of_use;

-- name: reserve_room
-- A second appointment of the same occasion shares its reservation. No row: the occasion has other times.
WITH reserved AS (
    INSERT INTO room_reservation AS r (tenant_id, room_id, occasion_id, starts_at, ends_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, room_id, occasion_id) DO UPDATE SET appointments = r.appointments + 1
        WHERE r.starts_at = excluded.starts_at AND r.ends_at = excluded.ends_at
    RETURNING r.room_id
)
INSERT INTO room_use (tenant_id, appointment_id, room_id, occasion_id)
SELECT $1, $6, room_id, $3 FROM reserved
RETURNING room_id;

-- name: reserve_equipment
WITH reserved AS (
    INSERT INTO equipment_reservation AS r (tenant_id, equipment_id, occasion_id, starts_at, ends_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, equipment_id, occasion_id) DO UPDATE SET appointments = r.appointments + 1
        WHERE r.starts_at = excluded.starts_at AND r.ends_at = excluded.ends_at
    RETURNING r.equipment_id
)
INSERT INTO equipment_use (tenant_id, appointment_id, equipment_id, occasion_id)
SELECT $1, $6, equipment_id, $3 FROM reserved
RETURNING equipment_id;

-- name: release_rooms
WITH gone AS (
    DELETE FROM room_use WHERE tenant_id = $1 AND appointment_id = $2 RETURNING room_id, occasion_id
)
UPDATE room_reservation r SET appointments = r.appointments - 1 FROM gone
WHERE r.tenant_id = $1 AND r.room_id = gone.room_id AND r.occasion_id = gone.occasion_id
RETURNING r.room_id, r.occasion_id;

-- name: drop_empty_room_reservation
DELETE FROM room_reservation WHERE tenant_id = $1 AND room_id = $2 AND occasion_id = $3 AND appointments = 0;

-- name: release_equipment
WITH gone AS (
    DELETE FROM equipment_use WHERE tenant_id = $1 AND appointment_id = $2 RETURNING equipment_id, occasion_id
)
UPDATE equipment_reservation r SET appointments = r.appointments - 1 FROM gone
WHERE r.tenant_id = $1 AND r.equipment_id = gone.equipment_id AND r.occasion_id = gone.occasion_id
RETURNING r.equipment_id, r.occasion_id;

-- name: drop_empty_equipment_reservation
DELETE FROM equipment_reservation
WHERE tenant_id = $1 AND equipment_id = $2 AND occasion_id = $3 AND appointments = 0;

-- name: rooms_reserved
-- Reservations that overlap $3 to $4 (without it: from $3 on): none lasts longer than a day, so the btree on starts
-- finds them.
SELECT occasion_id, starts_at, ends_at, appointments FROM room_reservation
WHERE tenant_id = $1 AND room_id = $2 AND starts_at < coalesce($4, 'infinity'::timestamptz) AND starts_at > $3::timestamptz - interval '1 day'
  AND ends_at > $3
ORDER BY starts_at LIMIT $5;

-- name: equipment_reserved
SELECT occasion_id, starts_at, ends_at, appointments FROM equipment_reservation
WHERE tenant_id = $1 AND equipment_id = $2 AND starts_at < coalesce($4, 'infinity'::timestamptz) AND starts_at > $3::timestamptz - interval '1 day'
  AND ends_at > $3
ORDER BY starts_at LIMIT $5;
