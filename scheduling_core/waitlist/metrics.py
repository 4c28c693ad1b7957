"""What events of the waitlist add to the figures of a day. Pure: a replay adds up to the same."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.events import EndOfInvite


class DayCounts(msgspec.Struct, kw_only=True):
    """Sums of a clinic's day; in any order the same."""

    joined: int = 0
    invited: int = 0
    accepted: int = 0
    declined: int = 0
    unanswered: int = 0
    withdrawn: int = 0
    """Offers that staff, the clinic or another ending took back."""
    promoted_by_hand: int = 0
    promoted_automatically: int = 0
    expired: int = 0
    cancelled: int = 0
    wait_seconds: int = 0
    refilled: int = 0
    """Times that had been given back, and were taken."""
    refill_seconds: int = 0
    """For how long they stood empty."""

    @property
    def promoted(self) -> int:
        """Appointments that came of it."""
        return self.accepted + self.promoted_by_hand + self.promoted_automatically

    @property
    def left(self) -> int:
        """How many do not wait any more by that."""
        return self.promoted + self.expired + self.cancelled

    def add(self, other: "DayCounts") -> None:
        """Count these, too."""
        for name in FIELDS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


FIELDS = DayCounts.__struct_fields__
NOTHING = DayCounts()


def counted(
    events: Iterable[ev.WaitlistEvent], joined_at: datetime, at: datetime, *, by_system: bool
) -> DayCounts | None:
    """Return what events of one entry, all of the instant `at`, add to that day; None if nothing.

    `by_system` tells a time that was booked without asking from one that staff have given.
    """
    counts = DayCounts()
    for event in events:
        _count(counts, event, joined_at, at, by_system=by_system)
    return counts if counts != NOTHING else None


def _count(counts: DayCounts, event: ev.WaitlistEvent, joined_at: datetime, at: datetime, *, by_system: bool) -> None:
    match event:
        case ev.WaitlistJoined():
            counts.joined += 1
        case ev.WaitlistInvited():
            counts.invited += 1
        case ev.WaitlistInviteEnded(why=EndOfInvite.DECLINED):
            counts.declined += 1
        case ev.WaitlistInviteEnded(why=EndOfInvite.UNANSWERED):
            counts.unanswered += 1
        case ev.WaitlistInviteEnded():
            counts.withdrawn += 1
        case ev.WaitlistPromoted():
            _promote(counts, event, joined_at, at, by_system=by_system)
        case ev.WaitlistExpired():
            counts.expired += 1
        case ev.WaitlistCancelled():
            counts.cancelled += 1
        case ev.WaitlistEdited() | ev.WaitlistOverridden() | ev.WaitlistDeferred() | ev.WaitlistResumed():
            pass


def _promote(
    counts: DayCounts, event: ev.WaitlistPromoted, joined_at: datetime, at: datetime, *, by_system: bool
) -> None:
    if event.invite is not None:
        counts.accepted += 1
    elif by_system:
        counts.promoted_automatically += 1
    else:
        counts.promoted_by_hand += 1
    counts.wait_seconds += max(0, int((at - joined_at).total_seconds()))
    if event.freed_at is not None:
        counts.refilled += 1
        counts.refill_seconds += max(0, int((at - event.freed_at).total_seconds()))
