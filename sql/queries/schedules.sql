-- Doctors' calendars as the rows of their events show them, and what stands beside them: appointments, slots, names.

-- name: doctor_place
-- A doctor by profile, or by the queue's directory while there is no profile yet.
SELECT d.doctor_id, d.name, d.clinic_ids, d.department_ids FROM (
    SELECT doctor_id, name, clinic_ids, department_ids, 1 AS rank FROM doctor_profile
    WHERE tenant_id = $1 AND doctor_id = $2
    UNION ALL
    SELECT doctor_id, name, ARRAY[clinic_id], '{}', 2 FROM doctor WHERE tenant_id = $1 AND doctor_id = $2
) AS d ORDER BY d.rank LIMIT 1;

-- name: doctors_at_clinic
-- Everybody who works there, by profile, directory or a schedule that has not ended.
SELECT found.doctor_id, coalesce(p.name, d.name, '') AS name FROM (
    SELECT doctor_id FROM doctor_clinic WHERE tenant_id = $1 AND clinic_id = $2
    UNION SELECT doctor_id FROM doctor WHERE tenant_id = $1 AND clinic_id = $2 AND active
    UNION SELECT doctor_id FROM doctor_schedule WHERE tenant_id = $1 AND clinic_id = $2 AND NOT ended
) AS found
LEFT JOIN doctor_profile p ON p.tenant_id = $1 AND p.doctor_id = found.doctor_id
LEFT JOIN doctor d ON d.tenant_id = $1 AND d.doctor_id = found.doctor_id
ORDER BY 2, 1 LIMIT $3;

-- name: zones
SELECT clinic_id, timezone FROM clinic WHERE tenant_id = $1 AND clinic_id = ANY ($2::uuid[]);

-- name: rooms
-- Held, so that none is removed while a schedule that names it is being saved.
SELECT room_id, clinic_id, active FROM room WHERE tenant_id = $1 AND room_id = ANY ($2::uuid[])
ORDER BY room_id FOR KEY SHARE;

-- name: equipment
SELECT equipment_id, clinic_id, active FROM equipment WHERE tenant_id = $1 AND equipment_id = ANY ($2::uuid[])
ORDER BY equipment_id FOR KEY SHARE;

-- name: hold_resources
-- Until the commit nobody else plans hours with these; whoever wants several asks for them in one order.
SELECT pg_advisory_xact_lock(hashtextextended(turn.of, 0)) FROM unnest($1::text[]) AS turn (of);

-- name: doctors_using
-- Whose hours at the clinics $2, those of $3 (if given) apart, take one of the rooms or pieces of equipment $5 on some
-- day from $4 on.
SELECT s.doctor_id FROM doctor_schedule s
WHERE s.tenant_id = $1 AND s.clinic_id = ANY ($2::uuid[]) AND s.doctor_id IS DISTINCT FROM $3
  AND (s.effective_until IS NULL OR s.effective_until >= $4)
  AND EXISTS (SELECT FROM unnest($5::text[]) AS wanted (id) WHERE strpos(s.week::text, wanted.id) > 0)
UNION
SELECT s.doctor_id FROM doctor_schedule s
JOIN schedule_override o ON o.tenant_id = s.tenant_id AND o.doctor_id = s.doctor_id AND o.schedule_id = s.schedule_id
WHERE s.tenant_id = $1 AND s.clinic_id = ANY ($2::uuid[]) AND s.doctor_id IS DISTINCT FROM $3
  AND (s.effective_until IS NULL OR s.effective_until >= $4) AND o.date >= $4
  AND EXISTS (SELECT FROM unnest($5::text[]) AS wanted (id) WHERE strpos(o.hours::text, wanted.id) > 0)
ORDER BY 1;

-- name: resource_names
SELECT room_id AS resource_id, name FROM room WHERE tenant_id = $1 AND room_id = ANY ($2::uuid[])
UNION ALL
SELECT equipment_id, name FROM equipment WHERE tenant_id = $1 AND equipment_id = ANY ($2::uuid[]);

-- name: schedule_home
SELECT doctor_id, clinic_id FROM doctor_schedule WHERE tenant_id = $1 AND schedule_id = $2;

-- name: override_home
SELECT o.doctor_id, s.clinic_id FROM schedule_override o
JOIN doctor_schedule s ON s.tenant_id = o.tenant_id AND s.schedule_id = o.schedule_id
WHERE o.tenant_id = $1 AND o.override_id = $2;

-- name: exception_home
SELECT doctor_id, clinic_id FROM schedule_exception WHERE tenant_id = $1 AND exception_id = $2;

