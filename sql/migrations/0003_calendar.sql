-- Read models of doctors' calendars: weekly schedules, overrides, exceptions and leave. Each row is written by the
-- commit that changes the doctor's calendar and remembers the last event it holds.

CREATE TABLE doctor_schedule (
    tenant_id uuid NOT NULL REFERENCES tenant,
    schedule_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    effective_from date NOT NULL,
    effective_until date,
    ended boolean NOT NULL,
    week json NOT NULL,
    version integer NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, schedule_id),
    CONSTRAINT doctor_schedule_clinic FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic
);
CREATE INDEX doctor_schedule_by_doctor ON doctor_schedule (tenant_id, doctor_id);
CREATE INDEX doctor_schedule_by_clinic ON doctor_schedule (tenant_id, clinic_id);

CREATE TABLE schedule_override (
    tenant_id uuid NOT NULL REFERENCES tenant,
    override_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    schedule_id uuid NOT NULL,
    date date NOT NULL,
    hours json NOT NULL,
    reason text,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, override_id)
);
CREATE INDEX schedule_override_by_doctor ON schedule_override (tenant_id, doctor_id, date);

-- clinic_id is NULL where the doctor is away from every clinic.
CREATE TABLE schedule_exception (
    tenant_id uuid NOT NULL REFERENCES tenant,
    exception_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    clinic_id uuid,
    kind text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, exception_id)
);
CREATE INDEX schedule_exception_by_doctor ON schedule_exception (tenant_id, doctor_id, ends_at);

-- Minutes since midnight where leave is for part of its one day.
CREATE TABLE leave_request (
    tenant_id uuid NOT NULL REFERENCES tenant,
    leave_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    type text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    start_minute smallint,
    end_minute smallint,
    status text NOT NULL,
    requested_by uuid,
    requested_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    reason text,
    decision_reason text,
    version integer NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, leave_id)
);
CREATE INDEX leave_request_by_doctor ON leave_request (tenant_id, doctor_id, first_day);
CREATE INDEX leave_request_by_status ON leave_request (tenant_id, status, leave_id);

SELECT isolate_tenants('doctor_schedule');
SELECT isolate_tenants('schedule_override');
SELECT isolate_tenants('schedule_exception');
SELECT isolate_tenants('leave_request');
GRANT SELECT, INSERT, UPDATE, DELETE ON doctor_schedule, schedule_override, schedule_exception, leave_request TO queue_app;
