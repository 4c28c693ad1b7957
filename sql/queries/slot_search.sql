-- Slots that can be booked, in the order of time. Under row-level security an index helps only with what is leakproof:
-- =, < and > on uuid, numbers, instants and text in "C". So doctors are found first, one row a value, and then their
-- slots: of each doctor where they are few, through all slots by time where they are many.

-- name: zones
-- Where the tenant's clinics lie: dates are by their clocks.
SELECT DISTINCT timezone FROM clinic WHERE tenant_id = $1 AND ($2::uuid IS NULL OR clinic_id = $2);

-- name: matching_doctors
-- Doctors who may be booked (by patients if $6, else by staff) and have what is asked for, at most $7 of them. What
-- drives is the first that is given of specialty, clinic, mode and language. LIMIT 1 keeps the planner from turning
-- the look at each doctor into one at all doctors of the table.
SELECT m.doctor_id
FROM (
    SELECT s.doctor_id FROM doctor_specialty s WHERE s.tenant_id = $1 AND s.specialty = $2::text
    UNION ALL
    SELECT c.doctor_id FROM doctor_clinic c WHERE $2 IS NULL AND c.tenant_id = $1 AND c.clinic_id = $3::uuid
    UNION ALL
    SELECT l.doctor_id FROM doctor_language l
    WHERE $2 IS NULL AND $3 IS NULL AND l.tenant_id = $1 AND l.language = $5::text
    UNION ALL
    SELECT o.doctor_id FROM doctor_mode o
    WHERE $2 IS NULL AND $3 IS NULL AND $5 IS NULL AND o.tenant_id = $1 AND o.mode = $4::text
) m
CROSS JOIN LATERAL (
    SELECT FROM doctor_bookability b
    WHERE b.tenant_id = $1 AND b.doctor_id = m.doctor_id
      AND CASE WHEN $6::boolean THEN b.can_patient_book ELSE b.can_receptionist_book END
    LIMIT 1
) bookable
WHERE ($3 IS NULL OR EXISTS (
        SELECT FROM doctor_clinic c WHERE c.tenant_id = $1 AND c.clinic_id = $3 AND c.doctor_id = m.doctor_id))
  AND ($4 IS NULL OR EXISTS (
        SELECT FROM doctor_mode o WHERE o.tenant_id = $1 AND o.mode = $4 AND o.doctor_id = m.doctor_id))
  AND ($5 IS NULL OR EXISTS (
        SELECT FROM doctor_language l WHERE l.tenant_id = $1 AND l.language = $5 AND l.doctor_id = m.doctor_id))
LIMIT $7;

-- name: of_doctors
-- The next slots of a few doctors ($2) from $3 to before $4, behind the slot ($3, $5), on dates $6 to $7, of a clinic
-- $8 and mode $9 if given, $10 at most. Each doctor's first is looked up; only the $10 doctors with the earliest can
-- have any of the slots wanted, and none of those is later than the latest of these firsts.
WITH firsts AS MATERIALIZED (
    SELECT d.doctor_id, f.start
    FROM unnest($2::uuid[]) AS d (doctor_id)
    CROSS JOIN LATERAL (
        SELECT s.start FROM slot s
        WHERE s.tenant_id = $1 AND s.doctor_id = d.doctor_id AND s.start >= $3 AND s.start < $4
          AND NOT s.blocked AND s.taken < s.total
          AND (s.start > $3 OR s.doctor_id > $5) AND s.date BETWEEN $6 AND $7
          AND ($8::uuid IS NULL OR s.clinic_id = $8)
          AND CASE $9::text WHEN 'in_person' THEN s.in_person_taken < s.in_person
                            WHEN 'tele' THEN s.tele_taken < s.tele
                            ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
        ORDER BY s.start LIMIT 1
    ) f
    ORDER BY f.start, d.doctor_id LIMIT $10
)
SELECT found.*, p.name AS doctor_name
FROM firsts f
CROSS JOIN LATERAL (
    SELECT s.* FROM slot s
    WHERE s.tenant_id = $1 AND s.doctor_id = f.doctor_id AND s.start >= f.start AND s.start < $4
      AND s.start <= (SELECT max(start) FROM firsts)
      AND NOT s.blocked AND s.taken < s.total AND s.date BETWEEN $6 AND $7
      AND ($8 IS NULL OR s.clinic_id = $8)
      AND CASE $9 WHEN 'in_person' THEN s.in_person_taken < s.in_person
                  WHEN 'tele' THEN s.tele_taken < s.tele
                  ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
    ORDER BY s.start LIMIT $10
) found
CROSS JOIN LATERAL (
    SELECT p.name FROM doctor_profile p WHERE p.tenant_id = $1 AND p.doctor_id = found.doctor_id LIMIT 1
) p
ORDER BY found.start, found.doctor_id
LIMIT $10;

