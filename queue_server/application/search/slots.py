"""Which bookable slots come next, for whatever is asked: two ways to look, and which of them is the shorter one."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from math import isqrt
from uuid import UUID

import msgspec
from msgspec.structs import replace

from queue_server.application.search.doctor_sets import DoctorSets
from queue_server.application.search.shared_pages import SharedPages
from queue_server.application.search.stretches import Stretch, stretches
from queue_server.store import slot_search as store
from queue_server.store.db import Row, Transaction
from queue_server.store.slot_search import DoctorFilter, SlotRange
from scheduling_core.calendar.wall_time import day_span, moment
from scheduling_core.ids import TenantId

DOCTOR_COST, SLOT_COST = 3, 1
"""To look up a doctor's next slot, and to look at a slot that may be nobody's who is wanted, relative to each other."""
FEWEST = 50
"""So many doctors are always looked at one by one."""
MOST = 4_000
"""So many can be, when nothing was found in the order of time for days: what is wanted is rare among many."""
WINDOWS = tuple(timedelta(hours=hours) for hours in (3, 9, 27, 81, 243))
"""How far is looked in the order of time: each part of the day is read for itself, and the first stretches have but one
or two of them."""

TOLD_SHARE = 8
"""Up to one doctor in eight is told: to send thousands of ids costs more than to read past other doctors' slots."""
SPARE = 20
"""So many more are read than are expected to do, when who is wanted is found out afterwards."""
NEAR = timedelta(days=10)
"""How far each doctor is looked at first: months are tables of their own, and each costs a look."""

_BEFORE_ALL = UUID(int=0)


class Scope(msgspec.Struct, frozen=True):
    """What a search rests on and only the directory changes."""

    zones: tuple[str, ...]
    """Of the clinics that may have slots."""
    closed: tuple[UUID, ...]
    """Clinics that are not open at present: their slots stay, and are offered again when they are."""
    doctors: frozenset[UUID]
    """Who matches."""
    is_few: bool
    """Whether they are looked at one by one; else their slots are soon found among all."""
    everybody: int
    """How many may be booked at all."""
    capped: tuple[tuple[UUID, int], ...] = ()
    """Clinics that take only so many a day."""


class SlotPlace(msgspec.Struct, frozen=True):
    """A place in the order of slots: behind the slot of this doctor that starts then."""

    start: datetime
    doctor: UUID = _BEFORE_ALL


