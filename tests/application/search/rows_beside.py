"""What stands beside a tenant's doctors and slots, in tables that belong mostly to others: a hundred small tenants."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from scheduling_core.ids import TenantId

TENANTS, DOCTORS_EACH = 100, 25

_OTHERS = f"""
CREATE TEMP TABLE these AS SELECT gen_random_uuid() AS tenant_id FROM generate_series(1, {TENANTS});
INSERT INTO tenant (tenant_id, name) SELECT tenant_id, 'Beside' FROM these;
INSERT INTO clinic (tenant_id, clinic_id, slug, name, timezone)
SELECT tenant_id, gen_random_uuid(), 'clinic-' || i, 'Clinic', 'UTC' FROM these, generate_series(1, 3) i;
INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label, specialties,
    qualifications, languages, modes, verification, verification_critical, department_ids, clinic_ids, room,
    public_profile_visible, accepts_online_bookings, onboarding_progress, last_event_id)
SELECT tenant_id, gen_random_uuid(), 'active', 'Doctor ' || i, 'doctor ' || i, '', '', '{{specialty-1}}', '[]',
    '{{en}}', '{{in_person}}', 'verified', false, '{{}}', ARRAY[clinic_id], '', true, true, 100, tenant_id
FROM these JOIN clinic c USING (tenant_id), generate_series(1, {DOCTORS_EACH}) i WHERE c.slug = 'clinic-' || 1 + i % 3;
CREATE TEMP TABLE theirs AS
SELECT tenant_id, doctor_id, clinic_ids[1] AS clinic_id FROM doctor_profile JOIN these USING (tenant_id);
INSERT INTO doctor_specialty SELECT tenant_id, 'specialty-1', doctor_id, doctor_id FROM theirs;
INSERT INTO doctor_clinic SELECT tenant_id, clinic_id, doctor_id, doctor_id FROM theirs;
INSERT INTO doctor_language SELECT tenant_id, 'en', doctor_id, doctor_id FROM theirs;
INSERT INTO doctor_mode SELECT tenant_id, 'in_person', doctor_id, doctor_id FROM theirs;
INSERT INTO doctor_word SELECT tenant_id, 'doctor', doctor_id, doctor_id FROM theirs;
INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search, can_patient_book,
    can_receptionist_book, failing, checked_at)
SELECT tenant_id, doctor_id, 100, true, true, true, true, '{{}}', now() FROM theirs;
"""

_ROWS = """
INSERT INTO these VALUES ('$tenant');
CREATE TEMP TABLE mine AS
SELECT row_number() OVER (PARTITION BY tenant_id ORDER BY doctor_id) AS n, tenant_id, doctor_id,
       clinic_ids[1] AS clinic_id, gen_random_uuid() AS patient_id
FROM doctor_profile JOIN these USING (tenant_id);
INSERT INTO doctor (tenant_id, doctor_id, clinic_id, name, ticket_prefix)
SELECT tenant_id, doctor_id, clinic_id, 'Doctor ' || n,
       chr((65 + n / 676 % 26)::int) || chr((65 + n / 26 % 26)::int) || chr((65 + n % 26)::int) FROM mine;
INSERT INTO room (tenant_id, room_id, clinic_id, name, type, active, version, last_event_id)
SELECT tenant_id, gen_random_uuid(), clinic_id, 'Room ' || i, 'consultation', true, 1, clinic_id
FROM clinic JOIN these USING (tenant_id), generate_series(1, 20) i;
INSERT INTO room_maintenance (tenant_id, maintenance_id, room_id, starts_at, ends_at, reason, last_event_id)
SELECT tenant_id, gen_random_uuid(), room_id, now(), now() + interval '1 hour', '', room_id
FROM room JOIN these USING (tenant_id);
INSERT INTO room_assignment (tenant_id, assignment_id, room_id, doctor_id, first_date, last_event_id)
SELECT tenant_id, gen_random_uuid(), r.room_id, m.doctor_id, current_date, r.room_id
FROM room r JOIN mine m USING (tenant_id, clinic_id) WHERE m.n % 10 = 1;
INSERT INTO equipment (tenant_id, equipment_id, clinic_id, room_id, name, type, active, version, last_event_id)
SELECT tenant_id, gen_random_uuid(), clinic_id, CASE i WHEN 1 THEN room_id END, 'ECG', 'ecg', true, 1, room_id
FROM room JOIN these USING (tenant_id), generate_series(1, 2) i;
INSERT INTO equipment_maintenance (tenant_id, maintenance_id, equipment_id, starts_at, ends_at, reason, last_event_id)
SELECT tenant_id, gen_random_uuid(), equipment_id, now(), now() + interval '1 hour', '', equipment_id
FROM equipment JOIN these USING (tenant_id);
INSERT INTO equipment_assignment (tenant_id, assignment_id, equipment_id, room_id, since, last_event_id)
SELECT tenant_id, gen_random_uuid(), equipment_id, room_id, now(), equipment_id
FROM equipment JOIN these USING (tenant_id) WHERE room_id IS NOT NULL;
INSERT INTO department (tenant_id, department_id, name, clinic_ids, head_account_id, active, version, last_event_id)
SELECT tenant_id, gen_random_uuid(), 'Department ' || n, CASE n % 2 WHEN 0 THEN ARRAY[clinic_id] ELSE '{}' END,
       gen_random_uuid(), true, 1, doctor_id
