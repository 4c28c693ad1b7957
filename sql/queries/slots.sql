-- name: enqueue_generation
-- One job a doctor; $2 names what they are made for, so that the same is asked only once.
INSERT INTO job (tenant_id, kind, key, payload, due_at)
SELECT $1, 'generate_slots', d.doctor_id || ':' || $2::text, json_build_object('doctorId', d.doctor_id), clock_timestamp()
FROM unnest($3::uuid[]) AS d (doctor_id)
ON CONFLICT DO NOTHING;

-- name: horizon
-- How far ahead the tenant generates, how long before its start a patient may book a slot, and what time it is. Without
-- a policy of its own the installation's horizon counts, which each connection is told.
SELECT coalesce(p.horizon_days, nullif(current_setting('app.slot_horizon_days', true), '')::smallint, 90::smallint)
           AS horizon_days,
       coalesce(p.lead_minutes, 0::smallint) AS lead_minutes, coalesce(p.version, 0) AS version, clock_timestamp() AS now
FROM (SELECT $1::uuid AS tenant_id) AS asked LEFT JOIN slot_policy p ON p.tenant_id = asked.tenant_id;

-- name: lock_policy
SELECT version FROM slot_policy WHERE tenant_id = $1 FOR UPDATE;

-- name: set_policy
-- While there is none nothing can be locked: who makes the first one finds out here that somebody else just did.
INSERT INTO slot_policy AS p (tenant_id, horizon_days, lead_minutes) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id) DO UPDATE SET
    horizon_days = excluded.horizon_days, lead_minutes = excluded.lead_minutes, version = p.version + 1, updated_at = now()
WHERE $4::integer IS NULL OR p.version = $4
RETURNING version;

-- name: slots_between
-- In the order of time, which is that of the key.
SELECT slot_id, clinic_id, schedule_id, room_id, equipment_ids, start, "end", date, part_of_day, in_person, tele, total, taken,
       in_person_taken, tele_taken, held, in_person_held, tele_held, blocked, by_hand, withdrawn, version
FROM slot WHERE tenant_id = $1 AND doctor_id = $2 AND start >= $3 AND start < $4 ORDER BY start;

-- name: insert_slots
-- Slots come as runs, each of $10 slots at equal distances: a few hundred values instead of thousands. Their ids, which
-- SQL has no digest for, come as 16 bytes each, one behind the other.
INSERT INTO slot (tenant_id, doctor_id, slot_id, clinic_id, schedule_id, room_id, start, "end", date, version,
                  part_of_day, in_person, tele, total, equipment_ids)
SELECT $1, $2, encode(substr(run.ids, 16 * place + 1, 16), 'hex')::uuid, run.clinic_id, run.schedule_id, run.room_id,
       run.start + place * run.step, run.start + place * run.step + run.length, run.date, run.version,
       run.part_of_day, run.in_person, run.tele, run.total, run.equipment_ids::uuid[]
FROM unnest($3::bytea[], $4::uuid[], $5::uuid[], $6::uuid[], $7::timestamptz[], $8::interval[], $9::interval[],
            $10::integer[], $11::date[], $12::integer[], $13::smallint[], $14::smallint[], $15::smallint[],
            $16::smallint[], $17::text[])
     AS run (ids, clinic_id, schedule_id, room_id, start, step, length, count, date, version, part_of_day, in_person,
             tele, total, equipment_ids)
CROSS JOIN LATERAL generate_series(0, run.count - 1) AS place;

-- name: delete_slots
-- The bounds are those of the starts, so that other months are not even looked at.
DELETE FROM slot
WHERE tenant_id = $1 AND doctor_id = $2 AND start = ANY ($3::timestamptz[]) AND start >= $4 AND start <= $5
  AND taken = 0 AND held = 0 AND NOT blocked;

-- name: change_slots
UPDATE slot s SET schedule_id = n.schedule_id, room_id = n.room_id, date = n.date, part_of_day = n.part_of_day,
                  in_person = n.in_person, tele = n.tele, total = n.total, equipment_ids = n.equipment_ids::uuid[],
                  withdrawn = false, version = s.version + 1
FROM unnest($3::timestamptz[], $6::uuid[], $7::uuid[], $8::date[], $9::smallint[], $10::smallint[], $11::smallint[],
            $12::smallint[], $13::text[])
     AS n (start, schedule_id, room_id, date, part_of_day, in_person, tele, total, equipment_ids)
WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start = n.start AND s.start >= $4 AND s.start <= $5;

-- name: withdraw_slots
UPDATE slot SET withdrawn = true, version = version + 1
WHERE tenant_id = $1 AND doctor_id = $2 AND start = ANY ($3::timestamptz[]) AND start >= $4 AND start <= $5;

