"""Putting appointments into queues: opening a queue, caps of the clinic, the appointment's own row."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.directory import Directory, DoctorEntry
from queue_server.application.people import add_patient
from queue_server.application.unit import LockedQueue, QueueKey, Unit, WritePath
from queue_server.store import people as people_store
from queue_server.store import queue_reads
from queue_server.store.db import Transaction
from scheduling_core.errors import CapacityReached
from scheduling_core.ids import DoctorId, EntryId, PatientId
from scheduling_core.live_queue.commands import EnrolEntry, OpenQueue
from scheduling_core.live_queue.state import Entry, Pace, Queue
from scheduling_core.live_queue.windows import window_start
from scheduling_core.permissions import Permission


async def opening(tx: Transaction, doctor: DoctorEntry, day: str, default_minutes: int) -> OpenQueue:
    """Return the command that opens the doctor's queue of a day, with the pace known of the doctor."""
    pace = await queue_reads.pace(tx, doctor.id)
    return OpenQueue(
        tenant=tx.tenant,
        doctor=doctor.id,
        clinic=doctor.clinic,
        date=day,
        timezone=doctor.timezone,
        policy=doctor.policy,
        pace=pace or Pace(float(default_minutes)),
        ticket_prefix=doctor.ticket_prefix,
    )


async def check_capacity(tx: Transaction, doctor: DoctorEntry, queue: Queue, starts: Iterable[datetime]) -> None:
    """Raise `CapacityReached` when one more appointment at each of `starts` would pass a cap of the clinic.

    Call it before the appointments are added. It holds the clinic's row, so two desks cannot both take the last place.
    """
    caps = doctor.capacity
    if caps.per_day is None and caps.per_window is None:
        return
    length = timedelta(minutes=queue.policy.window_minutes)
    added: list[datetime] = []
    for start in starts:
        window = window_start(start, queue.day_start, queue.policy.window_minutes)
        per_day, per_window = await people_store.clinic_load(
            tx, doctor.clinic, date.fromisoformat(queue.date), window, window + length
        )
        if caps.per_day is not None and per_day + len(added) >= caps.per_day:
            raise CapacityReached(f"The clinic takes {caps.per_day} patients a day.")
        if caps.per_window is not None and per_window + added.count(window) >= caps.per_window:
            raise CapacityReached(f"The clinic takes {caps.per_window} patients in each window.")
        added.append(window)


async def add_appointment(
    tx: Transaction,
    doctor: DoctorEntry,
    day: str,
    entry: Entry,
    patient: PatientId,
    *,
    booked_at: datetime,
    paid_at: datetime | None,
    source: str,
) -> None:
    """Add the row of the appointment whose place in the queue is `entry`."""
    await people_store.add_appointment(
        tx,
        people_store.NewAppointment(
            id=entry.id,
            clinic=doctor.clinic,
            doctor=doctor.id,
            patient=patient,
            date=date.fromisoformat(day),
            start=entry.start,
            duration=entry.duration,
            visit_type=entry.visit_type,
            mode=entry.mode.value,
            triage=entry.triage,
            booked_at=booked_at,
            paid_at=paid_at,
            source=source,
        ),
    )


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A booked appointment on its way into a queue. `id` and `patient_id` are chosen by the caller, so that the same
    visit enrolled twice is one."""

    id: EntryId
    doctor: DoctorId
    date: str
    start: datetime
    patient_id: PatientId
    patient: PatientBody
    visit_type: str = "consultation"
    triage: int = 4
    duration: int | None = None
    booked_at: datetime | None = None
    paid_at: datetime | None = None


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a visit: `is_new` is False for one that was in its queue already."""

    visit: Visit
    ticket: str
    is_new: bool
    links_generation: int = 0
    """What a tracking link made now must carry."""


class _DryRun(Exception):
    """Rolls everything back after it was tried."""


class Enrolment:
    """Puts booked appointments into their queues, all of them or none."""

    def __init__(self, writes: WritePath, directory: Directory, default_minutes: int) -> None:
        self._writes = writes
        self._directory = directory
        self._default_minutes = default_minutes

    async def enrol(
        self, actor: Actor, visits: Sequence[Visit], *, source: str = "import", dry_run: bool = False
    ) -> list[Enrolled]:
        """Enrol every visit in one transaction and say what became of each, in the order given.

        Visits that are in their queue already are left as they are. Raises what the first refused one is refused for;
        then nothing has changed. With `dry_run` everything is decided and checked, and nothing is kept.
        """
        actor.require(Permission.ENROL)
        enrolled: list[Enrolled] = []

        async def work(unit: Unit) -> tuple[object, int | None]:
            doctors = {d: await self._directory.doctor(actor.tenant, d, unit.tx) for d in {v.doctor for v in visits}}
            keys = {(v.doctor, v.date): QueueKey(v.doctor, v.date) for v in visits}
            openings = {
                key: partial(opening, unit.tx, doctors[key.doctor], key.date, self._default_minutes)
                for key in keys.values()
            }
            locked = dict(zip(keys, await unit.lock(*keys.values(), opening=openings), strict=True))
            for doctor in doctors.values():
                actor.require_for(Permission.ENROL, clinic=doctor.clinic)
            enrolled.extend(
                [await self._enrol(unit, locked[v.doctor, v.date], doctors[v.doctor], v, source) for v in visits]
            )
            if dry_run:
                raise _DryRun
            return None, None

        with suppress(_DryRun):
            await self._writes.run(actor, "enrol", work, undoable=False)
        return enrolled

    async def _enrol(self, unit: Unit, target: LockedQueue, doctor: DoctorEntry, visit: Visit, source: str) -> Enrolled:
        # In this queue, or transferred to another doctor's since.
        if (row := await people_store.tracked_appointment(unit.tx, visit.id)) is not None:
            return Enrolled(visit=visit, ticket=row["ticket"], is_new=False, links_generation=row["links_generation"])
        await check_capacity(unit.tx, doctor, target.state, [visit.start])
        booked_at = visit.booked_at or unit.now
        unit.decide(
            target,
            EnrolEntry(
                entry=visit.id,
                start=visit.start,
                booked_at=booked_at,
                paid_at=visit.paid_at,
                duration=visit.duration or max(1, round(target.state.pace.minutes)),
                visit_type=visit.visit_type,
                triage=visit.triage,
            ),
        )
        facts = target.state.entries[visit.id]
        await add_patient(unit.tx, visit.patient, visit.patient_id)
        await add_appointment(
            unit.tx,
            doctor,
            visit.date,
            facts,
            visit.patient_id,
            booked_at=booked_at,
            paid_at=visit.paid_at,
            source=source,
        )
        return Enrolled(visit=visit, ticket=facts.ticket, is_new=True)
