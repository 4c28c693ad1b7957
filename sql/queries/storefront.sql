-- name: open_clinics
SELECT clinic_id, name, address, timezone FROM clinic WHERE tenant_id = $1 AND active ORDER BY name, clinic_id;

-- name: specialties_shown
-- Those of doctors whom search shows; each by what the doctors call it who name it first, or else by its code.
SELECT s.specialty AS code, min(p.specialty_label) FILTER (WHERE p.specialties[1] = s.specialty) AS label
FROM doctor_specialty s
JOIN doctor_bookability b ON b.tenant_id = s.tenant_id AND b.doctor_id = s.doctor_id AND b.can_show_in_search
JOIN doctor_profile p ON p.tenant_id = s.tenant_id AND p.doctor_id = s.doctor_id
WHERE s.tenant_id = $1
GROUP BY s.specialty ORDER BY 2, 1;

-- name: languages_shown
SELECT DISTINCT l.language FROM doctor_language l
JOIN doctor_bookability b ON b.tenant_id = l.tenant_id AND b.doctor_id = l.doctor_id AND b.can_show_in_search
WHERE l.tenant_id = $1 ORDER BY l.language;
