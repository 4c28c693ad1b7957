"""People who wait for a day that is full, and are offered what others give up.

One doctor's next day is booked up; some wait for it. Now and then somebody cancels, and whoever is offered the time
takes it, declines, or says nothing until the next one is asked. They go the way that everybody goes.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from queue_server.application.booking.bodies import CancelBody
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.slots.views import SlotStatus, StaffSlotView
from queue_server.application.waitlist.bodies import JoinBody, WindowBody
from queue_server.application.waitlist.offering import read
from queue_server.application.waitlist.reading import WaitlistFilter
from queue_server.application.waitlist.views import StaffEntryView
from queue_server.operations.demo import cast
from queue_server.operations.demo.online import mode_of, once
from queue_server.operations.demo.seed import TENANT, clinic_id, doctor_id, staff_actor
from queue_server.wiring import Services
from scheduling_core.errors import DomainError, Unavailable
from scheduling_core.ids import EntryId, WaitlistId
from scheduling_core.live_queue.state import EntryState
from scheduling_core.permissions import Role
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist.events import Urgency

CLINIC = cast.CLINICS[0]
POPULAR = CLINIC.doctors[0]
"""Whose next day is full; who looks at the doctor's page sees the list there."""
AHEAD = timedelta(days=6)
FEW, WAIT = 4, 7
"""As many wait before anybody cancels, and at most."""
ANSWER_MINUTES = 3
CANCELS, ACCEPTS, DECLINES = 0.4, 0.6, 0.2
"""How often somebody cancels in a round, and what becomes of an offer; the rest say nothing."""


class Waiting:
    """Keeps one doctor's next day full and some people waiting for it."""

    def __init__(self, services: Services, chance: random.Random) -> None:
        self._services = services
        self._chance = chance
        self._desk = staff_actor(Role.RECEPTIONIST)
        self._thought_about: set[tuple[UUID, UUID]] = set()
        """Who has made up their mind about which slot."""

    async def keep(self, day: date) -> None:
        """Let a little happen: the day after `day` fills, somebody joins, answers or cancels."""
        slots = await self._next_day(day)
        if not slots:
            return
        waiting = await self._line()
        free = [slot for slot in slots if slot.status is SlotStatus.FREE]
        if not waiting and free:
            await self._fill(free)
        elif len(waiting) < WAIT:
            await self._ask_less()
            for number in range(len(waiting), max(FEW, len(waiting) + 1)):
                await self._join(number)
        for entry in waiting:
            await self._answer(entry)
        if len(waiting) >= FEW and not free and self._chance.random() < CANCELS:
            await self._cancel(slots[0].date)

    async def _next_day(self, day: date) -> Sequence[StaffSlotView]:
        """Return the slots of the doctor's next day of work."""
        first, last = day + timedelta(days=1), day + AHEAD
        found = await self._services.availability.of_doctor(
            self._desk, doctor_id(POPULAR), first.isoformat(), last.isoformat(), limit=200
        )
        return [slot for slot in found.items if slot.date == found.items[0].date and slot.block_reason is None]

    async def _line(self) -> Sequence[StaffEntryView]:
        wanted = WaitlistFilter(clinic=clinic_id(CLINIC), doctor=doctor_id(POPULAR))
        return (await self._services.waitlist_reading.page(self._desk, wanted, limit=50)).items

    async def _ask_less(self) -> None:
        """Let offers be open for a few minutes only, unless somebody has decided otherwise."""
        admin, clinic = staff_actor(Role.ADMIN), clinic_id(CLINIC)
        policy, version = await self._services.waitlist_policies.get(admin, TENANT, clinic)
        if version == 0:
            brief = msgspec.structs.replace(policy, invite_minutes=ANSWER_MINUTES)
            await self._services.waitlist_policies.set(admin, TENANT, clinic, brief, if_match=version)

    async def _fill(self, free: Sequence[StaffSlotView]) -> None:
        for slot in free:
            body = BookBody(patient=self._person(), mode=mode_of(slot))
            try:
                await self._services.slot_booking.book(self._desk, slot.id, body, once())
            except Unavailable:
                raise
            except DomainError:
                continue

    async def _join(self, number: int) -> None:
        parts = ((), (), (PartOfDay.MORNING,), (PartOfDay.AFTERNOON,))[number % 4]
        body = JoinBody(
            clinic_id=clinic_id(CLINIC),
            doctor_id=doctor_id(POPULAR),
            patient=self._person(),
            requested_window=WindowBody(parts_of_day=parts),
            urgency=Urgency.SOON if number % 5 == 4 else Urgency.ROUTINE,
            short_notice=number % 3 == 0,
        )
        await self._services.waitlist_joining.join(self._desk, body, once())

    async def _answer(self, entry: StaffEntryView) -> None:
        """Answer what is offered; who once said nothing to it says nothing again."""
        if entry.invite is None or (entry.id, entry.invite.slot_id) in self._thought_about:
            return
        self._thought_about.add((entry.id, entry.invite.slot_id))
        async with self._services.db.tenant(TENANT) as tx:
            known = await read(tx, WaitlistId(entry.id))
        if known is None:
            return
        token, _ = self._services.waitlist_answering.link(self._desk, known)
        mind = self._chance.random()
        try:
            if mind < ACCEPTS:
                await self._services.waitlist_answering.accept(token, once())
            elif mind < ACCEPTS + DECLINES:
                await self._services.waitlist_answering.decline(token)
        except Unavailable:
            raise
        except DomainError:
            # They were too late, or staff were quicker.
            return

    async def _cancel(self, day: str) -> None:
        state = await self._services.snapshots.get(TENANT, doctor_id(POPULAR), day)
        if state is None:
            return
        booked = [entry.id for entry in state.queue.entries.values() if entry.state is EntryState.EXPECTED]
        if not booked:
            return
        gone: EntryId = self._chance.choice(booked)
        try:
            await self._services.cancelling.cancel(self._desk, gone, CancelBody(), once())
        except Unavailable:
            raise
        except DomainError:
            return

    def _person(self) -> BookedPatient:
        name, language = self._chance.choice(cast.PATIENTS)
        number = self._chance.randrange(10_000)
        return BookedPatient(
            name=name, phone=f"+1 555 04{number:04}", email=f"patient-{number:04}@people.example", language=language
        )
