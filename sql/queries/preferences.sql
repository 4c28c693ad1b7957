-- name: wanted_channels
-- What somebody has said about a kind of message; where nothing is said, they want it.
SELECT channel, wanted FROM notification_preference WHERE tenant_id = $1 AND patient_id = $2 AND kind = $3;

-- name: preferences
SELECT kind, channel, wanted FROM notification_preference WHERE tenant_id = $1 AND patient_id = $2;

-- name: set_preferences
-- Nothing is returned of what was so before.
INSERT INTO notification_preference AS p (tenant_id, patient_id, kind, channel, wanted)
SELECT $1, $2, n.* FROM unnest($3::text[], $4::text[], $5::boolean[]) AS n (kind, channel, wanted)
ON CONFLICT (tenant_id, patient_id, kind, channel) DO UPDATE SET wanted = excluded.wanted
WHERE p.wanted <> excluded.wanted
RETURNING kind, channel, wanted;

-- name: quiet_hours
SELECT quiet_start, quiet_end, timezone FROM notification_hours WHERE tenant_id = $1 AND patient_id = $2;

-- name: set_quiet_hours
INSERT INTO notification_hours (tenant_id, patient_id, quiet_start, quiet_end, timezone) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, patient_id) DO UPDATE SET
    quiet_start = excluded.quiet_start, quiet_end = excluded.quiet_end, timezone = excluded.timezone;

-- name: forget_quiet_hours
DELETE FROM notification_hours WHERE tenant_id = $1 AND patient_id = $2;

-- name: forget_preferences
DELETE FROM notification_preference WHERE tenant_id = $1 AND patient_id = $2;
