"""Doctors from before profiles had a history: adopted when touched, shown as they were, all at once by an operator."""

import asyncio

import pytest

from queue_server.application.actor import system
from queue_server.application.doctors import bodies
from queue_server.application.doctors.adding import Doctors, NewDoctor
from queue_server.application.doctors.adoption import AT_ONCE, specialty_code
from queue_server.store.doctors import Filters
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId
from tests.application.doctors.house import House
from tests.factories import new_clinic
from tests.graph import Graph

DIRECTORY = (
    "SELECT doctor_id, clinic_id, name, specialty, room, ticket_prefix, active, created_at FROM doctor ORDER BY 1"
)


async def test_a_list_adopts_whoever_has_no_history(house: House) -> None:
    before = await house.rows(DIRECTORY)
    page = await house.reading.list(house.admin, Filters())
    assert {item.id for item in page.items} == set(house.clinic.doctors)
    first = next(item for item in page.items if item.ticket_prefix == "G")
    assert (first.status, first.specialties, first.specialty_label) == ("active", ("general",), "General")
    assert first.version == 1
    assert await house.rows(DIRECTORY) == before
    assert all(row["by_system"] for row in await house.events(first.id))


async def test_a_change_of_one_adopts_that_one(house: House) -> None:
    doctor, other = house.clinic.doctors
    changed = await house.update(doctor, specialty_label="Family medicine")
    assert (changed.version, changed.name) == (2, "Dr Rao")
    rows = {row["doctor_id"]: row for row in await house.rows(DIRECTORY)}
    assert rows[doctor]["specialty"] == "Family medicine"
    assert await house.events(other) == []


async def test_who_was_inactive_stays_so(house: House) -> None:
    doctor = house.clinic.doctors[0]
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("UPDATE doctor SET active = false, specialty = '' WHERE doctor_id = $1", doctor)
    adopted = await house.reading.get(house.admin, doctor)
    assert (adopted.status, adopted.specialties, adopted.specialty_label) == ("inactive", (), "")
    activated = await house.doctors.activate(house.admin, doctor)
    assert b'"status":"active"' in activated.body


async def test_two_who_touch_the_same_doctor_adopt_once(house: House) -> None:
    doctor = house.clinic.doctors[0]
    await asyncio.gather(*(house.adoption.adopt(house.clinic.tenant, doctor) for _ in range(4)))
    assert [row["type"] for row in await house.events(doctor)].count("doctor_created") == 1


async def test_all_are_adopted_with_progress_and_a_second_time_nobody(house: House) -> None:
    seen: list[tuple[int, int | None]] = []
    tenant = house.clinic.tenant
    assert await house.adoption.adopt_all(tenant, lambda done, of: seen.append((done, of))) == 2
    assert seen == [(2, 2)]
    assert await house.adoption.adopt_all(tenant) == 0


async def test_a_request_adopts_no_more_than_it_may_wait_for(house: House) -> None:
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run(
            "INSERT INTO doctor (tenant_id, doctor_id, clinic_id, name, ticket_prefix)"
            " SELECT $1, gen_random_uuid(), $2, 'Dr ' || n, 'X' || chr(65 + n / 26) || chr(65 + n % 26)"
            " FROM generate_series(1, $3) AS n",
            house.clinic.tenant,
            house.clinic.id,
            AT_ONCE,
        )
    for seen in (AT_ONCE, AT_ONCE + 2):
        page = await house.reading.list(house.admin, Filters(), limit=200)
        assert len(page.items) == seen


async def test_an_adopted_doctor_may_be_booked_by_reception_and_is_not_shown(house: House) -> None:
    found = await house.bookability(house.clinic.doctors[0])
    assert (found.can_receptionist_book, found.can_show_in_search, found.is_bookable) == (True, False, False)


