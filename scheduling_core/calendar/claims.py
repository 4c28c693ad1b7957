"""Each source's claim to stretches of time, and who wins where claims meet.

Claims are in seconds since 1970 and begin and end with minutes: what closes part of a minute closes all of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec.structs import replace

from scheduling_core.calendar.reasons import Reason, ReasonKind
from scheduling_core.calendar.sources import Closure, Hours, Leave, LeaveStatus, Outage, Override, Schedule, Sources
from scheduling_core.calendar.wall_time import day_span, instant, minute_after, minute_of
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import ClinicId, ResourceId

_RANK = {kind: rank for rank, kind in enumerate(ReasonKind)}
_OUT_OF_USE, _HOURS = 0, 1
"""Last in the order of a sitting's claims: what takes its room or equipment goes before its hours."""


class Claim(NamedTuple):
    """One stretch that a source claims. The smallest `order` wins: by kind, then what began first, then by id."""

    start: int
    end: int
    order: tuple[Any, ...]
    reason: Reason
    ordinal: int = 0
    """Of a sitting: the local date it begins on."""


Won = tuple[int, int, Claim]
"""From when to when a claim wins."""


def zone_of(sources: Sources, clinic: ClinicId) -> str:
    """Return the zone of a clinic; raises `InvalidValue` when the sources do not say."""
    zone = sources.zones.get(clinic)
    if zone is None:
        raise InvalidValue("The zone of this clinic is not known.", field="clinicId")
    return zone


def sittings(sources: Sources, clinic: ClinicId, zone: str, first: int, last: int) -> list[Claim]:
    """Return what schedules and overrides claim by hours that begin on the dates from `first` to `last` (ordinals).

    With them come the claims of maintenance: each goes just before the hours whose room or equipment it takes,
    after all else.
    """
    out = _outages(sources.outages)
    changed = {(override.schedule, override.date.toordinal()): override for override in sources.overrides}
    found: list[Claim] = []
    for schedule in sources.schedules:
        if schedule.clinic != clinic:
            continue
        week = [[_planned(ReasonKind.BASE, schedule, None, hours) for hours in day] for day in schedule.week]
        for ordinal in range(*_in_effect(schedule, first, last)):
            reasons = week[(ordinal - 1) % 7]
            if changed and (override := changed.get((schedule.id, ordinal))) is not None:
                reasons = _overridden(schedule, override, ordinal)
            for index, (reason, hours) in enumerate(reasons):
                start, end = instant(zone, ordinal, hours.start), instant(zone, ordinal, hours.end)
                order = (_RANK[reason.kind], start, schedule.id.bytes, index, _HOURS)
                sitting = Claim(start, end, order, reason, ordinal)
                found.append(sitting)
                if out and reason.is_open:
                    found += (taken for needed in hours.needed for taken in _out_of_use(sitting, out.get(needed, ())))
    return found


def closings(sources: Sources, clinic: ClinicId, zone: str, first: int, last: int) -> list[Claim]:
    """Return what closes the clinic for the doctor on the dates from `first` to `last`, whatever is planned."""
    closures = (closure for closure in sources.closures if closure.clinic in (None, clinic))
    found = [_closure(closure) for closure in closures if closure.start < closure.end]
    found += [_leave(leave, zone, first, last) for leave in sources.leaves if _closes(leave, first, last)]
    for day in sources.clinic_days:
        if day.clinic == clinic and first <= (ordinal := day.date.toordinal()) <= last:
            reason = Reason(kind=ReasonKind.HOLIDAY, name=day.name)
            # After the exceptions of the same kind, which begin at some instant.
            order = (_RANK[ReasonKind.HOLIDAY], float("inf"), day.name)
            found.append(Claim(*day_span(zone, ordinal), order, reason))
    return found


def unplanned(sources: Sources, clinic: ClinicId, zone: str, first: int, last: int) -> list[Claim]:
    """Return the claims of what is left: each date as a whole, closed for want of hours or of a schedule."""
    rank = len(_RANK)
    spans = [_in_effect(schedule, first, last) for schedule in sources.schedules if schedule.clinic == clinic]
    found = []
    for ordinal in range(first, last + 1):
        is_planned = any(since <= ordinal < until for since, until in spans)
        kind = ReasonKind.OUTSIDE_HOURS if is_planned else ReasonKind.NO_SCHEDULE
        found.append(Claim(*day_span(zone, ordinal), (rank,), Reason(kind=kind), ordinal))
    return found


