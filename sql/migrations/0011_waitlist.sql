-- The waitlist: who waits for a time, folded from the events of entries, and what clinics have decided about it.

CREATE TABLE waitlist_policy (
    tenant_id uuid NOT NULL REFERENCES tenant,
    -- A clinic; the tenant's own id stands for what all clinics begin with.
    scope_id uuid NOT NULL,
    policy json NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, scope_id)
);

CREATE TABLE waitlist_entry (
    tenant_id uuid NOT NULL,
    waitlist_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    -- None: whoever of the clinic has a time.
    doctor_id uuid,
    patient_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'deferred', 'invited', 'promoted', 'expired', 'cancelled')),
    urgency text NOT NULL CHECK (urgency IN ('routine', 'soon', 'urgent')),
    visit_type text NOT NULL,
    mode text CHECK (mode IN ('in_person', 'tele')),
    short_notice boolean NOT NULL,
    window_start timestamptz,
    window_end timestamptz,
    parts_of_day text[] NOT NULL,
    -- Refer to texts, which are erased with whom they are about.
    notes uuid,
    metadata uuid,
    position integer CHECK (position > 0),
    position_reason uuid,
    joined_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    deferred_until timestamptz,
    -- What is offered just now.
    invite_id uuid,
    hold_id uuid,
    slot_id uuid,
    slot_doctor_id uuid,
    slot_start timestamptz,
    slot_mode text,
    respond_by timestamptz,
    invited integer NOT NULL,
    refused uuid[] NOT NULL,
    appointment_id uuid,
    ended_at timestamptz,
    version integer NOT NULL,
    updated_at timestamptz NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, waitlist_id),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic,
    FOREIGN KEY (tenant_id, doctor_id) REFERENCES doctor,
    CONSTRAINT waitlist_entry_patient FOREIGN KEY (tenant_id, patient_id) REFERENCES patient,
    CHECK ((status = 'invited') = (invite_id IS NOT NULL)),
    CHECK ((status IN ('promoted', 'expired', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK ((status = 'promoted') = (appointment_id IS NOT NULL))
);
-- Nobody waits twice for the same.
CREATE UNIQUE INDEX waitlist_entry_is_one
    ON waitlist_entry (tenant_id, patient_id, clinic_id, coalesce(doctor_id, clinic_id)) WHERE ended_at IS NULL;
-- A place is offered to one at a time, and to one person one time of a doctor.
CREATE UNIQUE INDEX waitlist_invite_has_its_hold ON waitlist_entry (tenant_id, hold_id) WHERE hold_id IS NOT NULL;
CREATE UNIQUE INDEX waitlist_invite_of_doctor_is_one ON waitlist_entry (tenant_id, patient_id, slot_doctor_id)
    WHERE invite_id IS NOT NULL;
CREATE INDEX waitlist_entry_waiting ON waitlist_entry (tenant_id, clinic_id, joined_at) WHERE ended_at IS NULL;
CREATE INDEX waitlist_entry_by_end ON waitlist_entry (tenant_id, expires_at) WHERE ended_at IS NULL;
CREATE INDEX waitlist_entry_by_answer ON waitlist_entry (tenant_id, respond_by) WHERE invite_id IS NOT NULL;
CREATE INDEX waitlist_entry_by_patient ON waitlist_entry (tenant_id, patient_id, joined_at);
CREATE INDEX waitlist_entry_ended ON waitlist_entry (tenant_id, clinic_id, ended_at) WHERE ended_at IS NOT NULL;

-- How many wait at each clinic: so that who joins counts nobody, and whoever comes at once is let in one by one.
CREATE TABLE waitlist_load (
    tenant_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    waiting integer NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    PRIMARY KEY (tenant_id, clinic_id),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic ON DELETE CASCADE
);

-- About which patient a text was written where no appointment stands between them: it is erased with them.
ALTER TABLE free_text ADD COLUMN patient_id uuid;
CREATE INDEX free_text_by_patient ON free_text (tenant_id, patient_id) WHERE patient_id IS NOT NULL;

SELECT isolate_tenants('waitlist_policy'), isolate_tenants('waitlist_entry'), isolate_tenants('waitlist_load');
GRANT SELECT, INSERT, UPDATE, DELETE ON waitlist_policy, waitlist_entry, waitlist_load TO queue_app;

-- Points of somebody who waits, but for the fit of a certain time, by the weights of a policy: the same as
-- scheduling_core.waitlist.score, which a test holds it to.
CREATE FUNCTION waitlist_points(
    weights json, targets json, urgency text, chronic boolean, tier text, joined_at timestamptz, at timestamptz
) RETURNS double precision LANGUAGE sql STABLE
    RETURN (
        SELECT (weights ->> 'waitTime')::double precision
                   * (u.rate * w.days + u.rate - 1 + (4 - u.rate) * greatest(0, w.days - 1.5 * u.target))
               + CASE WHEN chronic THEN (weights ->> 'chronicCondition')::double precision ELSE 0 END
               + (weights ->> 'membershipLevel')::double precision
                   * CASE tier WHEN 'gold' THEN 1 WHEN 'silver' THEN 0.5 ELSE 0 END
        FROM (SELECT CASE urgency WHEN 'urgent' THEN 4 WHEN 'soon' THEN 2 ELSE 1 END AS rate,
                     (targets ->> urgency)::double precision AS target) AS u,
             (SELECT greatest(0, extract(epoch FROM at - joined_at) / 86400)::double precision AS days) AS w
    );
