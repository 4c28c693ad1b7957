-- name: people_of_appointments
-- With what they were booked for, and the room that is reserved for it.
SELECT a.appointment_id, p.name, p.phone, a.clinic_id, a.doctor_id AS booked_doctor_id, c.name AS clinic_name, c.timezone, c.address,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room
FROM appointment a
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
WHERE a.tenant_id = $1 AND a.appointment_id = ANY ($2::uuid[]);

-- name: tracked_appointment
SELECT a.appointment_id, e.doctor_id, e.date, a.start, a.duration_minutes, a.visit_type, a.mode,
       a.links_generation, e.ticket, p.name AS patient_name, p.language,
       a.clinic_id, a.doctor_id AS booked_doctor_id, c.name AS clinic_name, c.timezone, c.address,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room
FROM appointment a
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.appointment_id = $2;

-- name: tracked_room
-- The same for everybody who has a place in the queue that holds one of them: those who follow it come together.
SELECT a.appointment_id, e.doctor_id, e.date, a.start, a.duration_minutes, a.visit_type, a.mode,
       a.links_generation, e.ticket, p.name AS patient_name, p.language,
       a.clinic_id, a.doctor_id AS booked_doctor_id, c.name AS clinic_name, c.timezone, c.address,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room
FROM queue_entry known
JOIN queue_entry e ON e.tenant_id = known.tenant_id AND e.doctor_id = known.doctor_id AND e.date = known.date
JOIN appointment a ON a.tenant_id = e.tenant_id AND a.appointment_id = e.entry_id
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
WHERE known.tenant_id = $1 AND known.entry_id = $2;

-- name: insert_patients
INSERT INTO patient (tenant_id, patient_id, name, name_folded, phone, email, language)
SELECT $1, p.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS p
ON CONFLICT (tenant_id, patient_id) DO NOTHING;

-- name: insert_appointments
INSERT INTO appointment (tenant_id, appointment_id, clinic_id, doctor_id, patient_id, date, start, duration_minutes,
                         visit_type, mode, triage, booked_at, paid_at, source, slot_id)
SELECT $1, a.* FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::date[], $7::timestamptz[],
                           $8::smallint[], $9::text[], $10::text[], $11::smallint[], $12::timestamptz[],
                           $13::timestamptz[], $14::text[], $15::uuid[]) AS a;

-- name: enrolled_appointments
SELECT a.appointment_id, a.paid_at, a.links_generation, e.doctor_id, e.ticket
FROM appointment a
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.appointment_id = ANY ($2::uuid[]);

-- name: booked_at
SELECT appointment_id, doctor_id, clinic_id FROM appointment
WHERE tenant_id = $1 AND appointment_id = ANY ($2::uuid[]);

-- name: set_paid
UPDATE appointment SET paid_at = $3 WHERE tenant_id = $1 AND appointment_id = $2;

-- name: revoke_links
UPDATE appointment SET links_generation = links_generation + 1 WHERE tenant_id = $1 AND appointment_id = $2
RETURNING links_generation, pg_notify('links_revoked', tenant_id || ':' || appointment_id);

-- name: links_generation
-- With the clinics whose people may deal with it: its own, and those of the doctor who has it now.
SELECT a.links_generation, a.doctor_id, a.start, ARRAY(
    SELECT a.clinic_id
    UNION SELECT d.clinic_id FROM doctor d WHERE d.tenant_id = $1 AND d.doctor_id = coalesce(e.doctor_id, a.doctor_id)
    UNION SELECT w.clinic_id FROM doctor_clinic w
    WHERE w.tenant_id = $1 AND w.doctor_id = coalesce(e.doctor_id, a.doctor_id)
) AS clinics
FROM appointment a LEFT JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.appointment_id = $2;

