-- Slots that can be booked, in the order of time. Under row-level security an index helps only with what is leakproof:
-- =, < and > on uuid, numbers, instants and text in "C". So doctors are found first, one row a value, and then their
-- slots: of each doctor where they are few, through all slots by time where they are many.

-- name: zones
-- Where the tenant's clinics lie (dates are by their clocks), or one of them; those that are open at present.
SELECT DISTINCT timezone FROM clinic WHERE tenant_id = $1 AND ($2::uuid IS NULL OR clinic_id = $2) AND active;

-- name: closed_clinics
SELECT clinic_id FROM clinic WHERE tenant_id = $1 AND NOT active ORDER BY clinic_id;

-- name: shares
-- How many doctors there are, and how many of them have each of what is asked for (NULL where nothing is). In the order
-- of a key, for else one large tenant would have the planner read the table.
SELECT (SELECT count(*) FROM (
           SELECT FROM doctor_bookability WHERE tenant_id = $1 ORDER BY doctor_id LIMIT 100000) x) AS everybody,
       CASE WHEN $2::text IS NOT NULL THEN (SELECT count(*) FROM (
           SELECT FROM doctor_specialty WHERE tenant_id = $1 AND specialty = $2
           ORDER BY doctor_id LIMIT 100000) x) END AS specialty,
       CASE WHEN $3::uuid IS NOT NULL THEN (SELECT count(*) FROM (
           SELECT FROM doctor_clinic WHERE tenant_id = $1 AND clinic_id = $3
           ORDER BY doctor_id LIMIT 100000) x) END AS clinic,
       CASE WHEN $4::text IS NOT NULL THEN (SELECT count(*) FROM (
           SELECT FROM doctor_mode WHERE tenant_id = $1 AND mode = $4
           ORDER BY doctor_id LIMIT 100000) x) END AS mode,
       CASE WHEN $5::text IS NOT NULL THEN (SELECT count(*) FROM (
           SELECT FROM doctor_language WHERE tenant_id = $1 AND language = $5
           ORDER BY doctor_id LIMIT 100000) x) END AS language;

-- name: matching_doctors
-- Doctors who may be booked (by patients if $6, else by staff) and have what is asked for, at most $7 of them. They are
-- looked for among those that have what $9 names; 'doctor' is one alone, $8. Subqueries that yield one row keep the
-- planner from turning a look at each of them into one at all of the table.
SELECT m.doctor_id
FROM (
    SELECT $8::uuid AS doctor_id WHERE $9::text = 'doctor'
    UNION ALL
    (SELECT doctor_id FROM doctor_specialty
     WHERE $9 = 'specialty' AND tenant_id = $1 AND specialty = $2::text ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_clinic
     WHERE $9 = 'clinic' AND tenant_id = $1 AND clinic_id = $3::uuid ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_mode
     WHERE $9 = 'mode' AND tenant_id = $1 AND mode = $4::text ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_language
     WHERE $9 = 'language' AND tenant_id = $1 AND language = $5::text ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_bookability
     WHERE $9 = 'everybody' AND tenant_id = $1 ORDER BY doctor_id LIMIT 100000)
) m
CROSS JOIN LATERAL (
    SELECT FROM doctor_bookability b
    WHERE b.tenant_id = $1 AND b.doctor_id = m.doctor_id
      AND CASE WHEN $6::boolean THEN b.can_patient_book ELSE b.can_receptionist_book END
    LIMIT 1
) bookable
WHERE ($2 IS NULL OR $9 = 'specialty' OR (
        SELECT true FROM doctor_specialty s WHERE s.tenant_id = $1 AND s.specialty = $2 AND s.doctor_id = m.doctor_id))
  AND ($3 IS NULL OR $9 = 'clinic' OR (
        SELECT true FROM doctor_clinic c WHERE c.tenant_id = $1 AND c.clinic_id = $3 AND c.doctor_id = m.doctor_id))
  AND ($4 IS NULL OR $9 = 'mode' OR (
        SELECT true FROM doctor_mode o WHERE o.tenant_id = $1 AND o.mode = $4 AND o.doctor_id = m.doctor_id))
  AND ($5 IS NULL OR $9 = 'language' OR (
        SELECT true FROM doctor_language l WHERE l.tenant_id = $1 AND l.language = $5 AND l.doctor_id = m.doctor_id))
LIMIT $7;

