"""What patients do for themselves and theirs, and that nobody else can."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from queue_server.application.actor import Actor
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.patients import booked_patient, is_in_reach
from queue_server.application.patients.bodies import (
    ConsentsBody,
    NewRelative,
    OwnChange,
    RelativeChange,
)
from queue_server.application.patients.own import MOST_RELATIVES
from queue_server.application.slots.bodies import BookedPatient
from queue_server.application.unit import Unit
from scheduling_core.errors import (
    CodeExpired,
    Conflict,
    Forbidden,
    InvalidValue,
    NotFound,
    StaleVersion,
    WrongCode,
)
from scheduling_core.permissions import Role
from tests.application.patients.house import House, address, phone
from tests.application.patients.test_signing_in import other_than


async def test_patients_say_who_they_are(house: House) -> None:
    actor = await house.signed_in(name="Asha")
    before = await house.own.get(actor)
    change = OwnChange(name=" Asha  Rao ", language="hi", birth_date=date(1990, 4, 2))
    after = await house.own.update(actor, change, if_match=before.version)
    assert (after.name, after.language, after.birth_date) == ("Asha  Rao", "hi", date(1990, 4, 2))
    assert after.version == before.version + 1
    assert await house.own.get(actor) == after
    (account,) = await house.rows("SELECT name FROM account")
    assert account["name"] == "Asha  Rao"
    with pytest.raises(StaleVersion):
        await house.own.update(actor, OwnChange(name="Late"), if_match=before.version)


async def test_what_is_the_same_already_is_no_change(house: House) -> None:
    actor = await house.signed_in()
    before = await house.own.get(actor)
    assert await house.own.update(actor, OwnChange(name="Asha Rao", email=before.email)) == before
    assert await house.events("patient_changed") == []


async def test_that_something_was_changed_is_remembered_and_not_what_it_says(house: House) -> None:
    actor = await house.signed_in()
    await house.own.update(actor, OwnChange(name="Canary Quetzal", birth_date=date(1990, 4, 2)))
    ((by, data),) = await house.events("patient_changed")
    assert (by, data["fields"]) == (actor.account, ["name", "birth_date"])


@pytest.mark.parametrize("born", [date(1899, 12, 31), datetime.now(UTC).date() + timedelta(days=2)])
async def test_nobody_was_born_then(house: House, born: date) -> None:
    actor = await house.signed_in()
    with pytest.raises(InvalidValue) as refused:
        await house.own.update(actor, OwnChange(birth_date=born))
    assert refused.value.field == "birthDate"


async def test_consents_are_kept_with_when_and_by_whom(house: House) -> None:
    actor = await house.signed_in()
    began = datetime.now(UTC) - timedelta(seconds=1)
    given = ConsentsBody(messages=True, data_sharing=False)
    shown = await house.own.update(actor, OwnChange(consents=given))
    assert (shown.consents.messages, shown.consents.reminders, shown.consents.data_sharing) == (True, False, False)
    recorded = {one.kind: one for one in shown.consent_records}
    assert {kind.value: one.given for kind, one in recorded.items()} == {"messages": True, "data_sharing": False}
    assert all(one.recorded_by == actor.account and one.recorded_at > began for one in recorded.values())
    again = await house.own.update(actor, OwnChange(consents=given))
    assert again == shown  # said before, and so not said anew
    taken_back = await house.own.update(actor, OwnChange(consents=ConsentsBody(messages=False)))
    assert taken_back.version == shown.version + 1
    said = [(data["kind"], data["given"]) for _, data in await house.events("patient_consent_recorded")]
    assert said == [("messages", True), ("data_sharing", False), ("messages", False)]


async def test_a_new_contact_is_taken_with_the_code_that_was_sent_there(house: House) -> None:
    actor, new = await house.signed_in(), phone()
    with pytest.raises(InvalidValue) as refused:
        await house.own.update(actor, OwnChange(phone=new.value))
    assert refused.value.field == "code"
    code = await house.sent(new)
    with pytest.raises(WrongCode):
        await house.own.update(actor, OwnChange(phone=new.value, code=other_than(code)))
    with pytest.raises(CodeExpired):  # a code of another address shows nothing about this one
        await house.own.update(actor, OwnChange(email=address().value, code=code))
    shown = await house.own.update(actor, OwnChange(phone=new.value, code=code))
    assert shown.phone == new.value
    assert (await house.enter(new)).user.id == actor.account


async def test_wrong_codes_for_a_new_contact_are_counted_too(house: House) -> None:
    actor, new = await house.signed_in(), phone()
    code = await house.sent(new)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await house.own.update(actor, OwnChange(phone=new.value, code=other_than(code)))
    with pytest.raises(CodeExpired):
        await house.own.update(actor, OwnChange(phone=new.value, code=code))


async def test_the_old_contact_opens_the_account_no_longer(house: House) -> None:
    old, new = address(), address()
    entered = await house.enter(old, name="Asha Rao")
    actor = await house.actor(entered)
    await house.own.update(actor, OwnChange(email=new.value, code=await house.sent(new)))
    assert (await house.enter(new)).user.id == actor.account
    assert (await house.enter(old)).user.id != actor.account


async def test_whoever_shows_a_contact_to_be_theirs_takes_it_along_from_an_older_account(house: House) -> None:
    contact = phone()
    await house.enter(contact)
    actor = await house.signed_in()
    await house.own.update(actor, OwnChange(phone=contact.value, code=await house.sent(contact)))
    assert (await house.enter(contact)).user.id == actor.account


async def test_something_to_sign_in_with_has_to_be_left(house: House) -> None:
    actor, new = await house.signed_in(), phone()
    with pytest.raises(Conflict):
        await house.own.update(actor, OwnChange(email=None))
    assert (await house.own.get(actor)).email is not None
    await house.own.update(actor, OwnChange(phone=new.value, code=await house.sent(new)))
    assert (await house.own.update(actor, OwnChange(email=None))).email is None


async def test_one_contact_is_changed_at_a_time(house: House) -> None:
    actor = await house.signed_in()
    with pytest.raises(InvalidValue):
        await house.own.update(actor, OwnChange(email=address().value, phone=phone().value, code="123456"))


async def test_a_patient_acts_for_a_family(house: House) -> None:
    actor = await house.signed_in()
    born = date(2019, 9, 30)
    child = await house.own.add_relative(actor, NewRelative(name="Mira Rao", birth_date=born, language="hi"))
    assert (child.guardian_id, child.birth_date, child.email, child.phone) == (actor.patient, born, None, None)
    changed = await house.own.change_relative(actor, child.id, RelativeChange(name="Mira"), if_match=child.version)
    assert await house.own.relatives(actor) == [changed]
    with pytest.raises(StaleVersion):
        await house.own.change_relative(actor, child.id, RelativeChange(name="M"), if_match=child.version)
    await house.erasure.erase_relative(actor, child.id)
    assert await house.own.relatives(actor) == []
    ((by, data),) = await house.events("patient_erased")
    assert (by, data["patientId"]) == (actor.account, str(child.id))


async def test_a_family_has_an_end(house: House) -> None:
    actor = await house.signed_in()
    for number in range(MOST_RELATIVES):
        await house.own.add_relative(actor, NewRelative(name=f"Relative {number}"))
    with pytest.raises(Conflict):
        await house.own.add_relative(actor, NewRelative(name="One more"))


async def test_whoever_is_acted_for_is_in_reach_of_their_guardian_alone(house: House) -> None:
    guardian, other = await house.signed_in(), await house.signed_in()
    child = await house.own.add_relative(guardian, NewRelative(name="Mira Rao"))
    visitor = guest(house.tenant, new_token())
    async with house.graph.db.tenant(house.tenant) as tx:

        async def reaches(actor: Actor, patient: UUID | None) -> bool:
            assert patient is not None
            return await is_in_reach(tx, actor, patient)

        assert await reaches(guardian, guardian.patient)
        assert await reaches(guardian, child.id)
        assert not await reaches(other, child.id)
        assert not await reaches(other, guardian.patient)
        assert not await reaches(guardian, other.patient)
        assert not await reaches(visitor, child.id)
        assert await reaches(house.clinic.receptionist, child.id)
    await house.erasure.erase_relative(guardian, child.id)
    async with house.graph.db.tenant(house.tenant) as tx:
        assert not await is_in_reach(tx, guardian, child.id)


async def test_a_patient_books_for_themselves_and_theirs_and_for_nobody_else(house: House) -> None:
    actor, other = await house.signed_in(name="Asha Rao"), await house.signed_in(name="Ravi Patel")
    child = await house.own.add_relative(actor, NewRelative(name="Mira Rao"))

    async def booked(by: Actor, given: BookedPatient | None) -> str:
        async def work(unit: Unit) -> tuple[object, int | None]:
            return (await booked_patient(unit, given)).name, None

        return str((await house.graph.writes.run(by, "book-slot", work)).result)

    assert await booked(actor, None) == "Asha Rao"
    assert await booked(actor, BookedPatient(id=child.id)) == "Mira Rao"
    assert other.patient is not None
    for given in (BookedPatient(id=other.patient), BookedPatient(id=uuid4())):
        with pytest.raises(NotFound):
            await booked(actor, given)
    with pytest.raises(NotFound):
        await booked(other, BookedPatient(id=child.id))


async def test_somebody_new_says_who_they_are_before_they_book(house: House) -> None:
    actor = await house.actor(await house.enter(address()))

    async def work(unit: Unit) -> tuple[object, int | None]:
        return (await booked_patient(unit, None)).name, None

    with pytest.raises(InvalidValue) as refused:
        await house.graph.writes.run(actor, "book-slot", work)
    assert refused.value.field == "patient.name"
    await house.own.update(actor, OwnChange(name="Mei Chen"))
    assert (await house.graph.writes.run(actor, "book-slot", work)).result == "Mei Chen"


async def test_nobody_touches_somebody_elses_family(house: House) -> None:
    guardian, other = await house.signed_in(), await house.signed_in()
    child = await house.own.add_relative(guardian, NewRelative(name="Mira Rao"))
    for stranger in (child.id, guardian.patient, uuid4()):
        assert stranger is not None
        with pytest.raises(NotFound):
            await house.own.change_relative(other, stranger, RelativeChange(name="Mine"))
        with pytest.raises(NotFound):
            await house.erasure.erase_relative(other, stranger)
    assert await house.own.relatives(other) == []
    assert (await house.own.relatives(guardian))[0].name == "Mira Rao"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PATIENT])
async def test_only_patients_have_a_record_of_their_own(house: House, role: Role) -> None:
    actor = house.clinic.actor(role)
    for work in (
        house.own.get(actor),
        house.own.relatives(actor),
        house.own.appointments(actor),
        house.own.update(actor, OwnChange(name="Mine")),
        house.own.add_relative(actor, NewRelative(name="Mine")),
        house.export.export_own(actor),
        house.erasure.erase_own(actor),
    ):
        with pytest.raises(Forbidden):
            await work


async def test_appointments_are_ones_own_and_the_familys(house: House) -> None:
    actor, other = await house.signed_in(), await house.signed_in()
    child = await house.own.add_relative(actor, NewRelative(name="Mira Rao"))
    assert actor.patient is not None
    assert other.patient is not None
    own, theirs = await house.visit(actor.patient), await house.visit(child.id, doctor=1)
    foreign = await house.visit(other.patient)
    seen = {one.appointment.id for one in await house.own.appointments(actor)}
    assert seen == {own, theirs}
    assert {one.appointment.id for one in await house.own.appointments(other)} == {foreign}
