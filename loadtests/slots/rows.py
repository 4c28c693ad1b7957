"""Very many doctors and slots, made by Postgres itself, for what only reads them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from scheduling_core.ids import TenantId, aggregate_stream

CLINICS, SPECIALTIES, LANGUAGES = 60, 40, 12
SLOTS_A_DAY, DAYS_OF_SEVEN = 22, 5
"""So 90 days are some 1,414 slots a doctor."""

_DIRECTORY = f"""
SELECT setseed(0.42);
DROP TABLE IF EXISTS new_doctor, new_clinic;
CREATE TEMP TABLE new_doctor AS
SELECT n, gen_random_uuid() AS doctor_id, floor({CLINICS} * power(random(), 1.7))::int AS clinic,
       floor({SPECIALTIES} * power(random(), 1.6))::int AS specialty, random() < 0.3 AS tele,
       random() < 0.95 AS bookable
FROM generate_series(1, $doctors) n;
CREATE TEMP TABLE new_clinic AS
SELECT n - 1 AS n, gen_random_uuid() AS clinic_id,
       (ARRAY['Asia/Kolkata', 'Europe/Berlin', 'UTC'])[1 + n % 3] AS timezone
FROM generate_series(1, {CLINICS}) n;
INSERT INTO tenant (tenant_id, name) VALUES ('$tenant', 'Load test');
INSERT INTO clinic (tenant_id, clinic_id, slug, name, timezone)
SELECT '$tenant', clinic_id, 'clinic-' || n, 'Clinic ' || n, timezone FROM new_clinic;
INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label, specialties,
    qualifications, languages, modes, verification, verification_critical, department_ids, clinic_ids, room,
    public_profile_visible, accepts_online_bookings, onboarding_progress, last_event_id)
SELECT '$tenant', doctor_id, 'active', 'Doctor ' || d.n, 'doctor ' || d.n, 'Sees patients since 2004.', 'General',
    ARRAY['specialty-' || specialty], '[]', ARRAY['en'],
    CASE WHEN tele THEN ARRAY['in_person', 'tele'] ELSE ARRAY['in_person'] END, 'verified', false, '{{}}',
    ARRAY[clinic_id], '', true, true, 100, doctor_id
FROM new_doctor d JOIN new_clinic c ON c.n = d.clinic;
INSERT INTO doctor_specialty SELECT '$tenant', 'specialty-' || specialty, doctor_id, doctor_id FROM new_doctor;
INSERT INTO doctor_specialty
SELECT '$tenant', 'specialty-' || {SPECIALTIES} + specialty / 4, doctor_id, doctor_id FROM new_doctor;
INSERT INTO doctor_clinic
SELECT '$tenant', clinic_id, doctor_id, doctor_id FROM new_doctor d JOIN new_clinic c ON c.n = d.clinic;
INSERT INTO doctor_language SELECT '$tenant', 'en', doctor_id, doctor_id FROM new_doctor WHERE random() < 0.95;
INSERT INTO doctor_language
SELECT '$tenant', 'l' || k, doctor_id, doctor_id FROM new_doctor, generate_series(1, {LANGUAGES}) k
WHERE random() + 0 * n < 0.25 / k;
INSERT INTO doctor_mode SELECT '$tenant', 'in_person', doctor_id, doctor_id FROM new_doctor;
INSERT INTO doctor_mode SELECT '$tenant', 'tele', doctor_id, doctor_id FROM new_doctor WHERE tele;
INSERT INTO doctor_word SELECT '$tenant', 'doctor', doctor_id, doctor_id FROM new_doctor;
INSERT INTO doctor_word SELECT '$tenant', n::text, doctor_id, doctor_id FROM new_doctor;
INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search, can_patient_book,
    can_receptionist_book, failing, checked_at)
SELECT '$tenant', doctor_id, 100, bookable, bookable, bookable, true, '{{}}', now() FROM new_doctor;
"""

_WORKING = """
DROP TABLE IF EXISTS working;
CREATE TEMP TABLE working AS
SELECT row_number() OVER (ORDER BY p.doctor_id) AS n, p.doctor_id, c.clinic_id, c.timezone, p.modes @> '{tele}' AS tele,
       p.specialties @> '{specialty-7}' AS is_full,
       -- When the day begins: mostly at 8, for some at 13, for few at 9 or at 22.
       (ARRAY[480, 480, 480, 480, 480, 480, 480, 480, 780, 780, 780, 780, 1320, 540])
           [1 + abs(hashtext(p.doctor_id::text)) % 14] AS begins
FROM doctor_profile p JOIN clinic c ON c.clinic_id = p.clinic_ids[1];
ANALYZE working;
"""

_SLOTS = f"""
INSERT INTO slot (tenant_id, slot_id, doctor_id, clinic_id, schedule_id, start, "end", date, part_of_day,
                  in_person, tele, total, taken, in_person_taken)
