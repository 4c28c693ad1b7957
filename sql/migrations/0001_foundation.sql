-- Tenants, access, clinics and people; streams, events and jobs; the read models of the live queue.
--
-- Rules that a catalog test holds every table to: a table with tenant_id has FORCE ROW LEVEL SECURITY, and each of
-- its unique keys begins with tenant_id. Roles come from roles.sql.

CREATE FUNCTION current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

-- Isolates a tenant table; every new table with tenant_id is passed through here by its migration.
CREATE FUNCTION isolate_tenants(relation regclass) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())',
        relation
    );
END
$$;

-- One integer for the whole deployment, raised only when history was restored or rewritten: the higher epoch wins.
CREATE TABLE deployment (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch integer NOT NULL DEFAULT 1
);
INSERT INTO deployment DEFAULT VALUES;

CREATE TABLE tenant (
    tenant_id uuid PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE clinic (
    tenant_id uuid NOT NULL REFERENCES tenant,
    clinic_id uuid NOT NULL,
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
    name text NOT NULL,
    timezone text NOT NULL,
    address text NOT NULL DEFAULT '',
    capacity json NOT NULL DEFAULT '{}',
    queue_policy json NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, clinic_id),
    CONSTRAINT clinic_slug_is_unique UNIQUE (tenant_id, slug)
);

CREATE TABLE doctor (
    tenant_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    name text NOT NULL,
    specialty text NOT NULL DEFAULT '',
    room text NOT NULL DEFAULT '',
    ticket_prefix text NOT NULL CHECK (ticket_prefix ~ '^[A-Z]{1,3}$'),
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, doctor_id),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic,
    CONSTRAINT doctor_ticket_prefix_is_unique UNIQUE (tenant_id, clinic_id, ticket_prefix)
);
CREATE INDEX doctor_by_id ON doctor (doctor_id);

CREATE TABLE patient (
    tenant_id uuid NOT NULL REFERENCES tenant,
    patient_id uuid NOT NULL,
    name text NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    phone text COLLATE "C",
    email text COLLATE "C",
    language text NOT NULL DEFAULT 'en',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, patient_id)
);
CREATE INDEX patient_by_name ON patient (tenant_id, name_folded);
CREATE INDEX patient_by_phone ON patient (tenant_id, phone);

CREATE TABLE appointment (
    tenant_id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    date date NOT NULL,
    start timestamptz NOT NULL,
    duration_minutes smallint NOT NULL CHECK (duration_minutes BETWEEN 1 AND 720),
    visit_type text NOT NULL CHECK (visit_type ~ '^[a-z0-9_-]{1,32}$'),
    mode text NOT NULL DEFAULT 'in_person',
    triage smallint NOT NULL DEFAULT 4 CHECK (triage BETWEEN 1 AND 5),
    booked_at timestamptz NOT NULL,
    paid_at timestamptz,
    source text NOT NULL CHECK (source IN ('import', 'walk_in', 'booking')),
    links_generation integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, appointment_id),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic,
    FOREIGN KEY (tenant_id, doctor_id) REFERENCES doctor,
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patient
);
CREATE INDEX appointment_by_doctor ON appointment (tenant_id, doctor_id, date);
CREATE INDEX appointment_by_clinic ON appointment (tenant_id, clinic_id, date);
CREATE INDEX appointment_by_patient ON appointment (tenant_id, patient_id, date);

-- Access ---------------------------------------------------------------------------------------------------------

CREATE TABLE account (
    tenant_id uuid NOT NULL REFERENCES tenant,
    account_id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    password_hash text,
    name text NOT NULL DEFAULT '',
    role text NOT NULL CHECK (role IN ('patient', 'receptionist', 'doctor', 'department_head', 'admin',
                                       'platform_admin', 'display')),
    clinic_ids uuid[] NOT NULL DEFAULT '{}',
    doctor_id uuid,
    patient_id uuid,
    disabled boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, account_id),
    CONSTRAINT account_email_is_unique UNIQUE (tenant_id, email)
);
CREATE INDEX account_by_email ON account (email);

