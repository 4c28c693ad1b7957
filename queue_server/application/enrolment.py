"""Putting appointments into queues: opening a queue, the appointment's own row, whole day lists at once."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.capacity import Caps
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.directory import Directory, DoctorEntry, check_zone, today
from queue_server.application.people import add_patients
from queue_server.application.unit import LockedQueue, QueueKey, Unit, WritePath
from queue_server.store import people as people_store
from queue_server.store import queue_reads
from queue_server.store.db import Row, Transaction
from scheduling_core.errors import DomainError, NotFound
from scheduling_core.ids import ClinicId, DoctorId, EntryId, PatientId
from scheduling_core.live_queue.commands import EnrolEntry, OpenQueue, RecordPayment
from scheduling_core.live_queue.state import IN_LINE, Entry, Pace
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


async def opening_afresh(
    tx: Transaction,
    directory: Directory,
    doctor: DoctorId,
    day: str,
    default_minutes: int,
    clinic: ClinicId | None = None,
) -> OpenQueue:
    """Return the command that opens a queue to be kept, by what is known of doctor and clinic (the doctor's home, if
    none is given) at this moment.

    Raises `NotFound` for a day that is over in the clinic: no command makes history.
    """
    known = await directory.fresh(tx, doctor)
    known = await directory.at(tx, known, clinic or known.clinic)
    if day < today(known.timezone):
        raise NotFound("There is no queue for this doctor and day.")
    return await opening(tx, known, day, default_minutes)


def appointment_row(
    doctor: DoctorEntry,
    day: str,
    entry: Entry,
    patient: PatientId,
    *,
    booked_at: datetime,
    paid_at: datetime | None,
    source: str,
) -> people_store.NewAppointment:
    """Return the row of the appointment whose place in the queue is `entry`."""
    return people_store.NewAppointment(
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
    """None for what nobody has noted: then it counts as booked now, among several the earlier start first."""
    paid_at: datetime | None = None


class Outcome(StrEnum):
    """What became of a visit."""

    ADDED = "added"
    PAID = "paid"
    """It was there already, unpaid; now its payment is recorded."""
    UNCHANGED = "unchanged"


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that is in a queue now."""

    visit: Visit
    doctor: DoctorId
    """Whose queue it is in: another's than booked, if it was transferred since."""
    ticket: str
    outcome: Outcome
    links_generation: int = 0
    """What a tracking link made now must carry."""


class VisitRefused(Exception):
    """One of several visits was refused, so nothing of any has changed; `error` says why."""

    def __init__(self, index: int, error: DomainError) -> None:
        self.index = index
        self.error = error
        super().__init__(error.detail)


class _DryRun(Exception):
    """Rolls everything back after it was tried."""


class Enrolment:
    """Puts booked appointments into their queues, all of them or none."""

    def __init__(self, writes: WritePath, directory: Directory, default_minutes: int) -> None:
        self._writes = writes
        self._directory = directory
        self._default_minutes = default_minutes

    async def enrol(
        self,
        actor: Actor,
        visits: Sequence[Visit],
        *,
        source: str = "import",
        dry_run: bool = False,
        progress: Callable[[int], None] = lambda done: None,
    ) -> list[Enrolled]:
        """Enrol every visit in one transaction and say what became of each, in the order given.

        Visits that are in a queue already are left as they are, but for one thing: a payment that was not known yet
        is recorded. Raises `VisitRefused` for the first one that the rules or the clinic's caps refuse; then nothing
        has changed. With `dry_run` everything is done and rolled back. `progress` hears how many are decided.
        """
        actor.require(Permission.ENROL)
        enrolled: list[Enrolled] = []

        async def work(unit: Unit) -> tuple[object, int | None]:
            doctors = {d: await self._directory.fresh(unit.tx, d) for d in {v.doctor for v in visits}}
            for doctor in doctors.values():
                doctor.authorise(actor, Permission.ENROL)
            keys = {(v.doctor, v.date): QueueKey(v.doctor, v.date) for v in visits}
            openings = {
                key: partial(opening_afresh, unit.tx, self._directory, key.doctor, key.date, self._default_minutes)
                for key in keys.values()
            }
            locked = dict(zip(keys, await unit.lock(*keys.values(), opening=openings), strict=True))
            enrolled.extend(await _enrol_all(unit, locked, doctors, visits, source, progress))
            if dry_run:
                # What only the database can refuse is part of the trial.
                await unit.flush()
                raise _DryRun
            return None, None

        with suppress(_DryRun):
            await self._writes.run(actor, "enrol", work)
        return enrolled


