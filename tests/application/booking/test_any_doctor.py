"""A time with whichever doctor is free: the one with the fewest patients first, and each place once."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.booking.any_doctor import AnyDoctor
from queue_server.application.booking.bodies import AnyHoldBody
from queue_server.application.booking.guests import guest, new_token
from queue_server.store.db import Database
from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.errors import CapacityReached, HoldLimitReached, InvalidValue, SlotUnavailable
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from scheduling_core.slots.events import HolderKind
from tests.application.booking.moving import once
from tests.application.slots.conftest import Practice, hours
from tests.application.test_enrolment import cap
from tests.factories import at, in_days, new_clinic

DAY = 2
DOCTORS = 5


@pytest.fixture
async def house(database: Database) -> list[Practice]:
    """Five doctors of one clinic, who all sit from nine to twelve."""
    clinic = await new_clinic(database, doctors=DOCTORS)
    practices = [
        Practice(database, msgspec.structs.replace(clinic, doctors=(doctor,))) for doctor in sorted(clinic.doctors)
    ]
    for one in practices:
        await one.regenerate(in_days(DAY), in_days(DAY))
        await one.takes_patients()
    return practices


def wanted(house: list[Practice], hour: int = 9, **more: Any) -> AnyHoldBody:
    body = AnyHoldBody(start=at(in_days(DAY), hour), clinic_id=house[0].clinic.id)
    return msgspec.structs.replace(body, **more)


def somebody(house: list[Practice]) -> Actor:
    return guest(house[0].clinic.tenant, new_token())


async def hold(any_doctor: AnyDoctor, actor: Actor, body: AnyHoldBody) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((await any_doctor.hold(actor, body, once())).body)
    return found


async def test_racing_callers_each_get_a_doctor_until_none_is_left(
    any_doctor: AnyDoctor, house: list[Practice]
) -> None:
    async def attempt() -> str:
        try:
            kept = await hold(any_doctor, somebody(house), wanted(house))
        except SlotUnavailable as error:
            return error.code
        doctor: str = kept["slot"]["doctorId"]
        return doctor

    outcomes = Counter(await asyncio.gather(*(attempt() for _ in range(12))))
    assert outcomes == {str(one.doctor): 1 for one in house} | {"slot_unavailable": 12 - DOCTORS}
    held = await house[0].rows("SELECT doctor_id, held FROM slot WHERE start = $1", at(in_days(DAY), 9))
    assert [row["held"] for row in held] == [1] * DOCTORS


async def test_who_has_the_fewest_patients_that_day_comes_first(any_doctor: AnyDoctor, house: list[Practice]) -> None:
    for number, one in enumerate(house):
        if number != 3:
            await one.books(at(in_days(DAY), 11), slot=(await one.slot(at(in_days(DAY), 11)))["slot_id"])
    kept = await hold(any_doctor, somebody(house), wanted(house))
    assert kept["slot"]["doctorId"] == str(house[3].doctor)


async def test_who_keeps_such_a_place_gets_that_one(any_doctor: AnyDoctor, house: list[Practice]) -> None:
    one = somebody(house)
    first = await hold(any_doctor, one, wanted(house))
    again = await hold(any_doctor, one, wanted(house))
    assert again["holdId"] == first["holdId"]


async def test_the_limit_of_holds_is_that_of_all_holds(any_doctor: AnyDoctor, house: list[Practice]) -> None:
    one = somebody(house)
    for hour in (9, 10):
        await hold(any_doctor, one, wanted(house, hour))
    with pytest.raises(HoldLimitReached):
        await hold(any_doctor, one, wanted(house, 11))


async def test_only_those_who_would_do_are_asked(any_doctor: AnyDoctor, house: list[Practice]) -> None:
    two = tuple(UUID(str(one.doctor)) for one in house[1:3])
    got = {
        (await hold(any_doctor, somebody(house), wanted(house, clinic_id=None, doctor_ids=two)))["slot"]["doctorId"]
        for _ in two
    }
    assert got == {str(doctor) for doctor in two}
    with pytest.raises(SlotUnavailable):
        await hold(any_doctor, somebody(house), wanted(house, clinic_id=None, doctor_ids=two))
    await house[4].rows(
        "INSERT INTO doctor_specialty (tenant_id, doctor_id, specialty, last_event_id)"
        " VALUES ($1, $2, 'cardiology', $2) RETURNING 1",
        house[4].clinic.tenant,
        house[4].doctor,
    )
    found = await hold(any_doctor, somebody(house), wanted(house, clinic_id=None, specialty="cardiology"))
    assert found["slot"]["doctorId"] == str(house[4].doctor)
    with pytest.raises(SlotUnavailable):
        await hold(any_doctor, somebody(house), wanted(house, clinic_id=uuid4()))


async def test_the_way_to_meet_and_who_may_be_booked_count(any_doctor: AnyDoctor, house: list[Practice]) -> None:
    with pytest.raises(SlotUnavailable):
        await hold(any_doctor, somebody(house), wanted(house, mode=Mode.TELE))
    house[2].sits(hours(tele=1))
    await house[2].regenerate(in_days(DAY), in_days(DAY))
    kept = await hold(any_doctor, somebody(house), wanted(house, mode=Mode.TELE))
    assert (kept["slot"]["doctorId"], kept["mode"]) == (str(house[2].doctor), "tele")
    await house[0].rows("UPDATE doctor_bookability SET can_patient_book = false RETURNING 1")
    with pytest.raises(SlotUnavailable):
        await hold(any_doctor, somebody(house), wanted(house))
    # The desk may book them all the same, but nobody of other clinics.
    await hold(any_doctor, house[0].clinic.receptionist, wanted(house))
    limited = house[0].clinic.actor(Role.RECEPTIONIST, clinics=(uuid4(),))  # type: ignore[arg-type]
    with pytest.raises(SlotUnavailable):
        await hold(any_doctor, limited, wanted(house))


async def test_somebody_must_be_said_to_do(any_doctor: AnyDoctor, house: list[Practice]) -> None:
    with pytest.raises(InvalidValue):
        await hold(any_doctor, somebody(house), wanted(house, clinic_id=None))


async def test_a_place_whose_hold_is_over_is_found_although_nobody_has_noted_it(
    any_doctor: AnyDoctor, house: list[Practice], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(HELD_FOR, HolderKind.GUEST, timedelta(microseconds=1))
        doctors = tuple(UUID(str(one.doctor)) for one in house[:1])
        await hold(any_doctor, somebody(house), wanted(house, doctor_ids=doctors))
    assert (await house[0].slot(at(in_days(DAY), 9)))["held"] == 1
    kept = await hold(any_doctor, somebody(house), wanted(house, doctor_ids=doctors))
    assert kept["slot"]["doctorId"] == str(house[0].doctor)


async def test_a_place_that_nobody_holds_comes_before_one_that_may_be_free_again(
    any_doctor: AnyDoctor, house: list[Practice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.application.booking.any_doctor.MOST", 1)
    # The one who has fewest patients is held; the others are busier.
    for one in house[1:]:
        for hour in (10, 11):
            await one.books(at(in_days(DAY), hour), slot=(await one.slot(at(in_days(DAY), hour)))["slot_id"])
    first = await hold(any_doctor, somebody(house), wanted(house))
    second = await hold(any_doctor, somebody(house), wanted(house))
    assert first["slot"]["doctorId"] == str(house[0].doctor) != second["slot"]["doctorId"]


async def test_that_the_clinic_takes_nobody_more_is_said_and_not_that_nobody_is_free(
    any_doctor: AnyDoctor, house: list[Practice], database: Database
) -> None:
    await cap(database, house[0].clinic, '{"per_day": 1}')
    await hold(any_doctor, somebody(house), wanted(house))
    with pytest.raises(CapacityReached):
        await hold(any_doctor, somebody(house), wanted(house))
