-- name: add
INSERT INTO calendar_feed (tenant_id, feed_id, account_id, doctor_id, patient_id, token_digest)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING feed_id, account_id, doctor_id, patient_id, created_at;

-- name: lock_maker
-- One feed of an account is made at a time.
SELECT true AS locked FROM account WHERE tenant_id = $1 AND account_id = $2 FOR NO KEY UPDATE;

-- name: feed
SELECT feed_id, account_id, doctor_id, patient_id, created_at FROM calendar_feed WHERE tenant_id = $1 AND feed_id = $2;

-- name: feeds
-- Those that the account has made, that show its own doctor ($3) or patient ($4), or that show another doctor ($5).
SELECT feed_id, account_id, doctor_id, patient_id, created_at FROM calendar_feed
WHERE tenant_id = $1 AND (account_id = $2 OR doctor_id = $3 OR patient_id = $4 OR doctor_id = $5)
  AND ($5::uuid IS NULL OR doctor_id = $5)
ORDER BY created_at, feed_id LIMIT $6;

-- name: made_by
SELECT count(*)::integer AS feeds FROM calendar_feed WHERE tenant_id = $1 AND account_id = $2;

-- name: remove
DELETE FROM calendar_feed WHERE tenant_id = $1 AND feed_id = $2;

-- name: opened
-- What an address shows, while whoever made it may still see it; and the clinics that account is limited to.
SELECT f.doctor_id, f.patient_id, a.clinic_ids, d.name AS doctor_name, p.language
FROM calendar_feed f
JOIN account a ON a.tenant_id = f.tenant_id AND a.account_id = f.account_id AND NOT a.disabled
LEFT JOIN doctor d ON d.tenant_id = f.tenant_id AND d.doctor_id = f.doctor_id
LEFT JOIN patient p ON p.tenant_id = f.tenant_id AND p.patient_id = f.patient_id
WHERE f.tenant_id = $1 AND f.token_digest = $2 AND CASE
    WHEN f.patient_id IS NOT NULL THEN a.role = 'patient' AND a.patient_id = f.patient_id
    WHEN a.role = 'doctor' THEN a.doctor_id = f.doctor_id
    ELSE a.role IN ('receptionist', 'admin', 'platform_admin')
END;

-- name: of_appointment
SELECT a.appointment_id, a.doctor_id AS booked_doctor_id, e.doctor_id, a.start, a.duration_minutes, a.visit_type, a.mode,
       a.links_generation, e.ticket, e.state, p.language, a.clinic_id, c.name AS clinic_name, c.timezone, c.address,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room,
       k.digest, k.sequence, k.changed_at
FROM appointment a
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
LEFT JOIN calendar_entry k ON k.tenant_id = a.tenant_id AND k.appointment_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.appointment_id = $2;

-- name: of_patient
-- The latest first: where there are too many, those that are long over are left out.
SELECT a.appointment_id, a.doctor_id AS booked_doctor_id, e.doctor_id, a.start, a.duration_minutes, a.visit_type, a.mode,
       a.links_generation, e.ticket, e.state, p.language, a.clinic_id, c.name AS clinic_name, c.timezone, c.address,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room,
       k.digest, k.sequence, k.changed_at
FROM appointment a
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
LEFT JOIN calendar_entry k ON k.tenant_id = a.tenant_id AND k.appointment_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.patient_id = $2 AND a.date >= $3
ORDER BY a.date DESC, a.start DESC, a.appointment_id LIMIT $4;

-- name: of_doctor
-- Of everybody in the doctor's lines, whoever they had booked with; at some clinics ($5), if any are named. The latest
-- first, as above.
SELECT a.appointment_id, a.doctor_id AS booked_doctor_id, e.doctor_id, a.start, a.duration_minutes, a.visit_type, a.mode,
       a.links_generation, e.ticket, e.state, p.language, a.clinic_id, c.name AS clinic_name, c.timezone, c.address,
       coalesce((SELECT r.name FROM room_use u JOIN room r ON r.tenant_id = u.tenant_id AND r.room_id = u.room_id
                 WHERE u.tenant_id = a.tenant_id AND u.appointment_id = a.appointment_id LIMIT 1), '') AS reserved_room,
       k.digest, k.sequence, k.changed_at
FROM queue_entry e
JOIN appointment a ON a.tenant_id = e.tenant_id AND a.appointment_id = e.entry_id
JOIN patient p ON p.tenant_id = a.tenant_id AND p.patient_id = a.patient_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
LEFT JOIN calendar_entry k ON k.tenant_id = a.tenant_id AND k.appointment_id = a.appointment_id
WHERE e.tenant_id = $1 AND e.doctor_id = $2 AND e.date >= $3 AND (cardinality($5::uuid[]) = 0 OR a.clinic_id = ANY ($5))
ORDER BY e.date DESC, e.start DESC, e.entry_id LIMIT $4;

-- name: revise
-- Notes what calendars are told of appointments from now on; the revision of those that were told otherwise grows.
INSERT INTO calendar_entry AS known (tenant_id, appointment_id, digest)
SELECT $1, told.id, told.digest FROM unnest($2::uuid[], $3::bytea[]) AS told (id, digest)
ON CONFLICT (tenant_id, appointment_id) DO UPDATE
    SET digest = EXCLUDED.digest, sequence = known.sequence + 1, changed_at = EXCLUDED.changed_at
    WHERE known.digest <> EXCLUDED.digest;

-- name: revisions
SELECT appointment_id, sequence, changed_at FROM calendar_entry WHERE tenant_id = $1 AND appointment_id = ANY ($2::uuid[]);
