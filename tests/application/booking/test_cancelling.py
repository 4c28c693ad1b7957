"""Cancelling gives the place back; patients may until the clinic's deadline, and say why in their own words."""

from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import NONE
from queue_server.application.booking.appointments import Appointments
from queue_server.application.booking.bodies import CancelBody, HoldBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.slots.bodies import BookedPatient
from scheduling_core.errors import (
    Forbidden,
    IllegalTransition,
    InvalidTrackingToken,
    InvalidValue,
    NotFound,
    NothingToUndo,
    RevokedTrackingToken,
    TooLateToCancel,
)
from scheduling_core.permissions import Role
from tests.application.booking.moving import SOMEBODY, Moving, once, patient_of
from tests.application.slots.conftest import Practice
from tests.factories import in_days, new_clinic
from tests.graph import Graph

DAY = 2


@pytest.fixture
def appointments(graph: Graph) -> Appointments:
    """The way to see appointments."""
    return Appointments(graph.db, graph.directory, graph.links)


@pytest.fixture
async def slot(moving: Moving, practice: Practice) -> UUID:
    """A slot of a doctor with a calendar, whom patients may book."""
    await practice.keeps_calendar()
    await practice.takes_patients()
    return await moving.slot(in_days(DAY), 9)


async def test_the_desk_cancels_and_the_place_is_free_for_the_next_one(
    moving: Moving, slot: UUID, practice: Practice
) -> None:
    booked = await moving.book(slot)
    cancelled = await moving.cancel(booked, "  The doctor is ill ")
    assert (cancelled["appointment"]["id"], cancelled["appointment"]["status"]) == (
        booked["appointment"]["id"],
        "cancelled",
    )
    assert cancelled["payment"] is None
    assert (await moving.appointment(booked))["state"] == "cancelled"
    assert await moving.taken(slot) == [0]
    assert [event["type"] for event in await practice.events()][-1] == "slot_given_back"
    await moving.book(slot)
    # Whoever is away for good does not come back to a place that is somebody else's now.
    with pytest.raises(IllegalTransition):
        await moving.cancel(booked)


async def test_why_it_was_cancelled_is_kept_apart_and_shown(
    moving: Moving, slot: UUID, practice: Practice, appointments: Appointments
) -> None:
    booked = await moving.book(slot)
    await moving.cancel_by_link(booked["trackingToken"], "I am well again")
    shown = await appointments.one(moving.desk, UUID(booked["appointment"]["id"]))
    assert (shown.cancel_reason, shown.may_cancel, shown.slot_id) == ("I am well again", False, None)
    events = await practice.rows("SELECT data::text AS data FROM event_store WHERE type = 'entry_cancelled'")
    assert len(events) == 1
    assert "well again" not in events[0]["data"]
    (text,) = await practice.rows("SELECT t.body FROM appointment a JOIN free_text t ON t.text_id = a.cancel_reason")
    assert text["body"] == "I am well again"


async def test_patients_cancel_until_the_clinics_deadline_and_staff_always(
    moving: Moving, slot: UUID, practice: Practice
) -> None:
    booked = await moving.book(slot)
    patient = patient_of(practice, (await moving.appointment(booked))["patient_id"])
    await practice.rows("""UPDATE clinic SET queue_policy = '{"cancelDeadlineMinutes": 4320}' RETURNING 1""")
    before = await moving.everything()
    with pytest.raises(TooLateToCancel):
        await moving.cancel(booked, by=patient)
    with pytest.raises(TooLateToCancel):
        await moving.cancel_by_link(booked["trackingToken"])
    assert await moving.everything() == before
    await moving.cancel(booked)
    assert await moving.taken(slot) == [0]


async def test_a_patient_cancels_their_own(moving: Moving, slot: UUID, practice: Practice) -> None:
    booked = await moving.book(slot)
    await moving.cancel(booked, by=patient_of(practice, (await moving.appointment(booked))["patient_id"]))
    assert await moving.taken(slot) == [0]


async def test_nobody_cancels_what_is_not_theirs(moving: Moving, slot: UUID, practice: Practice, graph: Graph) -> None:
    booked, elsewhere = await moving.book(slot), await new_clinic(graph.db)
    before = await moving.everything()
    for somebody, refusal in (
        (patient_of(practice, uuid4()), NotFound),
        (practice.clinic.actor(Role.RECEPTIONIST, clinics=(uuid4(),)), NotFound),  # type: ignore[arg-type]
        (practice.clinic.actor(Role.DOCTOR, doctor=practice.doctor), Forbidden),
        (guest(practice.clinic.tenant, new_token()), Forbidden),
        (elsewhere.receptionist, NotFound),
    ):
        with pytest.raises(refusal):
            await moving.cancel(booked, by=somebody)
    with pytest.raises(InvalidTrackingToken):
        await moving.cancel_by_link("no.such.token")
    assert await moving.everything() == before
    await graph.links.revoke(practice.clinic.actor(Role.ADMIN), UUID(booked["appointment"]["id"]))
    with pytest.raises(RevokedTrackingToken):
        await moving.cancel_by_link(booked["trackingToken"])
    assert await moving.taken(slot) == [1]


