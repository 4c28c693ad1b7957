-- name: policies
-- What the clinic has decided, and what the tenant begins with; the clinic's own first.
SELECT scope_id, policy, version FROM waitlist_policy
WHERE tenant_id = $1 AND scope_id IN ($2, $1) ORDER BY scope_id <> $2;

-- name: open_list
-- The clinic, with what it has decided and what the tenant begins with; the clinic's own first.
SELECT c.active, p.scope_id, p.policy, p.version FROM clinic c
LEFT JOIN waitlist_policy p ON p.tenant_id = c.tenant_id AND p.scope_id IN (c.clinic_id, c.tenant_id)
WHERE c.tenant_id = $1 AND c.clinic_id = $2 ORDER BY p.scope_id = c.clinic_id DESC;

-- name: policies_of
SELECT scope_id, policy, version FROM waitlist_policy
WHERE tenant_id = $1 AND (scope_id = $1 OR scope_id = ANY ($2::uuid[]));

-- name: lock_policy
SELECT version FROM waitlist_policy WHERE tenant_id = $1 AND scope_id = $2 FOR UPDATE;

-- name: set_policy
-- While there is none nothing can be locked: who makes the first one finds out here that somebody else just did.
INSERT INTO waitlist_policy AS p (tenant_id, scope_id, policy) VALUES ($1, $2, $3::json)
ON CONFLICT (tenant_id, scope_id) DO UPDATE SET policy = excluded.policy, version = p.version + 1, updated_at = now()
WHERE $4::integer IS NULL OR p.version = $4
RETURNING version;

-- name: same_wish
-- Whom the patient waits for at the clinic already: the doctor $4, or whoever has a time.
SELECT waitlist_id FROM waitlist_entry
WHERE tenant_id = $1 AND patient_id = $2 AND clinic_id = $3 AND coalesce(doctor_id, clinic_id) = coalesce($4, $3)
  AND ended_at IS NULL;

-- name: count_in
-- One more waits at the clinic, where $3 may (see waitlist_is_full), and has joined on the day of the instant $4. The rows
-- are held until the commit, and all who join wait for them, so this comes last.
WITH counted AS (
    INSERT INTO waitlist_load AS l (tenant_id, clinic_id, waiting, most) VALUES ($1, $2, 1, $3)
    ON CONFLICT (tenant_id, clinic_id) DO UPDATE SET waiting = l.waiting + 1, most = excluded.most
    RETURNING 1
)
INSERT INTO waitlist_day AS d (tenant_id, clinic_id, date, joined)
SELECT c.tenant_id, c.clinic_id, ($4::timestamptz AT TIME ZONE c.timezone)::date, 1
FROM counted, clinic c WHERE c.tenant_id = $1 AND c.clinic_id = $2
ON CONFLICT (tenant_id, clinic_id, date) DO UPDATE SET joined = d.joined + 1;

-- name: count_out
UPDATE waitlist_load SET waiting = waiting - $3 WHERE tenant_id = $1 AND clinic_id = $2;

-- name: entry
SELECT w.waitlist_id, w.clinic_id, w.doctor_id, w.patient_id, w.status, w.urgency, w.visit_type, w.mode, w.short_notice,
       w.window_start, w.window_end, w.parts_of_day, w.position, w.joined_at, w.expires_at, w.deferred_until, w.invite_id,
       w.hold_id, w.slot_id, w.slot_doctor_id, w.slot_start, w.slot_mode, w.respond_by, w.invited, w.appointment_id,
       w.ended_at, w.version, w.updated_at, p.name AS patient_name, p.phone AS patient_phone, p.language,
       p.tier, cardinality(p.conditions) > 0 AS is_chronic, n.body AS notes, m.body AS metadata,
       r.body AS position_reason, clock_timestamp() AS now
