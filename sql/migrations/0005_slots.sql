-- Bookable slots, the appointments that no longer fit them, and how far ahead a tenant generates.
--
-- Slots are derived: the generator makes them from a doctor's calendar, whose events are the truth. So nothing refers to
-- them by a foreign key, and they refer to nothing: what they are made from does. A slot row is an aggregate of its own:
-- each change bumps its version, under the lock of the stream that keeps the events of the doctor's slots.

CREATE TABLE slot (
    tenant_id uuid NOT NULL,
    slot_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    schedule_id uuid NOT NULL,
    room_id uuid,
    equipment_ids uuid[] NOT NULL DEFAULT '{}',
    block_reason uuid,
    start timestamptz NOT NULL,
    "end" timestamptz NOT NULL,
    -- On which it starts, by the clinic's clock.
    date date NOT NULL,
    version integer NOT NULL DEFAULT 1,
    -- Of the clinic's clock at the start: 0 morning, 1 afternoon, 2 evening, 3 night.
    part_of_day smallint NOT NULL,
    in_person smallint NOT NULL,
    tele smallint NOT NULL,
    total smallint NOT NULL,
    taken smallint NOT NULL DEFAULT 0,
    in_person_taken smallint NOT NULL DEFAULT 0,
    tele_taken smallint NOT NULL DEFAULT 0,
    blocked boolean NOT NULL DEFAULT false,
    -- Somebody has set the capacity: generation leaves it alone.
    by_hand boolean NOT NULL DEFAULT false,
    -- The calendar does not offer it any more: whoever has booked it keeps it, and nobody else can have it.
    withdrawn boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, doctor_id, start),
    CONSTRAINT slot_ends_after_it_starts CHECK ("end" > start AND "end" - start <= interval '24 hours'),
    CONSTRAINT slot_capacity_is_not_negative CHECK (in_person >= 0 AND tele >= 0 AND total >= 0),
    CONSTRAINT slot_is_not_overbooked CHECK (
        taken <= total AND in_person_taken BETWEEN 0 AND in_person AND tele_taken BETWEEN 0 AND tele
        AND taken = in_person_taken + tele_taken
    ),
    CONSTRAINT slot_part_of_day_is_known CHECK (part_of_day BETWEEN 0 AND 3)
) PARTITION BY RANGE (start);
CREATE INDEX slot_by_id ON slot (tenant_id, slot_id);
-- What can still be booked: of one doctor, of one doctor in a part of the day, of everybody in the order of time.
CREATE INDEX slot_free_of_doctor ON slot (tenant_id, doctor_id, start)
    WHERE NOT blocked AND NOT withdrawn AND taken < total;
CREATE INDEX slot_free_of_doctor_in_part ON slot (tenant_id, doctor_id, part_of_day, start)
    WHERE NOT blocked AND NOT withdrawn AND taken < total;
CREATE INDEX slot_free_by_time ON slot (tenant_id, part_of_day, start, doctor_id)
    WHERE NOT blocked AND NOT withdrawn AND taken < total;

-- The last guard against two slots of a doctor at the same time: an exclusion constraint could not look across months.
-- Whoever inserts holds the stream of the doctor's slots, so what is compared here stands still.
CREATE FUNCTION refuse_overlapping_slots() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    touched record;
BEGIN
    FOR touched IN SELECT tenant_id, doctor_id, min(start) AS first, max("end") AS last FROM added GROUP BY 1, 2 LOOP
        IF EXISTS (
            SELECT FROM (
                SELECT s.start, lag(s."end") OVER (ORDER BY s.start) AS previous_end FROM slot s
                WHERE s.tenant_id = touched.tenant_id AND s.doctor_id = touched.doctor_id
                  AND s.start > touched.first - interval '24 hours' AND s.start < touched.last
            ) AS neighbour
            WHERE neighbour.previous_end > neighbour.start
        ) THEN
            RAISE EXCEPTION 'slots of a doctor overlap'
                USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'slots_do_not_overlap', TABLE = 'slot';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER slots_do_not_overlap AFTER INSERT ON slot REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_overlapping_slots();

