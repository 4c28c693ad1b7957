-- Doctors: profiles folded from their events, and whether they can be booked.

-- The queue's directory is a projection of profiles now. What was there before has no events yet: it is adopted, and
-- until then remembers the event that is older than any.
ALTER TABLE doctor ADD COLUMN last_event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
CREATE INDEX doctor_to_adopt ON doctor (tenant_id, doctor_id)
    WHERE last_event_id = '00000000-0000-0000-0000-000000000000';

CREATE TABLE doctor_profile (
    tenant_id uuid NOT NULL REFERENCES tenant,
    doctor_id uuid NOT NULL,
    status text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    bio text NOT NULL,
    specialty_label text NOT NULL,
    specialties text[] NOT NULL,
    qualifications json NOT NULL,
    languages text[] NOT NULL,
    modes text[] NOT NULL,
    currency text,
    consultation_fee integer CHECK (consultation_fee >= 0),
    follow_up_fee integer CHECK (follow_up_fee >= 0),
    tele_fee integer CHECK (tele_fee >= 0),
    licence_number text,
    licence_authority text,
    licence_valid_until date,
    verification text NOT NULL,
    verification_critical boolean NOT NULL,
    department_ids uuid[] NOT NULL,
    clinic_ids uuid[] NOT NULL,
    home_clinic_id uuid,
    room text NOT NULL,
    ticket_prefix text,
    public_profile_visible boolean NOT NULL,
    accepts_online_bookings boolean NOT NULL,
    onboarding_progress smallint NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id),
    CHECK ((currency IS NULL) = (consultation_fee IS NULL))
);
CREATE INDEX doctor_profile_by_name ON doctor_profile (tenant_id, name_folded, doctor_id);

-- What doctors are searched by, one row a value: row-level security leaves arrays and LIKE without an index.
CREATE TABLE doctor_specialty (
    tenant_id uuid NOT NULL,
    specialty text COLLATE "C" NOT NULL,
    doctor_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, specialty, doctor_id)
);
CREATE TABLE doctor_clinic (
    tenant_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, clinic_id, doctor_id),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic
);
CREATE INDEX doctor_clinic_by_doctor ON doctor_clinic (tenant_id, doctor_id, clinic_id);
CREATE TABLE doctor_department (
    tenant_id uuid NOT NULL,
    department_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, department_id, doctor_id)
);
CREATE INDEX doctor_department_by_doctor ON doctor_department (tenant_id, doctor_id, department_id);
CREATE TABLE doctor_language (
    tenant_id uuid NOT NULL,
    language text COLLATE "C" NOT NULL,
    doctor_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, language, doctor_id)
);
CREATE TABLE doctor_mode (
    tenant_id uuid NOT NULL,
    mode text COLLATE "C" NOT NULL,
    doctor_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, mode, doctor_id)
);
-- The words of a doctor's name, folded, to be searched by their beginning.
CREATE TABLE doctor_word (
    tenant_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    doctor_id uuid NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, word, doctor_id)
);

-- Whether a doctor can be booked: made from profile, calendar, slots and the clock, so it is no projection of a stream.
-- `recheck_at` is when time alone will change it.
CREATE TABLE doctor_bookability (
    tenant_id uuid NOT NULL REFERENCES tenant,
    doctor_id uuid NOT NULL,
    score smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
    is_bookable boolean NOT NULL,
    can_show_in_search boolean NOT NULL,
    can_patient_book boolean NOT NULL,
    can_receptionist_book boolean NOT NULL,
    failing text[] NOT NULL,
    checked_at timestamptz NOT NULL,
    recheck_at timestamptz,
    PRIMARY KEY (tenant_id, doctor_id)
);
CREATE INDEX doctor_bookability_shown ON doctor_bookability (tenant_id, doctor_id) WHERE can_show_in_search;
CREATE INDEX doctor_bookable_by_patients ON doctor_bookability (tenant_id, doctor_id) WHERE can_patient_book;
CREATE INDEX doctor_bookable_by_staff ON doctor_bookability (tenant_id, doctor_id) WHERE can_receptionist_book;
CREATE INDEX doctor_bookability_to_recheck ON doctor_bookability (tenant_id, recheck_at) WHERE recheck_at IS NOT NULL;

SELECT isolate_tenants('doctor_profile');
SELECT isolate_tenants('doctor_specialty');
SELECT isolate_tenants('doctor_clinic');
SELECT isolate_tenants('doctor_department');
SELECT isolate_tenants('doctor_language');
SELECT isolate_tenants('doctor_mode');
SELECT isolate_tenants('doctor_word');
SELECT isolate_tenants('doctor_bookability');

GRANT SELECT, INSERT, UPDATE, DELETE ON doctor_profile, doctor_specialty, doctor_clinic, doctor_department,
    doctor_language, doctor_mode, doctor_word, doctor_bookability TO queue_app;
