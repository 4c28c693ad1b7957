"""Caps of clinics: how many patients a day and a window may have."""

from datetime import date, datetime, timedelta

from queue_server.application.directory import DoctorEntry
from queue_server.store import people as people_store
from queue_server.store.db import Transaction
from scheduling_core.errors import CapacityReached
from scheduling_core.ids import ClinicId, EntryId
from scheduling_core.live_queue.state import Queue
from scheduling_core.live_queue.windows import window_start


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
            in_day, in_window = await people_store.clinic_load(
                self._tx, doctor.clinic, date.fromisoformat(queue.date), window, end, besides=moving
            )
            self._day.setdefault(day_key, in_day)
            self._window[window_key] = in_window
        if caps.per_day is not None and self._day[day_key] >= caps.per_day:
            raise CapacityReached(f"The clinic takes {caps.per_day} patients a day.")
        if caps.per_window is not None and self._window[window_key] >= caps.per_window:
            raise CapacityReached(f"The clinic takes {caps.per_window} patients in each window.")
        self._day[day_key] += 1
        self._window[window_key] += 1