FROM mine WHERE n <= 200;
INSERT INTO doctor_department
SELECT tenant_id, d.department_id, m.doctor_id, m.doctor_id
FROM mine m JOIN (
    SELECT row_number() OVER (PARTITION BY tenant_id) AS n, tenant_id, department_id
    FROM department JOIN these USING (tenant_id)
) d USING (tenant_id) WHERE d.n = 1 + m.n % 20;
INSERT INTO doctor_schedule (tenant_id, schedule_id, doctor_id, clinic_id, effective_from, effective_until, ended, week,
                             version, last_event_id)
SELECT tenant_id, gen_random_uuid(), doctor_id, clinic_id, current_date - 90, current_date - 30, false, '[]', 1,
       doctor_id
FROM mine;
INSERT INTO leave_request (tenant_id, leave_id, doctor_id, type, first_day, last_day, status, requested_by,
                           requested_at, version, last_event_id)
SELECT tenant_id, gen_random_uuid(), doctor_id, 'annual', current_date + 30 * i, current_date + 30 * i + 6,
       CASE i WHEN 1 THEN 'requested' ELSE 'approved' END, doctor_id, now(), 1, doctor_id
FROM mine, generate_series(1, 4) i;
INSERT INTO patient (tenant_id, patient_id, name, name_folded)
SELECT tenant_id, patient_id, 'P ' || n, 'p ' || n FROM mine;
INSERT INTO appointment (tenant_id, appointment_id, clinic_id, doctor_id, patient_id, date, start, duration_minutes,
                         visit_type, booked_at, source)
SELECT tenant_id, gen_random_uuid(), clinic_id, doctor_id, patient_id, current_date + i,
       current_date + i + interval '9 hours', 20, 'consultation', now(), 'booking'
FROM mine, generate_series(1, 5) i;
INSERT INTO queue_entry (tenant_id, entry_id, doctor_id, date, ticket, state, triage, start, late, walk_in, pinned,
                         skips, overtakes, version, last_event_id)
SELECT tenant_id, appointment_id, doctor_id, date, 'A1', 'expected', 4, start, false, false, false, 0, 0, 1, doctor_id
FROM appointment JOIN these USING (tenant_id);
INSERT INTO slot_conflict (tenant_id, appointment_id, doctor_id, clinic_id, date, start, "end", cause)
SELECT tenant_id, appointment_id, doctor_id, mine.clinic_id, date, start, start + interval '20 minutes', 'leave'
FROM appointment JOIN these USING (tenant_id) JOIN mine USING (tenant_id, doctor_id)
WHERE n % 10 = 1 OR tenant_id <> '$tenant';
"""
_TABLES = (
    *("slot_conflict", "queue_entry", "appointment", "patient", "leave_request", "doctor_schedule"),
    *("doctor_department", "department", "equipment_assignment", "equipment_maintenance", "equipment"),
    *("room_assignment", "room_maintenance", "room", "doctor", "doctor_bookability", "doctor_word", "doctor_mode"),
    *("doctor_language", "doctor_clinic", "doctor_specialty", "doctor_profile", "clinic", "tenant"),
)
_ONE_OF_EACH = """
SELECT (SELECT room_id FROM room WHERE tenant_id = $1 LIMIT 1) AS room,
       (SELECT equipment_id FROM equipment WHERE tenant_id = $1 LIMIT 1) AS equipment,
       (SELECT leave_id FROM leave_request WHERE tenant_id = $1 LIMIT 1) AS leave_request,
       d.department_id AS department, d.head_account_id AS head
FROM department d WHERE d.tenant_id = $1 LIMIT 1
"""


async def make_rows_beside(admin: Any, tenant: TenantId) -> tuple[dict[str, UUID], list[UUID]]:
    """Make them for a tenant with doctors and for others, as superuser.

    Returns ids of one of each and of a head, and all tenants.
    """
    await admin.execute(_OTHERS)
    await admin.execute(_ROWS.replace("$tenant", str(tenant)))
    await admin.execute(f"VACUUM ANALYZE {', '.join(_TABLES)}")
    tenants = [row["tenant_id"] for row in await admin.fetch("SELECT tenant_id FROM these")]
    return dict(await admin.fetchrow(_ONE_OF_EACH, tenant)), tenants


async def remove_rows_beside(admin: Any, tenants: Sequence[UUID]) -> None:
    """Remove the tenants: jobs of other tests would work on them."""
    await admin.execute("SET session_replication_role = replica")
    for table in _TABLES:
        await admin.execute(f"DELETE FROM {table} WHERE tenant_id = ANY ($1)", tenants)
