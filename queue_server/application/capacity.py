"""Caps of clinics: how many patients a day and a window may have."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from queue_server.application.directory import DoctorEntry
from queue_server.store import holds
from queue_server.store import people as people_store
from queue_server.store.clinics import ClinicCapacity
from queue_server.store.db import Transaction
from scheduling_core.errors import CapacityReached
from scheduling_core.ids import ClinicId, EntryId
from scheduling_core.live_queue.state import Queue
from scheduling_core.live_queue.windows import day_bounds, window_start


class Caps:
    """Takes places of clinics within one transaction.

    What is booked already is read once, what is taken here is counted on top. The clinic's row is held meanwhile, so
    two desks cannot both take the last place.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._day: dict[tuple[ClinicId, str], int] = {}
        self._window: dict[tuple[ClinicId, datetime], int] = {}

    async def take(self, doctor: DoctorEntry, queue: Queue, start: datetime, *, moving: EntryId | None = None) -> None:
        """Take a place at `start`; raises `CapacityReached` when the clinic's day or window is full.

        Call it before any of the appointments it is asked for is added. One that is `moving` to `start` does not count
        where it was: it leaves that place.
        """
        caps = doctor.capacity
        if caps.per_day is None and caps.per_window is None:
            return
        window = window_start(start, queue.day_start, queue.policy.window_minutes)
        day_key, window_key = (doctor.clinic, queue.date), (doctor.clinic, window)
        if window_key not in self._window:
            end = window + timedelta(minutes=queue.policy.window_minutes)
            await people_store.lock_clinic(self._tx, doctor.clinic)
            in_day, in_window = await people_store.clinic_load(
                self._tx, doctor.clinic, date.fromisoformat(queue.date), window, end, besides=moving
            )
            self._day.setdefault(day_key, in_day)
            self._window[window_key] = in_window
        _check(caps, self._day[day_key], self._window[window_key])
        self._day[day_key] += 1
        self._window[window_key] += 1


async def check_returned(tx: Transaction, queue: Queue, returned: Collection[EntryId]) -> None:
    """Raise `CapacityReached` when those who are back in the queue, and were just written down as that, are more than
    their clinics' day or window takes: others may have been given their places meanwhile.

    Their clinics' rows are held from here on, as when appointments are made.
    """
    for clinic in await people_store.clinics_of(tx, sorted(returned)):
        if clinic.capacity.per_day is None and clinic.capacity.per_window is None:
            continue
        await people_store.lock_clinic(tx, clinic.id)
        for window in sorted({queue.entries[entry].window for entry in clinic.appointments}):
            end = window + timedelta(minutes=queue.policy.window_minutes)
            in_day, in_window = await people_store.clinic_load(
                tx, clinic.id, date.fromisoformat(queue.date), window, end
            )
            # One of those who are counted is whom it is asked for.
            _check(clinic.capacity, in_day - 1, in_window - 1)


async def is_day_full(tx: Transaction, doctor: DoctorEntry, day: str) -> bool:
    """Return whether the doctor's clinic has as many appointments on the day as it takes."""
    if doctor.capacity.per_day is None:
        return False
    start, end = day_bounds(day, doctor.timezone)
    in_day, _ = await people_store.clinic_load(tx, doctor.clinic, date.fromisoformat(day), start, end)
    return in_day >= doctor.capacity.per_day


async def check_may_hold(
    tx: Transaction, doctor: DoctorEntry, day: date, start: datetime, holder: UUID, *, moving: EntryId | None = None
) -> None:
    """Raise `CapacityReached` when appointments, and what others than the holder keep, fill the clinic's day or window.

    One that is `moving` to `start` does not count where it was. It is told before a form is filled in that could not be
    sent. Nothing is locked for it, so of several who hold the last place at once more than one may get by; the booking
    decides.
    """
    caps = doctor.capacity
    if caps.per_day is None and caps.per_window is None:
        return
    bounds = day_bounds(day.isoformat(), doctor.timezone)
    window = window_start(start, bounds[0], doctor.policy.window_minutes)
    end = window + timedelta(minutes=doctor.policy.window_minutes)
    booked = await people_store.clinic_load(tx, doctor.clinic, day, window, end, besides=moving)
    held = await holds.live_holds_at_clinic(tx, doctor.clinic, bounds, (window, end), besides=holder)
    _check(caps, booked[0] + held[0], booked[1] + held[1])


def _check(caps: ClinicCapacity, in_day: int, in_window: int) -> None:
    if caps.per_day is not None and in_day >= caps.per_day:
        raise CapacityReached(f"The clinic takes {caps.per_day} patients a day.")
    if caps.per_window is not None and in_window >= caps.per_window:
        raise CapacityReached(f"The clinic takes {caps.per_window} patients in each window.")
