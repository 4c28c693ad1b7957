-- What became of each clinic's waitlist, day by day of its own calendar.

-- Sums that any number of commits add to in any order, counted with the events of entries in their transaction. How many
-- wait at the end of a day is what they add up to until then.
CREATE TABLE waitlist_day (
    tenant_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    date date NOT NULL,
    joined integer NOT NULL DEFAULT 0,
    invited integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    declined integer NOT NULL DEFAULT 0,
    unanswered integer NOT NULL DEFAULT 0,
    withdrawn integer NOT NULL DEFAULT 0,
    promoted_by_hand integer NOT NULL DEFAULT 0,
    promoted_automatically integer NOT NULL DEFAULT 0,
    expired integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    -- Of everybody who was promoted, from joining.
    wait_seconds bigint NOT NULL DEFAULT 0,
    -- Times that somebody had given back and somebody who waited got, and how long they stood empty.
    refilled integer NOT NULL DEFAULT 0,
    refill_seconds bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, clinic_id, date),
    FOREIGN KEY (tenant_id, clinic_id) REFERENCES clinic ON DELETE CASCADE
);
SELECT isolate_tenants('waitlist_day');
GRANT SELECT, INSERT, UPDATE, DELETE ON waitlist_day TO queue_app;

-- When a place of a slot was last given back by somebody who had booked it.
ALTER TABLE slot ADD COLUMN freed_at timestamptz;
GRANT UPDATE (freed_at) ON slot TO queue_app;

-- What has failed, and what was given up, of one tenant.
CREATE INDEX job_failed ON job (tenant_id, state, kind) WHERE state = 'dead' OR last_error IS NOT NULL;

-- How much work of each kind there is, over all tenants: now also how much is being done, and how often what failed was
-- tried again. What is done for the first time is not counted as tried again any more.
SET ROLE queue_login;
DROP FUNCTION job_depths();
RESET ROLE;
CREATE FUNCTION job_depths()
    RETURNS TABLE (kind text, ready bigint, due bigint, running bigint, retrying bigint, retries bigint, dead bigint,
                   oldest_seconds double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT j.kind, count(*) FILTER (WHERE j.state = 'ready'),
               count(*) FILTER (WHERE j.state = 'ready' AND j.due_at <= clock_timestamp()),
               count(*) FILTER (WHERE j.state = 'ready' AND j.lease_until > clock_timestamp()),
               count(*) FILTER (WHERE j.state = 'ready' AND j.last_error IS NOT NULL),
               coalesce(sum(greatest(0, j.attempts - 1)) FILTER (WHERE j.last_error IS NOT NULL), 0)::bigint,
               count(*) FILTER (WHERE j.state = 'dead'),
               coalesce(greatest(0, extract(epoch FROM clock_timestamp()
                   - min(j.due_at) FILTER (WHERE j.state = 'ready'))), 0)::double precision
        FROM job j WHERE j.state IN ('ready', 'dead') GROUP BY j.kind;
    END;
REVOKE ALL ON FUNCTION job_depths() FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO queue_login;
ALTER FUNCTION job_depths() OWNER TO queue_login;
REVOKE CREATE ON SCHEMA public FROM queue_login;
SET ROLE queue_login;
GRANT EXECUTE ON FUNCTION job_depths() TO queue_app, queue_jobs;
RESET ROLE;
