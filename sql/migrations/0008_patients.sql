-- Patients: their particulars, what they have agreed to, who acts for whom, how they sign in, what they are sent.
--
-- All of this is about persons and none of it is history: events name a patient by id, and everything here can be
-- erased or deleted without touching them.

ALTER TABLE patient
    ADD COLUMN birth_date date,
    ADD COLUMN tier text NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard', 'silver', 'gold')),
    -- Codes, like `diabetes`.
    ADD COLUMN conditions text[] NOT NULL DEFAULT '{}',
    -- Who acts for this patient; such a patient does not sign in, whatever contacts the row has.
    ADD COLUMN guardian_id uuid,
    -- Where the desk has registered them: its people reach them before the first appointment.
    ADD COLUMN clinic_id uuid,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN erased_at timestamptz,
    ADD CONSTRAINT patient_guardian FOREIGN KEY (tenant_id, guardian_id) REFERENCES patient,
    ADD CONSTRAINT patient_clinic FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic,
    ADD CONSTRAINT patient_is_not_their_own_guardian CHECK (guardian_id <> patient_id);
CREATE INDEX patient_by_email ON patient (tenant_id, email);
CREATE INDEX patient_by_guardian ON patient (tenant_id, guardian_id) WHERE guardian_id IS NOT NULL;

-- What a patient says now to each question; what they said before stands in the events of the administration.
CREATE TABLE patient_consent (
    tenant_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('messages', 'reminders', 'data_sharing')),
    given boolean NOT NULL,
    recorded_at timestamptz NOT NULL,
    -- The account that recorded it: the patient's own, a guardian's or somebody's of the staff.
    recorded_by uuid,
    PRIMARY KEY (tenant_id, patient_id, kind),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patient
);

-- About which appointment a text was written that an event refers to: so that it is found when the patient is erased.
ALTER TABLE free_text ADD COLUMN appointment_id uuid;
CREATE INDEX free_text_by_appointment ON free_text (tenant_id, appointment_id) WHERE appointment_id IS NOT NULL;

-- Signing in -------------------------------------------------------------------------------------------------------

-- Patients who sign in by code have no address that a password would belong to.
ALTER TABLE account
    ALTER COLUMN email DROP NOT NULL,
    ADD CONSTRAINT account_has_an_address CHECK (email IS NOT NULL OR role = 'patient');
CREATE UNIQUE INDEX account_of_patient ON account (tenant_id, patient_id) WHERE patient_id IS NOT NULL;

-- An e-mail address or phone number that somebody has shown to be theirs: it opens this account. What merely stands in
-- a patient's particulars opens nothing, for others may have written it there.
CREATE TABLE sign_in_contact (
    tenant_id uuid NOT NULL,
    contact text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL,
    shown_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, contact),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account ON DELETE CASCADE
);
CREATE INDEX sign_in_contact_by_account ON sign_in_contact (tenant_id, account_id);

-- One code for each contact, the newest. Neither contact nor code can be read here: both are digests under a key of the
-- servers.
CREATE TABLE sign_in_code (
    tenant_id uuid NOT NULL REFERENCES tenant,
    contact bytea NOT NULL,
    digest bytea NOT NULL,
    message_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    used_at timestamptz,
    -- How many were asked for since.
    asked smallint NOT NULL,
    asked_since timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, contact)
);
CREATE INDEX sign_in_code_by_age ON sign_in_code (tenant_id, asked_since);

-- Messages ---------------------------------------------------------------------------------------------------------

-- What is to be sent to whom; a job of the same id sends it. The words are made when it is sent.
CREATE TABLE message (
    tenant_id uuid NOT NULL REFERENCES tenant,
    message_id uuid NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    recipient text COLLATE "C" NOT NULL,
    language text NOT NULL,
    -- Whom it is about, where that is known.
    patient_id uuid,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dead', 'expired')),
    attempts smallint NOT NULL DEFAULT 0,
    -- While somebody speaks to the provider; later, whoever it was is gone.
    sending_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, message_id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patient
);
CREATE INDEX message_by_recipient ON message (tenant_id, recipient);
CREATE INDEX message_by_patient ON message (tenant_id, patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX message_by_age ON message (tenant_id, created_at);

SELECT isolate_tenants('patient_consent'), isolate_tenants('sign_in_contact'), isolate_tenants('sign_in_code'),
       isolate_tenants('message');
GRANT SELECT, INSERT, UPDATE, DELETE ON patient_consent, sign_in_contact, sign_in_code, message TO queue_app;
