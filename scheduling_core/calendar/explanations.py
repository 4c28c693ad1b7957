"""Why a stretch of time is open or closed, in words for staff. What kind of leave it is stays between the few."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling_core.calendar.reasons import Reason, ReasonKind
from scheduling_core.calendar.sittings import clock
from scheduling_core.calendar.sources import Hours, Leave, Outage, Sources
from scheduling_core.ids import AccountId, ClinicId, ResourceId, ScheduleId, TextId


def accounts_named(sources: Sources) -> Iterator[AccountId]:
    """Yield the accounts whose names explanations of these sources want."""
    return (leave.decided_by for leave in sources.leaves if leave.decided_by is not None)


def texts_quoted(sources: Sources) -> Iterator[TextId]:
    """Yield the texts that explanations of these sources quote: reasons of exceptions and overrides, not of leave."""
    yield from (closure.reason for closure in sources.closures if closure.reason is not None)
    yield from (override.reason for override in sources.overrides if override.reason is not None)


def resources_named(sources: Sources) -> Iterator[ResourceId]:
    """Yield the rooms and the equipment whose names explanations of these sources want."""
    return (outage.resource for outage in sources.outages)


class Explanations:
    """Explains the reasons of one doctor's calendar; what has no name or text here goes without."""

    def __init__(
        self,
        sources: Sources,
        names: Mapping[AccountId, str] | None = None,
        texts: Mapping[TextId, str] | None = None,
        resources: Mapping[ResourceId, str] | None = None,
    ) -> None:
        """Take the `names` of accounts, the `texts` and the names of `resources` that sources refer to."""
        self._names = names or {}
        self._texts = texts or {}
        self._resources = resources or {}
        self._outages: dict[UUID, Outage] = {outage.id: outage for outage in sources.outages}
        self._clinics: dict[ScheduleId, ClinicId] = {one.id: one.clinic for one in sources.schedules}
        self._zones = sources.zones
        self._leaves: dict[UUID, Leave] = {leave.id: leave for leave in sources.leaves}
        self._quotes: dict[UUID, TextId | None] = {closure.id: closure.reason for closure in sources.closures}
        self._quotes |= {override.id: override.reason for override in sources.overrides}

    def explain(self, reason: Reason) -> str:
        """Return one line such as "closed: leave approved by Ada Byron" or "open: weekly hours, 09:00–12:00"."""
        match reason.kind:
            case ReasonKind.FORCED_BLOCK:
                return self._quoted("closed: blocked", reason)
            case ReasonKind.EMERGENCY:
                return self._quoted("closed: emergency", reason)
            case ReasonKind.LEAVE:
                return self._leave(reason)
            case ReasonKind.HOLIDAY if reason.source is None:
                return (
                    f"closed: the clinic is closed ({reason.name})" if reason.name else "closed: the clinic is closed"
                )
            case ReasonKind.HOLIDAY:
                return self._quoted("closed: holiday", reason)
            case ReasonKind.OVERRIDE:
                return self._quoted(f"open: other hours on this date, {_span(reason.hours)}", reason)
            case ReasonKind.BASE:
                return f"open: weekly hours, {_span(reason.hours)}"
            case ReasonKind.OVERRIDE_CLOSED:
                return self._quoted(f"closed: other hours on this date instead of {_span(reason.hours)}", reason)
            case ReasonKind.OUTSIDE_HOURS:
                return "closed: outside the schedule's hours"
            case ReasonKind.NO_SCHEDULE:
                return "closed: no schedule is in effect"
            case ReasonKind.MAINTENANCE:
                return self._maintenance(reason)
            case _:
                assert_never(reason.kind)

    def _leave(self, reason: Reason) -> str:
        leave = self._leaves.get(reason.source) if reason.source is not None else None
        by = self._names.get(leave.decided_by) if leave is not None and leave.decided_by is not None else None
        return f"closed: leave approved by {by}" if by else "closed: leave"

    def _maintenance(self, reason: Reason) -> str:
        """Say until when by the clock of the clinic whose hours they would be."""
        outage = self._outages.get(reason.source) if reason.source is not None else None
        clinic = self._clinics.get(reason.schedule) if reason.schedule is not None else None
        name = self._resources.get(outage.resource) if outage is not None else None
        is_room = outage is None or reason.hours is None or outage.resource not in reason.hours.equipment
        words = f"closed: {name or ('the room' if is_room else 'the equipment')} is under maintenance"
        zone = self._zones.get(clinic) if clinic is not None else None
        return f"{words} until {_moment(outage.end.astimezone(ZoneInfo(zone)))}" if outage and zone else words

    def _quoted(self, words: str, reason: Reason) -> str:
        """Return the words with what was said about the source, where somebody said something."""
        text = self._quotes.get(reason.source) if reason.source is not None else None
        quote = self._texts.get(text) if text is not None else None
        return f"{words} – {quote}" if quote else words


def _span(hours: Hours | None) -> str:
    assert hours is not None, "hours are the reason"
    return f"{clock(hours.start)}–{clock(hours.end)}"


def _moment(wall: datetime) -> str:
    """Return "12 January 2027, 15:00"."""
    return f"{wall.day} {wall:%B %Y, %H:%M}"