SELECT '$tenant', gen_random_uuid(), doctor_id, clinic_id, doctor_id, start, start + interval '20 minutes', clock::date,
       CASE WHEN extract(hour FROM clock) BETWEEN 5 AND 11 THEN 0 WHEN extract(hour FROM clock) BETWEEN 12 AND 16 THEN 1
            WHEN extract(hour FROM clock) BETWEEN 17 AND 20 THEN 2 ELSE 3 END,
       1, tele::int, 1, taken, taken
FROM working
CROSS JOIN generate_series(0, $days - 1) day
CROSS JOIN generate_series(0, {SLOTS_A_DAY - 1}) i
CROSS JOIN LATERAL (SELECT current_date + day + make_interval(mins => begins + i * 22) AS clock) w
-- Fuller the sooner it is; one specialty has nothing free for weeks.
CROSS JOIN LATERAL (
    SELECT clock AT TIME ZONE timezone AS start,
           (CASE WHEN is_full AND day < 45 THEN true ELSE random() < 0.25 + 0.7 * exp(-day / 12.0) END)::int AS taken
) x
WHERE n BETWEEN $first AND $last AND (day + n) % 7 < {DAYS_OF_SEVEN}
-- As generation leaves them: one doctor after the other, in the order of time.
ORDER BY n, day, i
"""

SEARCHED = (
    "tenant, clinic, stream, doctor_profile, doctor_specialty, doctor_clinic, doctor_language, doctor_mode,"
    " doctor_word, doctor_bookability, slot"
)
"""Tables whose statistics matter."""

CHUNK = 125
"""Doctors in one transaction."""


async def make_rows(
    owners: Sequence[Any],
    tenant: TenantId,
    doctors: int,
    days: int,
    advance: Callable[[int], None] = lambda _: None,
    *,
    working: int | None = None,
    in_bulk: bool = True,
) -> int:
    """Make a tenant with so many doctors and their slots of so many days from today on; returns how many slots.

    With `working` only so many of the doctors have slots. `owners` are connections as the schema's owner, which share
    the work. `in_bulk` takes keys, indexes and triggers away meanwhile: rows come at twice the speed. `advance` hears
    how many more doctors are done.
    """
    for owner in owners:
        await owner.execute(f"SELECT set_config('app.tenant_id', '{tenant}', false)")
    first = owners[0]
    await first.execute(_filled(_DIRECTORY, tenant=tenant, doctors=doctors))
    await _make_streams(first, tenant)
    keys = await _take_away(first) if in_bulk else []
    chunks = [(begin, begin + CHUNK - 1) for begin in range(1, (doctors if working is None else working) + 1, CHUNK)]
    last = doctors if working is None else working
    counts = await asyncio.gather(*(_make_slots(owner, tenant, days, chunks, last, advance) for owner in owners))
    for definition in keys:
        await first.execute(definition)
    if in_bulk:
        await first.execute("ALTER TABLE slot ENABLE TRIGGER USER")
    # As autovacuum would have done by the time anybody searches.
    await first.execute(f"VACUUM ANALYZE {SEARCHED}")
    return sum(counts)


async def _make_streams(owner: Any, tenant: TenantId) -> None:
    """Give each doctor the stream whose version a profile shows."""
    ids = [row["doctor_id"] for row in await owner.fetch("SELECT doctor_id FROM doctor_profile")]
    await owner.execute(
        "INSERT INTO stream (tenant_id, stream_id, kind, version) SELECT $1, s, 'doctor', 1 FROM unnest($2::uuid[]) s",
        tenant,
        [aggregate_stream(tenant, "doctor", one) for one in ids],
    )


async def _make_slots(
    owner: Any,
    tenant: UUID,
    days: int,
    chunks: list[tuple[int, int]],
    last: int,
    advance: Callable[[int], None],
) -> int:
    """Take chunks until there are none; returns how many slots were made."""
    await owner.execute(_WORKING)
    made = 0
    while chunks:
        begin, end = chunks.pop()
        end = min(end, last)
        made += int((await owner.execute(_filled(_SLOTS, tenant=tenant, days=days, first=begin, last=end))).split()[-1])
        advance(end - begin + 1)
    return made


async def _take_away(owner: Any) -> list[str]:
    """Drop keys and indexes of slots, and their triggers' effect; returns what makes keys and indexes again."""
    found = await owner.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made_by,"
        " pg_get_constraintdef(c.oid) AS key FROM pg_index i"
        " LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid"
        " WHERE i.indrelid = 'slot'::regclass"
    )
    await owner.execute("ALTER TABLE slot DISABLE TRIGGER USER")
    for index in found:
        name = index["name"]
        await owner.execute(f"ALTER TABLE slot DROP CONSTRAINT {name}" if index["key"] else f"DROP INDEX {name}")
    return [
        f"ALTER TABLE slot ADD CONSTRAINT {index['name']} {index['key']}"
        if index["key"]
        else index["made_by"].replace(" ON ONLY ", " ON ")
        for index in found
    ]


def _filled(text: str, **values: object) -> str:
    for name, value in values.items():
        text = text.replace(f"${name}", str(value))
    return text
