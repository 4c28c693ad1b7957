"""Whom the time of an appointment could be offered to, and offering it."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.answers import NONE
from queue_server.application.booking.bodies import CancelBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.waitlist.bodies import VacancyInviteBody, WindowBody
from queue_server.application.waitlist.candidates import Candidates
from scheduling_core.errors import Conflict, Forbidden, NotFound, SlotUnavailable
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Role
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist.matching import Unfit
from tests.application.booking.test_booking import once
from tests.application.waitlist.loop import Loop
from tests.factories import new_clinic


class Vacancy:
    """An appointment that may be cancelled, and who waits for its time."""

    def __init__(self, loop: Loop, appointment: UUID) -> None:
        self.loop, self.appointment = loop, appointment
        self.candidates = Candidates(loop.graph.db, loop.graph.writes)

    async def is_cancelled(self) -> None:
        cancelling = Cancelling(self.loop.graph.writes, self.loop.graph.directory, self.loop.graph.links)
        await cancelling.cancel(self.loop.waitlist.desk, self.appointment, CancelBody(), once())

    async def invite(self, **body: Any) -> dict[str, Any]:
        desk = self.loop.waitlist.desk
        answer = await self.candidates.invite(desk, self.appointment, VacancyInviteBody(**body), NONE)
        made: dict[str, Any] = msgspec.json.decode(answer.body)
        return made


@pytest.fixture
async def vacancy(loop: Loop) -> Vacancy:
    """An appointment at the first time of the day."""
    await loop.practice.keeps_calendar()
    slots = await loop.slots()
    await loop.free(slots[0])
    booking = SlotBooking(loop.graph.writes, loop.graph.directory, loop.graph.links, 15)
    answer = await booking.book(loop.waitlist.desk, slots[0], BookBody(patient=BookedPatient(name="Mei Chen")), once())
    return Vacancy(loop, UUID(msgspec.json.decode(answer.body)["appointment"]["id"]))


async def test_whom_it_is_for_stands_first_and_all_others_with_why_not(loop: Loop, vacancy: Vacancy) -> None:
    plain = await loop.waitlist.join()
    evening = await loop.waitlist.join(requested_window=WindowBody(parts_of_day=(PartOfDay.EVENING,)))
    narrow = await loop.waitlist.join(requested_window=WindowBody(parts_of_day=(PartOfDay.MORNING,)))
    other = await loop.waitlist.join(doctor_id=loop.practice.clinic.doctors[1])
    found = await vacancy.candidates.of_appointment(loop.waitlist.desk, vacancy.appointment)
    assert [(str(one.entry.id), one.unfit) for one in found] == [
        (narrow["id"], None),
        (plain["id"], None),
        (evening["id"], Unfit.OTHER_PART_OF_DAY),
    ]
    assert other["id"] not in {str(one.entry.id) for one in found}
    assert found[0].points > found[1].points


async def test_the_time_is_offered_once_it_was_given_back(loop: Loop, vacancy: Vacancy) -> None:
    first, second = await loop.waitlist.join(), await loop.waitlist.join()
    with pytest.raises(SlotUnavailable):
        await vacancy.invite()
    await vacancy.is_cancelled()
    made = await vacancy.invite(waitlist_id=UUID(second["id"]))
    assert (made["id"], made["status"]) == (second["id"], "invited")
    with pytest.raises(SlotUnavailable):
        await vacancy.invite(waitlist_id=UUID(first["id"]))


async def test_without_a_name_it_goes_to_the_first_and_to_nobody_where_it_is_nobodys(
    loop: Loop, vacancy: Vacancy
) -> None:
    await vacancy.is_cancelled()
    with pytest.raises(Conflict):
        await vacancy.invite()
    first = await loop.waitlist.join()
    assert (await vacancy.invite())["id"] == first["id"]


async def test_only_who_works_the_list_there_looks_at_it(loop: Loop, vacancy: Vacancy) -> None:
    clinic = loop.practice.clinic
    elsewhere = clinic.actor(Role.RECEPTIONIST, clinics=(ClinicId(uuid4()),))
    colleague = clinic.actor(Role.DOCTOR, doctor=clinic.doctors[1])
    for nobody, refusal in ((elsewhere, NotFound), (colleague, Forbidden)):
        with pytest.raises(refusal):
            await vacancy.candidates.of_appointment(nobody, vacancy.appointment)
    with pytest.raises(NotFound):
        await vacancy.candidates.of_appointment(loop.waitlist.desk, uuid4())


async def test_staff_of_another_clinic_of_the_doctors_see_nothing_of_this_ones_list(
    loop: Loop, vacancy: Vacancy
) -> None:
    clinic = loop.practice.clinic
    await loop.waitlist.join()
    next_door = await new_clinic(loop.graph.db, tenant=clinic.tenant)
    async with loop.graph.db.tenant(clinic.tenant) as tx:
        await tx.run(
            "INSERT INTO doctor_clinic (tenant_id, clinic_id, doctor_id, last_event_id) VALUES ($1, $2, $3, $4)",
            clinic.tenant,
            next_door.id,
            clinic.doctors[0],
            uuid4(),
        )
    theirs = clinic.actor(Role.RECEPTIONIST, clinics=(next_door.id,))
    with pytest.raises(NotFound):
        await vacancy.candidates.of_appointment(theirs, vacancy.appointment)
    with pytest.raises(NotFound):
        await vacancy.candidates.invite(theirs, vacancy.appointment, VacancyInviteBody(), NONE)


async def test_their_places_are_those_in_the_list_of_the_clinic(loop: Loop, vacancy: Vacancy) -> None:
    ahead = await loop.waitlist.join(doctor_id=loop.practice.clinic.doctors[1])
    mine = await loop.waitlist.join()
    assert await loop.waitlist.line() == [UUID(ahead["id"]), UUID(mine["id"])]
    (found,) = await vacancy.candidates.of_appointment(loop.waitlist.desk, vacancy.appointment)
    assert (str(found.entry.id), found.entry.position) == (mine["id"], 2)
