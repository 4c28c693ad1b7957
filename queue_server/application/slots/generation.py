"""Slots follow the calendar: what a doctor's sources lead to is compared with what is there, and only that is changed.

Booked and blocked slots never move. Whoever generates holds the doctor's calendar stream, then the stream of the
doctor's slots, then slots: so a booking finds a slot as it was before or as it is after, nothing in between.
"""

from datetime import date

import msgspec

from queue_server.store import slots as store
from queue_server.store.db import Transaction
from scheduling_core.calendar.sources import Sources
from scheduling_core.ids import DoctorId

GENERATE_JOB = "generate_slots"


class Regenerated(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a doctor's slots; `conflicts`: appointments in the range whose time is not open now."""

    added: int
    removed: int
    kept: int
    conflicts: int


async def regenerate(tx: Transaction, doctor: DoctorId, sources: Sources, first: date, last: date) -> Regenerated:
    """Let the doctor's slots from `first` to `last` (dates by the clinics' clocks) follow `sources`.

    The range may be as wide as you like: it is narrowed to what lies between now and the tenant's horizon. Hold the
    doctor's calendar stream. Free slots that no longer fit go, new ones come, taken and blocked ones stay; appointments
    whose time is not open any more become rows of `slot_conflict`, and those that fit again cease to be.
    """
    raise NotImplementedError


async def enqueue_generation(tx: Transaction, doctor: DoctorId, key: str) -> None:
    """Let a job regenerate everything of a doctor once this transaction is committed; nothing can lose it.

    `key` names the change (a version, a date): the same change asks only once.
    """
    await store.enqueue_generation(tx, [doctor], key)
