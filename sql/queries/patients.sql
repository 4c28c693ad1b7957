-- name: patient
-- One who is not erased; for somebody of the clinics $3 (all, if it is empty) those who were registered there or have or
-- had an appointment there.
SELECT p.patient_id, p.name, p.phone, p.email, p.language, p.birth_date, p.tier, p.conditions, p.guardian_id,
       p.clinic_id, p.created_at, p.version
FROM patient p
WHERE p.tenant_id = $1 AND p.patient_id = $2 AND p.erased_at IS NULL
  AND (cardinality($3::uuid[]) = 0 OR p.clinic_id = ANY ($3) OR EXISTS (
    SELECT FROM appointment a
    WHERE a.tenant_id = $1 AND a.patient_id = p.patient_id AND a.clinic_id = ANY ($3)));

-- name: lock_patient
SELECT patient_id, name, phone, email, language, birth_date, tier, conditions, guardian_id, clinic_id, created_at, version
FROM patient WHERE tenant_id = $1 AND patient_id = $2 AND erased_at IS NULL FOR NO KEY UPDATE;

-- name: dependants
SELECT patient_id, name, phone, email, language, birth_date, tier, conditions, guardian_id, clinic_id, created_at, version
FROM patient WHERE tenant_id = $1 AND guardian_id = $2 AND erased_at IS NULL ORDER BY created_at, patient_id LIMIT $3;

-- name: is_guardian
SELECT true AS acts FROM patient
WHERE tenant_id = $1 AND patient_id = $2 AND guardian_id = $3 AND erased_at IS NULL;