async def test_without_a_key_nothing_is_cancelled(moving: Moving, slot: UUID, graph: Graph) -> None:
    booked = await moving.book(slot)
    cancelling = Cancelling(graph.writes, graph.directory, graph.links)
    with pytest.raises(InvalidValue) as refused:
        await cancelling.cancel(moving.desk, UUID(booked["appointment"]["id"]), CancelBody(), NONE)
    assert refused.value.field == "Idempotency-Key"
    assert await moving.taken(slot) == [1]


async def test_reception_takes_its_own_cancellation_back_but_not_a_patients(
    moving: Moving, slot: UUID, practice: Practice, graph: Graph
) -> None:
    booked = await moving.book(slot)
    for cancel, is_undone in ((moving.cancel(booked), True), (moving.cancel_by_link(booked["trackingToken"]), False)):
        await cancel
        (queue,) = await practice.rows("SELECT version FROM queue")
        undo = bodies.UndoBody(version=queue["version"], date=in_days(DAY).isoformat())
        if is_undone:
            await graph.queue.run(moving.desk, "undo", practice.doctor, undo)
            assert await moving.taken(slot) == [1]
        else:
            with pytest.raises(NothingToUndo):
                await graph.queue.run(moving.desk, "undo", practice.doctor, undo)
    assert await moving.taken(slot) == [0]


async def test_reception_takes_its_own_booking_back_but_not_a_patients(
    moving: Moving, slot: UUID, practice: Practice, graph: Graph, holding: Holding, booking: SlotBooking
) -> None:
    async def undo() -> None:
        (queue,) = await practice.rows("SELECT version FROM queue")
        newest = bodies.UndoBody(version=queue["version"], date=in_days(DAY).isoformat())
        await graph.queue.run(moving.desk, "undo", practice.doctor, newest)

    await moving.book(slot)
    await undo()
    assert await moving.taken(slot) == [0]
    somebody = guest(practice.clinic.tenant, new_token())
    held = msgspec.json.decode((await holding.create(somebody, slot, HoldBody())).body)
    body = msgspec.structs.replace(SOMEBODY, hold_id=UUID(held["holdId"]))
    await booking.book(somebody, slot, body, once())
    with pytest.raises(NothingToUndo):
        await undo()
    assert await moving.taken(slot) == [1]


async def test_an_appointment_says_what_may_still_be_done_about_it(
    moving: Moving, slot: UUID, practice: Practice, appointments: Appointments
) -> None:
    booked = await moving.book(slot)
    entry = UUID(booked["appointment"]["id"])
    patient = patient_of(practice, (await moving.appointment(booked))["patient_id"])
    doctor = practice.clinic.actor(Role.DOCTOR, doctor=practice.doctor)
    for somebody, may in ((moving.desk, True), (patient, True), (doctor, False)):
        shown = await appointments.one(somebody, entry)
        assert (shown.may_cancel, shown.may_reschedule, shown.slot_id) == (may, may, slot)
        assert str(shown.appointment.id) == booked["appointment"]["id"]
    await practice.rows("""UPDATE clinic SET queue_policy = '{"cancelDeadlineMinutes": 4320}' RETURNING 1""")
    late = await appointments.one(patient, entry)
    assert (late.may_cancel, late.may_reschedule) == (False, False)
    assert (late.appointment.start - late.can_cancel_until).total_seconds() == 4320 * 60
    assert (await appointments.one(moving.desk, entry)).may_cancel


async def test_nobody_else_sees_it(
    moving: Moving, slot: UUID, practice: Practice, appointments: Appointments, graph: Graph
) -> None:
    entry = UUID((await moving.book(slot))["appointment"]["id"])
    elsewhere = await new_clinic(graph.db)
    for somebody, refusal in (
        (patient_of(practice, uuid4()), NotFound),
        (practice.clinic.actor(Role.DOCTOR, doctor=practice.clinic.doctors[1]), Forbidden),
        (practice.clinic.actor(Role.DEPARTMENT_HEAD), Forbidden),
        (practice.clinic.actor(Role.DISPLAY), Forbidden),
        (practice.clinic.actor(Role.RECEPTIONIST, clinics=(uuid4(),)), NotFound),  # type: ignore[arg-type]
        (elsewhere.receptionist, NotFound),
    ):
        with pytest.raises(refusal):
            await appointments.one(somebody, entry)


async def test_a_patients_appointments_are_listed_for_the_desk_of_their_clinics(
    moving: Moving, slot: UUID, practice: Practice, appointments: Appointments, graph: Graph
) -> None:
    first = await moving.book(slot)
    patient = (await moving.appointment(first))["patient_id"]
    then = await moving.book(await moving.slot(in_days(DAY), 11), patient=BookedPatient(id=patient))
    await moving.book(await moving.slot(in_days(DAY), 10))
    listed = await appointments.of_patient(moving.desk, patient)
    assert [str(one.appointment.id) for one in listed] == [then["appointment"]["id"], first["appointment"]["id"]]
    other = practice.clinic.actor(Role.RECEPTIONIST, clinics=(uuid4(),))  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await appointments.of_patient(other, patient)
    with pytest.raises(Forbidden):
        await appointments.of_patient(practice.clinic.actor(Role.DOCTOR, doctor=practice.doctor), patient)
    with pytest.raises(NotFound):
        await appointments.of_patient((await new_clinic(graph.db)).receptionist, patient)