def winners(claims: Sequence[Claim]) -> Iterator[Won]:
    """Sweep over the claims once and yield, in order of time, the stretches each of them wins, as long as can be."""
    waiting = sorted((claim for claim in claims if claim.start < claim.end), key=lambda claim: claim.start)
    bounds = sorted({bound for claim in waiting for bound in claim[:2]})
    current: list[tuple[tuple[Any, ...], int, Claim]] = []
    following = 0
    won: Won | None = None
    for start, end in pairwise(bounds):
        while following < len(waiting) and waiting[following].start <= start:
            heappush(current, (waiting[following].order, following, waiting[following]))
            following += 1
        while current and current[0][2].end <= start:
            heappop(current)
        if won is not None and current and won[2] is current[0][2]:
            won = (won[0], end, won[2])
            continue
        if won is not None:
            yield won
        won = (start, end, current[0][2]) if current else None
    if won is not None:
        yield won


def _in_effect(schedule: Schedule, first: int, last: int) -> tuple[int, int]:
    """Return the first date of a range on which hours of a schedule begin, and the first after which none do."""
    until = last if schedule.effective_until is None else min(last, schedule.effective_until.toordinal())
    return max(first, schedule.effective_from.toordinal()), until + 1


def _outages(outages: Iterable[Outage]) -> dict[ResourceId, list[tuple[int, int, Outage]]]:
    """Return by room or piece of equipment from which second to which it is out of use."""
    found: dict[ResourceId, list[tuple[int, int, Outage]]] = {}
    for one in outages:
        if one.start < one.end:
            found.setdefault(one.resource, []).append((minute_of(one.start), minute_after(one.end), one))
    return found


def _out_of_use(sitting: Claim, outages: Iterable[tuple[int, int, Outage]]) -> Iterator[Claim]:
    """Yield what maintenance takes of a sitting."""
    for start, end, outage in outages:
        if start < sitting.end and sitting.start < end:
            order = (*sitting.order[:-1], _OUT_OF_USE, start, outage.id.bytes)
            reason = replace(sitting.reason, kind=ReasonKind.MAINTENANCE, source=outage.id)
            yield Claim(max(start, sitting.start), min(end, sitting.end), order, reason, sitting.ordinal)


def _planned(kind: ReasonKind, schedule: Schedule, override: Override | None, hours: Hours) -> tuple[Reason, Hours]:
    source = schedule.id if override is None else override.id
    return Reason(kind=kind, source=source, schedule=schedule.id, hours=hours), hours


def _overridden(schedule: Schedule, override: Override, ordinal: int) -> list[tuple[Reason, Hours]]:
    left_out = schedule.week[(ordinal - 1) % 7]
    return [
        *(_planned(ReasonKind.OVERRIDE, schedule, override, hours) for hours in override.hours),
        *(_planned(ReasonKind.OVERRIDE_CLOSED, schedule, override, hours) for hours in left_out),
    ]


def _closure(closure: Closure) -> Claim:
    kind = ReasonKind(closure.kind.value)
    start = minute_of(closure.start)
    order = (_RANK[kind], start, closure.id.bytes)
    return Claim(start, minute_after(closure.end), order, Reason(kind=kind, source=closure.id))


def _closes(leave: Leave, first: int, last: int) -> bool:
    is_near = leave.first.toordinal() <= last and first <= leave.last.toordinal()
    return is_near and leave.status is LeaveStatus.APPROVED


def _leave(leave: Leave, zone: str, first: int, last: int) -> Claim:
    since, until = leave.first.toordinal(), leave.last.toordinal()
    order = (_RANK[ReasonKind.LEAVE], since, leave.start or 0, leave.id.bytes)
    reason = Reason(kind=ReasonKind.LEAVE, source=leave.id)
    if leave.start is not None and leave.end is not None:
        return Claim(instant(zone, since, leave.start), instant(zone, since, leave.end), order, reason)
    # Of a leave that lasts, no more than is asked for: days far off are not reckoned with.
    return Claim(instant(zone, max(since, first), 0), instant(zone, min(until, last) + 1, 0), order, reason)