async def _enrol_all(
    unit: Unit,
    locked: Mapping[tuple[DoctorId, str], LockedQueue],
    doctors: Mapping[DoctorId, DoctorEntry],
    visits: Sequence[Visit],
    source: str,
    progress: Callable[[int], None],
) -> list[Enrolled]:
    known = await people_store.enrolled_appointments(unit.tx, [v.id for v in visits])
    new = [v for v in visits if v.id not in known]
    booked = _booking_times(new, unit.now)
    caps = Caps(unit.tx)
    await add_patients(unit.tx, {v.patient_id: v.patient for v in new})
    enrolled: list[Enrolled] = []
    rows: list[people_store.NewAppointment] = []
    for index, visit in enumerate(visits):
        target, doctor = locked[visit.doctor, visit.date], doctors[visit.doctor]
        try:
            if visit.id in known:
                enrolled.append(await _again(unit, target, visit, known[visit.id]))
            else:
                doctor.check_works()
                check_zone(target.state, doctor)
                await caps.take(doctor, target.state, visit.start)
                rows.append(_decided(unit, target, doctor, visit, booked[visit.id], source))
                ticket = target.state.entries[visit.id].ticket
                enrolled.append(Enrolled(visit=visit, doctor=visit.doctor, ticket=ticket, outcome=Outcome.ADDED))
        except DomainError as error:
            raise VisitRefused(index, error) from error
        progress(index + 1)
    await people_store.add_appointments(unit.tx, rows)
    return enrolled


def _decided(
    unit: Unit, target: LockedQueue, doctor: DoctorEntry, visit: Visit, booked_at: datetime, source: str
) -> people_store.NewAppointment:
    command = EnrolEntry(
        entry=visit.id,
        start=visit.start,
        booked_at=booked_at,
        paid_at=visit.paid_at,
        duration=visit.duration or max(1, round(target.state.pace.minutes)),
        visit_type=visit.visit_type,
        triage=visit.triage,
    )
    unit.decide(target, command)
    return appointment_row(
        doctor,
        visit.date,
        target.state.entries[visit.id],
        visit.patient_id,
        booked_at=booked_at,
        paid_at=visit.paid_at,
        source=source,
    )


async def _again(unit: Unit, target: LockedQueue, visit: Visit, row: Row) -> Enrolled:
    """Say where a visit is that is enrolled already, and record its payment if that is news."""
    outcome = Outcome.UNCHANGED
    entry = target.state.entries.get(visit.id)
    # A transferred visit has left this queue; one that is over, or whose day is, was settled at the desk.
    is_open = entry is not None and entry.state in IN_LINE and not target.state.closed
    if visit.paid_at is not None and row["paid_at"] is None and is_open:
        unit.decide(target, RecordPayment(entry=visit.id, paid_at=visit.paid_at))
        await people_store.set_paid(unit.tx, visit.id, visit.paid_at)
        outcome = Outcome.PAID
    return Enrolled(
        visit=visit,
        doctor=DoctorId(row["doctor_id"]),
        ticket=row["ticket"],
        outcome=outcome,
        links_generation=row["links_generation"],
    )


def _booking_times(visits: Sequence[Visit], now: datetime) -> dict[EntryId, datetime]:
    """Return when each visit counts as booked. A list without booking times is served in the order of its times."""
    unknown = sorted((v for v in visits if v.booked_at is None), key=lambda v: v.start)
    times = {v.id: now - timedelta(microseconds=len(unknown) - rank) for rank, v in enumerate(unknown)}
    return times | {v.id: v.booked_at for v in visits if v.booked_at is not None}