CREATE TABLE refresh_token (
    tenant_id uuid NOT NULL,
    token_id uuid NOT NULL,
    family_id uuid NOT NULL,
    account_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, token_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account ON DELETE CASCADE
);
CREATE INDEX refresh_token_by_family ON refresh_token (tenant_id, family_id);
CREATE INDEX refresh_token_by_account ON refresh_token (tenant_id, account_id);

CREATE TABLE revoked_token (
    tenant_id uuid NOT NULL REFERENCES tenant,
    jti text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, jti)
);

CREATE TABLE oidc_issuer (
    tenant_id uuid NOT NULL REFERENCES tenant,
    issuer text COLLATE "C" NOT NULL,
    audience text NOT NULL,
    jwks_uri text NOT NULL,
    algorithms text[] NOT NULL DEFAULT '{RS256}',
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, issuer)
);

-- Requests a minute that a tenant has chosen to take; NULL: as many as the installation grants every tenant.
CREATE TABLE rate_limit (
    tenant_id uuid PRIMARY KEY REFERENCES tenant,
    address_reads integer CHECK (address_reads > 0),
    address_writes integer CHECK (address_writes > 0),
    user_writes integer CHECK (user_writes > 0),
    user_reads integer CHECK (user_reads > 0),
    tenant_reads integer CHECK (tenant_reads > 0),
    tenant_writes integer CHECK (tenant_writes > 0),
    version integer NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Streams and events ----------------------------------------------------------------------------------------------

CREATE TABLE stream (
    tenant_id uuid NOT NULL REFERENCES tenant,
    stream_id uuid NOT NULL,
    kind text NOT NULL,
    version integer NOT NULL DEFAULT 0,
    state bytea,
    head_hash bytea NOT NULL DEFAULT '\x',
    last_event_at timestamptz,
    last_event_id uuid,
    PRIMARY KEY (tenant_id, stream_id)
);
-- The folded state changes with each commit and does not compress well: keep it out of line, uncompressed.
ALTER TABLE stream ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE TABLE event_store (
    tenant_id uuid NOT NULL,
    stream_id uuid NOT NULL,
    version integer NOT NULL,
    ordinal smallint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    schema_version smallint NOT NULL,
    data json NOT NULL,
    command text NOT NULL,
    actor_id uuid,
    by_system boolean NOT NULL,
    request_id text,
    occurred_at timestamptz NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, stream_id, version, ordinal, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX event_by_time ON event_store (tenant_id, occurred_at, event_id);

-- A free text that an event refers to. Its id is a salted digest of its words, so the chain of hashes covers them;
-- erasing empties words and salt and leaves the chain whole.
CREATE TABLE free_text (
    tenant_id uuid NOT NULL REFERENCES tenant,
    text_id uuid NOT NULL,
    body text,
    salt bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    PRIMARY KEY (tenant_id, text_id)
);

-- Signed roots: each `statement` names the heads of all streams that moved since the one before, and that one's root.
CREATE TABLE audit_root (
    tenant_id uuid NOT NULL REFERENCES tenant,
    sequence bigint NOT NULL,
    signed_at timestamptz NOT NULL,
    heads integer NOT NULL,
    statement text NOT NULL,
    root bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
);

-- How far each stream is covered by signed roots.
CREATE TABLE audit_head (
    tenant_id uuid NOT NULL REFERENCES tenant,
    stream_id uuid NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (tenant_id, stream_id)
);

-- Makes the event partitions of the months that [from_day, to_day] touches. A partition queried by itself would skip
-- its parent's policy, so each gets its own, and nobody is granted anything on it.
CREATE FUNCTION ensure_event_partitions(from_day date, to_day date) RETURNS integer
    LANGUAGE plpgsql AS $$
DECLARE
    month date := date_trunc('month', from_day)::date;
    partition text;
    made integer := 0;
BEGIN
    -- Several workers and migrators may want the same month.
    PERFORM pg_advisory_xact_lock(7203511985);
    WHILE month <= to_day LOOP
        partition := 'event_store_' || to_char(month, 'YYYY_MM');
        IF to_regclass(partition) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF event_store FOR VALUES FROM (%L) TO (%L)',
                partition, month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
            );
            PERFORM isolate_tenants(partition::regclass);
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END
$$;
SELECT ensure_event_partitions(current_date - 31, current_date + 93);

-- The same for the months ahead of today, for the worker: it has no other right to change the schema.
CREATE FUNCTION keep_event_partitions() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ensure_event_partitions(current_date - 31, current_date + 93);
END
$$;
REVOKE ALL ON FUNCTION keep_event_partitions(), ensure_event_partitions(date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_event_partitions() TO queue_jobs;

-- Work that is due: timer and outbox in one -----------------------------------------------------------------------

CREATE TABLE job (
    tenant_id uuid NOT NULL REFERENCES tenant,
    kind text NOT NULL,
    key text NOT NULL,
    payload json NOT NULL DEFAULT '{}',
    due_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'done', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, kind, key)
);
CREATE INDEX job_due ON job (due_at) WHERE state = 'ready';
CREATE INDEX job_leased ON job (lease_until) WHERE state = 'ready' AND lease_until IS NOT NULL;
CREATE INDEX job_dead ON job (finished_at) WHERE state = 'dead';
CREATE INDEX job_finished ON job (tenant_id, finished_at) WHERE state = 'done';

-- Answers to requests that carried an idempotency key.
CREATE TABLE idempotent_answer (
    tenant_id uuid NOT NULL REFERENCES tenant,
    actor_id uuid NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    answer bytea NOT NULL,
    version integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, actor_id, key)
);
CREATE INDEX idempotent_answer_by_age ON idempotent_answer (tenant_id, created_at);

