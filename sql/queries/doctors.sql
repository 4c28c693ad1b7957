-- name: hold
-- Until the commit nobody else holds this name: for what is decided over rows that may not exist yet.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: profile
SELECT p.*, b.score, b.is_bookable FROM doctor_profile p
LEFT JOIN doctor_bookability b ON b.tenant_id = p.tenant_id AND b.doctor_id = p.doctor_id
WHERE p.tenant_id = $1 AND p.doctor_id = $2 AND (NOT $3 OR b.can_show_in_search);

-- name: profiles
-- In the order of names. Filters that are NULL, or name nothing, let everybody pass; $9 begins words of the name.
-- Bookability is looked up profile by profile until there are enough: a join would read both tables from end to end.
SELECT p.*, b.score, b.is_bookable FROM doctor_profile p
LEFT JOIN LATERAL (
    SELECT score, is_bookable, can_show_in_search FROM doctor_bookability
    WHERE tenant_id = $1 AND doctor_id = p.doctor_id LIMIT 1
) b ON true
WHERE p.tenant_id = $1
  AND ($2::uuid IS NULL OR (p.name_folded, p.doctor_id) > (
      SELECT l.name_folded, l.doctor_id FROM doctor_profile l WHERE l.tenant_id = $1 AND l.doctor_id = $2))
  AND ($3::text IS NULL OR p.status = $3)
  AND ($4::text IS NULL OR EXISTS (SELECT FROM doctor_specialty s
       WHERE s.tenant_id = $1 AND s.specialty = $4 AND s.doctor_id = p.doctor_id))
  AND ($5::uuid IS NULL OR EXISTS (SELECT FROM doctor_clinic c
       WHERE c.tenant_id = $1 AND c.clinic_id = $5 AND c.doctor_id = p.doctor_id))
  AND ($6::uuid IS NULL OR EXISTS (SELECT FROM doctor_department d
       WHERE d.tenant_id = $1 AND d.department_id = $6 AND d.doctor_id = p.doctor_id))
  AND ($7::text IS NULL OR EXISTS (SELECT FROM doctor_mode m
       WHERE m.tenant_id = $1 AND m.mode = $7 AND m.doctor_id = p.doctor_id))
  AND ($8::text IS NULL OR EXISTS (SELECT FROM doctor_language l
       WHERE l.tenant_id = $1 AND l.language = $8 AND l.doctor_id = p.doctor_id))
  AND (cardinality($9::text[]) = 0 OR p.doctor_id = ANY (ARRAY(
       SELECT w.doctor_id FROM (SELECT DISTINCT unnest($9)) AS wanted (begun) CROSS JOIN LATERAL (
           SELECT DISTINCT d.doctor_id FROM (
               SELECT word, doctor_id FROM doctor_word
               WHERE tenant_id = $1 AND word >= wanted.begun AND word < wanted.begun || U&'\+10FFFF'
               ORDER BY word, doctor_id LIMIT 100000) d) w
       GROUP BY w.doctor_id HAVING count(*) = (SELECT count(DISTINCT one) FROM unnest($9) AS one))))
  AND (NOT $10 OR b.can_show_in_search)
  AND (cardinality($11::uuid[]) = 0 OR EXISTS (SELECT FROM doctor_clinic c
       WHERE c.tenant_id = $1 AND c.clinic_id = ANY ($11) AND c.doctor_id = p.doctor_id))
  AND ($12::uuid IS NULL OR p.doctor_id = $12)
ORDER BY p.name_folded, p.doctor_id LIMIT $13;

-- name: versions
SELECT stream_id, version FROM stream WHERE tenant_id = $1 AND stream_id = ANY ($2::uuid[]);

-- name: doctors_to_adopt
-- Those whom no event has made.
SELECT doctor_id, clinic_id, name, specialty, room, ticket_prefix, active FROM doctor
WHERE tenant_id = $1 AND last_event_id = '00000000-0000-0000-0000-000000000000' AND ($2::uuid IS NULL OR doctor_id = $2)
ORDER BY doctor_id LIMIT $3;

-- name: count_doctors_to_adopt
SELECT count(*) AS doctors FROM doctor
WHERE tenant_id = $1 AND last_event_id = '00000000-0000-0000-0000-000000000000';

-- name: ticket_prefixes
SELECT ticket_prefix FROM doctor WHERE tenant_id = $1 AND clinic_id = $2 AND doctor_id <> $3;

-- name: clinic_is_active
SELECT active FROM clinic WHERE tenant_id = $1 AND clinic_id = $2;

-- name: held_department
-- Held, so that it does not close while a doctor is being assigned: whoever closes it takes the row first, then looks
-- for doctors.
SELECT active, clinic_ids FROM department WHERE tenant_id = $1 AND department_id = $2 FOR SHARE;

-- name: commitments
-- What binds a doctor to a clinic: a schedule that is not over, somebody who is still to come.
SELECT EXISTS (
    SELECT FROM doctor_schedule s WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.clinic_id = $3
      AND coalesce(s.effective_until >= greatest(s.effective_from, current_date), true)
) AS schedule, EXISTS (
    SELECT FROM appointment a
    LEFT JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
    WHERE a.tenant_id = $1 AND coalesce(e.doctor_id, a.doctor_id) = $2 AND a.clinic_id = $3
      AND a.date >= current_date
      AND coalesce(e.state, 'expected') IN ('expected', 'waiting', 'called', 'in_consultation')
) AS appointments;