FROM waitlist_entry w
JOIN patient p ON p.tenant_id = w.tenant_id AND p.patient_id = w.patient_id
LEFT JOIN free_text n ON n.tenant_id = w.tenant_id AND n.text_id = w.notes
LEFT JOIN free_text m ON m.tenant_id = w.tenant_id AND m.text_id = w.metadata
LEFT JOIN free_text r ON r.tenant_id = w.tenant_id AND r.text_id = w.position_reason
WHERE w.tenant_id = $1 AND w.waitlist_id = ANY ($2::uuid[]);

-- name: clock
SELECT clock_timestamp() AS now;

-- name: ranks
-- Everybody who waits at the clinics $3, and for the doctor $2 if one is given, in the order of the lists but for
-- positions given by hand: who is overdue first, the oldest first; then all others by their points.
SELECT w.waitlist_id, w.clinic_id, w.doctor_id, w.status, w.position, s.points, s.is_overdue, w.joined_at
FROM unnest($3::uuid[], $4::json[], $5::json[]) AS c (clinic_id, weights, targets)
JOIN waitlist_entry w ON w.tenant_id = $1 AND w.clinic_id = c.clinic_id AND w.ended_at IS NULL
JOIN patient p ON p.tenant_id = w.tenant_id AND p.patient_id = w.patient_id
CROSS JOIN LATERAL (
    SELECT waitlist_points(c.weights, c.targets, w.urgency, cardinality(p.conditions) > 0, p.tier, w.joined_at, $6)
               AS points,
           $6 > w.joined_at + 1.5 * (c.targets ->> w.urgency)::double precision * interval '1 day' AS is_overdue
) AS s
WHERE $2::uuid IS NULL OR w.doctor_id = $2 OR w.doctor_id IS NULL
ORDER BY s.is_overdue DESC, CASE WHEN s.is_overdue THEN w.joined_at END, s.points DESC, w.joined_at, w.waitlist_id;

-- name: of_patients
-- The newest first: what they wait for, and what came of it within the year.
SELECT waitlist_id FROM waitlist_entry
WHERE tenant_id = $1 AND patient_id = ANY ($2::uuid[])
  AND (ended_at IS NULL OR ended_at > clock_timestamp() - interval '1 year')
ORDER BY joined_at DESC LIMIT 100;

-- name: ended
-- Who does not wait any more at the clinics $2, the latest first, behind the instant $3 and the id $4.
SELECT waitlist_id, ended_at FROM waitlist_entry
WHERE tenant_id = $1 AND ended_at IS NOT NULL AND (cardinality($2::uuid[]) = 0 OR clinic_id = ANY ($2))
  AND ($5::uuid IS NULL OR doctor_id = $5) AND (cardinality($6::text[]) = 0 OR status = ANY ($6))
  AND ($3::timestamptz IS NULL OR (ended_at, waitlist_id) < ($3, $4))
ORDER BY ended_at DESC, waitlist_id DESC LIMIT $7;

-- name: overdue_entries
SELECT waitlist_id FROM waitlist_entry
WHERE tenant_id = $1 AND ended_at IS NULL AND expires_at <= clock_timestamp()
  AND (invite_id IS NULL OR respond_by <= clock_timestamp())
ORDER BY waitlist_id LIMIT $2;

-- name: enqueue_match
-- A job that offers what is free of the doctor, if anybody waits for a time of theirs; $3 names what freed it.
INSERT INTO job (tenant_id, kind, key, payload, due_at)
SELECT $1, 'waitlist_match', $2::uuid || ':' || $3::text, json_build_object('doctorId', $2::uuid), clock_timestamp()
WHERE EXISTS (
    SELECT FROM waitlist_entry w WHERE w.tenant_id = $1 AND w.ended_at IS NULL AND (
        w.doctor_id = $2
        OR w.doctor_id IS NULL AND w.clinic_id IN (
            SELECT d.clinic_id FROM doctor d WHERE d.tenant_id = $1 AND d.doctor_id = $2
            UNION SELECT c.clinic_id FROM doctor_clinic c WHERE c.tenant_id = $1 AND c.doctor_id = $2))
)
ON CONFLICT DO NOTHING;

