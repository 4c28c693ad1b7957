-- name: reader
-- Whoever acts for a patient reads for them, and is asked for as well as they whether anything is to be sent at all.
SELECT r.patient_id AS reader_id, r.language, r.email, r.phone,
       ARRAY(
           SELECT s.contact FROM account a
           JOIN sign_in_contact s ON s.tenant_id = a.tenant_id AND s.account_id = a.account_id
           WHERE a.tenant_id = $1 AND a.patient_id = r.patient_id ORDER BY s.shown_at DESC, s.contact
       ) AS shown,
       ARRAY(
           SELECT DISTINCT g.kind FROM patient_consent g
           WHERE g.tenant_id = $1 AND g.patient_id IN (p.patient_id, r.patient_id) AND NOT g.given
       ) AS refused,
       EXISTS (SELECT FROM push_subscription b WHERE b.tenant_id = $1 AND b.patient_id = r.patient_id) AS takes_pushes
FROM patient p
JOIN patient r ON r.tenant_id = p.tenant_id AND r.patient_id = coalesce(p.guardian_id, p.patient_id)
WHERE p.tenant_id = $1 AND p.patient_id = $2 AND p.erased_at IS NULL AND r.erased_at IS NULL;

-- name: visit
SELECT a.patient_id, a.clinic_id, e.doctor_id, e.date, e.state, e.start, e.called_at, e.ended_at
FROM appointment a
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.appointment_id = $2;

-- name: waiting
SELECT patient_id, clinic_id, status, invite_id, respond_by, appointment_id FROM waitlist_entry
WHERE tenant_id = $1 AND waitlist_id = $2;

-- name: reading_clock
SELECT clock_timestamp() AS now;
