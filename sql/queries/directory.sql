-- name: clinic
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version FROM clinic
WHERE tenant_id = $1 AND clinic_id = $2;

-- name: doctor
SELECT d.doctor_id, d.clinic_id, d.name, d.specialty, d.room, d.ticket_prefix, d.active,
       c.slug AS clinic_slug, c.name AS clinic_name, c.active AS clinic_active, c.timezone, c.address, c.queue_policy, c.capacity
FROM doctor d JOIN clinic c ON c.tenant_id = d.tenant_id AND c.clinic_id = d.clinic_id
WHERE d.tenant_id = $1 AND d.doctor_id = $2;

-- name: doctors
SELECT d.doctor_id, d.clinic_id, d.name, d.specialty, d.room, d.ticket_prefix, d.active,
       c.slug AS clinic_slug, c.name AS clinic_name, c.active AS clinic_active, c.timezone, c.address, c.queue_policy, c.capacity
FROM doctor d JOIN clinic c ON c.tenant_id = d.tenant_id AND c.clinic_id = d.clinic_id
WHERE d.tenant_id = $1 AND ($2::uuid IS NULL OR d.clinic_id = $2) AND d.active
ORDER BY c.name, d.name, d.doctor_id;

-- name: insert_doctor
INSERT INTO doctor (tenant_id, doctor_id, clinic_id, name, specialty, room, ticket_prefix)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: clinics_in_scope
-- When $4 names clinics, only those.
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version FROM clinic
WHERE tenant_id = $1 AND ($2::uuid IS NULL OR clinic_id > $2)
  AND (cardinality($4::uuid[]) = 0 OR clinic_id = ANY ($4))
ORDER BY clinic_id LIMIT $3;

-- name: clinic_for_change
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version FROM clinic
WHERE tenant_id = $1 AND clinic_id = $2 FOR UPDATE;

-- name: insert_clinic
INSERT INTO clinic (tenant_id, clinic_id, slug, name, timezone, address, capacity, queue_policy)
VALUES ($1, $2, $3, $4, $5, $6, $7::json, $8::json)
RETURNING clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version;

-- name: update_clinic
UPDATE clinic SET slug = $3, name = $4, timezone = $5, address = $6, capacity = $7::json, active = $8,
                  version = version + 1, updated_at = now()
WHERE tenant_id = $1 AND clinic_id = $2
RETURNING clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version;

-- name: update_queue_policy
UPDATE clinic SET queue_policy = $3::json, version = version + 1, updated_at = now()
WHERE tenant_id = $1 AND clinic_id = $2
RETURNING clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version;

-- name: clinic_in_use
SELECT EXISTS (SELECT FROM doctor WHERE tenant_id = $1 AND clinic_id = $2) AS doctors,
       EXISTS (SELECT FROM appointment WHERE tenant_id = $1 AND clinic_id = $2) AS appointments,
       EXISTS (SELECT FROM account WHERE tenant_id = $1 AND $2 = ANY (clinic_ids)) AS accounts;

-- name: clinic_has_days_ahead
SELECT EXISTS (
    SELECT FROM appointment WHERE tenant_id = $1 AND clinic_id = $2 AND date >= current_date - 1
) AS ahead;

-- name: delete_clinic
DELETE FROM clinic WHERE tenant_id = $1 AND clinic_id = $2;

-- name: tenant_of_doctor
SELECT find_tenant_of_doctor($1) AS tenant_id;