-- Read models of the live queue: each row remembers the last event it holds ----------------------------------------

CREATE TABLE queue (
    tenant_id uuid NOT NULL REFERENCES tenant,
    doctor_id uuid NOT NULL,
    date date NOT NULL,
    stream_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    version integer NOT NULL,
    paused boolean NOT NULL,
    closed boolean NOT NULL,
    in_line integer NOT NULL,
    waiting integer NOT NULL,
    blocked_until timestamptz,
    next_wake_at timestamptz,
    updated_at timestamptz NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id, date)
);
CREATE INDEX queue_to_wake ON queue (tenant_id, next_wake_at) WHERE next_wake_at IS NOT NULL;

CREATE TABLE queue_entry (
    tenant_id uuid NOT NULL REFERENCES tenant,
    entry_id uuid NOT NULL,
    doctor_id uuid NOT NULL,
    date date NOT NULL,
    ticket text NOT NULL,
    state text NOT NULL,
    triage smallint NOT NULL,
    start timestamptz NOT NULL,
    arrived_at timestamptz,
    called_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    late boolean NOT NULL,
    walk_in boolean NOT NULL,
    pinned boolean NOT NULL,
    skips smallint NOT NULL,
    overtakes smallint NOT NULL,
    version integer NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, entry_id)
);
CREATE INDEX queue_entry_by_doctor ON queue_entry (tenant_id, doctor_id, date);

CREATE TABLE doctor_pace (
    tenant_id uuid NOT NULL REFERENCES tenant,
    doctor_id uuid NOT NULL,
    minutes double precision NOT NULL,
    seen integer NOT NULL,
    last_event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);

-- Isolation and rights ---------------------------------------------------------------------------------------------

DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relforcerowsecurity
    LOOP
        PERFORM isolate_tenants(relation);
    END LOOP;
END
$$;

