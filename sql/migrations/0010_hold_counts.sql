-- How many places are held, and what became of those that were: counted over all tenants, for metrics.

GRANT SELECT (tenant_id, expires_at, ended_at, outcome) ON hold TO queue_login;
CREATE POLICY metrics_read ON hold FOR SELECT TO queue_login USING (true);

-- By how they stand: live, overdue (over, although nobody has said so yet), or how they ended within the last hour.
CREATE FUNCTION hold_counts() RETURNS TABLE (state text, holds bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT coalesce(h.outcome, CASE WHEN h.expires_at > clock_timestamp() THEN 'live' ELSE 'overdue' END), count(*)
        FROM hold h WHERE h.ended_at IS NULL OR h.ended_at > clock_timestamp() - interval '1 hour' GROUP BY 1;
    END;
REVOKE ALL ON FUNCTION hold_counts() FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO queue_login;
ALTER FUNCTION hold_counts() OWNER TO queue_login;
REVOKE CREATE ON SCHEMA public FROM queue_login;
SET ROLE queue_login;
GRANT EXECUTE ON FUNCTION hold_counts() TO queue_app;
RESET ROLE;