-- name: of_doctors
-- The next slots of a few doctors ($2) from $3 to before $4, behind the slot ($3, $5), on dates $6 to $7, of a clinic
-- $8 and mode $9 if given, at none of the clinics $11, $10 at most. Each doctor's first is looked up; only the $10 doctors
-- with the earliest can have any of the slots wanted, and with so many of them none of those is later than the latest of
-- these firsts.
WITH firsts AS MATERIALIZED (
    SELECT d.doctor_id, f.start
    FROM unnest($2::uuid[]) AS d (doctor_id)
    CROSS JOIN LATERAL (
        SELECT s.start FROM slot s
        WHERE s.tenant_id = $1 AND s.doctor_id = d.doctor_id AND s.start >= $3 AND s.start < $4
          AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
          AND (s.start > $3 OR s.doctor_id > $5) AND s.date BETWEEN $6 AND $7
          AND ($8::uuid IS NULL OR s.clinic_id = $8) AND s.clinic_id <> ALL ($11::uuid[])
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
      AND s.start <= (SELECT CASE WHEN count(*) < $10 THEN 'infinity' ELSE max(start) END FROM firsts)
      AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total AND s.date BETWEEN $6 AND $7
      AND ($8 IS NULL OR s.clinic_id = $8) AND s.clinic_id <> ALL ($11)
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
-- The same for one part of the day, $11; the clinics that are left out are $12.
WITH firsts AS MATERIALIZED (
    SELECT d.doctor_id, f.start
    FROM unnest($2::uuid[]) AS d (doctor_id)
    CROSS JOIN LATERAL (
        SELECT s.start FROM slot s
        WHERE s.tenant_id = $1 AND s.doctor_id = d.doctor_id AND s.part_of_day = $11::smallint
          AND s.start >= $3 AND s.start < $4
          AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
          AND (s.start > $3 OR s.doctor_id > $5) AND s.date BETWEEN $6 AND $7
          AND ($8::uuid IS NULL OR s.clinic_id = $8) AND s.clinic_id <> ALL ($12::uuid[])
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
      AND s.start <= (SELECT CASE WHEN count(*) < $10 THEN 'infinity' ELSE max(start) END FROM firsts)
      AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total AND s.date BETWEEN $6 AND $7
      AND ($8 IS NULL OR s.clinic_id = $8) AND s.clinic_id <> ALL ($12)
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
-- specialty $2 and language $12 if given, in the parts of the day $11, at none of the clinics $14; $10 at most. Each part is
-- read in the order of its index until there are enough: one merge of all parts would read a little less, but the planner
-- sorts them instead.
SELECT found.*, p.name AS doctor_name
FROM unnest($11::smallint[]) AS part (of_day)
CROSS JOIN LATERAL (
    SELECT s.* FROM slot s
    CROSS JOIN LATERAL (
        SELECT FROM doctor_bookability b
        WHERE b.tenant_id = $1 AND b.doctor_id = s.doctor_id
          AND CASE WHEN $13::boolean THEN b.can_patient_book ELSE b.can_receptionist_book END
        LIMIT 1
    ) bookable
    WHERE s.tenant_id = $1 AND s.part_of_day = part.of_day AND s.start >= $3 AND s.start < $4
      AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
      AND (s.start > $3 OR s.doctor_id > $5) AND s.date BETWEEN $6 AND $7
      AND ($8::uuid IS NULL OR s.clinic_id = $8) AND s.clinic_id <> ALL ($14::uuid[])
      AND CASE $9::text WHEN 'in_person' THEN s.in_person_taken < s.in_person
                        WHEN 'tele' THEN s.tele_taken < s.tele
                        ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
      AND ($2::text IS NULL OR (
            SELECT true FROM doctor_specialty d
            WHERE d.tenant_id = $1 AND d.specialty = $2 AND d.doctor_id = s.doctor_id))
      AND ($12::text IS NULL OR (
            SELECT true FROM doctor_language l
            WHERE l.tenant_id = $1 AND l.language = $12 AND l.doctor_id = s.doctor_id))
      AND ($8 IS NULL OR (
            SELECT true FROM doctor_clinic c
            WHERE c.tenant_id = $1 AND c.clinic_id = $8 AND c.doctor_id = s.doctor_id))
      AND ($9 IS NULL OR (
            SELECT true FROM doctor_mode o WHERE o.tenant_id = $1 AND o.mode = $9 AND o.doctor_id = s.doctor_id))
    ORDER BY s.start, s.doctor_id LIMIT $10
) found
CROSS JOIN LATERAL (
    SELECT p.name FROM doctor_profile p WHERE p.tenant_id = $1 AND p.doctor_id = found.doctor_id LIMIT 1
) p
ORDER BY found.start, found.doctor_id
LIMIT $10;
