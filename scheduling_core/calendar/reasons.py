"""Why a stretch of a doctor's day at a clinic is open or closed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from scheduling_core.calendar.sources import Hours
from scheduling_core.ids import ScheduleId


class ReasonKind(StrEnum):
    """What decides over a stretch of time; the first in this order that applies wins.

    Maintenance stands beside the order: it closes only what would be open, in the place of the hours that won.
    """

    FORCED_BLOCK = "forced_block"
    EMERGENCY = "emergency"
    LEAVE = "leave"
    HOLIDAY = "holiday"
    OVERRIDE = "override"
    """Open: hours of an override."""
    BASE = "base"
    """Open: hours of the weekly schedule."""
    OVERRIDE_CLOSED = "override_closed"
    """Hours of the weekly schedule that an override of that date leaves out."""
    OUTSIDE_HOURS = "outside_hours"
    """A schedule is in effect, but it has no hours then."""
    NO_SCHEDULE = "no_schedule"
    """No schedule at this clinic is in effect on that date."""
    MAINTENANCE = "maintenance"
    """Hours of an override or a schedule whose room or equipment is out of use."""


OPEN_KINDS = frozenset({ReasonKind.OVERRIDE, ReasonKind.BASE})


class Reason(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What won, and where it comes from."""

    kind: ReasonKind
    source: UUID | None = None
    """Id of the exception, leave, maintenance, override or schedule; None for a clinic's own day and where nothing is
    planned."""
    schedule: ScheduleId | None = None
    """Whose hours they are, or would be."""
    hours: Hours | None = None
    """The sitting, where it is or would be open."""
    name: str | None = None
    """What a clinic calls the day on which it is closed."""

    @property
    def is_open(self) -> bool:
        """Whether patients can be seen."""
        return self.kind in OPEN_KINDS


class Segment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """From one instant (UTC) to another, and the one reason that holds all the while."""

    start: datetime
    end: datetime
    reason: Reason

    @property
    def is_open(self) -> bool:
        """Whether patients can be seen."""
        return self.reason.is_open
