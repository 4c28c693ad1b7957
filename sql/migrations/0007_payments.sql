-- What is owed and paid for visits, folded from the events of payments, and the notices that providers have sent.

CREATE TABLE payment (
    tenant_id uuid NOT NULL REFERENCES tenant,
    payment_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    payer_kind text NOT NULL CHECK (payer_kind IN ('staff', 'patient', 'guest')),
    -- The account, or the digest of a guest's session token.
    payer_id uuid NOT NULL,
    hold_id uuid,
    slot_id uuid,
    appointment_id uuid,
    status text NOT NULL CHECK (status IN ('pending', 'failed', 'paid', 'refund_pending', 'refunded', 'cancelled')),
    -- In minor units of the currency.
    amount integer NOT NULL CHECK (amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    visit_type text NOT NULL,
    mode text NOT NULL,
    -- By its name in the settings; 'desk' for what is paid there.
    provider text NOT NULL,
    -- What the provider calls it, once it is known.
    intent text,
    pay_url text NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    paid_at timestamptz,
    refunded_at timestamptz,
    -- Refers to what staff have written about the refund, which is erased with whom it is about.
    refund_note uuid,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, payment_id)
);
-- A visit is owed or paid once.
CREATE UNIQUE INDEX payment_of_appointment_is_one ON payment (tenant_id, appointment_id)
    WHERE status IN ('pending', 'failed', 'paid');
CREATE UNIQUE INDEX payment_of_hold_is_one ON payment (tenant_id, hold_id) WHERE status IN ('pending', 'failed', 'paid');
CREATE UNIQUE INDEX payment_intent_is_one ON payment (tenant_id, provider, intent);
CREATE INDEX payment_by_appointment ON payment (tenant_id, appointment_id);
CREATE INDEX payment_by_patient ON payment (tenant_id, payer_id) WHERE payer_kind = 'patient';
SELECT isolate_tenants('payment');
GRANT SELECT, INSERT, UPDATE, DELETE ON payment TO queue_app;

-- Each notice of a provider counts once, however often it is sent.
CREATE TABLE payment_notice (
    tenant_id uuid NOT NULL REFERENCES tenant,
    provider text NOT NULL,
    notice_id text NOT NULL,
    payment_id uuid NOT NULL,
    kind text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, provider, notice_id)
);
CREATE INDEX payment_notice_by_age ON payment_notice (tenant_id, received_at);
SELECT isolate_tenants('payment_notice');
GRANT SELECT, INSERT, DELETE ON payment_notice TO queue_app;
