-- name: horizon
-- Which transactions are visible, in the text form of pg_snapshot: all below the second number but those listed.
SELECT epoch, pg_current_snapshot()::text AS seen FROM deployment;
