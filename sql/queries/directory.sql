-- name: clinic
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version FROM clinic
WHERE tenant_id = $1 AND clinic_id = $2;

-- name: clinics
SELECT clinic_id, slug, name, timezone, address, capacity, queue_policy, active, version FROM clinic
WHERE tenant_id = $1 AND ($2::uuid IS NULL OR clinic_id > $2) ORDER BY clinic_id LIMIT $3;

-- name: doctor
SELECT d.doctor_id, d.clinic_id, d.name, d.specialty, d.room, d.ticket_prefix, d.active, c.name AS clinic_name,
       c.timezone, c.address, c.queue_policy, c.capacity
FROM doctor d JOIN clinic c ON c.tenant_id = d.tenant_id AND c.clinic_id = d.clinic_id
WHERE d.tenant_id = $1 AND d.doctor_id = $2;

-- name: doctors
SELECT d.doctor_id, d.clinic_id, d.name, d.specialty, d.room, d.ticket_prefix, d.active, c.name AS clinic_name,
       c.timezone, c.address, c.queue_policy, c.capacity
FROM doctor d JOIN clinic c ON c.tenant_id = d.tenant_id AND c.clinic_id = d.clinic_id
WHERE d.tenant_id = $1 AND ($2::uuid IS NULL OR d.clinic_id = $2) AND d.active
ORDER BY c.name, d.name, d.doctor_id;

-- name: insert_doctor
INSERT INTO doctor (tenant_id, doctor_id, clinic_id, name, specialty, room, ticket_prefix)
VALUES ($1, $2, $3, $4, $5, $6, $7);
