"""Joining the waitlist: once for the same, while there is a place, and for what makes sense."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from queue_server.application.booking.guests import guest, new_token
from queue_server.application.waitlist.bodies import Wanted, WindowBody
from scheduling_core.errors import (
    AlreadyWaiting,
    Conflict,
    DomainError,
    Forbidden,
    InvalidValue,
    NotFound,
    WaitlistFull,
)
from scheduling_core.permissions import Role
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist.events import Urgency
from tests.application.booking.test_booking import once
from tests.application.waitlist.people import Waitlist
from tests.factories import Clinic, new_clinic


async def test_who_joins_is_in_the_list_with_what_they_said(waitlist: Waitlist) -> None:
    made = await waitlist.join(
        requested_window=WindowBody(parts_of_day=(PartOfDay.EVENING, PartOfDay.MORNING)),
        notes="By bus, so not before ten",
        metadata={"referral": "Dr Ito"},
    )
    found = await waitlist.reading.get(waitlist.desk, UUID(made["id"]))
    assert found.status == "active"
    assert (found.position, found.notes, found.metadata) == (1, "By bus, so not before ten", {"referral": "Dr Ito"})
    assert found.requested_window.parts_of_day == (PartOfDay.MORNING, PartOfDay.EVENING)
    assert found.expires_at - found.created_at == timedelta(hours=720)


async def test_who_waits_for_the_same_already_is_told_by_which_entry(waitlist: Waitlist) -> None:
    me = await waitlist.somebody()
    made = await waitlist.join(me)
    with pytest.raises(AlreadyWaiting) as refused:
        await waitlist.join(me)
    assert str(refused.value.entry) == made["id"]
    # For another doctor, or for whoever has a time, is something else.
    await waitlist.join(me, doctor_id=waitlist.clinic.doctors[1])
    await waitlist.join(me, doctor_id=None)
    assert await waitlist.counted() == 3


async def test_of_many_who_join_for_the_same_patient_at_once_one_does(waitlist: Waitlist) -> None:
    me = await waitlist.somebody()

    async def attempt() -> str:
        try:
            await waitlist.join(me)
        except DomainError as error:
            return error.code
        return "joined"

    outcomes = Counter(await asyncio.gather(*(attempt() for _ in range(10))))
    assert outcomes == {"joined": 1, "already_waiting": 9}
    assert await waitlist.counted() == 1


async def test_nobody_is_let_into_a_full_list_however_many_come_at_once(waitlist: Waitlist) -> None:
    await waitlist.runs_by(max_queue_size=5)
    patients = [await waitlist.somebody() for _ in range(12)]

    async def attempt(one: UUID) -> str:
        try:
            await waitlist.join(one)  # type: ignore[arg-type]
        except WaitlistFull:
            return "full"
        return "joined"

    assert Counter(await asyncio.gather(*map(attempt, patients))) == {"joined": 5, "full": 7}
    assert len(await waitlist.line()) == await waitlist.counted() == 5


async def test_who_leaves_makes_room(waitlist: Waitlist) -> None:
    await waitlist.runs_by(max_queue_size=1)
    first = await waitlist.join()
    await waitlist.change(first, status=Wanted.CANCELLED)
    await waitlist.join()
    assert await waitlist.counted() == 1


async def test_the_same_request_joins_once(waitlist: Waitlist) -> None:
    me, key = await waitlist.somebody(), once()
    assert await waitlist.join(me, precondition=key) == await waitlist.join(me, precondition=key)


async def test_patients_join_for_themselves_and_do_not_say_how_urgent_it_is(waitlist: Waitlist) -> None:
    me = await waitlist.account_of(await waitlist.somebody())
    with pytest.raises(InvalidValue) as refused:
        await waitlist.join(by=me, urgency=Urgency.URGENT)
    assert refused.value.field == "urgency"
    made = await waitlist.join(by=me)
    assert made["patientId"] == str(me.patient)
    assert "patientPhone" not in made


async def test_guests_and_doctors_put_nobody_on_the_list(waitlist: Waitlist) -> None:
    for nobody in (guest(waitlist.clinic.tenant, new_token()), waitlist.clinic.actor(Role.DOCTOR)):
        with pytest.raises(Forbidden):
            await waitlist.join(by=nobody)


async def test_a_window_in_the_past_is_refused_at_its_field(waitlist: Waitlist) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    with pytest.raises(InvalidValue) as refused:
        await waitlist.join(requested_window=WindowBody(end=past))
    assert refused.value.field == "requestedWindow.end"
    assert await waitlist.counted() == 0


async def test_a_clinic_that_is_closed_takes_nobody(waitlist: Waitlist) -> None:
    async with waitlist.db.tenant(waitlist.clinic.tenant) as tx:
        await tx.run("UPDATE clinic SET active = false WHERE clinic_id = $1", waitlist.clinic.id)
    for doctor in (None, waitlist.clinic.doctors[0]):
        with pytest.raises(Conflict):
            await waitlist.join(doctor_id=doctor)


async def test_what_is_unknown_or_out_of_reach_is_named(waitlist: Waitlist, clinic: Clinic) -> None:
    other = await new_clinic(waitlist.db, tenant=clinic.tenant)
    for wrong, field in (
        ({"clinic_id": uuid4(), "doctor_id": None}, "clinicId"),
        ({"doctor_id": uuid4()}, "doctorId"),
        ({"doctor_id": other.doctors[0]}, "doctorId"),
    ):
        with pytest.raises(NotFound) as refused:
            await waitlist.join(**wrong)
        assert refused.value.field == field
    elsewhere = clinic.actor(Role.RECEPTIONIST, clinics=(other.id,))
    with pytest.raises(NotFound):
        await waitlist.join(by=elsewhere)


async def test_what_is_said_stands_in_no_event(waitlist: Waitlist) -> None:
    made = await waitlist.join(notes="canary-note", metadata={"k": "canary-metadata"})
    await waitlist.change(made, status=Wanted.CANCELLED, reason="canary-reason")
    async with waitlist.db.tenant(waitlist.clinic.tenant) as tx:
        rows = await tx.rows("SELECT data::text AS data FROM event_store WHERE tenant_id = $1", tx.tenant)
    assert not [row for row in rows if "canary" in row["data"]]
    found = await waitlist.reading.get(waitlist.desk, UUID(made["id"]))
    assert [one.notes for one in found.audit] == ["canary-note", "canary-reason"]  # type: ignore[attr-defined]
