"""What is handed out is everything of a patient and theirs, and nothing of anybody else's."""

from uuid import uuid4

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.patients.bodies import ConsentsBody, NewRelative, OwnChange
from queue_server.application.payments.bodies import PaymentMethod
from scheduling_core.errors import NotFound
from tests.application.patients.house import House, address
from tests.application.payments.till import FEE, FakeProvider, Till
from tests.application.slots.conftest import Practice


async def test_all_that_is_known_of_a_patient_is_in_their_export(house: House) -> None:
    contact = address()
    actor, other = await house.actor(await house.enter(contact, name="Asha Rao")), await house.signed_in(name="Ravi")
    await house.own.update(actor, OwnChange(consents=ConsentsBody(reminders=True)))
    child = await house.own.add_relative(actor, NewRelative(name="Mira Rao"))
    assert actor.patient is not None
    assert other.patient is not None
    foreign, own, theirs = [await house.visit(one) for one in (other.patient, actor.patient, child.id)]
    for entry, place, words in ((foreign, 3, "of somebody else"), (own, 2, "feels faint"), (own, 1, "cries")):
        move = bodies.MoveBody(new_position=place, reason=words)
        await house.graph.queue.run(house.clinic.receptionist, "move", entry, move)
    found = await house.export.export_own(actor)
    text = msgspec.json.encode(found).decode()  # as it goes out
    assert found.patient == await house.own.get(actor)
    assert [one.id for one in found.family] == [child.id]
    assert {one.id for one in found.appointments} == {own, theirs}
    assert {one.clinic for one in found.appointments} == {"Riverside Clinic"}
    assert found.notes == ("feels faint", "cries")
    assert [(one.kind, one.recipient) for one in found.messages] == [("sign_in_code", contact.value)]
    assert found.account is not None
    assert (found.account.id, found.account.contacts) == (actor.account, (contact.value,))
    for foreign_word in ("of somebody else", "Ravi", str(foreign)):
        assert foreign_word not in text


async def test_what_was_paid_is_in_the_export_of_whoever_came(house: House) -> None:
    till = Till(house.graph, Practice(house.graph.db, house.clinic), FakeProvider())
    await till.opens()
    actor, other = await house.signed_in(), await house.signed_in()
    assert actor.patient is not None
    visit = await house.visit(actor.patient)
    payment = await till.pays(till.desk, appointment=visit, method=PaymentMethod.DESK)
    found = await house.export.export_own(actor)
    assert [(one.id, one.appointment_id, one.amount) for one in found.payments] == [(payment.id, visit, FEE)]
    assert (await house.export.export_own(other)).payments == ()
    # What was begun for a time that was never booked is theirs, too.
    begun = await till.pays(actor, hold=await till.holds(actor, await till.slot()))
    assert [one.id for one in (await house.export.export_own(actor)).payments] == [payment.id, begun.id]


async def test_that_something_was_handed_out_is_remembered(house: House) -> None:
    actor = await house.signed_in()
    assert actor.patient is not None
    await house.export.export(house.admin, actor.patient)
    ((_, data),) = await house.events("patient_exported")
    assert data["patientId"] == str(actor.patient)
    with pytest.raises(NotFound):
        await house.export.export(house.admin, uuid4())
