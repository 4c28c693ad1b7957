"""Which appointments lie in time that is not open any more."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec

from scheduling_core.calendar.day import effective_days
from scheduling_core.calendar.reasons import Reason, ReasonKind, Segment
from scheduling_core.calendar.sources import Sources
from scheduling_core.ids import ClinicId, EntryId, SlotId

CLOSING = frozenset({ReasonKind.FORCED_BLOCK, ReasonKind.EMERGENCY, ReasonKind.LEAVE, ReasonKind.HOLIDAY})
"""What closes time for an appointment that was not booked into a slot: hours never bound it."""


class Booked(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An appointment that is still to come; `date` by the clinic's clock."""

    id: EntryId
    clinic: ClinicId
    date: date
    start: datetime
    end: datetime
    slot: SlotId | None
    in_person: bool = True


def closed_for(sources: Sources, booked: Iterable[Booked]) -> dict[EntryId, Reason]:
    """Return, by appointment, the first reason that closes part of its time; who is not named fits.

    An appointment in a slot needs open time; another one is in conflict only with what closes (`CLOSING`). Maintenance
    of a room or of equipment does not hit who is seen by video. `sources` must know the zone of each clinic.
    """
    by_clinic: dict[ClinicId, list[Booked]] = {}
    for one in booked:
        by_clinic.setdefault(one.clinic, []).append(one)
    found: dict[EntryId, Reason] = {}
    for clinic, there in by_clinic.items():
        days = {day for one in there for day in _days(one)}
        segments = _segments(sources, clinic, sorted(days))
        for one in there:
            reason = next((r for day in _days(one) for r in _closing(segments.get(day, ()), one)), None)
            if reason is not None:
                found[one.id] = reason
    return found


def _days(one: Booked) -> tuple[date, date]:
    """The local dates an appointment may touch: it starts on its own, and lasts less than a day."""
    return one.date, one.date + timedelta(days=1)


def _closing(segments: Sequence[Segment], one: Booked) -> Iterable[Reason]:
    for segment in segments:
        if segment.end <= one.start or segment.start >= one.end or segment.is_open:
            continue
        kind = segment.reason.kind
        if kind in CLOSING or (one.slot is not None and (one.in_person or kind is not ReasonKind.MAINTENANCE)):
            yield segment.reason


def _segments(sources: Sources, clinic: ClinicId, days: list[date]) -> dict[date, tuple[Segment, ...]]:
    """The effective days, asked for in runs: appointments may be few and far between."""
    found: dict[date, tuple[Segment, ...]] = {}
    since = 0
    for place in range(1, len(days) + 1):
        if place == len(days) or days[place] - days[place - 1] > timedelta(days=1):
            found |= effective_days(sources, clinic, days[since], days[place - 1])
            since = place
    return found
