-- The roles of a cluster and what sets them apart. Run by a superuser in any database of the cluster, as often as
-- you like; passwords are set separately (ALTER ROLE … PASSWORD …), so that none is ever written here.
--
--   queue_owner  owns the database and its schema: migrations and operator commands
--   queue_app    what servers log in as: owns nothing, so row-level security always holds for it
--   queue_jobs   what workers claim due jobs with, across tenants, and nothing else
--   queue_login  no login: owns the few SECURITY DEFINER functions that must find an account before a tenant is known

DO $$
DECLARE
    wanted RECORD;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('queue_owner', 'LOGIN'),
            ('queue_app', 'LOGIN'),
            ('queue_jobs', 'LOGIN'),
            ('queue_login', 'NOLOGIN')
        ) AS role (name, login)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I', wanted.name);
        END IF;
        -- Also for roles that were there: somebody may have handed out more than they should have.
        EXECUTE format(
            'ALTER ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted.name, wanted.login
        );
    END LOOP;
END
$$;

-- The owner creates functions and hands them to queue_login. Without INHERIT: else the policies made for queue_login
-- would hold for the owner too, who would then see accounts of all tenants.
GRANT queue_login TO queue_owner WITH INHERIT FALSE, SET TRUE;
