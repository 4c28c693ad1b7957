"""Which bookable slots come next, for whatever is asked: two ways to look, and which of them is the shorter one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import isqrt, prod
from uuid import UUID

import msgspec
from msgspec.structs import replace

from queue_server.application.search.shared_pages import SharedPages
from queue_server.store import slot_search as store
from queue_server.store.db import Row, Transaction
from queue_server.store.slot_search import DoctorFilter, SlotRange
from scheduling_core.calendar.wall_time import day_span, moment
from scheduling_core.ids import TenantId

DOCTOR_COST, SLOT_COST = 2, 1
"""To look up a doctor's next slot, and to look at a slot that may be nobody's who is wanted, relative to each other."""
FEWEST = 50
"""So many doctors are always looked at one by one."""
MOST = 4_000
"""So many can be, when nothing was found in the order of time for days: what is wanted is rare among many."""
WINDOWS = tuple(timedelta(hours=hours) for hours in (3, 9, 27, 81, 243))
"""How far is looked in the order of time: each part of the day is read for itself, and the first stretches have but one
or two of them."""


_BEFORE_ALL = UUID(int=0)


class Scope(msgspec.Struct, frozen=True):
    """What a search rests on and only the directory changes."""

    zones: tuple[str, ...]
    """Of the clinics that may have slots."""
    doctors: tuple[UUID, ...] | None
    """Who matches; None when there are so many that their slots are soon found among all."""
    closed: tuple[UUID, ...] = ()
    """Clinics that are not open at present: their slots stay, and are offered again when they are."""


class SlotPlace(msgspec.Struct, frozen=True):
    """A place in the order of slots: behind the slot of this doctor that starts then."""

    start: datetime
    doctor: UUID = _BEFORE_ALL


class SlotSearch:
    """Finds bookable slots in the order of time."""

    def __init__(self, pages: SharedPages) -> None:
        self._pages = pages

    async def scope(self, tenant: TenantId, wanted: DoctorFilter, *, limit: int) -> Scope:
        """Return what a search for `limit` slots rests on; ask before opening the transaction that searches."""
        name = f"slot-scope:{limit}:{msgspec.json.encode(wanted).decode()}"
        page = await self._pages.get(tenant, name, lambda tx: _found_scope(tx, wanted, limit))
        return _decode(page.body)


async def next_slots(
    tx: Transaction,
    scope: Scope,
    wanted: DoctorFilter,
    *,
    first: date,
    last: date,
    part: int | None,
    after: SlotPlace,
    limit: int,
) -> Sequence[Row]:
    """Return at most `limit` free slots behind `after` on dates (by the clinics' clocks) from `first` to `last`.

    `part` is a place in `PARTS`. Rows have all columns of a slot and `doctor_name`, sorted by start and doctor.
    """
    if not scope.zones or scope.doctors == ():
        return ()
    spans = [(day_span(zone, first.toordinal())[0], day_span(zone, last.toordinal())[1]) for zone in scope.zones]
    begins = moment(min(start for start, _ in spans))
    until = moment(max(end for _, end in spans))
    place = after if after.start >= begins else SlotPlace(begins)
    if place.start >= until:  # a cursor may name any instant, and from the last ones on there is no further to look
        return ()
    when = SlotRange(
        after=place.start,
        after_doctor=place.doctor,
        until=until,
        first=first,
        last=last,
        part=part,
        not_at=scope.closed,
    )
    if scope.doctors is not None:
        return await store.slots_of_doctors(tx, scope.doctors, wanted, when, limit)
    return await _by_time(tx, wanted, when, limit)


async def _by_time(tx: Transaction, wanted: DoctorFilter, when: SlotRange, limit: int) -> Sequence[Row]:
    """Look at everybody's slots, a longer stretch each time; in the end at the doctors one by one, if that can be."""
    found: list[Row] = []
    begins = when.after
    for window in WINDOWS:
        until = min(begins + window, when.until)
        found += await store.slots_by_time(tx, wanted, replace(when, until=until), limit - len(found))
        if len(found) >= limit or until == when.until:
            return found
        when = replace(when, after=until, after_doctor=_BEFORE_ALL)
    shares = await store.shares(tx, wanted)
    doctors = await store.matching_doctors(tx, wanted, among=_rarest(shares), most=MOST + 1)
    if len(doctors) > MOST:
        return [*found, *await store.slots_by_time(tx, wanted, when, limit - len(found))]
    return [*found, *await store.slots_of_doctors(tx, doctors, wanted, when, limit - len(found))]


_decode = msgspec.msgpack.Decoder(Scope).decode


async def _found_scope(tx: Transaction, wanted: DoctorFilter, slots: int) -> bytes:
    """Find out who matches, unless that is certainly too many to look at one by one for `slots` slots."""
    zones, closed = tuple(await store.zones(tx, wanted.clinic)), tuple(await store.closed_clinics(tx))
    doctors = await _few(tx, wanted, slots)
    return msgspec.msgpack.encode(Scope(zones, tuple(doctors) if doctors is not None else None, closed))


async def _few(tx: Transaction, wanted: DoctorFilter, slots: int) -> list[UUID] | None:
    if wanted.doctor is not None:
        return await store.matching_doctors(tx, wanted, among="doctor", most=1)
    shares = await store.shares(tx, wanted)
    everybody = max(1, shares["everybody"])
    # One by one costs as much as there are doctors. In the order of time one of (everybody / doctors) slots is one of
    # theirs, so that costs the less the more there are. From `most` doctors on the second way is the shorter one.
    most = max(FEWEST, isqrt(slots * everybody * SLOT_COST // DOCTOR_COST))
    expected = everybody * prod(count / everybody for name, count in shares.items() if name != "everybody")
    if expected > 2 * most:
        return None
    found = await store.matching_doctors(tx, wanted, among=_rarest(shares), most=most + 1)
    return found if len(found) <= most else None


def _rarest(shares: Mapping[str, int]) -> str:
    """Return what the fewest doctors have."""
    return min(shares, key=shares.__getitem__)
