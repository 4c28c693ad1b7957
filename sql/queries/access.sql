-- name: find_sign_in
SELECT tenant_id, account_id, password_hash FROM find_sign_in($1);

-- name: sign_in_of_tenant
SELECT tenant_id, account_id, password_hash FROM account
WHERE tenant_id = $1 AND email = $2 AND NOT disabled AND password_hash IS NOT NULL;

-- name: account
SELECT account_id, email, name, role, clinic_ids, doctor_id, patient_id, disabled, version FROM account
WHERE tenant_id = $1 AND account_id = $2;

-- name: lock_account
-- Whatever begins, continues or ends a session takes this lock first, so that a reset, a logout or a block that runs
-- at the same time as a refresh leaves no session behind.
SELECT account_id, email, name, role, clinic_ids, doctor_id, patient_id, disabled, version, password_hash FROM account
WHERE tenant_id = $1 AND account_id = $2
FOR NO KEY UPDATE;

-- name: lock_staff
-- Changes of staff accounts go one after the other, so that two admins cannot remove each other at the same time.
SELECT true AS locked FROM tenant WHERE tenant_id = $1 FOR NO KEY UPDATE;

-- name: accounts
-- Staff of the tenant; when $5 names clinics, only those who are limited to some of them.
SELECT account_id, email, name, role, clinic_ids, doctor_id, patient_id, disabled, version FROM account
WHERE tenant_id = $1 AND role <> 'patient' AND ($2::uuid IS NULL OR account_id > $2)
  AND ($4::text IS NULL OR role = $4)
  AND (cardinality($5::uuid[]) = 0 OR (cardinality(clinic_ids) > 0 AND clinic_ids <@ $5))
ORDER BY account_id LIMIT $3;

