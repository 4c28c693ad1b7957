-- Rooms, equipment, departments, and what clinics decide about their days; the reservations that go with appointments.

-- Clinics become aggregates. One that was there before has no stream until somebody changes it: the zero id is older
-- than every event, so its first event is written over it.
ALTER TABLE clinic
    ADD COLUMN holiday_country text,
    ADD COLUMN holiday_region text,
    ADD COLUMN last_event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    ADD CONSTRAINT clinic_holidays_check CHECK (holiday_region IS NULL OR holiday_country IS NOT NULL);

-- Dates on which a clinic differs from its country's holidays: closed of its own (`opens` false, with a name), or open
-- although there is a holiday.
CREATE TABLE clinic_day (
    tenant_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    date date NOT NULL,
    opens boolean NOT NULL,
    name text NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, clinic_id, date),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic ON DELETE CASCADE
);

CREATE TABLE department (
    tenant_id uuid NOT NULL REFERENCES tenant,
    department_id uuid NOT NULL,
    name text NOT NULL,
    clinic_ids uuid[] NOT NULL,
    head_account_id uuid,
    active boolean NOT NULL,
    version integer NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, department_id)
);
CREATE INDEX department_by_head ON department (tenant_id, head_account_id) WHERE head_account_id IS NOT NULL;

CREATE TABLE room (
    tenant_id uuid NOT NULL,
    room_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    active boolean NOT NULL,
    version integer NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, room_id),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic
);
CREATE INDEX room_by_clinic ON room (tenant_id, clinic_id, room_id);

-- Whose room it is, from a date on and, where it ends, up to and including one.
CREATE TABLE room_assignment (
    tenant_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    room_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    first_date date NOT NULL,
    last_date date,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, assignment_id),
    FOREIGN KEY (tenant_id, room_id) REFERENCES room
);
CREATE INDEX room_assignment_by_room ON room_assignment (tenant_id, room_id, first_date);
CREATE INDEX room_assignment_by_doctor ON room_assignment (tenant_id, doctor_id, first_date);

CREATE TABLE equipment (
    tenant_id uuid NOT NULL,
    equipment_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    room_id uuid,
    name text NOT NULL,
    type text NOT NULL,
    active boolean NOT NULL,
    version integer NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, equipment_id),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic,
    FOREIGN KEY (tenant_id, room_id) REFERENCES room
);
CREATE INDEX equipment_by_clinic ON equipment (tenant_id, clinic_id, equipment_id);
CREATE INDEX equipment_by_room ON equipment (tenant_id, room_id) WHERE room_id IS NOT NULL;

-- Which room it stood in, from when until when.
CREATE TABLE equipment_assignment (
    tenant_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    equipment_id uuid NOT NULL,
    room_id uuid NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, assignment_id),
    FOREIGN KEY (tenant_id, equipment_id) REFERENCES equipment
);
CREATE INDEX equipment_assignment_by_equipment ON equipment_assignment (tenant_id, equipment_id, since);

-- Maintenance and reservations ----------------------------------------------------------------------------------------
-- btree_gist may not be installed, for an exclusion constraint on ids; ranges of one id each do as well.

CREATE TYPE uuidrange AS RANGE (subtype = uuid);

-- The same for rooms and for equipment, in tables of their own: each refers to what it is about.
DO $do$
DECLARE
    kind text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['room', 'equipment'] LOOP
        EXECUTE replace($ddl$
            CREATE TABLE <kind>_maintenance (
                tenant_id uuid NOT NULL,
                maintenance_id uuid NOT NULL,
                <kind>_id uuid NOT NULL,
                starts_at timestamptz NOT NULL,
                ends_at timestamptz NOT NULL,
                finished_at timestamptz,
                reason text NOT NULL,
                last_event_id uuid NOT NULL,
                PRIMARY KEY (tenant_id, maintenance_id),
                FOREIGN KEY (tenant_id, <kind>_id) REFERENCES <kind>
            );
            CREATE INDEX <kind>_maintenance_by_<kind> ON <kind>_maintenance (tenant_id, <kind>_id, ends_at);

            -- One row for each occasion on which something is in use: a slot, however many patients share it. Not
            -- partitioned, for an exclusion constraint sees one partition only.
            CREATE TABLE <kind>_reservation (
                tenant_id uuid NOT NULL,
                <kind>_id uuid NOT NULL,
                occasion_id uuid NOT NULL,
                starts_at timestamptz NOT NULL,
                ends_at timestamptz NOT NULL,
                appointments integer NOT NULL DEFAULT 1 CHECK (appointments >= 0),
                PRIMARY KEY (tenant_id, <kind>_id, occasion_id),
                FOREIGN KEY (tenant_id, <kind>_id) REFERENCES <kind>,
                -- Bounded, so that what overlaps an instant is found by a look at one day of starts.
                CONSTRAINT <kind>_reservation_length_check
                    CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '1 day'),
                CONSTRAINT <kind>_is_reserved_once EXCLUDE USING gist (
                    uuidrange(tenant_id, tenant_id, '[]') WITH &&,
                    uuidrange(<kind>_id, <kind>_id, '[]') WITH &&,
                    tstzrange(starts_at, ends_at) WITH &&
                )
            );
            CREATE INDEX <kind>_reservation_by_start ON <kind>_reservation (tenant_id, <kind>_id, starts_at);

            -- Which appointments a reservation is for; the last one that goes takes it along.
            CREATE TABLE <kind>_use (
                tenant_id uuid NOT NULL,
                appointment_id uuid NOT NULL,
                <kind>_id uuid NOT NULL,
                occasion_id uuid NOT NULL,
                PRIMARY KEY (tenant_id, appointment_id, <kind>_id),
                FOREIGN KEY (tenant_id, <kind>_id, occasion_id) REFERENCES <kind>_reservation
            );
            CREATE INDEX <kind>_use_by_reservation ON <kind>_use (tenant_id, <kind>_id, occasion_id);
        $ddl$, '<kind>', kind);
    END LOOP;
END
$do$;

SELECT isolate_tenants(relation::regclass) FROM unnest(ARRAY[
    'clinic_day', 'department', 'room', 'room_maintenance', 'room_assignment', 'equipment', 'equipment_maintenance',
    'equipment_assignment', 'room_reservation', 'room_use', 'equipment_reservation', 'equipment_use'
]) AS relation;

GRANT SELECT, INSERT, UPDATE, DELETE ON clinic_day, department, room, room_maintenance, room_assignment, equipment,
    equipment_maintenance, equipment_assignment, room_reservation, room_use, equipment_reservation, equipment_use
    TO queue_app;