-- name: enqueue_matches
-- The same for every doctor for whom anybody waits, by name or not: what nobody was left to look at is found so, too.
INSERT INTO job (tenant_id, kind, key, payload, due_at)
SELECT DISTINCT $1::uuid, 'waitlist_match', d.doctor_id || ':' || $2::text,
       json_build_object('doctorId', d.doctor_id)::jsonb, clock_timestamp()
FROM (SELECT DISTINCT doctor_id, clinic_id FROM waitlist_entry WHERE tenant_id = $1 AND ended_at IS NULL) AS w
JOIN doctor d ON d.tenant_id = $1 AND d.active AND (
    d.doctor_id = w.doctor_id OR w.doctor_id IS NULL AND (d.clinic_id = w.clinic_id OR EXISTS (
        SELECT FROM doctor_clinic c
        WHERE c.tenant_id = $1 AND c.doctor_id = d.doctor_id AND c.clinic_id = w.clinic_id)))
ON CONFLICT DO NOTHING;

-- name: free_slots
-- The next times of doctors of which a place is free at the clinic $5, if it is open, from $6 until before $7, in one of the
-- parts of the day $8 (as slots number them) if any are named: what nobody asks for hides nothing behind it.
SELECT s.slot_id, s.clinic_id, s.doctor_id, s.start, s."end", s.date, s.part_of_day, s.in_person, s.tele, s.total, s.taken,
       s.in_person_taken, s.tele_taken, s.held, s.in_person_held, s.tele_held, s.held_until, s.blocked, s.withdrawn
FROM slot s JOIN clinic c ON c.tenant_id = s.tenant_id AND c.clinic_id = s.clinic_id AND c.active
WHERE s.tenant_id = $1 AND s.doctor_id = ANY ($2::uuid[]) AND s.start > $3 AND NOT s.blocked AND NOT s.withdrawn
  AND (s.taken + s.held < s.total OR s.held_until <= $3 AND s.taken < s.total) AND s.clinic_id = $5 AND s.start >= $6
  AND ($7::timestamptz IS NULL OR s.start < $7) AND (cardinality($8::integer[]) = 0 OR s.part_of_day = ANY ($8))
ORDER BY s.start, s.doctor_id LIMIT $4;

-- name: wanted_slots
-- Of those of one doctor, the ones that somebody who waits may be offered just now, where the lists of the clinics $5 offer
-- them: no sooner than in $6 minutes, and not for the kinds of visit $7. What nobody may be offered hides nothing behind it.
-- Wishes that are the same are looked at once, however many have them; $8 are the parts of the day in their order.
WITH clinics AS MATERIALIZED (
    SELECT p.clinic_id, $3::timestamptz + make_interval(mins => p.lead) AS earliest, p.excluded
    FROM unnest($5::uuid[], $6::integer[], $7::json[]) AS p (clinic_id, lead, excluded)
    JOIN clinic c ON c.tenant_id = $1 AND c.clinic_id = p.clinic_id AND c.active
), wishes AS MATERIALIZED (
    SELECT DISTINCT w.clinic_id, w.window_start, w.window_end, w.parts_of_day, w.mode, w.refused
    FROM clinics p
    JOIN waitlist_entry w ON w.tenant_id = $1 AND w.clinic_id = p.clinic_id AND w.ended_at IS NULL
    WHERE (w.doctor_id = $2 OR w.doctor_id IS NULL) AND w.expires_at > $3
      AND (w.invite_id IS NULL OR w.respond_by <= $3) AND (w.deferred_until IS NULL OR w.deferred_until <= $3)
      AND w.visit_type NOT IN (SELECT json_array_elements_text(p.excluded))
      AND NOT EXISTS (
        SELECT FROM waitlist_entry o
        WHERE o.tenant_id = $1 AND o.patient_id = w.patient_id AND o.slot_doctor_id = $2 AND o.invite_id IS NOT NULL
          AND o.waitlist_id <> w.waitlist_id)
      AND NOT EXISTS (
        SELECT FROM patient_consent g
        WHERE g.tenant_id = $1 AND g.patient_id = w.patient_id AND g.kind = 'messages' AND NOT g.given)
)
SELECT s.slot_id, s.clinic_id, s.doctor_id, s.start, s."end", s.date, s.part_of_day, s.in_person, s.tele, s.total, s.taken,
       s.in_person_taken, s.tele_taken, s.held, s.in_person_held, s.tele_held, s.held_until, s.blocked, s.withdrawn
