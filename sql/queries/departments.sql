-- name: departments
-- In order of creation, after $2. An account that is limited to clinics ($4) sees those of its clinics and those of
-- all clinics.
SELECT department_id, name, clinic_ids, head_account_id, active, version FROM department
WHERE tenant_id = $1 AND ($2::uuid IS NULL OR department_id > $2)
  AND (cardinality($4::uuid[]) = 0 OR cardinality(clinic_ids) = 0 OR clinic_ids && $4)
  AND ($5::uuid IS NULL OR cardinality(clinic_ids) = 0 OR $5 = ANY (clinic_ids))
  AND ($6::boolean IS NULL OR active = $6) AND ($7::uuid IS NULL OR head_account_id = $7)
ORDER BY department_id LIMIT $3;

-- name: department
SELECT department_id, name, clinic_ids, head_account_id, active, version FROM department
WHERE tenant_id = $1 AND department_id = $2;

-- name: hold_department
-- Until the commit nobody assigns a doctor to it; who is doing so is waited for.
SELECT FROM department WHERE tenant_id = $1 AND department_id = $2 FOR UPDATE;

-- name: doctors_of_department
SELECT p.doctor_id, p.name FROM doctor_department d
JOIN doctor_profile p ON p.tenant_id = d.tenant_id AND p.doctor_id = d.doctor_id
WHERE d.tenant_id = $1 AND d.department_id = $2 ORDER BY p.name, p.doctor_id LIMIT $3;

-- name: account_of_head
SELECT role, disabled, clinic_ids FROM account WHERE tenant_id = $1 AND account_id = $2;

-- name: clinics_known
SELECT clinic_id FROM clinic WHERE tenant_id = $1 AND clinic_id = ANY ($2::uuid[]) ORDER BY clinic_id FOR KEY SHARE;