-- name: surroundings
-- What a doctor's onboarding and bookability rest on, and when time alone will change it ($6: when the licence ends).
WITH clock AS (
    SELECT t.now, t.zone, (t.now AT TIME ZONE t.zone)::date AS today FROM (
        SELECT clock_timestamp() AS now, coalesce(
            (SELECT c.timezone FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = $4), 'UTC') AS zone
    ) AS t
), weekly AS (
    SELECT s.clinic_id, s.effective_from, s.effective_until,
           EXISTS (SELECT FROM json_array_elements(s.week) AS day, json_array_elements(day) AS sitting
                   WHERE sitting ->> 'room' IS NOT NULL) AS has_room
    FROM doctor_schedule s, clock
    WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND coalesce(s.effective_until >= greatest(s.effective_from, today), true)
      AND EXISTS (SELECT FROM json_array_elements(s.week) AS day WHERE json_array_length(day) > 0)
), block AS (
    SELECT x.clinic_id, x.starts_at, x.ends_at FROM schedule_exception x, clock
    WHERE x.tenant_id = $1 AND x.doctor_id = $2 AND x.kind = 'forced_block' AND x.ends_at > now
), last_slot AS (
    -- By now(), which stands still, so that the planner takes only the months that are meant, from their end.
    SELECT s.start FROM slot s
    WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start > now() AND s.start < now() + $5 * interval '1 day'
      AND NOT s.blocked AND NOT s.withdrawn AND s.total > 0
      AND (SELECT active FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = s.clinic_id)
    ORDER BY s.start DESC LIMIT 1
)
SELECT now, today,
    ARRAY(SELECT c.clinic_id FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = ANY ($3::uuid[]) AND c.active)
        AS open_clinics,
    ARRAY(SELECT DISTINCT w.clinic_id FROM weekly w WHERE w.effective_from <= today + $5::integer) AS scheduled_clinics,
    EXISTS (SELECT FROM last_slot) AS has_slots,
    ARRAY(SELECT mine FROM unnest($3::uuid[]) AS mine WHERE EXISTS (SELECT FROM block b
          WHERE b.starts_at <= now AND coalesce(b.clinic_id, mine) = mine)) AS blocked_clinics,
    ARRAY(SELECT mine FROM unnest($3::uuid[]) AS mine
          WHERE EXISTS (SELECT FROM room r WHERE r.tenant_id = $1 AND r.clinic_id = mine AND r.active)
            AND NOT EXISTS (SELECT FROM weekly w WHERE w.clinic_id = mine AND w.has_room)
            AND NOT EXISTS (
                SELECT FROM room_assignment a JOIN room r ON r.tenant_id = a.tenant_id AND r.room_id = a.room_id
                WHERE a.tenant_id = $1 AND a.doctor_id = $2 AND r.clinic_id = mine AND r.active
                  AND coalesce(a.last_date >= today, true))) AS roomless_clinics,
    EXISTS (SELECT FROM department d WHERE d.tenant_id = $1 AND d.active) AS has_departments,
    least(
        now + interval '1 day',
        (SELECT l.start FROM last_slot l),
        (SELECT min(CASE WHEN b.starts_at > now THEN b.starts_at ELSE b.ends_at END) FROM block b),
        (SELECT min(w.effective_until + 1)::timestamp AT TIME ZONE zone FROM weekly w),
        CASE WHEN $6::date >= today THEN ($6::date + 1)::timestamp AT TIME ZONE zone END
    ) AS recheck_at
FROM clock;

-- name: keep_bookability
-- Returns whether anything has changed that anybody sees.
WITH kept AS (
    INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search, can_patient_book,
                                    can_receptionist_book, failing, checked_at, recheck_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10)
    ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET
        score = excluded.score, is_bookable = excluded.is_bookable, can_show_in_search = excluded.can_show_in_search,
        can_patient_book = excluded.can_patient_book, can_receptionist_book = excluded.can_receptionist_book,
        failing = excluded.failing, checked_at = excluded.checked_at, recheck_at = excluded.recheck_at
)
SELECT NOT EXISTS (
    SELECT FROM doctor_bookability b WHERE b.tenant_id = $1 AND b.doctor_id = $2 AND b.score = $3
      AND b.is_bookable = $4 AND b.can_show_in_search = $5 AND b.can_patient_book = $6
      AND b.can_receptionist_book = $7 AND b.failing = $8::text[]
) AS changed;

-- name: doctors_to_recheck
SELECT doctor_id FROM doctor_bookability WHERE tenant_id = $1 AND recheck_at <= clock_timestamp()
ORDER BY recheck_at LIMIT $2;

-- name: recheck_clinic
-- Locked in the order of their ids, as the job goes about them.
UPDATE doctor_bookability b SET recheck_at = clock_timestamp() FROM (
    SELECT k.doctor_id FROM doctor_clinic c
    JOIN doctor_bookability k ON k.tenant_id = c.tenant_id AND k.doctor_id = c.doctor_id
    WHERE c.tenant_id = $1 AND c.clinic_id = $2 ORDER BY k.doctor_id FOR UPDATE OF k
) AS mine WHERE b.tenant_id = $1 AND b.doctor_id = mine.doctor_id;
