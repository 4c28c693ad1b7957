-- Slots as they are told to whoever watches them. What the public may know is that of doctors whom patients may book, at
-- clinics that are open.

-- name: slots_now
-- Some slots, whosever they are, whether the public may know of them, and how long before its start one can be booked.
SELECT s.slot_id, s.doctor_id, s.clinic_id, s.start, s.date, s.in_person, s.tele, s.total, s.taken, s.in_person_taken,
       s.tele_taken, s.held, s.in_person_held, s.tele_held, s.held_until, s.blocked, s.withdrawn, s.version,
       coalesce((SELECT lead_minutes FROM slot_policy WHERE tenant_id = $1), 0) AS lead_minutes, now() AS now,
       coalesce((SELECT b.can_patient_book FROM doctor_bookability b
                 WHERE b.tenant_id = $1 AND b.doctor_id = s.doctor_id), false)
           AND (SELECT c.active FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = s.clinic_id) AS public
FROM unnest($2::uuid[]) AS asked (slot_id)
CROSS JOIN LATERAL (SELECT * FROM slot WHERE tenant_id = $1 AND slot.slot_id = asked.slot_id LIMIT 1) AS s;

-- name: public_doctors
SELECT doctor_id FROM doctor_bookability WHERE tenant_id = $1 AND doctor_id = ANY ($2::uuid[]) AND can_patient_book;

-- name: is_shown
-- Whether the public may watch a doctor: who can be booked, or is shown although nobody can book them at present; without
-- a doctor, whether the tenant has a clinic that is open.
SELECT CASE WHEN $2::uuid IS NULL THEN EXISTS (SELECT FROM clinic WHERE tenant_id = $1 AND active)
            ELSE EXISTS (SELECT FROM doctor_bookability WHERE tenant_id = $1 AND doctor_id = $2
                         AND (can_patient_book OR can_show_in_search)) END AS shown;

-- name: current_slots
-- The slots of a doctor from $3 to before $4, on the dates $5 to $6, that patients may book or that are held just now; $7 at
-- most. None, if patients may not book the doctor.
SELECT s.slot_id, s.doctor_id, s.clinic_id, s.start, s.date, s.in_person, s.tele, s.total, s.taken, s.in_person_taken,
       s.tele_taken, s.held, s.in_person_held, s.tele_held, s.held_until, s.blocked, s.withdrawn, s.version,
       clock.lead_minutes, clock.now
FROM (SELECT now() AS now, coalesce((SELECT lead_minutes FROM slot_policy WHERE tenant_id = $1), 0) AS lead_minutes)
         AS clock
CROSS JOIN slot s
WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start >= $3 AND s.start < $4 AND s.date BETWEEN $5 AND $6
  AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
  AND s.start > now() + clock.lead_minutes * interval '1 minute'
  AND EXISTS (SELECT FROM doctor_bookability b WHERE b.tenant_id = $1 AND b.doctor_id = $2 AND b.can_patient_book)
  AND (SELECT c.active FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = s.clinic_id)
ORDER BY s.start LIMIT $7;

-- name: position
-- Where the stream of a doctor's slots stands.
SELECT (SELECT epoch FROM deployment) AS epoch,
       coalesce((SELECT version FROM stream WHERE tenant_id = $1 AND stream_id = $2), 0) AS version;

-- name: events_after
-- What happened to a doctor's slots behind version $3 of their stream; $4 events at most.
SELECT version, type, schema_version, data FROM event_store
WHERE tenant_id = $1 AND stream_id = $2 AND version > $3
ORDER BY version, ordinal LIMIT $4;
