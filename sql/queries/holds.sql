-- name: occupy
-- Writes what is kept of a slot ($6 in person, $7 by video, until $8) and takes $9 and $10 more places for good, if there
-- are so many: the row serialises whoever comes at once, and its constraints stand behind it.
UPDATE slot SET held = $6::smallint + $7::smallint, in_person_held = $6, tele_held = $7, held_until = $8,
                taken = taken + $9::smallint + $10::smallint, in_person_taken = in_person_taken + $9,
                tele_taken = tele_taken + $10, version = version + 1
WHERE tenant_id = $1 AND doctor_id = $2 AND start = $3 AND slot_id = $4 AND start > $5
  AND NOT blocked AND NOT withdrawn
  AND taken + $9 + $10 + $6 + $7 <= total
  AND in_person_taken + $9 + $6 <= in_person AND tele_taken + $10 + $7 <= tele
RETURNING clinic_id, schedule_id, room_id, equipment_ids, "end", date, part_of_day, in_person, tele, total, taken,
          in_person_taken, tele_taken, held, in_person_held, tele_held, held_until, blocked, by_hand, withdrawn, version;

-- name: set_held
-- Writes what is kept of some slots of a doctor; fewer places than before.
UPDATE slot s SET held = n.in_person + n.tele, in_person_held = n.in_person, tele_held = n.tele, held_until = n.until,
                  version = s.version + 1
FROM unnest($3::timestamptz[], $4::uuid[], $5::smallint[], $6::smallint[], $7::timestamptz[])
     AS n (start, slot_id, in_person, tele, until)
WHERE s.tenant_id = $1 AND s.doctor_id = $2 AND s.start = n.start AND s.slot_id = n.slot_id;

-- name: lock_holder
-- One hold of a holder is decided at a time, whosever slots they are.
SELECT pg_advisory_xact_lock(hashtextextended($1::uuid || ':' || $2::uuid, 20061)) AS locked;

-- name: live_holds_of
SELECT count(*)::integer AS holds FROM hold
WHERE tenant_id = $1 AND holder_id = $2 AND ended_at IS NULL AND expires_at > $3;

-- name: live_hold_of
SELECT hold_id, mode, expires_at, renewed, clock_timestamp() AS now FROM hold
WHERE tenant_id = $1 AND holder_id = $2 AND holder_kind = $3 AND slot_id = $4 AND ended_at IS NULL
  AND expires_at > clock_timestamp()
LIMIT 1;

-- name: hold
SELECT hold_id, doctor_id, slot_id, clinic_id, start, mode, holder_kind, holder_id, created_at, expires_at, renewed,
       ended_at, outcome, appointment_id
FROM hold WHERE tenant_id = $1 AND hold_id = $2;

-- name: hold_counts
-- Over all tenants: live, overdue, and how those of the last hour ended.
SELECT state, holds FROM hold_counts();

-- name: live_holds_at_clinic
-- What others than $7 hold at the clinic: from $3 to before $4 (a day), and from $5 to before $6 (a window).
SELECT count(*)::integer AS in_day, count(*) FILTER (WHERE start >= $5 AND start < $6)::integer AS in_window
FROM hold
WHERE tenant_id = $1 AND clinic_id = $2 AND start >= $3 AND start < $4 AND holder_id <> $7
  AND ended_at IS NULL AND expires_at > (SELECT clock_timestamp());

-- name: has_overdue
-- The time in a query of its own is read once, and so a bound for the index; as it is a function that changes it would be
-- asked of every open hold.
SELECT EXISTS (
    SELECT FROM hold WHERE tenant_id = $1 AND doctor_id = $2 AND ended_at IS NULL
      AND expires_at <= (SELECT clock_timestamp())
) AS overdue;

-- name: overdue_doctors
-- Whose holds have been over for $2 although nobody has said so.
SELECT DISTINCT doctor_id FROM hold WHERE tenant_id = $1 AND ended_at IS NULL
  AND expires_at <= (SELECT clock_timestamp()) - $2::interval
LIMIT 1000;