-- Appointments whose time is no longer open: work for reception.
CREATE TABLE slot_conflict (
    tenant_id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    slot_id uuid,
    date date NOT NULL,
    start timestamptz NOT NULL,
    "end" timestamptz NOT NULL,
    -- The reason that closes the time, as the calendar names it, and what it comes from: a leave, an exception …
    cause text NOT NULL,
    source_id uuid,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, appointment_id),
    FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointment ON DELETE CASCADE
);
CREATE INDEX slot_conflict_by_doctor ON slot_conflict (tenant_id, doctor_id, start);
CREATE INDEX slot_conflict_by_start ON slot_conflict (tenant_id, start, appointment_id);

-- How far ahead slots are generated, and how long before its start a patient may still book one.
CREATE TABLE slot_policy (
    tenant_id uuid PRIMARY KEY REFERENCES tenant,
    horizon_days smallint NOT NULL CHECK (horizon_days BETWEEN 1 AND 180),
    lead_minutes smallint NOT NULL CHECK (lead_minutes BETWEEN 0 AND 10080),
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- The slot that an appointment was booked into (none for what was imported or walked in), the equipment it needs beside
-- the slot's, and whether its place there was given back, because the appointment was cancelled or moved.
ALTER TABLE appointment
    ADD COLUMN slot_id uuid,
    ADD COLUMN equipment_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN slot_given_back boolean NOT NULL DEFAULT false;

SELECT isolate_tenants('slot'), isolate_tenants('slot_conflict'), isolate_tenants('slot_policy');

-- A slot's time and doctor never change, so nobody is granted to change them.
GRANT SELECT, INSERT, DELETE ON slot TO queue_app;
GRANT UPDATE (schedule_id, room_id, equipment_ids, block_reason, date, version, part_of_day, in_person, tele, total, taken,
              in_person_taken, tele_taken, blocked, by_hand, withdrawn) ON slot TO queue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON slot_conflict, slot_policy TO queue_app;

-- Makes the slot partitions of the months that [from_day, to_day] touches. They are attached and not created in place,
-- which would lock everybody out of all slots. Each gets its own policy: one queried by itself would skip its parent's.
CREATE FUNCTION ensure_slot_partitions(from_day date, to_day date) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    month date := date_trunc('month', from_day)::date;
    partition text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7203511986);
    WHILE month <= to_day LOOP
        partition := 'slot_' || to_char(month, 'YYYY_MM');
        IF to_regclass(partition) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I (LIKE slot INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', partition
            );
            PERFORM isolate_tenants(partition::regclass);
            EXECUTE format(
                'ALTER TABLE slot ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                partition, month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
            );
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END
$$;
-- The longest horizon is 180 days; a month more for a worker that was away.
SELECT ensure_slot_partitions(current_date - 31, current_date + 215);

-- Detaches the months that ended before `before`: they stay as tables of their own, for an archive.
CREATE FUNCTION detach_slot_partitions(before date) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    partition regclass;
    detached integer := 0;
BEGIN
    FOR partition IN
        SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'slot'::regclass AND c.relname ~ '^slot_\d{4}_\d{2}$'
          AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
        ORDER BY c.relname
    LOOP
        BEGIN
            -- Bookings wait behind this lock: rather later than for long.
            PERFORM set_config('lock_timeout', '2s', true);
            EXECUTE format('ALTER TABLE slot DETACH PARTITION %s', partition);
            detached := detached + 1;
        EXCEPTION WHEN lock_not_available THEN
            RETURN detached;
        END;
    END LOOP;
    RETURN detached;
END
$$;

-- Both, for the worker: it has no other right to change the schema.
CREATE FUNCTION keep_slot_partitions() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ensure_slot_partitions(current_date - 31, current_date + 215)
        + detach_slot_partitions((current_date - interval '13 months')::date);
END
$$;
REVOKE ALL ON FUNCTION keep_slot_partitions(), ensure_slot_partitions(date, date), detach_slot_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_slot_partitions() TO queue_jobs;
