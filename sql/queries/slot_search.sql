-- Slots that can be booked, in the order of time: what is held is not, until the first hold of it is over. Under row-level security an index helps only with what is leakproof:
-- =, < and > on uuid, numbers, instants and text in "C". So doctors are found first, one row a value, and then their
-- slots: of each doctor where they are few, through all slots by time where they are many.

-- name: zones
-- Where the tenant's clinics lie (dates are by their clocks), or one of them; those that are open at present.
SELECT DISTINCT timezone FROM clinic WHERE tenant_id = $1 AND ($2::uuid IS NULL OR clinic_id = $2) AND active;

-- name: closed_clinics
SELECT clinic_id FROM clinic WHERE tenant_id = $1 AND NOT active ORDER BY clinic_id;

-- name: clinic_capacities
-- How many the clinics take that are open.
SELECT clinic_id, capacity FROM clinic WHERE tenant_id = $1 AND active ORDER BY clinic_id;

-- name: full_days
-- The dates from $4 to $5 on which the clinics $2 have as many appointments as each takes a day ($3). Who was handed to a
-- doctor elsewhere is counted where they were booked: this is what is offered, the booking counts for itself.
SELECT c.clinic_id, d.date
FROM unnest($2::uuid[], $3::integer[]) AS c (clinic_id, most)
CROSS JOIN LATERAL (
    SELECT a.date FROM appointment a
    JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
    WHERE a.tenant_id = $1 AND a.clinic_id = c.clinic_id AND a.date BETWEEN $4 AND $5
      AND e.state NOT IN ('cancelled', 'no_show')
    GROUP BY a.date HAVING count(*) >= c.most
) d
ORDER BY d.date, c.clinic_id;

-- name: members
-- Ids of the doctors who have what $2 names, as bytes behind each other: who may be booked by patients ('bookable') or by
-- staff ('bookable_by_staff'), who has the specialty, way or language $3, who works at the clinic $4. In the order of a
-- key, for else one large tenant would have the planner read the table.
SELECT coalesce(string_agg(uuid_send(m.doctor_id), ''::bytea), ''::bytea) AS ids
FROM (
    (SELECT doctor_id FROM doctor_bookability
     WHERE $2::text = 'bookable' AND tenant_id = $1 AND can_patient_book ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_bookability
     WHERE $2 = 'bookable_by_staff' AND tenant_id = $1 AND can_receptionist_book ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_specialty
     WHERE $2 = 'specialty' AND tenant_id = $1 AND specialty = $3::text ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_clinic
     WHERE $2 = 'clinic' AND tenant_id = $1 AND clinic_id = $4::uuid ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_mode
     WHERE $2 = 'mode' AND tenant_id = $1 AND mode = $3 ORDER BY doctor_id LIMIT 100000)
    UNION ALL
    (SELECT doctor_id FROM doctor_language
     WHERE $2 = 'language' AND tenant_id = $1 AND language = $3 ORDER BY doctor_id LIMIT 100000)
) m;

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
          AND (s.held = 0 OR s.held_until <= now() OR s.taken + s.held < s.total AND CASE $9
               WHEN 'in_person' THEN s.in_person_taken + s.in_person_held < s.in_person
               WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele ELSE true END)
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
      AND (s.held = 0 OR s.held_until <= now() OR s.taken + s.held < s.total AND CASE $9
           WHEN 'in_person' THEN s.in_person_taken + s.in_person_held < s.in_person
           WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele ELSE true END)
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
          AND (s.held = 0 OR s.held_until <= now() OR s.taken + s.held < s.total AND CASE $9
               WHEN 'in_person' THEN s.in_person_taken + s.in_person_held < s.in_person
               WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele ELSE true END)
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
      AND (s.held = 0 OR s.held_until <= now() OR s.taken + s.held < s.total AND CASE $9
           WHEN 'in_person' THEN s.in_person_taken + s.in_person_held < s.in_person
           WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele ELSE true END)
    ORDER BY s.start LIMIT $10
) found
CROSS JOIN LATERAL (
    SELECT p.name FROM doctor_profile p WHERE p.tenant_id = $1 AND p.doctor_id = found.doctor_id LIMIT 1
) p
ORDER BY found.start, found.doctor_id
LIMIT $10;