-- name: leave_home
SELECT doctor_id, NULL::uuid AS clinic_id FROM leave_request WHERE tenant_id = $1 AND leave_id = $2;

-- name: leaves
-- $3 status, $4 doctor, $5 department; of doctors at the clinics $6, if any; of the doctor $7 or of departments whose
-- head is the account $8, unless $9 (everybody's) is true. Newest first.
SELECT l.leave_id, l.doctor_id FROM leave_request l
WHERE l.tenant_id = $1 AND ($2::uuid IS NULL OR l.leave_id < $2)
  AND ($3::text IS NULL OR l.status = $3) AND ($4::uuid IS NULL OR l.doctor_id = $4)
  AND ($5::uuid IS NULL OR EXISTS (
      SELECT FROM doctor_department m
      WHERE m.tenant_id = l.tenant_id AND m.department_id = $5 AND m.doctor_id = l.doctor_id))
  AND (cardinality($6::uuid[]) = 0
      OR EXISTS (
          SELECT FROM doctor_clinic c
          WHERE c.tenant_id = l.tenant_id AND c.doctor_id = l.doctor_id AND c.clinic_id = ANY ($6))
      OR EXISTS (
          SELECT FROM doctor d
          WHERE d.tenant_id = l.tenant_id AND d.doctor_id = l.doctor_id AND d.clinic_id = ANY ($6))
      OR EXISTS (
          SELECT FROM doctor_schedule s
          WHERE s.tenant_id = l.tenant_id AND s.doctor_id = l.doctor_id AND s.clinic_id = ANY ($6)))
  AND ($9::boolean OR l.doctor_id = $7 OR l.requested_by = $8
      OR EXISTS (
          SELECT FROM doctor_department m
          JOIN department h ON h.tenant_id = m.tenant_id AND h.department_id = m.department_id
          WHERE m.tenant_id = l.tenant_id AND m.doctor_id = l.doctor_id AND h.head_account_id = $8 AND h.active))
ORDER BY l.leave_id DESC LIMIT $10;

-- name: headed_doctors
-- Those of the doctors $2 who belong to a department whose head is the account $3.
SELECT DISTINCT m.doctor_id FROM doctor_department m
JOIN department h ON h.tenant_id = m.tenant_id AND h.department_id = m.department_id
WHERE m.tenant_id = $1 AND m.doctor_id = ANY ($2::uuid[]) AND h.head_account_id = $3 AND h.active;

-- name: account_names
SELECT account_id, name FROM account WHERE tenant_id = $1 AND account_id = ANY ($2::uuid[]);

-- name: doctor_names
SELECT d.doctor_id, coalesce(p.name, q.name, '') AS name FROM unnest($2::uuid[]) AS d (doctor_id)
LEFT JOIN doctor_profile p ON p.tenant_id = $1 AND p.doctor_id = d.doctor_id
LEFT JOIN doctor q ON q.tenant_id = $1 AND q.doctor_id = d.doctor_id;

-- name: zones_in_use
SELECT DISTINCT timezone FROM clinic WHERE tenant_id = $1;

-- name: expected_appointments
-- Whom the doctor $2 still expects from the instant $6 to $7 at clinics whose zone goes by them, on the dates $4 to $5:
-- nobody who has been seen, has cancelled or did not come. A patient is expected by the doctor in whose line they are,
-- whoever they were booked with. After the appointment $9, which begins at $8.
SELECT a.appointment_id, $2::uuid AS doctor_id, a.clinic_id, a.date, a.start, a.duration_minutes, a.mode,
       p.name AS patient_name, c.timezone
FROM unnest($3::text[], $6::timestamptz[], $7::timestamptz[]) AS w (zone, begins, ends)
CROSS JOIN (
    SELECT e.entry_id AS appointment_id FROM queue_entry e
    WHERE e.tenant_id = $1 AND e.doctor_id = $2 AND e.date BETWEEN $4 AND $5
      AND e.state IN ('expected', 'waiting', 'called')
    UNION ALL
    SELECT b.appointment_id FROM appointment b
    WHERE b.tenant_id = $1 AND b.doctor_id = $2 AND b.date BETWEEN $4 AND $5
      AND NOT EXISTS (SELECT FROM queue_entry e WHERE e.tenant_id = $1 AND e.entry_id = b.appointment_id)
) AS line
JOIN appointment a ON a.tenant_id = $1 AND a.appointment_id = line.appointment_id
JOIN clinic c ON c.tenant_id = $1 AND c.clinic_id = a.clinic_id AND c.timezone = w.zone
JOIN patient p ON p.tenant_id = $1 AND p.patient_id = a.patient_id
WHERE a.start < w.ends AND a.start + make_interval(mins => a.duration_minutes) > w.begins
  AND ($8::timestamptz IS NULL OR (a.start, a.appointment_id) > ($8, $9::uuid))
ORDER BY a.start, a.appointment_id LIMIT $10;

-- name: count_expected
-- How many `expected_appointments` finds for each of many questions, by their places; those of $9 are not counted.
SELECT w.place, count(*) AS expected
FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::date[], $6::date[], $7::timestamptz[], $8::timestamptz[])
     AS w (place, doctor_id, zone, first, last, begins, ends)
