-- name: clinic_closings
-- What decides on which days clinics are closed: their country's holidays and their own dates from $3 to $4.
SELECT c.clinic_id, c.holiday_country, c.holiday_region, d.date, d.opens, d.name
FROM clinic c
LEFT JOIN clinic_day d ON d.tenant_id = c.tenant_id AND d.clinic_id = c.clinic_id AND d.date BETWEEN $3 AND $4
WHERE c.tenant_id = $1 AND c.clinic_id = ANY ($2::uuid[])
ORDER BY c.clinic_id, d.date;