-- name: by_time
-- The next slots from $3 to before $4, behind the slot ($3, $5), on dates $6 to $7, of a clinic $8 and mode $9 if given, in the
-- parts of the day $11, of the doctors $2, or of whoever may be booked (by patients if $12, else by staff) if that is
-- NULL, at none of the clinics $13; $10 at most. Each part is read in the order of its index until there are enough: one merge of all parts would
-- read a little less, but the planner sorts them instead.
SELECT found.*, p.name AS doctor_name
FROM unnest($11::smallint[]) AS part (of_day)
CROSS JOIN LATERAL (
    SELECT s.* FROM slot s
    WHERE s.tenant_id = $1 AND s.part_of_day = part.of_day AND s.start >= $3 AND s.start < $4
      AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
      AND (s.start > $3 OR s.doctor_id > $5) AND s.date BETWEEN $6 AND $7
      AND ($8::uuid IS NULL OR s.clinic_id = $8) AND s.clinic_id <> ALL ($13::uuid[])
      AND CASE $9::text WHEN 'in_person' THEN s.in_person_taken < s.in_person
                        WHEN 'tele' THEN s.tele_taken < s.tele
                        ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
      AND (s.held = 0 OR s.held_until <= now() OR s.taken + s.held < s.total AND CASE $9
           WHEN 'in_person' THEN s.in_person_taken + s.in_person_held < s.in_person
           WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele ELSE true END)
      AND CASE WHEN $2::uuid[] IS NULL THEN (
            SELECT CASE WHEN $12::boolean THEN b.can_patient_book ELSE b.can_receptionist_book END
            FROM doctor_bookability b WHERE b.tenant_id = $1 AND b.doctor_id = s.doctor_id LIMIT 1)
          -- Looked up in a hash of them all, which is made once.
          ELSE s.doctor_id IN (SELECT d.doctor_id FROM unnest($2) AS d (doctor_id)) END
    ORDER BY s.start, s.doctor_id LIMIT $10
) found
CROSS JOIN LATERAL (
    SELECT p.name FROM doctor_profile p WHERE p.tenant_id = $1 AND p.doctor_id = found.doctor_id LIMIT 1
) p
ORDER BY found.start, found.doctor_id
LIMIT $10;

-- name: days_of_doctors
-- How many slots of the doctors $2 can be booked on each of the dates $3, which lie between the instants $4 and $5; of a
-- clinic $6 and mode $7 if given, none before $8, $9 a date at most, at none of the clinics $10.
SELECT d.date, count(*)::integer AS free
FROM unnest($3::date[], $4::timestamptz[], $5::timestamptz[]) AS d (date, begins, ends)
CROSS JOIN LATERAL (
    SELECT FROM unnest($2::uuid[]) AS w (doctor_id)
    CROSS JOIN LATERAL (
        SELECT FROM slot s
        WHERE s.tenant_id = $1 AND s.doctor_id = w.doctor_id AND s.start >= d.begins AND s.start < d.ends
          AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total AND s.date = d.date AND s.start >= $8
          AND ($6::uuid IS NULL OR s.clinic_id = $6) AND s.clinic_id <> ALL ($10::uuid[])
          AND CASE $7::text WHEN 'in_person' THEN s.in_person_taken < s.in_person
                            WHEN 'tele' THEN s.tele_taken < s.tele
                            ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
          AND (s.held = 0 OR s.held_until <= now() OR s.taken + s.held < s.total AND CASE $7
               WHEN 'in_person' THEN s.in_person_taken + s.in_person_held < s.in_person
               WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele ELSE true END)
        LIMIT $9
    ) AS free
    LIMIT $9
) AS found
GROUP BY d.date;

-- name: days_by_time
-- The same for doctors who are many among all: of the doctors $2, or of whoever patients may book if that is NULL.
SELECT d.date, count(*)::integer AS free
FROM unnest($3::date[], $4::timestamptz[], $5::timestamptz[]) AS d (date, begins, ends)
CROSS JOIN LATERAL (
    SELECT FROM unnest('{0,1,2,3}'::smallint[]) AS part (of_day)
    CROSS JOIN LATERAL (
        SELECT FROM slot s
        WHERE s.tenant_id = $1 AND s.part_of_day = part.of_day AND s.start >= d.begins AND s.start < d.ends
          AND NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total AND s.date = d.date AND s.start >= $8
          AND ($6::uuid IS NULL OR s.clinic_id = $6) AND s.clinic_id <> ALL ($10::uuid[])
          AND CASE $7::text WHEN 'in_person' THEN s.in_person_taken < s.in_person
                            WHEN 'tele' THEN s.tele_taken < s.tele
                            ELSE s.in_person_taken < s.in_person OR s.tele_taken < s.tele END
          AND (s.held = 0 OR s.held_until <= now() OR s.taken + s.held < s.total AND CASE $7
               WHEN 'in_person' THEN s.in_person_taken + s.in_person_held < s.in_person
               WHEN 'tele' THEN s.tele_taken + s.tele_held < s.tele ELSE true END)
          AND CASE WHEN $2::uuid[] IS NULL THEN (
                SELECT b.can_patient_book FROM doctor_bookability b
                WHERE b.tenant_id = $1 AND b.doctor_id = s.doctor_id LIMIT 1)
              ELSE s.doctor_id IN (SELECT w.doctor_id FROM unnest($2) AS w (doctor_id)) END
        ORDER BY s.start LIMIT $9
    ) AS free
    LIMIT $9
) AS found
GROUP BY d.date;