CROSS JOIN LATERAL (
    SELECT e.entry_id AS appointment_id FROM queue_entry e
    WHERE e.tenant_id = $1 AND e.doctor_id = w.doctor_id AND e.date BETWEEN w.first AND w.last
      AND e.state IN ('expected', 'waiting', 'called')
    UNION ALL
    SELECT b.appointment_id FROM appointment b
    WHERE b.tenant_id = $1 AND b.doctor_id = w.doctor_id AND b.date BETWEEN w.first AND w.last
      AND NOT EXISTS (SELECT FROM queue_entry e WHERE e.tenant_id = $1 AND e.entry_id = b.appointment_id)
) AS line
JOIN appointment a ON a.tenant_id = $1 AND a.appointment_id = line.appointment_id
JOIN clinic c ON c.tenant_id = $1 AND c.clinic_id = a.clinic_id AND c.timezone = w.zone
WHERE a.start < w.ends AND a.start + make_interval(mins => a.duration_minutes) > w.begins
  AND a.appointment_id <> ALL ($9::uuid[])
GROUP BY w.place;

-- name: slot_counts
-- Free in a way of meeting is what is free and has a place left of that kind.
SELECT doctor_id, clinic_id, date, count(*) AS total, count(*) FILTER (WHERE taken > 0) AS booked,
       count(*) FILTER (WHERE blocked) AS blocked, count(*) FILTER (WHERE is_free) AS free,
       count(*) FILTER (WHERE is_free AND in_person_taken + in_person_held < in_person) AS free_in_person,
       count(*) FILTER (WHERE is_free AND tele_taken + tele_held < tele) AS free_tele
FROM (
    SELECT s.doctor_id, s.clinic_id, s.date, s.taken, s.blocked, s.in_person, s.in_person_taken, s.tele, s.tele_taken,
           CASE WHEN is_over THEN 0 ELSE s.in_person_held END AS in_person_held,
           CASE WHEN is_over THEN 0 ELSE s.tele_held END AS tele_held,
           NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total AND s.start > $5
               AND (s.held = 0 OR is_over OR s.taken + s.held < s.total) AS is_free
    FROM slot s
    CROSS JOIN LATERAL (SELECT coalesce(s.held_until <= $5, false) AS is_over) o
    WHERE s.tenant_id = $1 AND s.doctor_id = ANY ($2::uuid[]) AND s.date BETWEEN $3 AND $4
      AND s.start BETWEEN $3::date - interval '2 days' AND $4::date + interval '3 days'
) counted
GROUP BY doctor_id, clinic_id, date;

-- name: conflicts
-- After the appointment $7, which begins at $6. Who has been handed to another doctor since is that doctor's conflict or
-- none at all.
SELECT c.appointment_id, c.doctor_id, c.clinic_id, c.date, c.start, c.cause, c.source_id, a.duration_minutes, a.mode,
       p.name AS patient_name, p.phone AS patient_phone, n.timezone
FROM slot_conflict c
JOIN appointment a ON a.tenant_id = c.tenant_id AND a.appointment_id = c.appointment_id
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
CROSS JOIN LATERAL (SELECT timezone FROM clinic WHERE tenant_id = $1 AND clinic_id = c.clinic_id LIMIT 1) n
LEFT JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
WHERE c.tenant_id = $1 AND ($2::uuid IS NULL OR c.clinic_id = $2) AND ($3::uuid IS NULL OR c.doctor_id = $3)
  AND (cardinality($4::uuid[]) = 0 OR c.clinic_id = ANY ($4)) AND c."end" > $5
  AND coalesce(e.state, 'expected') IN ('expected', 'waiting', 'called')
  AND coalesce(e.doctor_id, c.doctor_id) = c.doctor_id
  AND ($6::timestamptz IS NULL OR (c.start, c.appointment_id) > ($6, $7::uuid))
ORDER BY c.start, c.appointment_id LIMIT $8;

