-- name: clinic
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, holiday_country, holiday_region, active,
       version FROM clinic
WHERE tenant_id = $1 AND clinic_id = $2;

-- name: doctor
SELECT d.doctor_id, d.clinic_id, d.name, d.specialty, d.room, d.ticket_prefix, d.active,
       c.slug AS clinic_slug, c.name AS clinic_name, c.active AS clinic_active, c.timezone, c.address, c.queue_policy, c.capacity,
       ARRAY(SELECT w.clinic_id FROM doctor_clinic w
             WHERE w.tenant_id = $1 AND w.doctor_id = d.doctor_id AND w.clinic_id <> d.clinic_id
             ORDER BY w.clinic_id) AS elsewhere
FROM doctor d JOIN clinic c ON c.tenant_id = d.tenant_id AND c.clinic_id = d.clinic_id
WHERE d.tenant_id = $1 AND d.doctor_id = $2;

-- name: doctors
SELECT d.doctor_id, d.clinic_id, d.name, d.specialty, d.room, d.ticket_prefix, d.active,
       c.slug AS clinic_slug, c.name AS clinic_name, c.active AS clinic_active, c.timezone, c.address, c.queue_policy, c.capacity,
       ARRAY(SELECT w.clinic_id FROM doctor_clinic w
             WHERE w.tenant_id = $1 AND w.doctor_id = d.doctor_id AND w.clinic_id <> d.clinic_id
             ORDER BY w.clinic_id) AS elsewhere
FROM doctor d JOIN clinic c ON c.tenant_id = d.tenant_id AND c.clinic_id = d.clinic_id
WHERE d.tenant_id = $1 AND ($2::uuid IS NULL OR d.clinic_id = $2) AND d.active
ORDER BY c.name, d.name, d.doctor_id;

-- name: lanes
-- The active doctors who work at one of the clinics $2 (none named: at any), each with one clinic: their home, where it
-- is one of these, or else the first. A doctor's own room is one of the home.
SELECT d.doctor_id, d.name, d.specialty, CASE WHEN c.clinic_id = d.clinic_id THEN d.room ELSE '' END AS room,
       d.ticket_prefix, c.clinic_id, c.name AS clinic_name
FROM doctor d
CROSS JOIN LATERAL (
    SELECT one.clinic_id, one.name FROM (
        SELECT d.clinic_id
        UNION SELECT w.clinic_id FROM doctor_clinic w WHERE w.tenant_id = $1 AND w.doctor_id = d.doctor_id
    ) AS mine
    JOIN clinic one ON one.tenant_id = $1 AND one.clinic_id = mine.clinic_id
    WHERE cardinality($2::uuid[]) = 0 OR one.clinic_id = ANY ($2)
    ORDER BY one.clinic_id <> d.clinic_id, one.name, one.clinic_id LIMIT 1
) AS c
WHERE d.tenant_id = $1 AND d.active
ORDER BY c.name, d.name, d.doctor_id;

-- name: insert_doctor
INSERT INTO doctor (tenant_id, doctor_id, clinic_id, name, specialty, room, ticket_prefix)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: clinics_in_scope
-- When $4 names clinics, only those.
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, holiday_country, holiday_region, active,
       version FROM clinic
WHERE tenant_id = $1 AND ($2::uuid IS NULL OR clinic_id > $2)
  AND (cardinality($4::uuid[]) = 0 OR clinic_id = ANY ($4))
ORDER BY clinic_id LIMIT $3;

-- name: clinic_for_change
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, holiday_country, holiday_region, active,
       version FROM clinic
WHERE tenant_id = $1 AND clinic_id = $2 FOR UPDATE;

-- name: clinic_in_use
SELECT EXISTS (SELECT FROM doctor WHERE tenant_id = $1 AND clinic_id = $2) AS doctors,
       EXISTS (SELECT FROM appointment WHERE tenant_id = $1 AND clinic_id = $2) AS appointments,
       EXISTS (SELECT FROM account WHERE tenant_id = $1 AND $2 = ANY (clinic_ids)) AS accounts,
       EXISTS (SELECT FROM room WHERE tenant_id = $1 AND clinic_id = $2)
           OR EXISTS (SELECT FROM equipment WHERE tenant_id = $1 AND clinic_id = $2)
           OR EXISTS (SELECT FROM department WHERE tenant_id = $1 AND $2 = ANY (clinic_ids)) AS resources,
       EXISTS (SELECT FROM doctor_clinic WHERE tenant_id = $1 AND clinic_id = $2)
           OR EXISTS (SELECT FROM doctor_schedule WHERE tenant_id = $1 AND clinic_id = $2) AS schedules;

-- name: clinic_days
SELECT date, opens, name FROM clinic_day WHERE tenant_id = $1 AND clinic_id = $2 ORDER BY date;

-- name: doctors_of_clinic
-- Everybody whose time the clinic's days and clock decide about.
SELECT doctor_id FROM doctor WHERE tenant_id = $1 AND clinic_id = $2
UNION SELECT doctor_id FROM doctor_clinic WHERE tenant_id = $1 AND clinic_id = $2
UNION SELECT doctor_id FROM doctor_schedule WHERE tenant_id = $1 AND clinic_id = $2
ORDER BY doctor_id;

-- name: clinic_has_days_ahead
SELECT EXISTS (
    SELECT FROM appointment WHERE tenant_id = $1 AND clinic_id = $2 AND date >= current_date - 1
) AS ahead;

-- name: tenant_of_doctor
SELECT find_tenant_of_doctor($1) AS tenant_id;

-- name: slots_ahead
SELECT count(*) AS slots FROM slot
WHERE tenant_id = $1 AND start > now() AND NOT blocked AND NOT withdrawn AND taken < total
  AND (held = 0 OR held_until <= now() OR taken + held < total);
