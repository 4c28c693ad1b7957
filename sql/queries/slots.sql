-- name: enqueue_generation
-- One job a doctor; $2 names what they are made for, so that the same is asked only once.
INSERT INTO job (tenant_id, kind, key, payload, due_at)
SELECT $1, 'generate_slots', d.doctor_id || ':' || $2::text, json_build_object('doctorId', d.doctor_id), clock_timestamp()
FROM unnest($3::uuid[]) AS d (doctor_id)
ON CONFLICT DO NOTHING;
