"""Patients at the desk: taken down, found within one's clinics, changed."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from queue_server.application.actor import Actor
from queue_server.application.admin_bodies import PatientAccount
from queue_server.application.patients.bodies import ConsentsBody, NewPatientBody, PatientChange
from queue_server.application.people import People
from scheduling_core.errors import Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import ClinicId
from scheduling_core.patients import Tier
from scheduling_core.permissions import Role
from tests.application.patients.house import House, address, phone
from tests.factories import new_clinic


def limited(house: House, *clinics: ClinicId, role: Role = Role.RECEPTIONIST) -> Actor:
    """Return somebody whose account is limited to clinics."""
    return house.clinic.actor(role, clinics=clinics)


async def test_the_desk_takes_a_patient_down(house: House) -> None:
    body = NewPatientBody(
        name="Asha Rao",
        phone="+44 20 7946-0123",
        email="ASHA@example.org",
        birth_date=date(1990, 4, 2),
        tier=Tier.GOLD,
        conditions=("diabetes", "asthma", "diabetes"),
        consents=ConsentsBody(reminders=True),
    )
    made = await house.registry.create(house.clinic.receptionist, body)
    assert (made.phone, made.email, made.tier) == ("+442079460123", "asha@example.org", Tier.GOLD)
    assert (made.conditions, made.consents.reminders, made.version) == (("asthma", "diabetes"), True, 1)
    assert await house.registry.get(house.admin, made.id) == made
    found, _ = await People(house.graph.db).search(house.clinic.receptionist, "asha")
    assert [one.patient.id for one in found] == [made.id]


async def test_changes_keep_what_they_leave_out(house: House) -> None:
    made = await house.registry.create(house.admin, NewPatientBody(name="Asha Rao", phone="+15550123"))
    change = PatientChange(tier=Tier.SILVER, conditions=("diabetes",), phone=None)
    after = await house.registry.update(house.admin, made.id, change, if_match=1)
    assert (after.name, after.phone, after.tier, after.version) == ("Asha Rao", None, Tier.SILVER, 2)
    with pytest.raises(StaleVersion):
        await house.registry.update(house.admin, made.id, change, if_match=1)


async def test_a_consent_taken_at_the_desk_says_who_took_it(house: House) -> None:
    desk = house.clinic.receptionist
    made = await house.registry.create(desk, NewPatientBody(name="Asha Rao", consents=ConsentsBody(messages=True)))
    assert [one.recorded_by for one in made.consent_records] == [desk.account]


async def test_an_account_of_a_clinic_reaches_the_patients_of_that_clinic(house: House) -> None:
    second = await new_clinic(house.graph.db, tenant=house.tenant)
    here, there = limited(house, house.clinic.id), limited(house, second.id)
    made = await house.registry.create(here, NewPatientBody(name="Asha Rao"))
    visitor = await house.patient(name="Ravi Patel")
    await house.visit(visitor)
    assert made.clinic_id == house.clinic.id
    for patient in (made.id, visitor):
        assert (await house.registry.get(here, patient)).id == patient
        with pytest.raises(NotFound):
            await house.registry.get(there, patient)
        with pytest.raises(NotFound):
            await house.registry.update(there, patient, PatientChange(name="Mine"))
    stranger = await house.patient()
    with pytest.raises(NotFound):
        await house.registry.get(here, stranger)
    people = People(house.graph.db)
    assert [one.patient.id for one in (await people.search(here, "asha"))[0]] == [made.id]
    assert (await people.search(there, "asha"))[0] == []


async def test_whoever_is_limited_to_clinics_registers_there_only(house: House) -> None:
    second = await new_clinic(house.graph.db, tenant=house.tenant)
    both = limited(house, house.clinic.id, second.id)
    with pytest.raises(InvalidValue) as refused:
        await house.registry.create(both, NewPatientBody(name="Asha Rao"))
    assert refused.value.field == "clinicId"
    made = await house.registry.create(both, NewPatientBody(name="Asha Rao", clinic_id=second.id))
    assert made.clinic_id == second.id
    for clinic in (second.id, uuid4()):
        with pytest.raises(InvalidValue):
            await house.registry.create(
                limited(house, house.clinic.id), NewPatientBody(name="Asha Rao", clinic_id=clinic)
            )
    with pytest.raises(InvalidValue):
        await house.registry.create(house.admin, NewPatientBody(name="Asha Rao", clinic_id=uuid4()))


async def test_two_who_are_made_guardians_of_each_other_at_the_same_moment_do_not_both_become_it(house: House) -> None:
    for _ in range(6):
        one, other = [await house.registry.create(house.admin, NewPatientBody(name=name)) for name in ("A", "B")]
        done = await asyncio.gather(
            house.registry.update(house.admin, one.id, PatientChange(guardian_id=other.id)),
            house.registry.update(house.admin, other.id, PatientChange(guardian_id=one.id)),
            return_exceptions=True,
        )
        assert [type(one) for one in done if isinstance(one, BaseException)] == [InvalidValue], done


async def test_a_guardian_is_somebody_else_who_acts_for_themselves(house: House) -> None:
    mother = await house.registry.create(house.admin, NewPatientBody(name="Asha Rao"))
    child = await house.registry.create(house.admin, NewPatientBody(name="Mira Rao", guardian_id=mother.id))
    assert child.guardian_id == mother.id
    for guardian in (child.id, uuid4()):
        with pytest.raises(InvalidValue):
            await house.registry.create(house.admin, NewPatientBody(name="X", guardian_id=guardian))
    for patient, guardian in ((mother.id, mother.id), (mother.id, child.id), (child.id, child.id)):
        with pytest.raises(InvalidValue) as refused:
            await house.registry.update(house.admin, patient, PatientChange(guardian_id=guardian))
        assert refused.value.field == "guardianId"
    other = await house.registry.create(house.admin, NewPatientBody(name="Ravi Patel"))
    with pytest.raises(InvalidValue):  # whoever acts for others needs no guardian
        await house.registry.update(house.admin, mother.id, PatientChange(guardian_id=other.id))
    freed = await house.registry.update(house.admin, child.id, PatientChange(guardian_id=None))
    assert freed.guardian_id is None


async def test_a_contact_that_the_desk_corrects_opens_the_account_instead_of_the_old_one(house: House) -> None:
    lost, new = phone(), phone()
    actor = await house.actor(await house.enter(lost, name="Asha Rao"))
    assert actor.patient is not None
    await house.registry.update(house.admin, actor.patient, PatientChange(phone=new.value))
    assert (await house.enter(new)).user.id == actor.account
    assert (await house.enter(lost)).user.id != actor.account


async def test_a_slip_of_the_desk_takes_nobodys_account(house: House) -> None:
    contact = address()
    owner = await house.actor(await house.enter(contact, name="Asha Rao"))
    other = await house.signed_in(name="Ravi Patel")
    assert other.patient is not None
    await house.registry.update(house.admin, other.patient, PatientChange(email=contact.value))
    assert (await house.enter(contact)).user.id == owner.account


async def test_a_password_follows_the_address_that_it_belongs_to(house: House) -> None:
    old, new = address(), address()
    patient = await house.patient(email=old.value)
    body = PatientAccount(email=old.value, password="correct horse battery")
    made = await house.access.staff.create_for_patient(house.admin, patient, body)
    await house.registry.update(house.admin, patient, PatientChange(email=new.value))
    assert (await house.access.access.login(new.value, body.password)).user.id == made.id


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY, Role.PATIENT])
async def test_others_than_reception_and_admins_keep_no_patients(house: House, role: Role) -> None:
    actor, patient = house.clinic.actor(role), await house.patient()
    for work in (
        house.registry.get(actor, patient),
        house.registry.create(actor, NewPatientBody(name="X")),
        house.registry.update(actor, patient, PatientChange(name="X")),
    ):
        with pytest.raises(Forbidden):
            await work


async def test_a_changed_name_is_the_name_at_the_desk(house: House) -> None:
    people = People(house.graph.db)
    actor = await house.signed_in(name="Asha Rao")
    assert actor.patient is not None
    entry = await house.visit(actor.patient)
    assert (await people.of(house.tenant, [entry]))[entry].name == "Asha Rao"
    await house.registry.update(house.admin, actor.patient, PatientChange(name="Asha Nair"))
    people.on_directory_changed(house.tenant, "patient", actor.patient)  # as Postgres tells every server
    assert (await people.of(house.tenant, [entry]))[entry].name == "Asha Nair"