FROM slot s JOIN clinics p ON p.clinic_id = s.clinic_id
WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start > $3 AND s.start >= p.earliest AND NOT s.blocked AND NOT s.withdrawn
  AND (s.taken + s.held < s.total OR s.held_until <= $3 AND s.taken < s.total)
  AND EXISTS (
    SELECT FROM wishes w
    WHERE w.clinic_id = s.clinic_id
      AND (w.window_start IS NULL OR w.window_start <= s.start) AND (w.window_end IS NULL OR s.start < w.window_end)
      AND (cardinality(w.parts_of_day) = 0 OR ($8::text[])[s.part_of_day + 1] = ANY (w.parts_of_day))
      AND (w.mode IS NULL
           OR w.mode = 'in_person' AND (s.in_person_taken + s.in_person_held < s.in_person
                                        OR s.held_until <= $3 AND s.in_person_taken < s.in_person)
           OR w.mode = 'tele' AND (s.tele_taken + s.tele_held < s.tele
                                   OR s.held_until <= $3 AND s.tele_taken < s.tele))
      AND s.slot_id <> ALL (w.refused))
ORDER BY s.start LIMIT $4;

-- name: candidates
-- Of entries, those whose patients may be sent messages and are not offered another time of the doctor $3 by another wish
-- of theirs, with what their score and their night are reckoned by.
SELECT w.waitlist_id, w.position, w.joined_at, w.urgency, p.tier, cardinality(p.conditions) > 0 AS is_chronic, c.timezone
FROM waitlist_entry w
JOIN patient p ON p.tenant_id = w.tenant_id AND p.patient_id = w.patient_id
JOIN clinic c ON c.tenant_id = w.tenant_id AND c.clinic_id = w.clinic_id
WHERE w.tenant_id = $1 AND w.waitlist_id = ANY ($2::uuid[]) AND NOT EXISTS (
    SELECT FROM patient_consent g
    WHERE g.tenant_id = $1 AND g.patient_id = w.patient_id AND g.kind = 'messages' AND NOT g.given
) AND NOT EXISTS (
    SELECT FROM waitlist_entry o
    WHERE o.tenant_id = $1 AND o.patient_id = w.patient_id AND o.slot_doctor_id = $3 AND o.invite_id IS NOT NULL
      AND o.waitlist_id <> w.waitlist_id
);

-- name: doctors_at
SELECT d.doctor_id FROM doctor d
WHERE d.tenant_id = $1 AND d.active AND (d.clinic_id = $2 OR EXISTS (
    SELECT FROM doctor_clinic w WHERE w.tenant_id = $1 AND w.doctor_id = d.doctor_id AND w.clinic_id = $2))
ORDER BY d.doctor_id;

-- name: waits
SELECT EXISTS (SELECT FROM waitlist_entry WHERE tenant_id = $1 AND patient_id = $2 AND ended_at IS NULL) AS waits;

-- name: behind_appointment
-- What the patient of an appointment waits for besides.
SELECT w.waitlist_id FROM appointment a
JOIN waitlist_entry w ON w.tenant_id = a.tenant_id AND w.patient_id = a.patient_id AND w.ended_at IS NULL
WHERE a.tenant_id = $1 AND a.appointment_id = $2 LIMIT 100;
