-- Places of slots that are kept for somebody until a deadline.
--
-- Holds are folded from the events of a doctor's slots; the row is what others read. A slot counts the places that are
-- kept of it, as they were when it was last written: whoever reads after `held_until` finds at least one of them free
-- again, whoever writes next notes which.

ALTER TABLE slot
    ADD COLUMN held smallint NOT NULL DEFAULT 0,
    ADD COLUMN in_person_held smallint NOT NULL DEFAULT 0,
    ADD COLUMN tele_held smallint NOT NULL DEFAULT 0,
    -- The first end of a hold.
    ADD COLUMN held_until timestamptz,
    DROP CONSTRAINT slot_is_not_overbooked,
    ADD CONSTRAINT slot_is_not_overbooked CHECK (
        taken >= 0 AND held >= 0 AND taken + held <= total
        AND in_person_taken >= 0 AND in_person_held >= 0 AND in_person_taken + in_person_held <= in_person
        AND tele_taken >= 0 AND tele_held >= 0 AND tele_taken + tele_held <= tele
        AND taken = in_person_taken + tele_taken AND held = in_person_held + tele_held
        AND (held = 0) = (held_until IS NULL)
    );
GRANT UPDATE (held, in_person_held, tele_held, held_until) ON slot TO queue_app;

CREATE TABLE hold (
    tenant_id uuid NOT NULL REFERENCES tenant,
    hold_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    slot_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    start timestamptz NOT NULL,
    mode text NOT NULL,
    holder_kind text NOT NULL CHECK (holder_kind IN ('staff', 'patient', 'guest', 'waitlist')),
    -- The account, or the digest of a guest's session token.
    holder_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    renewed boolean NOT NULL,
    ended_at timestamptz,
    outcome text CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    appointment_id uuid,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, hold_id)
);
CREATE INDEX hold_open_of_holder ON hold (tenant_id, holder_id) WHERE ended_at IS NULL;
CREATE INDEX hold_open_by_end ON hold (tenant_id, expires_at) WHERE ended_at IS NULL;
CREATE INDEX hold_open_of_clinic ON hold (tenant_id, clinic_id, start) WHERE ended_at IS NULL;

SELECT isolate_tenants('hold');
GRANT SELECT, INSERT, UPDATE, DELETE ON hold TO queue_app;

-- Which visit of the same patient an appointment follows up, and in whose words why it was cancelled.
ALTER TABLE appointment
    ADD COLUMN follow_up_of uuid,
    ADD COLUMN cancel_reason uuid,
    ADD CONSTRAINT appointment_follows_up FOREIGN KEY (tenant_id, follow_up_of) REFERENCES appointment;
