-- Appointments as those see and change them who have booked them; with the place in the line they have now.

-- name: appointment
-- With the clinics whose people may deal with it: its own, and those of the doctor who has it now.
SELECT a.appointment_id, a.patient_id, a.doctor_id AS booked_doctor_id, a.clinic_id, a.start, a.duration_minutes,
       a.visit_type, a.mode, a.booked_at, a.paid_at, a.links_generation, a.slot_id, a.slot_given_back, a.equipment_ids,
       a.follow_up_of, e.doctor_id, e.date, e.ticket, e.state, p.name AS patient_name, p.language,
       c.name AS clinic_name, c.timezone, c.address, c.queue_policy, t.body AS cancel_reason, clock_timestamp() AS now,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room,
       ARRAY(
           SELECT a.clinic_id
           UNION SELECT d.clinic_id FROM doctor d WHERE d.tenant_id = $1 AND d.doctor_id = e.doctor_id
           UNION SELECT w.clinic_id FROM doctor_clinic w WHERE w.tenant_id = $1 AND w.doctor_id = e.doctor_id
       ) AS clinics
FROM appointment a
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
LEFT JOIN free_text t ON t.tenant_id = a.tenant_id AND t.text_id = a.cancel_reason
WHERE a.tenant_id = $1 AND a.appointment_id = $2;

-- name: appointments_of_patients
-- The same of all appointments of some patients, the latest first; of those at the clinics $3, if it names any.
SELECT a.appointment_id, a.patient_id, a.doctor_id AS booked_doctor_id, a.clinic_id, a.start, a.duration_minutes,
       a.visit_type, a.mode, a.booked_at, a.paid_at, a.links_generation, a.slot_id, a.slot_given_back, a.equipment_ids,
       a.follow_up_of, e.doctor_id, e.date, e.ticket, e.state, p.name AS patient_name, p.language,
       c.name AS clinic_name, c.timezone, c.address, c.queue_policy, t.body AS cancel_reason, clock_timestamp() AS now,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room
FROM appointment a
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
LEFT JOIN free_text t ON t.tenant_id = a.tenant_id AND t.text_id = a.cancel_reason
WHERE a.tenant_id = $1 AND a.patient_id = ANY ($2::uuid[])
  AND (cardinality($3::uuid[]) = 0 OR a.clinic_id = ANY ($3))
ORDER BY a.start DESC, a.appointment_id LIMIT $4;

-- name: is_known_patient
-- Whether there is such a patient, for somebody of the clinics $3 (all, if it is empty).
SELECT EXISTS (SELECT FROM patient p WHERE p.tenant_id = $1 AND p.patient_id = $2
    AND (cardinality($3::uuid[]) = 0 OR EXISTS (
        SELECT FROM appointment a
        WHERE a.tenant_id = $1 AND a.patient_id = p.patient_id AND a.clinic_id = ANY ($3)))) AS is_known;

-- name: move
-- Whoever remembers the appointment as it was is told with the commit.
UPDATE appointment SET clinic_id = $3, doctor_id = $4, date = $5, start = $6, duration_minutes = $7, mode = $8,
                       slot_id = $9, equipment_ids = $10, slot_given_back = false
WHERE tenant_id = $1 AND appointment_id = $2
RETURNING pg_notify('appointment_moved', tenant_id || ':' || appointment_id);

-- name: set_cancel_reason
UPDATE appointment SET cancel_reason = $3 WHERE tenant_id = $1 AND appointment_id = $2;

-- name: set_follow_up
UPDATE appointment SET follow_up_of = $3 WHERE tenant_id = $1 AND appointment_id = $2;

-- name: slots_of_any
-- Slots that start at $2 with a place for $3, of doctors whom staff ($4) or patients may book: of those of $5, of the
-- specialty $6 and at the clinic $7, if given, and at the clinics $8, if it names any. One that the holder $9 keeps a place
-- of comes first, then those with a place that nobody holds, by how many each doctor has that day. A place that is held is
-- looked at all the same, if only last: the hold may be over when it is one's turn.
SELECT s.slot_id FROM slot s
LEFT JOIN doctor_bookability b ON b.tenant_id = s.tenant_id AND b.doctor_id = s.doctor_id
WHERE s.tenant_id = $1 AND s.part_of_day = ANY ('{0,1,2,3}'::smallint[]) AND s.start = $2
  AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
  AND EXISTS (SELECT FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = s.clinic_id AND c.active)
  AND CASE $3::text WHEN 'tele' THEN s.tele_taken < s.tele ELSE s.in_person_taken < s.in_person END
  AND CASE WHEN $4::boolean THEN coalesce(b.can_receptionist_book, true) ELSE coalesce(b.can_patient_book, false) END
  AND (cardinality($5::uuid[]) = 0 OR s.doctor_id = ANY ($5))
  AND ($6::text IS NULL OR EXISTS (
      SELECT FROM doctor_specialty d WHERE d.tenant_id = $1 AND d.doctor_id = s.doctor_id AND d.specialty = $6))
  AND ($7::uuid IS NULL OR s.clinic_id = $7) AND (cardinality($8::uuid[]) = 0 OR s.clinic_id = ANY ($8))
ORDER BY EXISTS (
    SELECT FROM hold h WHERE h.tenant_id = $1 AND h.holder_id = $9 AND h.slot_id = s.slot_id AND h.ended_at IS NULL
      AND h.expires_at > clock_timestamp()) DESC,
    (s.held_until <= clock_timestamp() OR (s.taken + s.held < s.total AND
        CASE $3::text WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele
                      ELSE s.in_person_taken + s.in_person_held < s.in_person END)) DESC,
    (SELECT coalesce(sum(o.taken + o.held), 0) FROM slot o
     WHERE o.tenant_id = $1 AND o.doctor_id = s.doctor_id AND o.date = s.date
       AND o.start > s.start - interval '1 day' AND o.start < s.start + interval '1 day'),
    s.doctor_id
LIMIT $10;
