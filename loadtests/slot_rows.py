"""Very many doctors and slots, made by Postgres itself, for what only reads them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

CLINICS, SPECIALTIES, LANGUAGES = 60, 40, 12
SLOTS_A_DAY, DAYS_OF_SEVEN = 22, 5
"""So 90 days are some 1,414 slots a doctor."""

_DIRECTORY = f"""
SELECT setseed(0.42);
DROP TABLE IF EXISTS made, made_clinic;
CREATE TEMP TABLE made AS
SELECT n, gen_random_uuid() AS doctor_id, floor({CLINICS} * power(random(), 1.7))::int AS clinic,
       floor({SPECIALTIES} * power(random(), 1.6))::int AS specialty, random() < 0.3 AS tele,
       random() < 0.95 AS bookable,
       CASE WHEN random() < 0.7 THEN 480 WHEN random() < 0.7 THEN 780 WHEN random() < 0.3 THEN 1320 ELSE 540 END
           AS begins
FROM generate_series(1, $doctors) n;
CREATE TEMP TABLE made_clinic AS
SELECT n - 1 AS n, gen_random_uuid() AS clinic_id,
       (ARRAY['Asia/Kolkata', 'Europe/Berlin', 'UTC'])[1 + n % 3] AS timezone
FROM generate_series(1, {CLINICS}) n;
INSERT INTO tenant (tenant_id, name) VALUES ('$tenant', 'Load test');
INSERT INTO clinic (tenant_id, clinic_id, slug, name, timezone)
SELECT '$tenant', clinic_id, 'clinic-' || n, 'Clinic ' || n, timezone FROM made_clinic;
INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label, specialties,
    qualifications, languages, modes, verification, verification_critical, department_ids, clinic_ids, room,
    public_profile_visible, accepts_online_bookings, onboarding_progress, last_event_id)
SELECT '$tenant', doctor_id, 'active', 'Doctor ' || made.n, 'doctor ' || made.n, 'Sees patients since 2004.', 'General',
    ARRAY['specialty-' || specialty], '[]', ARRAY['en'],
    CASE WHEN tele THEN ARRAY['in_person', 'tele'] ELSE ARRAY['in_person'] END, 'verified', false, '{{}}',
    ARRAY[clinic_id], '', true, true, 100, '00000000-0000-0000-0000-000000000000'
FROM made JOIN made_clinic c ON c.n = made.clinic;
INSERT INTO stream (tenant_id, stream_id, kind, version) SELECT '$tenant', doctor_id, 'doctor', 1 FROM made;
INSERT INTO doctor_specialty SELECT '$tenant', 'specialty-' || specialty, doctor_id, doctor_id FROM made;
INSERT INTO doctor_specialty
SELECT '$tenant', 'specialty-' || {SPECIALTIES} + specialty / 4, doctor_id, doctor_id FROM made;
INSERT INTO doctor_clinic
SELECT '$tenant', clinic_id, doctor_id, doctor_id FROM made JOIN made_clinic c ON c.n = made.clinic;
INSERT INTO doctor_language SELECT '$tenant', 'en', doctor_id, doctor_id FROM made WHERE random() < 0.95;
INSERT INTO doctor_language
SELECT '$tenant', 'l' || k, doctor_id, doctor_id FROM made, generate_series(1, {LANGUAGES}) k
WHERE random() + 0 * n < 0.25 / k;
INSERT INTO doctor_mode SELECT '$tenant', 'in_person', doctor_id, doctor_id FROM made;
INSERT INTO doctor_mode SELECT '$tenant', 'tele', doctor_id, doctor_id FROM made WHERE tele;
INSERT INTO doctor_word SELECT '$tenant', 'doctor', doctor_id, doctor_id FROM made;
INSERT INTO doctor_word SELECT '$tenant', n::text, doctor_id, doctor_id FROM made;
INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search, can_patient_book,
    can_receptionist_book, failing, checked_at)
