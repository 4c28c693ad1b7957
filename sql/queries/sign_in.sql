-- name: issue_code
-- A new code takes the place of the one before. Nothing comes back when $7 were asked for within the time $6.
INSERT INTO sign_in_code AS c (tenant_id, contact, digest, message_id, expires_at, asked, asked_since)
VALUES ($1, $2, $3, $4, clock_timestamp() + $5::interval, 1, clock_timestamp())
ON CONFLICT (tenant_id, contact) DO UPDATE SET
    digest = excluded.digest, message_id = excluded.message_id, expires_at = excluded.expires_at,
    attempts = 0, used_at = NULL,
    asked = CASE WHEN c.asked_since > clock_timestamp() - $6::interval THEN c.asked + 1 ELSE 1 END,
    asked_since = CASE WHEN c.asked_since > clock_timestamp() - $6::interval THEN c.asked_since ELSE excluded.asked_since END
WHERE c.asked < $7 OR c.asked_since <= clock_timestamp() - $6::interval
RETURNING c.expires_at;

-- name: seconds_to_next_code
SELECT greatest(1, ceil(extract(epoch FROM asked_since + $3::interval - clock_timestamp())))::integer AS seconds
FROM sign_in_code WHERE tenant_id = $1 AND contact = $2;

-- name: lock_code
-- Whoever tries a code waits for those who try it at the same moment, so that each attempt counts.
SELECT digest, message_id, expires_at > clock_timestamp() AND used_at IS NULL AND attempts < $3 AS is_live
FROM sign_in_code WHERE tenant_id = $1 AND contact = $2 FOR UPDATE;

-- name: count_attempt
UPDATE sign_in_code SET attempts = attempts + 1 WHERE tenant_id = $1 AND contact = $2;

-- name: use_code
UPDATE sign_in_code SET used_at = clock_timestamp() WHERE tenant_id = $1 AND contact = $2;

-- name: live_code
-- What a message has to tell, while it still makes sense to tell it.
SELECT digest FROM sign_in_code
WHERE tenant_id = $1 AND contact = $2 AND message_id = $3 AND used_at IS NULL AND expires_at > clock_timestamp();

-- name: prune_codes
DELETE FROM sign_in_code WHERE tenant_id = $1 AND asked_since < clock_timestamp() - interval '1 day';

-- name: account_of_contact
SELECT account_id FROM sign_in_contact WHERE tenant_id = $1 AND contact = $2;

-- name: patient_account_by_email
-- An account that the desk has made for a patient, with a password.
SELECT account_id FROM account WHERE tenant_id = $1 AND email = $2 AND role = 'patient';

-- name: account_of_patient
SELECT account_id, email, created_at FROM account WHERE tenant_id = $1 AND patient_id = $2;

-- name: contacts_of_account
SELECT contact FROM sign_in_contact WHERE tenant_id = $1 AND account_id = $2 ORDER BY shown_at, contact;

-- name: give_contact
-- Whoever has just shown that it is theirs has it, whosever it was before.
INSERT INTO sign_in_contact (tenant_id, contact, account_id) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, contact) DO UPDATE SET account_id = excluded.account_id, shown_at = now();

-- name: offer_contact
-- What somebody else has shown to be theirs stays theirs.
INSERT INTO sign_in_contact (tenant_id, contact, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: take_contact
DELETE FROM sign_in_contact WHERE tenant_id = $1 AND contact = $2 AND account_id = $3;

-- name: change_password_address
-- The address that a password belongs to changes with the patient's; without one the password opens nothing.
UPDATE account SET email = $4, password_hash = CASE WHEN $4::text IS NULL THEN NULL ELSE password_hash END,
                   version = version + 1
WHERE tenant_id = $1 AND account_id = $2 AND email = $3;

-- name: rename_account
UPDATE account SET name = $3, version = version + 1 WHERE tenant_id = $1 AND account_id = $2 AND name <> $3;

-- name: shut_account
UPDATE account SET email = NULL, password_hash = NULL, version = version + 1 WHERE tenant_id = $1 AND account_id = $2;

-- name: close_account
UPDATE account SET email = NULL, password_hash = NULL, name = '', disabled = true, version = version + 1
WHERE tenant_id = $1 AND account_id = $2;

-- name: delete_contacts
DELETE FROM sign_in_contact WHERE tenant_id = $1 AND account_id = $2;

-- name: delete_kept_answers
DELETE FROM idempotent_answer WHERE tenant_id = $1 AND actor_id = $2;
