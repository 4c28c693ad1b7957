-- name: note
-- What happened to the clinic's list at the instant $3, added to its day by its own clock; see scheduling_core.waitlist.metrics.
INSERT INTO waitlist_day AS d (tenant_id, clinic_id, date, joined, invited, accepted, declined, unanswered, withdrawn,
                               promoted_by_hand, promoted_automatically, expired, cancelled, wait_seconds, refilled,
                               refill_seconds)
SELECT c.tenant_id, c.clinic_id, ($3::timestamptz AT TIME ZONE c.timezone)::date, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
       $14, $15, $16
FROM clinic c WHERE c.tenant_id = $1 AND c.clinic_id = $2
ON CONFLICT (tenant_id, clinic_id, date) DO UPDATE SET
    joined = d.joined + excluded.joined, invited = d.invited + excluded.invited, accepted = d.accepted + excluded.accepted,
    declined = d.declined + excluded.declined, unanswered = d.unanswered + excluded.unanswered,
    withdrawn = d.withdrawn + excluded.withdrawn, promoted_by_hand = d.promoted_by_hand + excluded.promoted_by_hand,
    promoted_automatically = d.promoted_automatically + excluded.promoted_automatically,
    expired = d.expired + excluded.expired, cancelled = d.cancelled + excluded.cancelled,
    wait_seconds = d.wait_seconds + excluded.wait_seconds, refilled = d.refilled + excluded.refilled,
    refill_seconds = d.refill_seconds + excluded.refill_seconds;

-- name: days
-- The days of the clinics $2 from $3 to $4 on which anything happened.
SELECT clinic_id, date, joined, invited, accepted, declined, unanswered, withdrawn, promoted_by_hand,
       promoted_automatically, expired, cancelled, wait_seconds, refilled, refill_seconds
FROM waitlist_day WHERE tenant_id = $1 AND clinic_id = ANY ($2::uuid[]) AND date BETWEEN $3 AND $4 ORDER BY clinic_id, date;

-- name: depths
-- How many waited at each of the clinics $2 when the day $3 began.
SELECT clinic_id, sum(joined - accepted - promoted_by_hand - promoted_automatically - expired - cancelled)::integer AS depth
FROM waitlist_day WHERE tenant_id = $1 AND clinic_id = ANY ($2::uuid[]) AND date < $3 GROUP BY clinic_id;

-- name: all_days
SELECT clinic_id, date, joined, invited, accepted, declined, unanswered, withdrawn, promoted_by_hand,
       promoted_automatically, expired, cancelled, wait_seconds, refilled, refill_seconds
FROM waitlist_day WHERE tenant_id = $1;

-- name: put_day
INSERT INTO waitlist_day SELECT * FROM json_populate_record(NULL::waitlist_day, $1::json)
ON CONFLICT (tenant_id, clinic_id, date) DO UPDATE SET
    joined = excluded.joined, invited = excluded.invited, accepted = excluded.accepted, declined = excluded.declined,
    unanswered = excluded.unanswered, withdrawn = excluded.withdrawn, promoted_by_hand = excluded.promoted_by_hand,
    promoted_automatically = excluded.promoted_automatically, expired = excluded.expired, cancelled = excluded.cancelled,
    wait_seconds = excluded.wait_seconds, refilled = excluded.refilled, refill_seconds = excluded.refill_seconds;

-- name: drop_day
DELETE FROM waitlist_day WHERE tenant_id = $1 AND clinic_id = $2 AND date = $3;

-- name: promoted_between
-- Who got an appointment on one of the days from $3 to $4 of the clinics $2, by their clocks: what a wait is measured by.
SELECT w.clinic_id, w.urgency, p.tier, extract(epoch FROM w.ended_at - w.joined_at)::double precision AS seconds
FROM unnest($2::uuid[]) AS asked (clinic_id)
JOIN clinic c ON c.tenant_id = $1 AND c.clinic_id = asked.clinic_id
JOIN waitlist_entry w ON w.tenant_id = $1 AND w.clinic_id = c.clinic_id AND w.ended_at IS NOT NULL
    AND w.ended_at >= $3::date::timestamp AT TIME ZONE c.timezone
    AND w.ended_at < ($4::date + 1)::timestamp AT TIME ZONE c.timezone