-- name: appointments_to_come
-- The appointments in the doctor's line on those dates, whoever they were booked with, that are still to take place,
-- with what is known of their conflict; and those that were handed on with one.
SELECT a.appointment_id, a.clinic_id, a.date, a.start, a.duration_minutes, a.mode, a.patient_id, c.timezone,
       CASE WHEN NOT a.slot_given_back THEN a.slot_id END AS slot_id,
       e.doctor_id = $2 AND e.state IN ('expected', 'waiting') AS stands, k.cause, k.source_id
FROM (
    SELECT entry_id FROM queue_entry WHERE tenant_id = $1 AND doctor_id = $2 AND date >= $3 AND date <= $4
    UNION SELECT appointment_id FROM slot_conflict
    WHERE tenant_id = $1 AND doctor_id = $2 AND date >= $3 AND date <= $4 AND start > $5
) AS line
JOIN queue_entry e ON e.tenant_id = $1 AND e.entry_id = line.entry_id
JOIN appointment a ON a.tenant_id = $1 AND a.appointment_id = line.entry_id
JOIN clinic c ON c.tenant_id = a.tenant_id AND c.clinic_id = a.clinic_id
LEFT JOIN slot_conflict k ON k.tenant_id = a.tenant_id AND k.appointment_id = a.appointment_id AND k.doctor_id = $2
WHERE a.start > $5
ORDER BY a.start, a.appointment_id;

-- name: set_conflicts
INSERT INTO slot_conflict AS k (tenant_id, doctor_id, appointment_id, clinic_id, slot_id, date, start, "end", cause,
                                source_id)
SELECT $1, $2, n.* FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::date[], $7::timestamptz[], $8::timestamptz[],
                               $9::text[], $10::uuid[]) AS n
ON CONFLICT (tenant_id, appointment_id) DO UPDATE SET
    doctor_id = excluded.doctor_id, clinic_id = excluded.clinic_id, slot_id = excluded.slot_id, date = excluded.date,
    start = excluded.start, "end" = excluded."end", cause = excluded.cause, source_id = excluded.source_id;

-- name: drop_conflicts
DELETE FROM slot_conflict WHERE tenant_id = $1 AND appointment_id = ANY ($2::uuid[]);

-- name: names_of_patients
SELECT patient_id, name FROM patient WHERE tenant_id = $1 AND patient_id = ANY ($2::uuid[]);

-- name: slots_of_doctor
-- For staff: all of them, by time; of the clinics $5, if it names any. After the one that starts at $6.
SELECT s.slot_id, s.doctor_id, s.clinic_id, s.schedule_id, s.room_id, s.equipment_ids, s.start, s."end", s.date, s.part_of_day,
       s.in_person, s.tele, s.total, s.taken, s.in_person_taken, s.tele_taken, s.held, s.in_person_held, s.tele_held, s.held_until,
       s.blocked, s.by_hand, s.withdrawn, s.version,
       d.name AS doctor_name, t.body AS block_reason
FROM slot s
LEFT JOIN doctor d ON d.tenant_id = s.tenant_id AND d.doctor_id = s.doctor_id
LEFT JOIN free_text t ON t.tenant_id = s.tenant_id AND t.text_id = s.block_reason
WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start >= $3::date - interval '2 days'
  AND s.start < $4::date + interval '3 days' AND s.date >= $3 AND s.date <= $4
  AND (cardinality($5::uuid[]) = 0 OR s.clinic_id = ANY ($5)) AND ($6::timestamptz IS NULL OR s.start > $6)
ORDER BY s.start LIMIT $7;

-- name: slot
SELECT s.slot_id, s.doctor_id, s.clinic_id, s.schedule_id, s.room_id, s.equipment_ids, s.start, s."end", s.date, s.part_of_day,
       s.in_person, s.tele, s.total, s.taken, s.in_person_taken, s.tele_taken, s.held, s.in_person_held, s.tele_held, s.held_until,
       s.blocked, s.by_hand, s.withdrawn, s.version,
       d.name AS doctor_name, t.body AS block_reason
FROM slot s
LEFT JOIN doctor d ON d.tenant_id = s.tenant_id AND d.doctor_id = s.doctor_id
LEFT JOIN free_text t ON t.tenant_id = s.tenant_id AND t.text_id = s.block_reason
WHERE s.tenant_id = $1 AND s.slot_id = $2;

