-- name: put_push_subscription
INSERT INTO push_subscription AS s (tenant_id, subscription_id, patient_id, endpoint, p256dh, auth)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, endpoint) DO UPDATE SET
    patient_id = excluded.patient_id, p256dh = excluded.p256dh, auth = excluded.auth, created_at = now()
RETURNING subscription_id;

-- name: keep_newest_push_subscriptions
DELETE FROM push_subscription
WHERE tenant_id = $1 AND patient_id = $2 AND subscription_id NOT IN (
    SELECT subscription_id FROM push_subscription WHERE tenant_id = $1 AND patient_id = $2
    ORDER BY created_at DESC, subscription_id LIMIT $3
);

-- name: push_subscriptions
SELECT subscription_id, endpoint, p256dh, auth FROM push_subscription WHERE tenant_id = $1 AND patient_id = $2
ORDER BY created_at DESC, subscription_id;

-- name: remove_push_subscription
DELETE FROM push_subscription WHERE tenant_id = $1 AND patient_id = $2 AND endpoint = $3 RETURNING subscription_id;

-- name: forget_push_subscription
DELETE FROM push_subscription WHERE tenant_id = $1 AND subscription_id = $2;

-- name: forget_push_subscriptions
DELETE FROM push_subscription WHERE tenant_id = $1 AND patient_id = $2;
