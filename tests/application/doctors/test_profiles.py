"""Profiles on the write path: what is kept, what is shown, what is refused."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.admin_bodies import NewStaff
from queue_server.application.answers import Precondition
from queue_server.application.doctors import bodies
from queue_server.application.passwords import Passwords
from queue_server.application.staff import StaffService
from queue_server.application.standing import Standings
from queue_server.application.unit import Recorder
from queue_server.store.doctors import Filters
from queue_server.store.idempotency import Idempotency
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Role
from tests.application.doctors.house import LICENCE, WHOLE, House, detail
from tests.factories import new_clinic


async def test_a_draft_is_shown_as_it_was_entered(house: House) -> None:
    made = await house.create()
    assert made.status == "draft"
    assert (made.name, made.bio, made.room, made.specialty_label) == (
        "Dr Asha Rao",
        "Looks after hearts.",
        "Room 7",
        "Cardiology",
    )
    assert made.clinic_ids == (house.clinic.id,)
    assert (made.home_clinic_id, made.ticket_prefix) == (house.clinic.id, "R")
    assert made.qualifications[0].institution == "University of Leeds"
    assert isinstance(made.licence, msgspec.Struct)
    assert made.licence.number == "GMC 7301852"
    assert made == await house.reading.get(house.admin, made.id)


async def test_events_hold_no_word_that_anybody_typed(house: House) -> None:
    made = await house.create()
    await house.update(made.id, name="Dr Asha Rao-Lind", bio="Small hearts too.")
    await house.doctors.deactivate(house.admin, made.id, bodies.DeactivateBody(reason="Moved to Leeds"))
    text = "".join(row["data"] for row in await house.events(made.id))
    for canary in ("Asha", "hearts", "Leeds", "GMC", "7301852", "Medical", "Room", "MD"):
        assert canary not in text


async def test_what_changes_nothing_makes_no_version(house: House) -> None:
    made = await house.create()
    same = await house.update(
        made.id,
        name=made.name,
        bio=made.bio,
        specialties=made.specialties,
        licence=LICENCE,
        qualifications=tuple(
            bodies.QualificationBody(id=q.id, title=q.title, institution=q.institution, year=q.year)
            for q in made.qualifications
        ),
    )
    assert same == made
    assert len(await house.rows("SELECT FROM free_text WHERE created_at > now() - interval '1 minute'")) == 7


async def test_lists_are_replaced_as_a_whole(house: House) -> None:
    made = await house.create()
    known = made.qualifications[0]
    changed = await house.update(
        made.id,
        specialties=("internal_medicine", "cardiology"),
        languages=("de",),
        qualifications=(
            bodies.QualificationBody(id=known.id, title="MD", institution="University of Leeds", year=2005),
            bodies.QualificationBody(title="Fellow"),
        ),
    )
    assert changed.specialties == ("internal_medicine", "cardiology")
    assert changed.languages == ("de",)
    assert [(q.title, q.year) for q in changed.qualifications] == [("MD", 2005), ("Fellow", None)]
    assert changed.qualifications[0].id == known.id
    rows = await house.rows("SELECT specialty FROM doctor_specialty WHERE doctor_id = $1 ORDER BY 1", made.id)
    assert [row["specialty"] for row in rows] == ["cardiology", "internal_medicine"]


async def test_another_licence_must_be_verified_anew_a_longer_one_need_not(house: House) -> None:
    made = await house.create()
    await house.verify(made.id)
    longer = msgspec.structs.replace(LICENCE, valid_until=date(2100, 1, 1))
    kept = await house.update(made.id, licence=longer)
    assert isinstance(kept.licence, msgspec.Struct)
    assert (kept.licence.verification, kept.licence.valid_until) == ("verified", date(2100, 1, 1))
    other = await house.update(made.id, licence=msgspec.structs.replace(longer, number="GMC 1"))
    assert isinstance(other.licence, msgspec.Struct)
    assert (other.licence.verification, other.licence.number) == ("unverified", "GMC 1")
    assert (await house.update(made.id, licence=None)).licence is None


async def test_a_version_that_was_seen_before_is_refused(house: House) -> None:
    made = await house.create()
    await house.update(made.id, if_match=made.version, bio="Later.")
    with pytest.raises(StaleVersion, match="is at 2"):
        await house.update(made.id, if_match=made.version, bio="Too late.")
    assert (await house.reading.get(house.admin, made.id)).bio == "Later."


async def test_the_same_request_makes_one_doctor(house: House) -> None:
    once = Precondition(idempotency=Idempotency(f"k{uuid4()}", b"digest"))
    first = await house.doctors.create(house.admin, WHOLE, once)
    again = await house.doctors.create(house.admin, WHOLE, once)
    assert detail(first).id == detail(again).id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "Dr\x07Rao"}, "name"),
        ({"bio": "x\x00y"}, "bio"),
        ({"room": "a\nb"}, "room"),
        ({"licence": bodies.LicenceBody(number=" ", authority="GMC")}, "licence.number"),
        ({"qualifications": (bodies.QualificationBody(title=" "),)}, "qualifications[0].title"),
    ],
)
async def test_words_that_make_no_sense_are_refused_by_field(house: House, change: dict[str, Any], field: str) -> None:
    made = await house.create()
    with pytest.raises(InvalidValue) as refused:
        await house.update(made.id, **change)
    assert refused.value.field == field
    assert await house.reading.get(house.admin, made.id) == made


async def test_a_licence_that_ends_beyond_all_years_is_refused(house: House) -> None:
    with pytest.raises(InvalidValue) as refused:
        await house.create(
            msgspec.structs.replace(
                WHOLE, licence=bodies.LicenceBody(number="1", authority="GMC", valid_until=date(9999, 12, 31))
            )
        )
    assert refused.value.field == "licence.validUntil"


async def test_fees_are_in_a_currency_that_there_is(house: House) -> None:
    made = await house.create()
    paid = detail(
        await house.doctors.set_fees(
            house.admin, made.id, bodies.FeesBody(currency="JPY", consultation=9000, follow_up=0, tele=7000)
        )
    )
    assert paid.fees is not None
    assert (paid.fees.currency, paid.fees.follow_up, paid.fees.tele) == ("JPY", 0, 7000)
    with pytest.raises(InvalidValue) as refused:
        await house.doctors.set_fees(house.admin, made.id, bodies.FeesBody(currency="XXX", consultation=1))
    assert refused.value.field == "currency"
    with pytest.raises(InvalidValue) as within:
        await house.create(msgspec.structs.replace(WHOLE, fees=bodies.FeesBody(currency="ZZZ", consultation=1)))
    assert within.value.field == "fees.currency"


# ---- clinics and departments ---------------------------------------------------------------------------------------


async def test_the_first_clinic_becomes_home_and_makes_the_directory_row(house: House) -> None:
    made = await house.create(WHOLE)
    assert (made.home_clinic_id, made.ticket_prefix) == (None, None)
    assert await house.rows("SELECT FROM doctor WHERE doctor_id = $1", made.id) == []
    other = await new_clinic(house.db, doctors=0, tenant=house.clinic.tenant)
    for clinic in (house.clinic.id, other.id):
        made = detail(await house.doctors.assign_clinic(house.admin, made.id, clinic))
    assert made.clinic_ids == (house.clinic.id, other.id)
    (row,) = await house.rows("SELECT * FROM doctor WHERE doctor_id = $1", made.id)
    assert (row["clinic_id"], row["name"], row["room"], row["active"]) == (
        house.clinic.id,
        "Dr Asha Rao",
        "Room 7",
        False,
    )
    moved = detail(await house.doctors.unassign_clinic(house.admin, made.id, house.clinic.id))
    assert (moved.home_clinic_id, moved.clinic_ids) == (other.id, (other.id,))
    last = detail(await house.doctors.unassign_clinic(house.admin, made.id, other.id))
    assert (last.home_clinic_id, last.clinic_ids) == (other.id, ())
    back = detail(await house.doctors.assign_clinic(house.admin, made.id, other.id))
    assert back.ticket_prefix == moved.ticket_prefix


async def test_a_clinic_with_a_schedule_or_patients_to_come_is_not_taken_away(house: House) -> None:
    made = await house.create()
    schedule = await house.add_schedule(made.id)
    with pytest.raises(Conflict, match="schedule"):
        await house.doctors.unassign_clinic(house.admin, made.id, house.clinic.id)
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("DELETE FROM doctor_schedule WHERE schedule_id = $1", schedule)
    patient = uuid4()
    await house.insert(
        "patient",
        {
            "patient_id": patient,
            "name": "A",
            "name_folded": "a",
            "language": "en",
            "created_at": "2026-01-01T00:00:00Z",
        },
        projected=False,
    )
    await house.insert(
        "appointment",
        {
            "appointment_id": uuid4(),
            "clinic_id": house.clinic.id,
            "doctor_id": made.id,
            "patient_id": patient,
            "date": "2100-01-01",
            "start": "2100-01-01T09:00:00Z",
            "duration_minutes": 15,
            "visit_type": "consultation",
            "mode": "in_person",
            "triage": 4,
            "booked_at": "2026-01-01T00:00:00Z",
            "source": "import",
            "links_generation": 0,
            "created_at": "2026-01-01T00:00:00Z",
        },
        projected=False,
    )
    with pytest.raises(Conflict, match="appointments") as refused:
        await house.doctors.unassign_clinic(house.admin, made.id, house.clinic.id)
    assert refused.value.field == "clinicId"


async def test_ticket_letters_are_one_doctors_within_a_clinic(house: House) -> None:
    made = await house.create()
    second = await house.create()
    assert {made.ticket_prefix, second.ticket_prefix} == {"R", "A"}
    with pytest.raises(Conflict) as refused:
        await house.update(second.id, ticket_prefix="R")
    assert refused.value.field == "ticketPrefix"
    assert (await house.update(second.id, ticket_prefix="RA")).ticket_prefix == "RA"


async def test_departments_are_the_tenants_own_and_open(house: House) -> None:
    made, department = await house.create(), await house.add_department()
    assigned = detail(await house.doctors.assign_department(house.admin, made.id, department))
    assert assigned.department_ids == (department,)
    with pytest.raises(NotFound):
        await house.doctors.assign_department(house.admin, made.id, uuid4())
    with pytest.raises(Conflict):
        await house.doctors.assign_department(house.admin, made.id, await house.add_department(active=False))
    gone = detail(await house.doctors.unassign_department(house.admin, made.id, department))
    assert gone.department_ids == ()
    with pytest.raises(NotFound):
        await house.doctors.unassign_department(house.admin, made.id, department)


# ---- who may ----------------------------------------------------------------------------------------------------


async def test_a_receptionist_adds_doctors_but_neither_reads_nor_writes_licences(house: House) -> None:
    desk = house.clinic.actor(Role.RECEPTIONIST)
    with pytest.raises(Forbidden) as refused:
        await house.create(WHOLE, actor=desk)
    assert refused.value.field == "licence"
    made = await house.create(msgspec.structs.replace(WHOLE, licence=None), actor=desk)
    assert made.licence is msgspec.UNSET
    await house.update(made.id, licence=LICENCE)
    for role in (Role.RECEPTIONIST, Role.DEPARTMENT_HEAD):
        seen = await house.reading.get(house.clinic.actor(role), made.id)
        assert b"licence" not in msgspec.json.encode(seen).lower().replace(b"licence_", b"")
    own = await house.reading.get(house.clinic.actor(Role.DOCTOR, doctor=made.id), made.id)  # type: ignore[arg-type]
    assert own.licence is msgspec.UNSET
    with pytest.raises(Forbidden):
        await house.doctors.update(desk, made.id, bodies.DoctorChange(bio="x"))


async def test_a_doctor_sees_nobody_else(house: House) -> None:
    made, other = await house.create(), await house.create()
    actor = house.clinic.actor(Role.DOCTOR, doctor=made.id)  # type: ignore[arg-type]
    page = await house.reading.list(actor, Filters())
    assert [item.id for item in page.items] == [made.id]
    with pytest.raises(Forbidden):
        await house.reading.get(actor, other.id)
    with pytest.raises(Forbidden):
        await house.reading.bookability(actor, other.id)


async def test_an_account_of_one_clinic_knows_no_doctor_of_another(house: House) -> None:
    other = await new_clinic(house.db, doctors=0, tenant=house.clinic.tenant)
    made, homeless = await house.create(), await house.create(WHOLE)
    elsewhere = house.clinic.actor(Role.ADMIN, clinics=(other.id,))
    for doctor in (made, homeless):
        with pytest.raises(NotFound):
            await house.reading.get(elsewhere, doctor.id)
        with pytest.raises(NotFound):
            await house.doctors.update(elsewhere, doctor.id, bodies.DoctorChange(bio="x"))
    assert (await house.reading.list(elsewhere, Filters())).items == []
    with pytest.raises(NotFound):
        await house.create(msgspec.structs.replace(WHOLE, clinic_ids=(house.clinic.id,)), actor=elsewhere)
    with pytest.raises(InvalidValue) as refused:
        await house.create(WHOLE, actor=elsewhere)
    assert refused.value.field == "clinicIds"
    mine = await house.create(msgspec.structs.replace(WHOLE, clinic_ids=(other.id,)), actor=elsewhere)
    with pytest.raises(NotFound):
        await house.doctors.assign_clinic(elsewhere, mine.id, house.clinic.id)


async def test_another_tenants_ids_are_unknown(house: House) -> None:
    stranger = await new_clinic(house.db, doctors=0)
    made = await house.create()
    admin = stranger.actor(Role.ADMIN)
    with pytest.raises(NotFound):
        await house.reading.get(admin, made.id)
    with pytest.raises(NotFound):
        await house.doctors.activate(admin, made.id)
    with pytest.raises(NotFound):
        await house.doctors.assign_clinic(house.admin, made.id, stranger.id)
    with pytest.raises(NotFound):
        await house.create(msgspec.structs.replace(WHOLE, clinic_ids=(ClinicId(stranger.id),)))


async def test_a_doctors_account_may_be_for_any_of_the_doctors_clinics(house: House) -> None:
    other = await new_clinic(house.db, doctors=0, tenant=house.clinic.tenant)
    third = await new_clinic(house.db, doctors=0, tenant=house.clinic.tenant)
    made = await house.create()
    await house.doctors.assign_clinic(house.admin, made.id, other.id)
    staff = StaffService(db=house.db, passwords=Passwords(), standings=Standings(house.db), recorder=Recorder())

    def account(clinic: UUID) -> NewStaff:
        return NewStaff(
            email=f"{uuid4().hex}@example.org",
            password="a long enough passphrase",
            name="Dr Rao",
            role=Role.DOCTOR,
            clinic_ids=(clinic,),
            doctor_id=made.id,
        )

    assert (await staff.create(house.admin, account(other.id))).doctor_id == made.id
    with pytest.raises(InvalidValue) as refused:
        await staff.create(house.admin, account(third.id))
    assert refused.value.field == "doctorId"
