"""A follow-up names the visit it comes after: one of the same patient, that whoever books may see."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.slots.bodies import BookBody, BookedPatient
from scheduling_core.errors import Conflict, DomainError, InvalidValue, NotFound
from tests.application.booking.moving import Moving, once, patient_of
from tests.application.slots.conftest import Practice
from tests.factories import in_days

DAY = 2


async def is_over(practice: Practice, booked: dict[str, Any]) -> None:
    """Let a visit have taken place."""
    await practice.rows(
        "UPDATE queue_entry SET state = 'completed' WHERE entry_id = $1 RETURNING 1", UUID(booked["appointment"]["id"])
    )


async def test_the_visit_is_recorded_as_the_follow_up_of_the_other(moving: Moving) -> None:
    first = await moving.book(await moving.slot(in_days(DAY), 9))
    patient = BookedPatient(id=(await moving.appointment(first))["patient_id"])
    of = UUID(first["appointment"]["id"])
    then = await moving.book(await moving.slot(in_days(DAY), 10), patient=patient, follow_up_of=of)
    row = await moving.appointment(then)
    assert (row["follow_up_of"], row["visit_type"], then["appointment"]["visitType"]) == (of, "follow_up", "follow_up")
    # It stays one wherever it is moved.
    await moving.move(then, await moving.slot(in_days(DAY), 11))
    row = await moving.appointment(then)
    assert (row["follow_up_of"], row["visit_type"]) == (of, "follow_up")


async def test_a_follow_up_of_what_is_not_the_patients_or_did_not_take_place_is_refused(
    moving: Moving, practice: Practice
) -> None:
    await practice.keeps_calendar()
    somebody, cancelled = [await moving.book(await moving.slot(in_days(DAY), hour)) for hour in (9, 10)]
    patient = BookedPatient(id=(await moving.appointment(cancelled))["patient_id"])
    await moving.cancel(cancelled)
    eleven = await moving.slot(in_days(DAY), 11)
    before = await moving.everything()
    refused: list[tuple[UUID, dict[str, Any], type[DomainError]]] = [
        (UUID(somebody["appointment"]["id"]), {}, NotFound),
        (uuid4(), {}, NotFound),
        (UUID(cancelled["appointment"]["id"]), {}, Conflict),
        (UUID(cancelled["appointment"]["id"]), {"visit_type": "vaccination"}, InvalidValue),
    ]
    for of, more, refusal in refused:
        with pytest.raises(refusal) as error:
            await moving.book(eleven, patient=patient, follow_up_of=of, **more)
        assert error.value.field in ("followUpOf", "visitType")
    assert await moving.everything() == before


async def test_patients_follow_up_their_own_visits_and_say_which(
    moving: Moving, practice: Practice, holding: Holding, booking: SlotBooking
) -> None:
    await practice.takes_patients()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    first = await moving.book(nine)
    await is_over(practice, first)
    patient = patient_of(practice, (await moving.appointment(first))["patient_id"])
    of, answer = UUID(first["appointment"]["id"]), await holding.create(patient, ten, HoldBody())
    assert answer.result is not None
    hold = answer.result.hold_id  # type: ignore[attr-defined]
    with pytest.raises(InvalidValue) as unnamed:
        await booking.book(patient, ten, BookBody(hold_id=hold, visit_type="follow_up"), once())
    assert unnamed.value.field == "followUpOf"
    await booking.book(patient, ten, BookBody(hold_id=hold, follow_up_of=of), once())
    (row,) = await practice.rows("SELECT follow_up_of FROM appointment WHERE slot_id = $1", ten)
    assert row["follow_up_of"] == of


async def test_patients_follow_up_no_visit_that_is_still_to_come(
    moving: Moving, practice: Practice, holding: Holding, booking: SlotBooking
) -> None:
    """Else they would book one, follow it up for less, and cancel it."""
    await practice.takes_patients()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    first = await moving.book(nine)
    patient = patient_of(practice, (await moving.appointment(first))["patient_id"])
    hold = (await holding.create(patient, ten, HoldBody())).result.hold_id  # type: ignore[attr-defined]
    body = BookBody(hold_id=hold, follow_up_of=UUID(first["appointment"]["id"]))
    with pytest.raises(Conflict, match="still to come") as refused:
        await booking.book(patient, ten, body, once())
    assert refused.value.field == "followUpOf"
    await is_over(practice, first)
    await booking.book(patient, ten, body, once())


async def test_a_guest_follows_up_nothing(
    moving: Moving, practice: Practice, holding: Holding, booking: SlotBooking
) -> None:
    await practice.takes_patients()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    first, somebody = await moving.book(nine), guest(practice.clinic.tenant, new_token())
    hold = (await holding.create(somebody, ten, HoldBody())).result.hold_id  # type: ignore[attr-defined]
    them = BookedPatient(name="Mei Chen", phone="+44 20 7946 0999")
    of = UUID(first["appointment"]["id"])
    with pytest.raises(NotFound):
        await booking.book(somebody, ten, BookBody(hold_id=hold, patient=them, follow_up_of=of), once())
