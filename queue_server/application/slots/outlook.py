"""What a doctor's calendar means for slots and appointments, before anything is written."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from queue_server.store import slots as store
from queue_server.store.db import Transaction
from queue_server.store.slots import Horizon, ToCome
from scheduling_core.calendar.reasons import Reason
from scheduling_core.calendar.slots import lay_out_all
from scheduling_core.calendar.sources import Sources
from scheduling_core.ids import DoctorId, EntryId
from scheduling_core.slots.conflicts import closed_for
from scheduling_core.slots.diff import SlotDiff, compare

_DAY = timedelta(days=1)
_REACH = timedelta(days=2)
"""Instants of a local date lie within a day of the same date in UTC; a slot reaches into the next one."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What has to change, who is still to come in the range, and whose time is closed, with the reason."""

    first: date
    last: date
    diff: SlotDiff
    to_come: Sequence[ToCome]
    closed: dict[EntryId, Reason]


def narrowed(first: date, last: date, horizon: Horizon, generated_until: date | None) -> tuple[date, date] | None:
    """Return the part of a range that slots are made for: from today to the horizon, and to where there are some.

    None when nothing of it is left. A day of grace at the beginning is for zones that are behind.
    """
    today = horizon.now.astimezone(UTC).date()
    until = today + timedelta(days=horizon.days)
    first, last = max(first, today - _DAY), min(last, max(until, generated_until or until))
    return (first, last) if first <= last else None


async def look(tx: Transaction, doctor: DoctorId, sources: Sources, first: date, last: date, now: datetime) -> Outlook:
    """Return what `sources` lead to on these dates, compared with what is there."""
    since, until = _midnight(first) - _REACH, _midnight(last) + _REACH + _DAY
    existing = await store.between(tx, doctor, since, until)
    diff = compare(lay_out_all(sources, first, last), existing, first, last, now, sources.zones)
    to_come = await store.appointments_to_come(tx, doctor, first, last, now)
    closed: dict[EntryId, Reason] = {}
    if standing := [one for one in to_come if one.stands]:
        zones = {one.booked.clinic: one.zone for one in standing} | sources.zones
        known = msgspec.structs.replace(sources, zones=zones)
        closed = closed_for(known, (one.booked for one in standing))
    return Outlook(first=first, last=last, diff=diff, to_come=to_come, closed=closed)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
