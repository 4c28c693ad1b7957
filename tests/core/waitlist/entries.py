"""Somebody who waits, and times that become free."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from scheduling_core.ids import ClinicId, DoctorId, HoldId, InviteId, PatientId, SlotId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist import decide
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.matching import Freed
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import WAITLIST, Entry

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLINIC, DOCTOR = ClinicId(UUID(int=1)), DoctorId(UUID(int=2))
POLICY = WaitlistPolicy()


def after(entry: Entry | None, events: list[ev.WaitlistEvent], at: datetime = NOW) -> Entry:
    """Return the entry after these events."""
    for event in events:
        entry = WAITLIST.fold(entry, event, at)
    assert entry is not None
    return entry


def waits(at: datetime = NOW, doctor: DoctorId | None = DOCTOR, **wish: Any) -> Entry:
    """Return somebody who has joined."""
    wanted = ev.Wish(**wish)
    id, patient = WaitlistId(uuid4()), PatientId(uuid4())
    return after(None, decide.join(id, CLINIC, doctor, patient, wanted, POLICY, at), at)


def freed(start: datetime = NOW + timedelta(days=2), **more: Any) -> Freed:
    """Return a free time of the doctor, in person."""
    whole = Freed(
        slot=SlotId(uuid4()),
        clinic=CLINIC,
        doctor=DOCTOR,
        start=start,
        part_of_day=PartOfDay.MORNING,
        modes=frozenset({Mode.IN_PERSON}),
    )
    return msgspec.structs.replace(whole, **more)


def invited(entry: Entry, at: datetime = NOW, minutes: int = 30, time: Freed | None = None) -> tuple[Entry, InviteId]:
    """Return the entry with a time offered to it, and the invite."""
    invite = InviteId(uuid4())
    events = decide.invite(
        entry,
        invite,
        HoldId(uuid4()),
        time or freed(),
        Mode.IN_PERSON,
        at + timedelta(minutes=minutes),
        by_hand=False,
    )
    return after(entry, events, at), invite