-- name: slot_to_book
-- A slot together with what says who may book it and until when, and what time it is: one round trip for all of it.
SELECT s.slot_id, s.doctor_id, s.clinic_id, s.schedule_id, s.room_id, s.equipment_ids, s.start, s."end", s.date, s.part_of_day,
       s.in_person, s.tele, s.total, s.taken, s.in_person_taken, s.tele_taken, s.held, s.in_person_held, s.tele_held, s.held_until,
       s.blocked, s.by_hand, s.withdrawn, s.version, s.freed_at,
       d.name AS doctor_name, t.body AS block_reason, coalesce(b.can_receptionist_book, true) AS desk_may,
       coalesce(b.can_patient_book, false) AS patients_may, coalesce(p.lead_minutes, 0::smallint) AS lead_minutes,
       coalesce(c.active, false) AS clinic_open, clock_timestamp() AS now
FROM slot s
LEFT JOIN clinic c ON c.tenant_id = s.tenant_id AND c.clinic_id = s.clinic_id
LEFT JOIN doctor d ON d.tenant_id = s.tenant_id AND d.doctor_id = s.doctor_id
LEFT JOIN free_text t ON t.tenant_id = s.tenant_id AND t.text_id = s.block_reason
LEFT JOIN doctor_bookability b ON b.tenant_id = s.tenant_id AND b.doctor_id = s.doctor_id
LEFT JOIN slot_policy p ON p.tenant_id = s.tenant_id
WHERE s.tenant_id = $1 AND s.slot_id = $2;

-- name: block
UPDATE slot SET blocked = true, block_reason = $5, version = version + 1
WHERE tenant_id = $1 AND doctor_id = $2 AND start = $3 AND slot_id = $4 AND NOT blocked RETURNING version;

-- name: unblock
UPDATE slot SET blocked = false, block_reason = NULL, version = version + 1
WHERE tenant_id = $1 AND doctor_id = $2 AND start = $3 AND slot_id = $4 AND blocked RETURNING version;

-- name: set_capacity
UPDATE slot SET in_person = $5, tele = $6, total = $7, by_hand = true, version = version + 1
WHERE tenant_id = $1 AND doctor_id = $2 AND start = $3 AND slot_id = $4
  AND in_person_taken + in_person_held <= $5 AND tele_taken + tele_held <= $6 AND taken + held <= $7
RETURNING version;

-- name: doctors_with_calendar
-- Those whose slots are generated: whoever has a schedule that has not ended, or conflicts ahead. Of those of $3 and of
-- those who work at the clinics $5, by profile, directory or schedule, where they name any.
SELECT found.doctor_id FROM (
    SELECT doctor_id FROM doctor_schedule
    WHERE tenant_id = $1 AND (effective_until IS NULL OR effective_until >= current_date - 1)
    UNION SELECT doctor_id FROM slot_conflict WHERE tenant_id = $1 AND start > now()
) AS found
WHERE ($2::uuid IS NULL OR found.doctor_id > $2) AND (cardinality($3::uuid[]) = 0 OR found.doctor_id = ANY ($3))
  AND (cardinality($5::uuid[]) = 0
      OR EXISTS (
          SELECT FROM doctor_clinic c
          WHERE c.tenant_id = $1 AND c.doctor_id = found.doctor_id AND c.clinic_id = ANY ($5))
      OR EXISTS (
          SELECT FROM doctor d WHERE d.tenant_id = $1 AND d.doctor_id = found.doctor_id AND d.clinic_id = ANY ($5))
      OR EXISTS (
          SELECT FROM doctor_schedule s
          WHERE s.tenant_id = $1 AND s.doctor_id = found.doctor_id AND s.clinic_id = ANY ($5)))
ORDER BY found.doctor_id LIMIT $4;

-- name: slots_of_appointments
-- The slots, still to come, that these appointments hold ($3 false) or have given back ($3 true).
SELECT appointment_id, mode, slot_id, doctor_id, clinic_id, date, start, equipment_ids FROM appointment
WHERE tenant_id = $1 AND appointment_id = ANY ($2::uuid[]) AND slot_id IS NOT NULL AND slot_given_back = $3
  AND start > clock_timestamp()
ORDER BY doctor_id, slot_id, appointment_id;

-- name: give_back
UPDATE slot s SET taken = s.taken - n.in_person - n.tele, in_person_taken = s.in_person_taken - n.in_person,
                  tele_taken = s.tele_taken - n.tele, version = s.version + 1, freed_at = clock_timestamp()
FROM unnest($3::timestamptz[], $4::uuid[], $5::smallint[], $6::smallint[]) AS n (start, slot_id, in_person, tele)
WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start = n.start AND s.slot_id = n.slot_id;

-- name: set_given_back
UPDATE appointment SET slot_given_back = $3 WHERE tenant_id = $1 AND appointment_id = ANY ($2::uuid[]);

-- name: set_equipment
UPDATE appointment SET equipment_ids = $3 WHERE tenant_id = $1 AND appointment_id = $2;