-- name: count_conflicts
-- Of those that `conflicts` lists.
SELECT count(*) AS conflicts FROM slot_conflict c
LEFT JOIN queue_entry e ON e.tenant_id = c.tenant_id AND e.entry_id = c.appointment_id
WHERE c.tenant_id = $1 AND ($2::uuid IS NULL OR c.clinic_id = $2) AND ($3::uuid IS NULL OR c.doctor_id = $3)
  AND (cardinality($4::uuid[]) = 0 OR c.clinic_id = ANY ($4)) AND c."end" > $5
  AND coalesce(e.state, 'expected') IN ('expected', 'waiting', 'called')
  AND coalesce(e.doctor_id, c.doctor_id) = c.doctor_id;

-- name: free_slots
-- For each wish, a doctor's time near an instant at a clinic: the nearest places in a mode on either side, so many as the
-- wish says, while the clinic is open. None begins before $7, none is of $8, and none lies between $9 and $10 if these are
-- given. What is held is somebody else's; behind the first end of a hold one place of it is free again.
SELECT DISTINCT near.* FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::boolean[], $6::integer[])
     AS w (doctor_id, clinic_id, near, tele, each_way)
CROSS JOIN LATERAL (SELECT FROM clinic WHERE tenant_id = $1 AND clinic_id = w.clinic_id AND active LIMIT 1) AS open
CROSS JOIN LATERAL (
    (SELECT s.slot_id, s.doctor_id, s.clinic_id, s.start, n.in_person, n.tele, n.total
     FROM slot s
     CROSS JOIN LATERAL (SELECT CASE WHEN s.held_until <= now() THEN 1 ELSE 0 END AS over) AS hold
     CROSS JOIN LATERAL (
         SELECT s.in_person - s.in_person_taken - greatest(0, s.in_person_held - hold.over) AS in_person,
                s.tele - s.tele_taken - greatest(0, s.tele_held - hold.over) AS tele,
                s.total - s.taken - s.held + hold.over AS total
     ) AS n
     WHERE s.tenant_id = $1 AND s.doctor_id = w.doctor_id AND s.clinic_id = w.clinic_id
       AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
       AND n.total > 0 AND CASE WHEN w.tele THEN n.tele ELSE n.in_person END > 0
       AND s.start >= greatest(w.near, $7) AND s.slot_id <> ALL ($8::uuid[])
       AND ($9::timestamptz IS NULL OR s."end" <= $9 OR s.start >= $10::timestamptz)
     ORDER BY s.start LIMIT w.each_way)
    UNION ALL
    (SELECT s.slot_id, s.doctor_id, s.clinic_id, s.start, n.in_person, n.tele, n.total
     FROM slot s
     CROSS JOIN LATERAL (SELECT CASE WHEN s.held_until <= now() THEN 1 ELSE 0 END AS over) AS hold
     CROSS JOIN LATERAL (
         SELECT s.in_person - s.in_person_taken - greatest(0, s.in_person_held - hold.over) AS in_person,
                s.tele - s.tele_taken - greatest(0, s.tele_held - hold.over) AS tele,
                s.total - s.taken - s.held + hold.over AS total
     ) AS n
     WHERE s.tenant_id = $1 AND s.doctor_id = w.doctor_id AND s.clinic_id = w.clinic_id
       AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
       AND n.total > 0 AND CASE WHEN w.tele THEN n.tele ELSE n.in_person END > 0
       AND s.start >= $7 AND s.start < w.near AND s.slot_id <> ALL ($8::uuid[])
       AND ($9::timestamptz IS NULL OR s."end" <= $9 OR s.start >= $10::timestamptz)
     ORDER BY s.start DESC LIMIT w.each_way)
) AS near;

-- name: colleagues
-- For each doctor of $2 at the clinic of $3 that stands beside: $4 others of the same specialty who work there.
SELECT w.doctor_id AS of, w.clinic_id, other.doctor_id
FROM unnest($2::uuid[], $3::uuid[]) AS w (doctor_id, clinic_id)
CROSS JOIN LATERAL (
    SELECT DISTINCT other.doctor_id FROM doctor_specialty mine
    JOIN doctor_specialty other ON other.tenant_id = mine.tenant_id AND other.specialty = mine.specialty
    JOIN doctor_clinic c ON c.tenant_id = other.tenant_id AND c.clinic_id = w.clinic_id AND c.doctor_id = other.doctor_id
    JOIN doctor_profile p ON p.tenant_id = other.tenant_id AND p.doctor_id = other.doctor_id AND p.status = 'active'
    WHERE mine.tenant_id = $1 AND mine.doctor_id = w.doctor_id AND other.doctor_id <> w.doctor_id
    ORDER BY other.doctor_id LIMIT $4
) AS other;
