"""Which bookable slots come next, for whatever is asked: two ways to look, and which of them is the shorter one."""

from collections.abc import Sequence
from datetime import date, datetime
from math import isqrt, prod
from uuid import UUID

import msgspec

from queue_server.application.search.shared_pages import SharedPages
from queue_server.store import slot_search as store
from queue_server.store.db import Row, Transaction
from queue_server.store.slot_search import DoctorFilter, SlotRange
from scheduling_core.calendar.wall_time import day_span, moment
from scheduling_core.ids import TenantId
from scheduling_core.slots.times import PARTS

DOCTOR_COST, SLOT_COST = 4, 1
"""To look up a doctor's next slot, and to look at a slot that may be nobody's who is wanted, relative to each other."""
FEWEST = 50
"""So many doctors are always looked at one by one."""


class Scope(msgspec.Struct, frozen=True):
    """What a search rests on and only the directory changes."""

    zones: tuple[str, ...]
    """Of the clinics that may have slots."""
    doctors: tuple[UUID, ...] | None
    """Who matches; None when there are so many that their slots are soon found among all."""


class SlotPlace(msgspec.Struct, frozen=True):
    """A place in the order of slots: behind the slot of this doctor that starts then."""

    start: datetime
    doctor: UUID = UUID(int=0)


class SlotSearch:
    """Finds bookable slots in the order of time."""

    def __init__(self, pages: SharedPages) -> None:
        self._pages = pages

    async def scope(self, tenant: TenantId, wanted: DoctorFilter, *, part: int | None, limit: int) -> Scope:
        """Return what a search for `limit` slots rests on; ask before opening the transaction that searches."""
        slots = limit * (1 if part is not None else len(PARTS))
        name = f"slot-scope:{slots}:{msgspec.json.encode(wanted).decode()}"
        page = await self._pages.get(tenant, name, lambda tx: _found_scope(tx, wanted, slots))
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
    place = after if after.start >= begins else SlotPlace(begins)
    when = SlotRange(
        after=place.start,
        after_doctor=place.doctor,
        until=moment(max(end for _, end in spans)),
        first=first,
        last=last,
        part=part,
    )
    if scope.doctors is None:
        return await store.slots_by_time(tx, wanted, when, limit)
    return await store.slots_of_doctors(tx, scope.doctors, wanted, when, limit)


_decode = msgspec.msgpack.Decoder(Scope).decode


async def _found_scope(tx: Transaction, wanted: DoctorFilter, slots: int) -> bytes:
    """Find out who matches, unless that is certainly too many to look at one by one for `slots` slots."""
    zones = tuple(await store.zones(tx, wanted.clinic))
    doctors = await _few(tx, wanted, slots)
    return msgspec.msgpack.encode(Scope(zones, tuple(doctors) if doctors is not None else None))


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
    found = await store.matching_doctors(tx, wanted, among=min(shares, key=shares.__getitem__), most=most + 1)
    return found if len(found) <= most else None