class SlotSearch:
    """Finds bookable slots in the order of time."""

    def __init__(self, pages: SharedPages) -> None:
        self._pages = pages
        self._sets = DoctorSets(pages)

    async def scope(self, tenant: TenantId, wanted: DoctorFilter, *, limit: int) -> Scope:
        """Return what a search for `limit` slots rests on; ask before opening the transaction that searches."""
        doctors = await self._sets.matching(tenant, wanted)
        everybody = await self._sets.bookable(tenant, by_patients=wanted.by_patients)
        # One by one costs as much as there are doctors. In the order of time one of (everybody / doctors) slots is one
        # of theirs, so that costs the less the more there are. Up to this many the first way is the shorter one.
        most = max(FEWEST, isqrt(limit * len(everybody) * SLOT_COST // DOCTOR_COST))
        zones, closed, capped = await self._clinics(tenant, wanted.clinic)
        return Scope(
            zones,
            closed,
            doctors,
            is_few=len(doctors) <= most,
            everybody=len(everybody),
            capped=capped,
        )

    async def _clinics(self, tenant: TenantId, clinic: UUID | None) -> "_Clinics":
        page = await self._pages.get(tenant, f"clinics-and-caps:{clinic}", lambda tx: _found_clinics(tx, clinic))
        found: _Clinics = _decode_clinics(page.body)
        return found


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
    if not scope.zones or not scope.doctors:
        return ()
    found: Sequence[Row] = ()
    for stretch in await stretches_of(tx, scope, first, last):
        more = await _slots_on(tx, scope, wanted, stretch, part, after, limit - len(found))
        found = [*found, *more] if found else more
        if len(found) == limit:
            break
    return found


async def stretches_of(tx: Transaction, scope: Scope, first: date, last: date) -> Sequence[Stretch]:
    """Return the dates in stretches on which the same clinics offer nothing.

    Where clinics lie in several zones, dates of one begin before those of another end: there full days are offered, and
    what is wrong about that is told to who holds a time.
    """
    full = await store.full_days(tx, scope.capped, first, last) if scope.capped and len(scope.zones) == 1 else {}
    return stretches(first, last, scope.closed, full)


async def _slots_on(
    tx: Transaction,
    scope: Scope,
    wanted: DoctorFilter,
    stretch: Stretch,
    part: int | None,
    after: SlotPlace,
    limit: int,
) -> Sequence[Row]:
    first, last = stretch.first, stretch.last
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
        not_at=stretch.not_at,
    )
    if scope.is_few:
        return await _one_by_one(tx, scope.doctors, wanted, when, limit)
    return await _by_time(tx, scope, wanted, when, limit)


async def _one_by_one(
    tx: Transaction, doctors: Collection[UUID], wanted: DoctorFilter, when: SlotRange, limit: int
) -> Sequence[Row]:
    """Look at each doctor's next slots: those of the coming days first, which are mostly enough."""
    near = min(when.after + NEAR, when.until) if len(doctors) > FEWEST else when.until
    found = await store.slots_of_doctors(tx, doctors, wanted, replace(when, until=near), limit)
    if len(found) >= limit or near == when.until:
        return found
    rest = replace(when, after=near, after_doctor=_BEFORE_ALL)
    return [*found, *await store.slots_of_doctors(tx, doctors, wanted, rest, limit - len(found))]


async def _by_time(tx: Transaction, scope: Scope, wanted: DoctorFilter, when: SlotRange, limit: int) -> Sequence[Row]:
    """Look at everybody's slots, a longer stretch each time; in the end at the doctors one by one, if that can be."""
    found: list[Row] = []
    begins = when.after
    for window in WINDOWS:
        until = min(begins + window, when.until)
        found += await _stretch(tx, scope, wanted, replace(when, until=until), limit - len(found))
        if len(found) >= limit or until == when.until:
            return found
        when = replace(when, after=until, after_doctor=_BEFORE_ALL)
    if len(scope.doctors) > MOST:
        return [*found, *await _stretch(tx, scope, wanted, when, limit - len(found))]
    return [*found, *await _one_by_one(tx, scope.doctors, wanted, when, limit - len(found))]


async def _stretch(tx: Transaction, scope: Scope, wanted: DoctorFilter, when: SlotRange, limit: int) -> Sequence[Row]:
    """Look at one stretch of time. Postgres is told who is wanted only while those are not too many to tell."""
    if len(scope.doctors) == scope.everybody:
        return await store.slots_by_time(tx, None, wanted, when, limit)
    if len(scope.doctors) * TOLD_SHARE < scope.everybody:
        return await store.slots_by_time(tx, scope.doctors, wanted, when, limit)
    found: list[Row] = []
    while True:
        missing = limit - len(found)
        asked = missing * scope.everybody // len(scope.doctors) + SPARE
        rows = await store.slots_by_time(tx, None, wanted, when, asked)
        found += [row for row in rows if row["doctor_id"] in scope.doctors][:missing]
        if len(found) == limit or len(rows) < asked:
            return found
        when = replace(when, after=rows[-1]["start"], after_doctor=rows[-1]["doctor_id"])


_Clinics = tuple[tuple[str, ...], tuple[UUID, ...], tuple[tuple[UUID, int], ...]]
"""Zones, clinics that are closed, and those that take only so many a day."""
_decode_clinics = msgspec.msgpack.Decoder(_Clinics).decode


async def _found_clinics(tx: Transaction, clinic: UUID | None) -> bytes:
    found = await store.zones(tx, clinic), await store.closed_clinics(tx), await store.capped_clinics(tx)
    return msgspec.msgpack.encode(found)