SELECT '$tenant', doctor_id, 100, bookable, bookable, bookable, true, '{{}}', now() FROM made;
"""

_SLOTS = f"""
INSERT INTO slot (tenant_id, slot_id, doctor_id, clinic_id, schedule_id, start, "end", date, part_of_day,
                  in_person, tele, total, taken, in_person_taken)
SELECT '$tenant', gen_random_uuid(), doctor_id, clinic_id, doctor_id, start, start + interval '20 minutes', clock::date,
       CASE WHEN extract(hour FROM clock) BETWEEN 5 AND 11 THEN 0 WHEN extract(hour FROM clock) BETWEEN 12 AND 16 THEN 1
            WHEN extract(hour FROM clock) BETWEEN 17 AND 20 THEN 2 ELSE 3 END,
       1, tele::int, 1, taken, taken
FROM made JOIN made_clinic c ON c.n = made.clinic
CROSS JOIN generate_series(0, $days - 1) day
CROSS JOIN generate_series(0, {SLOTS_A_DAY - 1}) i
CROSS JOIN LATERAL (SELECT current_date + day + make_interval(mins => begins + i * 22) AS clock) w
-- Fuller the sooner it is; one specialty has nothing free for weeks.
CROSS JOIN LATERAL (
    SELECT clock AT TIME ZONE timezone AS start,
           (CASE WHEN specialty = 7 AND day < 45 THEN true
                 ELSE random() < 0.25 + 0.7 * exp(-day / 12.0) END)::int AS taken
) x
WHERE made.n BETWEEN $first AND $last AND (day + made.n) % 7 < {DAYS_OF_SEVEN}
"""

SEARCHED = (
    "tenant, clinic, stream, doctor_profile, doctor_specialty, doctor_clinic, doctor_language, doctor_mode,"
    " doctor_word, doctor_bookability, slot"
)
"""Tables whose statistics matter."""

CHUNK = 250
"""Doctors in one transaction."""


async def make_rows(
    owner: Any,
    tenant: UUID,
    doctors: int,
    days: int,
    advance: Callable[[int], None] = lambda _: None,
    *,
    working: int | None = None,
    in_bulk: bool = True,
) -> int:
    """Make a tenant with so many doctors and their slots of so many days from today on; returns how many slots.

    With `working` only so many of the doctors have slots. `owner` is a connection as the schema's owner. `in_bulk` takes
    indexes and triggers away meanwhile: rows come at twice the speed. `advance` hears how many more doctors are done.
    """

    def filled(text: str, **values: object) -> str:
        for name, value in values.items():
            text = text.replace(f"${name}", str(value))
        return text

    await owner.execute(f"SELECT set_config('app.tenant_id', '{tenant}', false)")
    await owner.execute(filled(_DIRECTORY, tenant=tenant, doctors=doctors))
    indexes = await _take_away(owner) if in_bulk else []
    slots = 0
    working = doctors if working is None else working
    for first in range(1, working + 1, CHUNK):
        last = min(first + CHUNK - 1, working)
        tag = await owner.execute(filled(_SLOTS, tenant=tenant, days=days, first=first, last=last))
        slots += int(tag.split()[-1])
        advance(last - first + 1)
    for definition in indexes:
        await owner.execute(definition)
    if in_bulk:
        await owner.execute("ALTER TABLE slot ENABLE TRIGGER USER")
    # As autovacuum would have done by the time anybody searches.
    await owner.execute(f"VACUUM ANALYZE {SEARCHED}")
    return slots


async def _take_away(owner: Any) -> list[str]:
    """Drop the indexes of slots but the key, and their triggers' effect; returns what makes the indexes again."""
    indexes = await owner.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made_by FROM pg_index i"
        " WHERE i.indrelid = 'slot'::regclass AND NOT i.indisprimary"
    )
    await owner.execute("ALTER TABLE slot DISABLE TRIGGER USER")
    for index in indexes:
        await owner.execute(f"DROP INDEX {index['name']}")
    return [index["made_by"].replace(" ON ONLY ", " ON ") for index in indexes]