-- Operators list tenants before they work on each; the owner sees nothing else without setting one.
CREATE POLICY operator_lists ON tenant TO queue_owner USING (true) WITH CHECK (true);
-- The worker claims whatever is due; its handlers then act within the row's tenant.
CREATE POLICY worker_claims ON job TO queue_jobs USING (true) WITH CHECK (true);
-- It also makes each tenant's recurring jobs, for which it sees which tenants there are (their ids: see the grants).
CREATE POLICY worker_lists ON tenant FOR SELECT TO queue_jobs USING (true);
-- How much work waits is counted over all tenants by one function below.
CREATE POLICY metrics_read ON job FOR SELECT TO queue_login USING (true);
-- Signing in, and asking for a doctor's free windows, start without a tenant: the functions below, owned by a role
-- that can do nothing else.
CREATE POLICY login_reads ON account FOR SELECT TO queue_login USING (true);
CREATE POLICY login_reads ON oidc_issuer FOR SELECT TO queue_login USING (true);
CREATE POLICY login_reads ON doctor FOR SELECT TO queue_login USING (true);

GRANT USAGE ON SCHEMA public TO queue_app, queue_jobs, queue_login;
GRANT SELECT ON deployment TO queue_app, queue_jobs;
GRANT SELECT, INSERT, UPDATE ON tenant TO queue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON clinic, doctor, patient, appointment, account, refresh_token, revoked_token,
    oidc_issuer, rate_limit, stream, job, idempotent_answer, audit_head, queue, queue_entry, doctor_pace TO queue_app;
GRANT SELECT, INSERT ON event_store, audit_root TO queue_app;
GRANT SELECT, INSERT, UPDATE ON free_text TO queue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON job TO queue_jobs;
GRANT SELECT (tenant_id) ON tenant TO queue_jobs;
GRANT SELECT ON account, oidc_issuer, job TO queue_login;
GRANT SELECT (tenant_id, doctor_id, active) ON doctor TO queue_login;

CREATE FUNCTION find_sign_in(wanted text)
    RETURNS TABLE (tenant_id uuid, account_id uuid, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT a.tenant_id, a.account_id, a.password_hash FROM account a
        WHERE a.email = wanted AND NOT a.disabled AND a.password_hash IS NOT NULL LIMIT 16;
    END;
CREATE FUNCTION find_issuers(wanted text)
    RETURNS TABLE (tenant_id uuid, issuer text, audience text, jwks_uri text, algorithms text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT i.tenant_id, i.issuer, i.audience, i.jwks_uri, i.algorithms FROM oidc_issuer i
        WHERE i.issuer = wanted LIMIT 64;
    END;
CREATE FUNCTION find_tenant_of_doctor(wanted uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT d.tenant_id FROM doctor d WHERE d.doctor_id = wanted AND d.active LIMIT 1;
    END;
CREATE FUNCTION job_depths()
    RETURNS TABLE (kind text, ready bigint, due bigint, retrying bigint, dead bigint, oldest_seconds double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT j.kind, count(*) FILTER (WHERE j.state = 'ready'),
               count(*) FILTER (WHERE j.state = 'ready' AND j.due_at <= clock_timestamp()),
               count(*) FILTER (WHERE j.state = 'ready' AND j.attempts > 0),
               count(*) FILTER (WHERE j.state = 'dead'),
               coalesce(greatest(0, extract(epoch FROM clock_timestamp()
                   - min(j.due_at) FILTER (WHERE j.state = 'ready'))), 0)::double precision
        FROM job j WHERE j.state IN ('ready', 'dead') GROUP BY j.kind;
    END;
REVOKE ALL ON FUNCTION find_sign_in(text), find_issuers(text), find_tenant_of_doctor(uuid), job_depths() FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO queue_login;
ALTER FUNCTION find_sign_in(text) OWNER TO queue_login;
ALTER FUNCTION find_issuers(text) OWNER TO queue_login;
ALTER FUNCTION find_tenant_of_doctor(uuid) OWNER TO queue_login;
ALTER FUNCTION job_depths() OWNER TO queue_login;
REVOKE CREATE ON SCHEMA public FROM queue_login;
SET ROLE queue_login;
GRANT EXECUTE ON FUNCTION find_sign_in(text), find_issuers(text), find_tenant_of_doctor(uuid), job_depths()
    TO queue_app;
GRANT EXECUTE ON FUNCTION job_depths() TO queue_jobs;
RESET ROLE;
