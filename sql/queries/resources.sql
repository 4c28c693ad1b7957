-- name: clinic_closings
-- What decides on which days clinics are closed: their country's holidays and their own dates from $3 to $4.
SELECT c.clinic_id, c.holiday_country, c.holiday_region, d.date, d.opens, d.name
FROM clinic c
LEFT JOIN clinic_day d ON d.tenant_id = c.tenant_id AND d.clinic_id = c.clinic_id AND d.date BETWEEN $3 AND $4
WHERE c.tenant_id = $1 AND c.clinic_id = ANY ($2::uuid[])
ORDER BY c.clinic_id, d.date;

-- name: rooms
-- In order of creation, after $2; $4 limits to clinics when it names any.
SELECT room_id, clinic_id, name, type, active, version FROM room
WHERE tenant_id = $1 AND ($2::uuid IS NULL OR room_id > $2)
  AND (cardinality($4::uuid[]) = 0 OR clinic_id = ANY ($4))
  AND ($5::uuid IS NULL OR clinic_id = $5) AND ($6::text IS NULL OR type = $6) AND ($7::boolean IS NULL OR active = $7)
ORDER BY room_id LIMIT $3;

-- name: room
SELECT room_id, clinic_id, name, type, active, version FROM room WHERE tenant_id = $1 AND room_id = $2;

-- name: hold_room
-- Whoever refers to a room keeps it from being removed meanwhile, and keeps nobody from reserving it.
SELECT room_id, clinic_id, name, type, active, version FROM room WHERE tenant_id = $1 AND room_id = $2 FOR KEY SHARE;

-- name: <kind>_for_removal (kind: room, equipment)
SELECT <kind>_id FROM <kind> WHERE tenant_id = $1 AND <kind>_id = $2 FOR UPDATE;

-- name: <kind>_maintenance (kind: room, equipment)
SELECT maintenance_id, <kind>_id, starts_at, ends_at, finished_at, reason FROM <kind>_maintenance
WHERE tenant_id = $1 AND <kind>_id = ANY ($2::uuid[]) ORDER BY starts_at, maintenance_id;

-- name: outages
-- When these rooms and pieces of equipment are out of use between $3 and $4; not what was called off before it began.
SELECT maintenance_id, resource_id, starts_at, least(ends_at, coalesce(finished_at, ends_at)) AS until FROM (
    SELECT maintenance_id, room_id AS resource_id, starts_at, ends_at, finished_at FROM room_maintenance
    WHERE tenant_id = $1 AND room_id = ANY ($2::uuid[]) AND ends_at > $3
    UNION ALL
    SELECT maintenance_id, equipment_id, starts_at, ends_at, finished_at FROM equipment_maintenance
    WHERE tenant_id = $1 AND equipment_id = ANY ($2::uuid[]) AND ends_at > $3
) AS period
WHERE starts_at < $4 AND (finished_at IS NULL OR finished_at > starts_at)
ORDER BY starts_at, maintenance_id;

-- name: room_assignments
SELECT assignment_id, room_id, doctor_id, first_date, last_date FROM room_assignment
WHERE tenant_id = $1 AND room_id = ANY ($2::uuid[]) ORDER BY first_date, assignment_id;

-- name: equipment_in_rooms
SELECT equipment_id, room_id FROM equipment WHERE tenant_id = $1 AND room_id = ANY ($2::uuid[]) ORDER BY equipment_id;

-- name: holders_of_room
-- Whose room it is on the date $3 or later, and what stands in it: a few of each kind, by name.
(SELECT 'assignments' AS kind, a.assignment_id AS id, coalesce(p.name, d.name) AS name FROM room_assignment a
 LEFT JOIN doctor_profile p ON p.tenant_id = a.tenant_id AND p.doctor_id = a.doctor_id
 LEFT JOIN doctor d ON d.tenant_id = a.tenant_id AND d.doctor_id = a.doctor_id
 WHERE a.tenant_id = $1 AND a.room_id = $2 AND (a.last_date IS NULL OR a.last_date >= $3)
 ORDER BY a.first_date, a.assignment_id LIMIT 20)
UNION ALL
(SELECT 'equipment', e.equipment_id, e.name FROM equipment e
 WHERE e.tenant_id = $1 AND e.room_id = $2 ORDER BY e.name, e.equipment_id LIMIT 20);

-- name: hours_with
-- Whose hours at the clinic $3 take the room or the equipment $2 on the date $4 or later: a few of each kind, by name.
(SELECT 'schedules' AS kind, s.schedule_id AS id, p.name FROM doctor_schedule s
 LEFT JOIN doctor_profile p ON p.tenant_id = s.tenant_id AND p.doctor_id = s.doctor_id
 WHERE s.tenant_id = $1 AND s.clinic_id = $3 AND (s.effective_until IS NULL OR s.effective_until >= $4)
   AND strpos(s.week::text, $2::uuid::text) > 0
 ORDER BY p.name, s.schedule_id LIMIT 20)
UNION ALL
(SELECT 'overrides', o.override_id, p.name FROM schedule_override o
 JOIN doctor_schedule s ON s.tenant_id = o.tenant_id AND s.schedule_id = o.schedule_id
 LEFT JOIN doctor_profile p ON p.tenant_id = s.tenant_id AND p.doctor_id = s.doctor_id
 WHERE o.tenant_id = $1 AND s.clinic_id = $3 AND o.date >= $4 AND strpos(o.hours::text, $2::uuid::text) > 0
 ORDER BY o.date, o.override_id LIMIT 20);

-- name: equipment_page
SELECT equipment_id, clinic_id, room_id, name, type, active, version FROM equipment
WHERE tenant_id = $1 AND ($2::uuid IS NULL OR equipment_id > $2)
  AND (cardinality($4::uuid[]) = 0 OR clinic_id = ANY ($4))
  AND ($5::uuid IS NULL OR clinic_id = $5) AND ($6::text IS NULL OR type = $6) AND ($7::boolean IS NULL OR active = $7)
  AND ($8::uuid IS NULL OR room_id = $8)
ORDER BY equipment_id LIMIT $3;

-- name: equipment
SELECT equipment_id, clinic_id, room_id, name, type, active, version FROM equipment
WHERE tenant_id = $1 AND equipment_id = $2;

-- name: equipment_assignments
SELECT assignment_id, equipment_id, room_id, since, until FROM equipment_assignment
WHERE tenant_id = $1 AND equipment_id = ANY ($2::uuid[]) ORDER BY since, assignment_id;

-- name: doctor_exists
SELECT EXISTS (SELECT FROM doctor_profile WHERE tenant_id = $1 AND doctor_id = $2)
    OR EXISTS (SELECT FROM doctor WHERE tenant_id = $1 AND doctor_id = $2) AS known;
