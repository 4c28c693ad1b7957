"""Stretches of dates on which the same clinics offer nothing: closed ones, and day by day those that are full."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

A_DAY = timedelta(days=1)


class Stretch(msgspec.Struct, frozen=True):
    """Dates from `first` to `last` on which slots at the clinics `not_at` are not offered."""

    first: date
    last: date
    not_at: tuple[UUID, ...]


def stretches(
    first: date, last: date, closed: tuple[UUID, ...], full: Mapping[date, tuple[UUID, ...]]
) -> Sequence[Stretch]:
    """Return the dates from `first` to `last` in as few stretches as can be, in order; `full` lies between the two."""
    found: list[Stretch] = []
    since = first
    for day in sorted(full):
        if since < day:
            found.append(Stretch(since, day - A_DAY, closed))
        not_at = (*closed, *full[day])
        if found and found[-1].last == day - A_DAY and found[-1].not_at == not_at:
            found[-1] = Stretch(found[-1].first, day, not_at)
        else:
            found.append(Stretch(day, day, not_at))
        since = day + A_DAY
    if since <= last:
        found.append(Stretch(since, last, closed))
    return found