-- name: insert_account
INSERT INTO account (tenant_id, account_id, email, password_hash, name, role, clinic_ids, doctor_id, patient_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING account_id, email, name, role, clinic_ids, doctor_id, patient_id, disabled, version;

-- name: patient_for_account
-- Locked, so that two accounts are not made at the same time; when $3 names clinics, only patients of theirs.
SELECT p.name, p.guardian_id IS NOT NULL AS has_guardian, EXISTS (
    SELECT FROM account a WHERE a.tenant_id = p.tenant_id AND a.patient_id = p.patient_id
) AS has_account
FROM patient p
WHERE p.tenant_id = $1 AND p.patient_id = $2 AND p.erased_at IS NULL AND (cardinality($3::uuid[]) = 0
    OR p.clinic_id = ANY ($3) OR EXISTS (
    SELECT FROM appointment b
    WHERE b.tenant_id = p.tenant_id AND b.patient_id = p.patient_id AND b.clinic_id = ANY ($3)
))
FOR NO KEY UPDATE OF p;

-- name: update_account
UPDATE account SET name = $3, role = $4, clinic_ids = $5, doctor_id = $6, disabled = $7, version = version + 1
WHERE tenant_id = $1 AND account_id = $2
RETURNING account_id, email, name, role, clinic_ids, doctor_id, patient_id, disabled, version;

-- name: set_password
UPDATE account SET password_hash = $3, version = version + 1 WHERE tenant_id = $1 AND account_id = $2
RETURNING account_id, email, name, role, clinic_ids, doctor_id, patient_id, disabled, version;

-- name: rehash
UPDATE account SET password_hash = $4 WHERE tenant_id = $1 AND account_id = $2 AND password_hash = $3;

-- name: other_full_admins
-- Enabled admins of the whole tenant besides $2.
SELECT count(*) AS others FROM account
WHERE tenant_id = $1 AND account_id <> $2 AND role = 'admin' AND NOT disabled AND cardinality(clinic_ids) = 0;

-- name: doctor_clinics
-- Home clinic and all the others; a doctor who was added before profiles had a history has the first alone.
SELECT d.clinic_id, ARRAY(SELECT c.clinic_id FROM doctor_clinic c WHERE c.tenant_id = $1 AND c.doctor_id = $2) AS others
FROM doctor d WHERE d.tenant_id = $1 AND d.doctor_id = $2 FOR KEY SHARE OF d;

-- name: existing_clinics
SELECT clinic_id FROM clinic WHERE tenant_id = $1 AND clinic_id = ANY ($2::uuid[]) ORDER BY clinic_id FOR KEY SHARE;

-- name: standing
-- What an access token is worth now: $3 is its jti, $4 the session it came from; both may be unknown.
SELECT a.account_id, a.email, a.name, a.role, a.clinic_ids, a.doctor_id, a.patient_id, a.disabled, a.version
FROM account a
WHERE a.tenant_id = $1 AND a.account_id = $2 AND NOT a.disabled
  AND NOT EXISTS (SELECT FROM revoked_token r WHERE r.tenant_id = a.tenant_id AND r.jti = $3)
  AND ($4::uuid IS NULL OR EXISTS (
      SELECT FROM refresh_token t
      WHERE t.tenant_id = a.tenant_id AND t.family_id = $4 AND t.account_id = a.account_id AND t.revoked_at IS NULL
  ));

-- name: standing_by_email
SELECT account_id, email, name, role, clinic_ids, doctor_id, patient_id, disabled, version FROM account
WHERE tenant_id = $1 AND email = $2 AND NOT disabled;

-- name: insert_refresh_token
INSERT INTO refresh_token (tenant_id, token_id, family_id, account_id, secret_hash, issued_at, expires_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp() + $6::interval);

-- name: refresh_token
SELECT token_id, family_id, account_id, secret_hash, revoked_at IS NOT NULL AS revoked,
       expires_at <= clock_timestamp() AS expired, used_at IS NOT NULL AS used,
       coalesce(used_at > clock_timestamp() - $3::interval, false) AS used_just_now
FROM refresh_token WHERE tenant_id = $1 AND token_id = $2;

-- name: use_refresh_token
UPDATE refresh_token SET used_at = clock_timestamp() WHERE tenant_id = $1 AND token_id = $2;

-- name: revoke_family
UPDATE refresh_token SET revoked_at = clock_timestamp()
WHERE tenant_id = $1 AND family_id = $2 AND revoked_at IS NULL;

-- name: revoke_sessions
UPDATE refresh_token SET revoked_at = clock_timestamp()
WHERE tenant_id = $1 AND account_id = $2 AND revoked_at IS NULL;

-- name: revoke_jti
INSERT INTO revoked_token (tenant_id, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: prune_refresh_tokens
DELETE FROM refresh_token WHERE tenant_id = $1 AND expires_at < clock_timestamp() - interval '1 day';

-- name: prune_revoked_tokens
DELETE FROM revoked_token WHERE tenant_id = $1 AND expires_at < clock_timestamp() - interval '1 day';

-- name: find_issuers
SELECT tenant_id, issuer, audience, jwks_uri, algorithms FROM find_issuers($1);

-- name: issuer_by_name
SELECT tenant_id, issuer, audience, jwks_uri, algorithms FROM oidc_issuer WHERE tenant_id = $1 AND issuer = $2;

-- name: issuer
SELECT tenant_id, issuer, audience, jwks_uri, algorithms, updated_at FROM oidc_issuer WHERE tenant_id = $1
ORDER BY updated_at DESC LIMIT 1;

-- name: delete_issuers
DELETE FROM oidc_issuer WHERE tenant_id = $1 RETURNING issuer;

-- name: insert_issuer
INSERT INTO oidc_issuer (tenant_id, issuer, audience, jwks_uri, algorithms) VALUES ($1, $2, $3, $4, $5)
RETURNING tenant_id, issuer, audience, jwks_uri, algorithms, updated_at;

-- name: tenant
SELECT tenant_id, name FROM tenant WHERE tenant_id = $1;

-- name: tenants
-- Shows everything to the owner and one row to anybody else.
SELECT tenant_id, name FROM tenant ORDER BY created_at, tenant_id;

-- name: insert_tenant
INSERT INTO tenant (tenant_id, name) VALUES ($1, $2);
