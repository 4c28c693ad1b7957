"""The effective day: what a doctor's calendar at one clinic says about every minute of a local date, and why."""

from datetime import date

from scheduling_core.calendar.claims import closings, sittings, unplanned, winners, zone_of
from scheduling_core.calendar.reasons import Reason, ReasonKind, Segment
from scheduling_core.calendar.sources import Sources
from scheduling_core.calendar.wall_time import check_days, day_span, moment
from scheduling_core.ids import ClinicId

__all__ = ["Reason", "ReasonKind", "Segment", "effective_day", "effective_days"]


def effective_day(sources: Sources, clinic: ClinicId, day: date) -> tuple[Segment, ...]:
    """Return the segments of a local date in order, without gap or overlap; none for a date that the zone skipped.

    Raises `InvalidValue` when the clinic's zone is unknown or the day is not reckoned with.
    """
    return effective_days(sources, clinic, day, day)[day]


def effective_days(sources: Sources, clinic: ClinicId, first: date, last: date) -> dict[date, tuple[Segment, ...]]:
    """Return the segments of each local date from `first` to `last`: as `effective_day`, in one go.

    The highest in this order wins: forced block, emergency, leave, holiday (exceptions before the clinic's own days),
    hours of an override, hours of a schedule. Of two of a kind the one that began first wins, then the lower id.
    Maintenance comes last of all that closes: it takes what would be open, where the hours that won name a room or
    equipment that is out of use; hours by video alone need none and stay open.
    """
    check_days(first, last)
    zone = zone_of(sources, clinic)
    since, until = first.toordinal(), last.toordinal()
    claims = unplanned(sources, clinic, zone, since, until)
    claims += closings(sources, clinic, zone, since, until)
    # Hours may reach into the next date.
    claims += sittings(sources, clinic, zone, since - 1, until)
    won = list(winners(claims))
    days: dict[date, tuple[Segment, ...]] = {}
    position = 0
    for ordinal in range(since, until + 1):
        start, end = day_span(zone, ordinal)
        segments: list[tuple[int, int, Reason]] = []
        while position < len(won) and won[position][0] < end:
            begun, ended, claim = won[position]
            if ended > start:
                _join(segments, max(begun, start), min(ended, end), claim.reason)
            if ended > end:
                break
            position += 1
        days[date.fromordinal(ordinal)] = tuple(
            Segment(start=moment(begun), end=moment(ended), reason=reason) for begun, ended, reason in segments
        )
    return days


def _join(segments: list[tuple[int, int, Reason]], start: int, end: int, reason: Reason) -> None:
    """Append a stretch, or lengthen the last one if it is closed or open for the same reason."""
    if segments and segments[-1][1] == start and segments[-1][2] == reason:
        segments[-1] = (segments[-1][0], end, reason)
    else:
        segments.append((start, end, reason))