JOIN patient p ON p.tenant_id = w.tenant_id AND p.patient_id = w.patient_id
WHERE w.status = 'promoted' LIMIT $5;

-- name: waiting_now
SELECT w.clinic_id, w.urgency, p.tier, extract(epoch FROM clock_timestamp() - w.joined_at)::double precision AS seconds
FROM waitlist_entry w JOIN patient p ON p.tenant_id = w.tenant_id AND p.patient_id = w.patient_id
WHERE w.tenant_id = $1 AND w.clinic_id = ANY ($2::uuid[]) AND w.ended_at IS NULL LIMIT $3;

-- name: todays
-- Of the clinics $2 (all, if it names none), each on the day it has just now: what became of its waitlist, and how its live
-- queues stand. Waited too long has who has been ready for longer than the clinic promises, until they were called or until
-- now.
SELECT c.clinic_id, t.date, coalesce(l.waiting, 0) AS depth, coalesce(d.accepted, 0) AS accepted,
       coalesce(d.promoted_by_hand, 0) AS promoted_by_hand, coalesce(d.promoted_automatically, 0) AS promoted_automatically,
       coalesce(d.expired, 0) AS expired, coalesce(d.cancelled, 0) AS cancelled, coalesce(d.wait_seconds, 0) AS wait_seconds,
       q.waiting, q.in_consultation, q.sla_breaches
FROM clinic c
CROSS JOIN LATERAL (SELECT (clock_timestamp() AT TIME ZONE c.timezone)::date AS date) AS t
LEFT JOIN waitlist_load l ON l.tenant_id = c.tenant_id AND l.clinic_id = c.clinic_id
LEFT JOIN waitlist_day d ON d.tenant_id = c.tenant_id AND d.clinic_id = c.clinic_id AND d.date = t.date
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE e.state = 'waiting') AS waiting,
           count(*) FILTER (WHERE e.state = 'in_consultation') AS in_consultation,
           count(*) FILTER (
               WHERE e.arrived_at IS NOT NULL AND e.state IN ('waiting', 'called', 'in_consultation', 'completed')
                 AND coalesce(e.called_at, e.started_at, clock_timestamp()) - greatest(e.arrived_at, e.start)
                     > make_interval(mins => coalesce((c.queue_policy ->> 'slaWaitMinutes')::integer, 45))
           ) AS sla_breaches
    FROM appointment a JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id
    WHERE a.tenant_id = c.tenant_id AND a.clinic_id = c.clinic_id AND a.date = t.date
) AS q
WHERE c.tenant_id = $1 AND (cardinality($2::uuid[]) = 0 OR c.clinic_id = ANY ($2)) ORDER BY c.clinic_id;

-- name: recount
-- The counts of who waits that are not what there is, put right; nobody who comes or goes is waited for.
WITH locked AS (
    SELECT l.clinic_id FROM waitlist_load l WHERE l.tenant_id = $1 ORDER BY l.clinic_id FOR UPDATE SKIP LOCKED
)
SELECT clinic_id FROM locked;

-- name: recount_locked
UPDATE waitlist_load l SET waiting = n.waiting, most = NULL
FROM (
    SELECT x.clinic_id, count(w.waitlist_id)::integer AS waiting
    FROM unnest($2::uuid[]) AS x (clinic_id)
    LEFT JOIN waitlist_entry w ON w.tenant_id = $1 AND w.clinic_id = x.clinic_id AND w.ended_at IS NULL
    GROUP BY x.clinic_id
) AS n
WHERE l.tenant_id = $1 AND l.clinic_id = n.clinic_id AND l.waiting <> n.waiting
RETURNING l.clinic_id;
