-- name: payment
SELECT p.payment_id, p.clinic_id, p.doctor_id, p.payer_kind, p.payer_id, p.hold_id, p.slot_id, p.appointment_id,
       p.status, p.amount, p.currency, p.visit_type, p.mode, p.provider, p.intent, p.pay_url, p.expires_at,
       p.created_at, p.paid_at, p.refunded_at, t.body AS refund_note
FROM payment p LEFT JOIN free_text t ON t.tenant_id = p.tenant_id AND t.text_id = p.refund_note
WHERE p.tenant_id = $1 AND p.payment_id = $2;

-- name: of_appointment
-- The newest first.
SELECT p.payment_id, p.clinic_id, p.doctor_id, p.payer_kind, p.payer_id, p.hold_id, p.slot_id, p.appointment_id,
       p.status, p.amount, p.currency, p.visit_type, p.mode, p.provider, p.intent, p.pay_url, p.expires_at,
       p.created_at, p.paid_at, p.refunded_at, t.body AS refund_note
FROM payment p LEFT JOIN free_text t ON t.tenant_id = p.tenant_id AND t.text_id = p.refund_note
WHERE p.tenant_id = $1 AND p.appointment_id = $2
ORDER BY p.created_at DESC, p.payment_id LIMIT 100;

-- name: of_appointments
-- For each appointment the payment that counts: what is owed or paid before what is not any more, the newest first.
SELECT DISTINCT ON (p.appointment_id)
       p.payment_id, p.clinic_id, p.doctor_id, p.payer_kind, p.payer_id, p.hold_id, p.slot_id, p.appointment_id,
       p.status, p.amount, p.currency, p.visit_type, p.mode, p.provider, p.intent, p.pay_url, p.expires_at,
       p.created_at, p.paid_at, p.refunded_at, t.body AS refund_note
FROM payment p LEFT JOIN free_text t ON t.tenant_id = p.tenant_id AND t.text_id = p.refund_note
WHERE p.tenant_id = $1 AND p.appointment_id = ANY ($2::uuid[])
ORDER BY p.appointment_id, p.status IN ('pending', 'failed', 'paid') DESC, p.created_at DESC, p.payment_id;

-- name: counting_of_hold
-- What is owed or paid for what is booked from a hold: one at most.
SELECT payment_id FROM payment
WHERE tenant_id = $1 AND hold_id = $2 AND status IN ('pending', 'failed', 'paid');

-- name: to_settle_of_appointments
-- What is owed or paid for appointments, or on its way back.
SELECT payment_id, appointment_id FROM payment
WHERE tenant_id = $1 AND appointment_id = ANY ($2::uuid[]) AND status IN ('pending', 'failed', 'paid', 'refund_pending')
ORDER BY payment_id;

-- name: fees
SELECT currency, consultation_fee, follow_up_fee, tele_fee FROM doctor_profile
WHERE tenant_id = $1 AND doctor_id = $2 AND currency IS NOT NULL;

-- name: payable_visit
-- A booked visit, and whose line it is in now.
SELECT a.appointment_id, a.clinic_id, a.doctor_id, a.patient_id, a.visit_type, a.mode, a.paid_at,
       e.doctor_id AS line_doctor_id, e.date AS line_date, e.state
FROM appointment a JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
WHERE a.tenant_id = $1 AND a.appointment_id = $2;

-- name: has_booked
-- Whether somebody booked an appointment from a hold of theirs within the hour, or has a payment for it.
SELECT EXISTS (
    SELECT FROM hold WHERE tenant_id = $1 AND holder_id = $3 AND holder_kind = $4 AND appointment_id = $2
) OR EXISTS (
    SELECT FROM payment WHERE tenant_id = $1 AND payer_id = $3 AND payer_kind = $4 AND appointment_id = $2
) AS booked;

-- name: keep_notice
INSERT INTO payment_notice (tenant_id, provider, notice_id, payment_id, kind) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING true AS is_new;

-- name: prune_notices
DELETE FROM payment_notice WHERE tenant_id = $1 AND received_at < clock_timestamp() - $2::interval;
