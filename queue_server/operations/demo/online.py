"""People who book with the demo's doctors: on their phones, which hold a time first, or by calling reception.

They go the way that everybody goes, so that the calendar, the queue and whoever looks at free times see them come.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import msgspec

from queue_server.application.answers import Precondition
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.views import HoldView
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.slots.views import SlotStatus, StaffSlotView
from queue_server.operations.demo import cast
from queue_server.operations.demo.seed import TENANT, doctor_id, staff_actor
from queue_server.store.idempotency import Idempotency
from queue_server.wiring import Services
from scheduling_core.errors import DomainError, Unavailable
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role

WANTED_AHEAD = 12
"""Patients of each doctor within the coming week; who cancels is followed by somebody else."""
A_ROUND = 2
"""Bookings with a doctor at a time, so that the calendar fills before one's eyes."""
AHEAD = timedelta(days=7)
BY_PHONE, THINKS_BETTER_OF_IT = 0.3, 0.15


class Online:
    """Books slots as guests and as reception."""

    def __init__(self, services: Services, chance: random.Random) -> None:
        self._services = services
        self._chance = chance
        self._desk = staff_actor(Role.RECEPTIONIST)

    async def fill(self, day: date) -> int:
        """Book some slots of the week after `day` with each doctor who has few patients then; returns how many."""
        booked = 0
        for doctor in cast.DOCTORS:
            slots = await self._slots(doctor, day + timedelta(days=1), day + AHEAD)
            missing = WANTED_AHEAD - sum(slot.taken.total for slot in slots)
            free = [slot for slot in slots if slot.status is SlotStatus.FREE]
            for slot in self._chance.sample(free, max(0, min(missing, A_ROUND, len(free)))):
                booked += await self._come(slot)
        return booked

    async def today(self, doctor: cast.DemoDoctor, day: date, now: datetime, *, within: timedelta, most: int) -> int:
        """Book the doctor's next free slots of today that begin soon, as guests; returns how many."""
        soon = [
            slot
            for slot in await self._slots(doctor, day, day)
            if slot.status is SlotStatus.FREE and now < slot.start < now + within
        ]
        return sum([await self._as_guest(slot) for slot in soon[:most]])

    async def _slots(self, doctor: cast.DemoDoctor, first: date, last: date) -> Sequence[StaffSlotView]:
        found = await self._services.availability.of_doctor(
            self._desk, doctor_id(doctor), first.isoformat(), last.isoformat(), limit=200
        )
        return found.items

    async def _come(self, slot: StaffSlotView) -> bool:
        if self._chance.random() < BY_PHONE:
            return await self._by_phone(slot)
        return await self._as_guest(slot, gives_up=self._chance.random() < THINKS_BETTER_OF_IT)

    async def _as_guest(self, slot: StaffSlotView, *, gives_up: bool = False) -> bool:
        """Hold the slot and book it, as somebody without an account does; returns whether that came to pass.

        Somebody else may be quicker. Who `gives_up` leaves the hold to its time.
        """
        somebody, mode = guest(TENANT, new_token()), mode_of(slot)
        try:
            answer = await self._services.holding.create(somebody, slot.id, HoldBody(mode=mode))
            if gives_up:
                return False
            hold = msgspec.json.decode(answer.body, type=HoldView)
            body = BookBody(hold_id=hold.hold_id, patient=self._person(), mode=mode)
            await self._services.slot_booking.book(somebody, slot.id, body, once())
        except Unavailable:
            raise
        except DomainError:
            return False
        return True

    async def _by_phone(self, slot: StaffSlotView) -> bool:
        body = BookBody(patient=self._person(), mode=mode_of(slot))
        try:
            await self._services.slot_booking.book(self._desk, slot.id, body, once())
        except Unavailable:
            raise
        except DomainError:
            return False
        return True

    def _person(self) -> BookedPatient:
        name, language = self._chance.choice(cast.PATIENTS)
        phone = f"+1 555 03{self._chance.randrange(10_000):04}"
        return BookedPatient(name=name, phone=phone, language=language)


def mode_of(slot: StaffSlotView) -> Mode:
    """Return the way in which a slot is booked: in person where there is a place for that."""
    return Mode.IN_PERSON if slot.remaining.in_person else Mode.TELE


def once() -> Precondition:
    """Return a new key for something that is done once."""
    key = uuid4().hex
    return Precondition(idempotency=Idempotency(key, sha256(key.encode()).digest()))
