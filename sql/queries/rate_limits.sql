-- name: rate_limits
SELECT address_reads, address_writes, user_writes, user_reads, tenant_reads, tenant_writes,
       email_messages, sms_messages, whatsapp_messages, push_messages, version FROM rate_limit
WHERE tenant_id = $1;

-- name: insert_rate_limits
INSERT INTO rate_limit (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: rate_limits_for_change
SELECT address_reads, address_writes, user_writes, user_reads, tenant_reads, tenant_writes,
       email_messages, sms_messages, whatsapp_messages, push_messages, version FROM rate_limit
WHERE tenant_id = $1 FOR UPDATE;

-- name: update_rate_limits
UPDATE rate_limit SET address_reads = $2, address_writes = $3, user_writes = $4, user_reads = $5, tenant_reads = $6,
                      tenant_writes = $7, email_messages = $8, sms_messages = $9, whatsapp_messages = $10,
                      push_messages = $11, version = version + 1, updated_at = now()
WHERE tenant_id = $1
RETURNING address_reads, address_writes, user_writes, user_reads, tenant_reads, tenant_writes,
          email_messages, sms_messages, whatsapp_messages, push_messages, version;