async def test_the_queue_hears_of_a_new_name_at_once(house: House) -> None:
    tenant, doctor = house.clinic.tenant, house.clinic.doctors[0]
    assert (await house.directory.doctor(tenant, doctor)).name == "Dr Rao"
    await house.update(doctor, name="Dr Rao-Lind", room="Room 9")
    known = await house.directory.doctor(tenant, doctor)
    assert (known.name, known.room, known.active) == ("Dr Rao-Lind", "Room 9", True)
    await house.doctors.deactivate(house.admin, doctor, bodies.DeactivateBody())
    assert not (await house.directory.doctor(tenant, doctor)).works


async def test_other_servers_forget_when_postgres_says_so(house: House) -> None:
    """What NOTIFY leads to; that it is sent and heard is tested with bookability."""
    tenant, doctor = house.clinic.tenant, house.clinic.doctors[0]
    await house.directory.doctor(tenant, doctor)
    async with house.db.tenant(tenant) as tx:
        await tx.run("UPDATE doctor SET room = 'Room 12' WHERE doctor_id = $1", doctor)
    house.directory.on_directory_changed(tenant, "room", doctor)
    assert (await house.directory.doctor(tenant, doctor)).room == "Room 1"
    house.directory.on_directory_changed(tenant, "doctor", doctor)
    assert (await house.directory.doctor(tenant, doctor)).room == "Room 12"
    async with house.db.tenant(tenant) as tx:
        await tx.run("UPDATE doctor SET room = 'Room 13' WHERE doctor_id = $1", doctor)
    house.directory.on_gap()
    assert (await house.directory.doctor(tenant, doctor)).room == "Room 13"


async def test_an_operator_adds_a_doctor_who_is_at_work_at_once(house: House, graph: Graph) -> None:
    doctors = Doctors(graph.writes)
    actor = system(house.clinic.tenant)
    added = await doctors.add(actor, NewDoctor(clinic=house.clinic.id, name="Dr Lena Fischer", specialty="ENT"))
    assert added.letters == "F"
    shown = await house.reading.get(house.admin, added.id)
    assert (shown.status, shown.specialty_label, shown.specialties) == ("active", "ENT", ("ent",))
    assert (await house.directory.doctor(house.clinic.tenant, added.id)).works
    with pytest.raises(Conflict):
        await doctors.add(actor, NewDoctor(clinic=house.clinic.id, name="Dr Fox", letters="f"))
    with pytest.raises(InvalidValue):
        await doctors.add(actor, NewDoctor(clinic=house.clinic.id, name="Dr Fox", letters="4"))
    stranger = await new_clinic(house.db, doctors=0)
    with pytest.raises(NotFound):
        await doctors.add(actor, NewDoctor(clinic=ClinicId(stranger.id), name="Dr Fox"))


async def test_a_clinic_never_runs_out_of_letters(house: House, graph: Graph) -> None:
    doctors, actor = Doctors(graph.writes), system(house.clinic.tenant)
    async with house.db.tenant(house.clinic.tenant) as tx:
        for letter in "ABCDEFHJKLMNQRSTUVWXYZ":
            await tx.run(
                "INSERT INTO doctor (tenant_id, doctor_id, clinic_id, name, ticket_prefix)"
                " VALUES ($1, gen_random_uuid(), $2, 'Dr X', $3)",
                house.clinic.tenant,
                house.clinic.id,
                letter,
            )
    added = await doctors.add(actor, NewDoctor(clinic=house.clinic.id, name="Dr Fox"))
    assert added.letters == "AA"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Family medicine", "family_medicine"),
        ("Pädiatrie", "padiatrie"),
        ("  ENT / Throat ", "ent_throat"),
        ("儿科", ""),
    ],
)
def test_a_label_becomes_a_code(label: str, code: str) -> None:
    assert specialty_code(label) == code


async def test_nobody_is_adopted_who_is_not_there(house: House) -> None:
    unknown = DoctorId(house.clinic.id)
    await house.adoption.adopt(house.clinic.tenant, unknown)
    with pytest.raises(NotFound):
        await house.reading.get(house.admin, unknown)
