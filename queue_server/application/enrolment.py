"""Putting appointments into queues: opening a queue, caps of the clinic, the appointment's own row."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from queue_server.application.directory import DoctorEntry
from queue_server.store import people as people_store
from queue_server.store import queue_reads
from queue_server.store.db import Transaction
from scheduling_core.errors import CapacityReached
from scheduling_core.ids import PatientId
from scheduling_core.live_queue.commands import OpenQueue
from scheduling_core.live_queue.state import Entry, Pace, Queue
from scheduling_core.live_queue.windows import window_start


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