-- name: search
-- Finds people by the start of the name or by phone, and among today's appointments also by any word of the name or by
-- ticket; with today's first place, if they have one. Today is that of each clinic. With clinics ($7, empty for all) only
-- their appointments count, and people who were registered there, have or had one are all there is.
WITH today AS MATERIALIZED (
    SELECT a.patient_id, a.appointment_id, a.start FROM clinic c
    JOIN appointment a ON a.tenant_id = c.tenant_id AND a.clinic_id = c.clinic_id
        AND a.date = (now() AT TIME ZONE c.timezone)::date
    WHERE c.tenant_id = $1 AND (cardinality($7::uuid[]) = 0 OR c.clinic_id = ANY ($7))
), found AS (
    SELECT patient_id FROM patient WHERE tenant_id = $1 AND name_folded >= $2 AND name_folded < $3 AND erased_at IS NULL
    UNION SELECT patient_id FROM patient WHERE tenant_id = $1 AND phone = $4
    UNION SELECT t.patient_id FROM today t
        JOIN patient p ON p.tenant_id = $1 AND p.patient_id = t.patient_id
        WHERE position(' ' || $2 in p.name_folded) > 0
    UNION SELECT t.patient_id FROM today t
        JOIN queue_entry e ON e.tenant_id = $1 AND e.entry_id = t.appointment_id
        WHERE e.ticket = upper($2)
)
SELECT p.patient_id, p.name, p.phone, p.email, p.language, e.entry_id, e.doctor_id, d.name AS doctor_name,
       a.start, e.ticket, e.state
FROM found f
JOIN patient p ON p.tenant_id = $1 AND p.patient_id = f.patient_id
LEFT JOIN LATERAL (
    SELECT t.appointment_id, t.start FROM today t WHERE t.patient_id = p.patient_id ORDER BY t.start LIMIT 1
) a ON true
LEFT JOIN queue_entry e ON e.tenant_id = $1 AND e.entry_id = a.appointment_id
LEFT JOIN doctor d ON d.tenant_id = $1 AND d.doctor_id = e.doctor_id
WHERE ($5::uuid IS NULL OR p.patient_id > $5) AND (cardinality($7::uuid[]) = 0 OR p.clinic_id = ANY ($7) OR EXISTS (
    SELECT FROM appointment own
    WHERE own.tenant_id = $1 AND own.patient_id = p.patient_id AND own.clinic_id = ANY ($7)
))
ORDER BY p.patient_id LIMIT $6;

-- name: clinic_day_load
-- Counts who has a place in a queue and is seen at the clinic; who cancelled or did not come gave it back. An appointment
-- is seen where it was booked, unless it was handed to a doctor who does not work there: then at that doctor's home.
-- One that is being moved ($6) leaves its place as it takes another.
SELECT count(*) AS per_day, count(*) FILTER (WHERE seen.start >= $4 AND seen.start < $5) AS per_window
FROM (
    SELECT e.entry_id, e.start, e.state FROM appointment a
    JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
    WHERE a.tenant_id = $1 AND a.clinic_id = $2 AND a.date = $3 AND (
        e.doctor_id = a.doctor_id
        OR EXISTS (SELECT FROM doctor d
                   WHERE d.tenant_id = $1 AND d.doctor_id = e.doctor_id AND d.clinic_id = $2)
        OR EXISTS (SELECT FROM doctor_clinic w
                   WHERE w.tenant_id = $1 AND w.doctor_id = e.doctor_id AND w.clinic_id = $2))
    UNION ALL
    SELECT e.entry_id, e.start, e.state FROM doctor d
    JOIN queue_entry e ON e.tenant_id = d.tenant_id AND e.doctor_id = d.doctor_id AND e.date = $3
    JOIN appointment a ON a.tenant_id = e.tenant_id AND a.appointment_id = e.entry_id
    WHERE d.tenant_id = $1 AND d.clinic_id = $2 AND a.doctor_id <> e.doctor_id AND a.clinic_id <> $2
      AND NOT EXISTS (SELECT FROM doctor_clinic w
                      WHERE w.tenant_id = $1 AND w.doctor_id = e.doctor_id AND w.clinic_id = a.clinic_id)
) AS seen
WHERE seen.state NOT IN ('cancelled', 'no_show') AND seen.entry_id IS DISTINCT FROM $6;

-- name: clinics_of_appointments
-- The clinics of these appointments and how many they take, in the order in which they are locked.
SELECT c.clinic_id, c.capacity, array_agg(a.appointment_id) AS appointments
FROM appointment a JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
WHERE a.tenant_id = $1 AND a.appointment_id = ANY ($2::uuid[])
GROUP BY c.tenant_id, c.clinic_id ORDER BY c.clinic_id;

-- name: lock_clinic
SELECT true AS locked FROM clinic WHERE tenant_id = $1 AND clinic_id = $2 FOR NO KEY UPDATE;
