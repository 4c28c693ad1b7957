"""The demo's appointment book: in which zone the day is played, who is booked, and who can be followed."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4, uuid5
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application import actor
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.directory import today
from queue_server.application.enrolment import Visit
from queue_server.operations.demo import cast
from queue_server.operations.demo.online import Online
from queue_server.operations.demo.seed import TENANT, clinic_id, doctor_id
from queue_server.operations.demo.waiting import Waiting
from queue_server.store import clinics
from queue_server.store import people as people_store
from queue_server.wiring import Services
from scheduling_core.ids import DoctorId, EntryId, PatientId
from scheduling_core.live_queue.state import EntryState, Queue
from scheduling_core.live_queue.windows import day_bounds

PATIENTS_A_DOCTOR = 9
FIRST_BEFORE_NOW = timedelta(minutes=12)
FEWEST_COMING_UP, LONGEST = 4, 12
A_TOP_UP, ONLINE_WITHIN = 3, timedelta(minutes=45)
"""How many come when a line is short, and how late the times are that some of them book for themselves."""


DOCTORS = cast.DOCTORS


class Tracker(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose place can be followed."""

    appointment: EntryId
    doctor: DoctorId
    ticket: str
    start: datetime
    links_generation: int


class Book:
    """Books patients with the demo's doctors, as a clinic's telephone would."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._chance = random.Random()  # noqa: S311 – plays, hides nothing
        self._online = Online(services, self._chance)
        self._waiting = Waiting(services, self._chance)

    async def choose_zone(self, now: datetime) -> str:
        """Return the zone to play in: where the last day still goes on, else where a day can begin and it is forenoon.

        A day that was closed cannot be opened again, so it is avoided as long as there is another date on Earth.
        """
        async with self._services.db.tenant(TENANT) as tx:
            known = await clinics.clinic(tx, clinic_id(cast.CLINICS[0]))
        if known is None:
            return forenoon_zone(now)
        day = today(known.timezone, now)
        if any(queue.timezone == known.timezone and not queue.closed for queue in await self._queues(day)):
            return known.timezone
        begun = {day: bool(await self._queues(day)) for day in {today(zone, now) for zone in cast.ZONES}}
        free = [zone for zone in cast.ZONES if not begun[today(zone, now)]]
        return forenoon_zone(now, free) if free else known.timezone

    async def _queues(self, day: str) -> list[Queue]:
        found = [await self._services.snapshots.get(TENANT, doctor_id(doctor), day) for doctor in DOCTORS]
        return [state.queue for state in found if state is not None]

    async def begin(self, zone: str, now: datetime) -> None:
        """Book a line of patients with every doctor who has none today; a line that is there is left as it is."""
        day = today(zone, now)
        begun = {queue.doctor for queue in await self._queues(day)}
        visits: list[Visit] = []
        for number, doctor in enumerate(DOCTORS):
            if doctor_id(doctor) not in begun:
                first = now - FIRST_BEFORE_NOW - timedelta(minutes=now.minute % 5)
                starts = [first + n * timedelta(minutes=doctor.minutes) for n in range(PATIENTS_A_DOCTOR)]
                visits += self._visits(number, doctor, zone, day, starts, now)
        await self._enrol(visits)

    async def top_up(self, zone: str, now: datetime) -> None:
        """Book some more with every doctor who could soon be idle; nobody is booked on a day that was closed."""
        day = today(zone, now)
        lines = {queue.doctor: queue for queue in await self._queues(day)}
        visits: list[Visit] = []
        for number, doctor in enumerate(DOCTORS):
            queue = lines.get(doctor_id(doctor))
            if queue is None or queue.closed or not _is_short(queue, now):
                continue
            online = await self._online.today(
                doctor, date.fromisoformat(day), now, within=ONLINE_WITHIN, most=A_TOP_UP - 1
            )
            starts = [now + n * timedelta(minutes=5) for n in range(1, 1 + A_TOP_UP - online)]
            visits += self._visits(number, doctor, zone, day, starts, now)
        await self._enrol(visits)

    async def fill_ahead(self, zone: str, now: datetime) -> int:
        """Let some more people book times of the coming week, until every doctor has some; returns how many did."""
        return await self._online.fill(date.fromisoformat(today(zone, now)))

    async def keep_waiting(self, zone: str, now: datetime) -> None:
        """Let some more of the waitlist happen: who joins it, who cancels, who takes what is offered."""
        await self._waiting.keep(date.fromisoformat(today(zone, now)))

    async def trackers(self, zone: str, now: datetime) -> list[Tracker]:
        """Return everybody in today's lines or just being seen, in the order of the lines."""
        found: list[Tracker] = []
        for queue in await self._queues(today(zone, now)):
            served = [
                e.id for e in queue.entries.values() if e.state in (EntryState.CALLED, EntryState.IN_CONSULTATION)
            ]
            shown = [*queue.line, *served]
            async with self._services.db.tenant(TENANT) as tx:
                rows = await people_store.enrolled_appointments(tx, shown)
            found += [
                Tracker(
                    appointment=entry,
                    doctor=queue.doctor,
                    ticket=queue.entries[entry].ticket,
                    start=queue.entries[entry].start,
                    links_generation=rows[entry]["links_generation"],
                )
                for entry in shown
                if entry in rows
            ]
        return found

    async def _enrol(self, visits: Sequence[Visit]) -> None:
        if visits:
            await self._services.enrolment.enrol(actor.system(TENANT), visits)

    def _visits(
        self, number: int, doctor: cast.DemoDoctor, zone: str, day: str, starts: Sequence[datetime], now: datetime
    ) -> list[Visit]:
        """Return bookings at those of `starts` that lie within the day, for patients taken in turn from the cast."""
        begins, ends = day_bounds(day, zone)
        offset = self._chance.randrange(len(cast.PATIENTS))
        visits = []
        for n, start in enumerate(start for start in starts if begins <= start < ends):
            who = (number * 5 + offset + n) % len(cast.PATIENTS)
            name, language = cast.PATIENTS[who]
            asked = now - timedelta(days=1, minutes=self._chance.randrange(600))
            visits.append(
                Visit(
                    id=EntryId(uuid4()),
                    doctor=doctor_id(doctor),
                    date=day,
                    start=start.replace(second=0, microsecond=0),
                    patient_id=PatientId(uuid5(TENANT, f"patient:{who}")),
                    patient=PatientBody(name=name, phone=f"+1 555 01{who:04}", language=language),
                    visit_type="follow_up" if n % 3 == 2 else "consultation",
                    triage=2 if n == 5 else 4,
                    duration=doctor.minutes,
                    booked_at=asked - timedelta(days=1),
                    paid_at=asked if n % 2 else None,
                )
            )
        return visits


def _is_short(queue: Queue, now: datetime) -> bool:
    """Return whether few in the line may be called as soon as they are here."""
    early = timedelta(minutes=queue.policy.early_max)
    coming_up = sum(queue.entries[entry].window - early <= now for entry in queue.line)
    return coming_up < FEWEST_COMING_UP and len(queue.line) < LONGEST


def forenoon_zone(now: datetime, zones: Sequence[str] = cast.ZONES) -> str:
    """Return the zone where it is nearest to ten in the morning."""

    def distance(zone: str) -> float:
        local = now.astimezone(ZoneInfo(zone))
        return abs(local.hour + local.minute / 60 - cast.BEST_HOUR)

    return min(zones, key=distance)