-- name: insert_patient
INSERT INTO patient (tenant_id, patient_id, name, name_folded, phone, email, language, birth_date, tier, conditions,
                     guardian_id, clinic_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
RETURNING patient_id, name, phone, email, language, birth_date, tier, conditions, guardian_id, clinic_id, created_at, version;

-- name: update_patient
UPDATE patient SET name = $3, name_folded = $4, phone = $5, email = $6, language = $7, birth_date = $8, tier = $9,
                   conditions = $10, guardian_id = $11, version = version + 1
WHERE tenant_id = $1 AND patient_id = $2
RETURNING patient_id, name, phone, email, language, birth_date, tier, conditions, guardian_id, clinic_id, created_at, version;

-- name: only_one_with
-- Those who can be reached at $2 themselves, two at most: whoever has a guardian is reached through them.
SELECT patient_id, name FROM patient
WHERE tenant_id = $1 AND (email = $2 OR phone = $2) AND guardian_id IS NULL AND erased_at IS NULL
LIMIT 2 FOR NO KEY UPDATE;

-- name: consents
SELECT patient_id, kind, given, recorded_at, recorded_by FROM patient_consent
WHERE tenant_id = $1 AND patient_id = ANY ($2::uuid[]) ORDER BY patient_id, kind;

-- name: record_consent
-- Nothing comes back when they have said the same before.
INSERT INTO patient_consent AS c (tenant_id, patient_id, kind, given, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, clock_timestamp(), $5)
ON CONFLICT (tenant_id, patient_id, kind) DO UPDATE SET
    given = excluded.given, recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by
WHERE c.given <> excluded.given
RETURNING true AS is_news;

-- name: expected_appointments
-- Those that are still to come: today's, by each clinic's clock, and later ones.
SELECT a.appointment_id FROM appointment a
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.patient_id = $2 AND a.date >= (clock_timestamp() AT TIME ZONE c.timezone)::date
  AND e.state IN ('expected', 'waiting', 'called', 'in_consultation')
ORDER BY a.appointment_id LIMIT 50;

-- name: exported_appointments
SELECT a.appointment_id, a.patient_id, c.name AS clinic, coalesce(d.name, '') AS doctor, a.start, a.duration_minutes,
       a.visit_type, a.mode, e.state, e.ticket, a.booked_at, a.paid_at
FROM appointment a
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
LEFT JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
LEFT JOIN doctor d ON d.tenant_id = a.tenant_id AND d.doctor_id = coalesce(e.doctor_id, a.doctor_id)
WHERE a.tenant_id = $1 AND a.patient_id = ANY ($2::uuid[])
ORDER BY a.start, a.appointment_id;

-- name: attach_words
UPDATE free_text t SET appointment_id = n.appointment_id
FROM unnest($2::uuid[], $3::uuid[]) AS n (text_id, appointment_id)
WHERE t.tenant_id = $1 AND t.text_id = n.text_id;

-- name: words_about
-- What was written about these patients and their appointments, the oldest first.
SELECT t.body FROM (
    SELECT f.* FROM appointment a
    JOIN free_text f ON f.tenant_id = a.tenant_id AND f.appointment_id = a.appointment_id
    WHERE a.tenant_id = $1 AND a.patient_id = ANY ($2::uuid[])
    UNION SELECT f.* FROM free_text f WHERE f.tenant_id = $1 AND f.patient_id = ANY ($2::uuid[])
) AS t
WHERE t.body IS NOT NULL ORDER BY t.created_at, t.text_id;

-- name: erase_words_about
UPDATE free_text t SET body = NULL, salt = NULL, erased_at = clock_timestamp()
WHERE t.tenant_id = $1 AND t.body IS NOT NULL AND (t.patient_id = $2 OR t.appointment_id IN (
    SELECT a.appointment_id FROM appointment a WHERE a.tenant_id = $1 AND a.patient_id = $2));

-- name: delete_answers_about
-- Answers that are kept for repetitions, whoever was given them: those that speak of the patient or an appointment of
-- theirs name it by its id.
DELETE FROM idempotent_answer k WHERE k.tenant_id = $1 AND EXISTS (
    SELECT FROM (
        SELECT $2::uuid AS id
        UNION ALL SELECT waitlist_id FROM waitlist_entry WHERE tenant_id = $1 AND patient_id = $2
        UNION ALL SELECT appointment_id FROM appointment WHERE tenant_id = $1 AND patient_id = $2
    ) AS about
    WHERE position(convert_to(about.id::text, 'UTF8') in k.answer) > 0
);

-- name: delete_feeds
DELETE FROM calendar_feed WHERE tenant_id = $1 AND (patient_id = $2 OR account_id = $3);

-- name: exported_waits
-- What they wait for, or waited for; their words are among those that are exported as notes.
SELECT w.waitlist_id, w.patient_id, c.name AS clinic, d.name AS doctor, w.status, w.visit_type, w.urgency, w.window_start,
       w.window_end, w.joined_at, w.ended_at, w.appointment_id
FROM waitlist_entry w
JOIN clinic c ON c.tenant_id = w.tenant_id AND c.clinic_id = w.clinic_id
LEFT JOIN doctor d ON d.tenant_id = w.tenant_id AND d.doctor_id = w.doctor_id
WHERE w.tenant_id = $1 AND w.patient_id = ANY ($2::uuid[])
ORDER BY w.joined_at, w.waitlist_id;

-- name: exported_payments
-- For appointments of these patients, and of the account $3 for what was held and never booked.
SELECT p.payment_id, p.appointment_id, p.status, p.amount, p.currency, p.created_at, p.paid_at, p.refunded_at
FROM appointment a
JOIN payment p ON p.tenant_id = a.tenant_id AND p.appointment_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.patient_id = ANY ($2::uuid[])
UNION ALL
SELECT payment_id, appointment_id, status, amount, currency, created_at, paid_at, refunded_at
FROM payment WHERE tenant_id = $1 AND payer_kind = 'patient' AND payer_id = $3 AND appointment_id IS NULL
ORDER BY created_at, payment_id;

-- name: revoke_all_links
UPDATE appointment SET links_generation = links_generation + 1 WHERE tenant_id = $1 AND patient_id = $2
RETURNING appointment_id, pg_notify('links_revoked', tenant_id || ':' || appointment_id);

-- name: erase_patient
UPDATE patient SET name = $3, name_folded = '', phone = NULL, email = NULL, language = 'en', birth_date = NULL,
                   tier = 'standard', conditions = '{}', guardian_id = NULL, version = version + 1,
                   erased_at = clock_timestamp()
WHERE tenant_id = $1 AND patient_id = $2;

-- name: release_dependants
UPDATE patient SET guardian_id = NULL, version = version + 1 WHERE tenant_id = $1 AND guardian_id = $2;

-- name: delete_consents
DELETE FROM patient_consent WHERE tenant_id = $1 AND patient_id = $2;
