-- Messages through every channel: what each one tells, through what else it may go, and what its reader wants of it.

ALTER TABLE message
    DROP CONSTRAINT message_channel_check,
    DROP CONSTRAINT message_state_check,
    -- What is told, by the name of the occasion: said once through each channel, however often it is asked for.
    ADD COLUMN notice text COLLATE "C",
    -- Ids and numbers that its words are made of when it is sent; never names.
    ADD COLUMN facts json NOT NULL DEFAULT '{}',
    -- The channels that are tried one after another when this one fails.
    ADD COLUMN rest text[] NOT NULL DEFAULT '{}',
    ADD COLUMN clinic_id uuid,
    -- Who reads it: the patient it is about, or who acts for them.
    ADD COLUMN reader_id uuid,
    -- The account that wrote it by hand.
    ADD COLUMN sent_by uuid,
    -- What the provider calls it.
    ADD COLUMN provider_ref text,
    ADD CONSTRAINT message_channel_check CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    -- Passed on: failed here, and went on through another channel.
    ADD CONSTRAINT message_state_check CHECK (state IN ('queued', 'sent', 'dead', 'expired', 'passed_on')),
    ADD CONSTRAINT message_rest_check CHECK (rest <@ ARRAY['email', 'sms', 'whatsapp', 'push']),
    ADD CONSTRAINT message_clinic FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic,
    ADD CONSTRAINT message_reader FOREIGN KEY (tenant_id, reader_id) REFERENCES patient;
CREATE UNIQUE INDEX message_is_told_once ON message (tenant_id, notice, channel) WHERE notice IS NOT NULL;
CREATE INDEX message_log ON message (tenant_id, created_at DESC, message_id DESC);
CREATE INDEX message_log_of_clinic ON message (tenant_id, clinic_id, created_at DESC, message_id DESC)
    WHERE clinic_id IS NOT NULL;
CREATE INDEX message_dead ON message (tenant_id, created_at DESC, message_id DESC) WHERE state = 'dead';
CREATE INDEX message_by_reader ON message (tenant_id, reader_id) WHERE reader_id IS NOT NULL;

-- What a tenant says instead of what comes with the product.
CREATE TABLE message_template (
    tenant_id uuid NOT NULL REFERENCES tenant,
    kind text NOT NULL,
    language text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    -- Clinics choose among several by name.
    name text NOT NULL DEFAULT 'default',
    subject text NOT NULL,
    body text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by uuid,
    PRIMARY KEY (tenant_id, kind, language, channel, name)
);

-- What somebody wants to be told through what; where nothing is said, they want it.
CREATE TABLE notification_preference (
    tenant_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    wanted boolean NOT NULL,
    PRIMARY KEY (tenant_id, patient_id, kind, channel),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patient
);

-- When somebody is not to be woken, by the clock of where they live.
CREATE TABLE notification_hours (
    tenant_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    quiet_start time NOT NULL,
    quiet_end time NOT NULL,
    -- NULL: that of the clinic that writes.
    timezone text,
    PRIMARY KEY (tenant_id, patient_id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patient
);

-- A browser that takes pushes (RFC 8030), and the keys for what only it can read (RFC 8291).
CREATE TABLE push_subscription (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    p256dh text NOT NULL,
    auth text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subscription_id),
    CONSTRAINT push_subscription_endpoint_is_one UNIQUE (tenant_id, endpoint),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patient
);
CREATE INDEX push_subscription_by_patient ON push_subscription (tenant_id, patient_id);

-- How far ahead of its pace a channel is (GCRA: the theoretical arrival time of its next message). What cannot wait has
-- a lane of its own.
CREATE TABLE message_pace (
    tenant_id uuid NOT NULL REFERENCES tenant,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'push')),
    urgent boolean NOT NULL,
    tat timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, channel, urgent)
);

-- Messages a minute that a tenant has chosen to send; NULL: as many as the installation grants every tenant.
ALTER TABLE rate_limit
    ADD COLUMN email_messages integer CHECK (email_messages > 0),
    ADD COLUMN sms_messages integer CHECK (sms_messages > 0),
    ADD COLUMN whatsapp_messages integer CHECK (whatsapp_messages > 0),
    ADD COLUMN push_messages integer CHECK (push_messages > 0);

SELECT isolate_tenants('message_template'), isolate_tenants('notification_preference'),
       isolate_tenants('notification_hours'), isolate_tenants('push_subscription'), isolate_tenants('message_pace');
GRANT SELECT, INSERT, UPDATE, DELETE ON message_template, notification_preference, notification_hours,
    push_subscription, message_pace TO queue_app;
