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