-- name: of_doctors_in_part
-- The same for one part of the day, $11.
WITH firsts AS MATERIALIZED (
    SELECT d.doctor_id, f.start
    FROM unnest($2::uuid[]) AS d (doctor_id)
    CROSS JOIN LATERAL (
        SELECT s.start FROM slot s
        WHERE s.tenant_id = $1 AND s.doctor_id = d.doctor_id AND s.part_of_day = $11::smallint
          AND s.start >= $3 AND s.start < $4
          AND NOT s.blocked AND s.taken < s.total
          AND (s.start > $3 OR s.doctor_id > $5) AND s.date BETWEEN $6 AND $7
          AND ($8::uuid IS NULL OR s.clinic_id = $8)
          AND CASE $9::text WHEN 'in_person' THEN s.in_person_taken < s.in_person
                            WHEN 'tele' THEN s.tele_taken < s.tele
                            ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
        ORDER BY s.start LIMIT 1
    ) f
    ORDER BY f.start, d.doctor_id LIMIT $10
)
SELECT found.*, p.name AS doctor_name
FROM firsts f
CROSS JOIN LATERAL (
    SELECT s.* FROM slot s
    WHERE s.tenant_id = $1 AND s.doctor_id = f.doctor_id AND s.part_of_day = $11
      AND s.start >= f.start AND s.start < $4
      AND s.start <= (SELECT max(start) FROM firsts)
      AND NOT s.blocked AND s.taken < s.total AND s.date BETWEEN $6 AND $7
      AND ($8 IS NULL OR s.clinic_id = $8)
      AND CASE $9 WHEN 'in_person' THEN s.in_person_taken < s.in_person
                  WHEN 'tele' THEN s.tele_taken < s.tele
                  ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
    ORDER BY s.start LIMIT $10
) found
CROSS JOIN LATERAL (
    SELECT p.name FROM doctor_profile p WHERE p.tenant_id = $1 AND p.doctor_id = found.doctor_id LIMIT 1
) p
ORDER BY found.start, found.doctor_id
LIMIT $10;

-- name: by_time
-- The next slots of many doctors from $3 to before $4, behind the slot ($3, $5), on dates $6 to $7, of a clinic $8, mode $9,
-- specialty $2 and language $12 if given, in the parts of the day $11; $10 at most. Parts are merged as they come, so
-- reading ends with the last slot wanted.
SELECT s.*, p.name AS doctor_name
FROM (
    SELECT * FROM slot
    WHERE tenant_id = $1 AND part_of_day = 0 AND 0 = ANY ($11::smallint[])
      AND start >= $3 AND start < $4 AND NOT blocked AND taken < total
    UNION ALL
    SELECT * FROM slot
    WHERE tenant_id = $1 AND part_of_day = 1 AND 1 = ANY ($11::smallint[])
      AND start >= $3 AND start < $4 AND NOT blocked AND taken < total
    UNION ALL
    SELECT * FROM slot
    WHERE tenant_id = $1 AND part_of_day = 2 AND 2 = ANY ($11::smallint[])
      AND start >= $3 AND start < $4 AND NOT blocked AND taken < total
    UNION ALL
    SELECT * FROM slot
    WHERE tenant_id = $1 AND part_of_day = 3 AND 3 = ANY ($11::smallint[])
      AND start >= $3 AND start < $4 AND NOT blocked AND taken < total
) s
CROSS JOIN LATERAL (
    SELECT FROM doctor_bookability b
    WHERE b.tenant_id = $1 AND b.doctor_id = s.doctor_id
      AND CASE WHEN $13::boolean THEN b.can_patient_book ELSE b.can_receptionist_book END
    LIMIT 1
) bookable
CROSS JOIN LATERAL (
    SELECT p.name FROM doctor_profile p WHERE p.tenant_id = $1 AND p.doctor_id = s.doctor_id LIMIT 1
) p
WHERE (s.start > $3 OR s.doctor_id > $5::uuid) AND s.date BETWEEN $6 AND $7
  AND ($8::uuid IS NULL OR s.clinic_id = $8)
  AND CASE $9::text WHEN 'in_person' THEN s.in_person_taken < s.in_person
                    WHEN 'tele' THEN s.tele_taken < s.tele
                    ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
  AND ($2::text IS NULL OR EXISTS (
        SELECT FROM doctor_specialty d WHERE d.tenant_id = $1 AND d.specialty = $2 AND d.doctor_id = s.doctor_id))
  AND ($12::text IS NULL OR EXISTS (
        SELECT FROM doctor_language l WHERE l.tenant_id = $1 AND l.language = $12 AND l.doctor_id = s.doctor_id))
ORDER BY s.start, s.doctor_id
LIMIT $10;
