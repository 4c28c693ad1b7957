-- Appointments as calendars outside see them: feeds that somebody has subscribed to, and what they were last told.

-- An address that shows a doctor's or a patient's appointments for as long as whoever made it may see them.
CREATE TABLE calendar_feed (
    tenant_id uuid NOT NULL REFERENCES tenant,
    feed_id uuid NOT NULL,
    -- Who made it: what that account may not see any more, the feed does not show.
    account_id uuid NOT NULL,
    doctor_id uuid,
    patient_id uuid,
    -- The address itself is known only to those who were given it.
    token_digest bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, feed_id),
    CONSTRAINT calendar_feed_token_is_unique UNIQUE (tenant_id, token_digest),
    CHECK (num_nonnulls(doctor_id, patient_id) = 1),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, doctor_id) REFERENCES doctor,
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patient ON DELETE CASCADE
);
CREATE INDEX calendar_feed_by_account ON calendar_feed (tenant_id, account_id);
CREATE INDEX calendar_feed_by_doctor ON calendar_feed (tenant_id, doctor_id);
CREATE INDEX calendar_feed_by_patient ON calendar_feed (tenant_id, patient_id);
SELECT isolate_tenants('calendar_feed');
GRANT SELECT, INSERT, DELETE ON calendar_feed TO queue_app;

-- The revision of each appointment that any calendar was shown: whatever of it changes, the next one is higher.
CREATE TABLE calendar_entry (
    tenant_id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    -- Of all that calendars are told of it.
    digest bytea NOT NULL,
    sequence integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT date_trunc('second', clock_timestamp()),
    PRIMARY KEY (tenant_id, appointment_id),
    FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointment ON DELETE CASCADE
);
SELECT isolate_tenants('calendar_entry');
GRANT SELECT, INSERT, UPDATE ON calendar_entry TO queue_app;
