"""Which slots can be booked: for patients in the order of time, for staff all of a doctor's."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.paging import LONGEST_PAGE, Page, after_instant, checked_limit, cursor_of_instant
from queue_server.application.schedules.access import reach_doctor
from queue_server.application.search.slots import SlotPlace, SlotSearch, next_slots
from queue_server.application.slots.shown import NONE_LEFT, public_slot, staff_slot
from queue_server.application.slots.views import SlotStatus, SlotView, StaffSlotView
from queue_server.store import slots as store
from queue_server.store.db import Database, Row
from queue_server.store.slot_search import DoctorFilter
from queue_server.store.slots import Horizon
from scheduling_core.calendar.wall_time import EARLIEST, LATEST
from scheduling_core.errors import Forbidden, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId, TenantId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Permission
from scheduling_core.slots.times import PARTS, PartOfDay

LONGEST_RANGE = timedelta(days=62)
"""Of a doctor's slots at a time, for staff."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient looks for; dates as clients give them, by the clinics' clocks."""

    doctor: UUID | None = None
    specialty: str | None = None
    clinic: UUID | None = None
    mode: Mode | None = None
    language: str | None = None
    part_of_day: PartOfDay | None = None
    first: str | None = None
    last: str | None = None


class Availability:
    """Finds slots."""

    def __init__(self, db: Database, search: SlotSearch) -> None:
        self._db = db
        self._search = search

    async def search(
        self, tenant: TenantId, wanted: Search, *, limit: int, cursor: str | None = None
    ) -> Page[SlotView]:
        """Return bookable slots of doctors whom patients may book, the soonest first.

        Raises `InvalidValue` for dates and cursors that make no sense.
        """
        size, behind = checked_limit(limit), after_instant(cursor)
        doctors = doctor_filter(wanted)
        part = PARTS.index(wanted.part_of_day) if wanted.part_of_day is not None else None
        _dates(wanted, datetime.now(UTC))  # refuses before anything is read
        scope = await self._search.scope(tenant, doctors, limit=size + 1)
        async with self._db.tenant(tenant, generic_plans=True) as tx:
            horizon = await store.horizon(tx)
            first, last = _dates(wanted, horizon.now)
            after = _later(behind, horizon)
            found = await next_slots(tx, scope, doctors, first=first, last=last, part=part, after=after, limit=size + 1)
        shown = [public_slot(row, horizon.now) for row in found[:size]]
        return Page(shown, cursor_of_instant(shown[-1].start, shown[-1].doctor_id) if len(found) > size else None)

    async def slot(self, tenant: TenantId, slot: UUID, actor: Actor | None = None) -> SlotView:
        """Return one slot, whatever its state: to staff who may read it, to all others if patients may book the
        doctor and the clinic is open; to them it is past when it begins within the lead time.

        Raises `NotFound` for a slot that is unknown, or not theirs to see.
        """
        async with self._db.tenant(tenant) as tx:
            row = await store.slot_to_book(tx, slot)
        if row is None:
            raise NotFound("There is no such slot.")
        shown = public_slot(row, row["now"])
        if actor is not None and _may_read(actor, row):
            return shown
        if not row["patients_may"] or not row["clinic_open"]:
            raise NotFound("There is no such slot.")
        if row["start"] > row["now"] + timedelta(minutes=row["lead_minutes"]):
            return shown
        return msgspec.structs.replace(shown, status=SlotStatus.PAST, remaining=NONE_LEFT)

    async def of_doctor(
        self,
        actor: Actor,
        doctor: UUID,
        first: str | None,
        last: str | None,
        *,
        limit: int = LONGEST_PAGE,
        cursor: str | None = None,
    ) -> Page[StaffSlotView]:
        """Return all slots of a doctor from `first` (today) to `last` (a week later), at the actor's clinics.

        Raises `NotFound` for a doctor out of reach, `Forbidden` for a doctor who asks about a colleague,
        `InvalidValue` for dates that make no sense or are 62 days apart.
        """
        actor.require(Permission.READ_SLOTS)
        size, place = checked_limit(limit), after_instant(cursor)
        since = day_given(first, "from") if first is not None else datetime.now(UTC).date()
        until = day_given(last, "to") if last is not None else since + timedelta(days=6)
        if until < since:
            raise InvalidValue("The last day is before the first.", field="to")
        if until - since >= LONGEST_RANGE:
            raise InvalidValue(f"At most {LONGEST_RANGE.days} days are shown at a time.", field="to")
        async with self._db.tenant(actor.tenant) as tx:
            await reach_doctor(tx, actor, Permission.READ_SLOTS, doctor)
            horizon = await store.horizon(tx)
            start = place[0] if place is not None else None
            rows = await store.of_doctor(tx, doctor, since, until, actor.clinics, after=start, limit=size + 1)
        shown = [staff_slot(row, horizon.now) for row in rows[:size]]
        return Page(shown, cursor_of_instant(shown[-1].start, shown[-1].id) if len(rows) > size else None)


def _may_read(actor: Actor, row: Row) -> bool:
    try:
        actor.require_for(Permission.READ_SLOTS, clinic=ClinicId(row["clinic_id"]), doctor=DoctorId(row["doctor_id"]))
    except (Forbidden, NotFound):
        return False
    return True


def doctor_filter(wanted: Search) -> DoctorFilter:
    """Return which doctors a patient looks for."""
    return DoctorFilter(
        doctor=wanted.doctor,
        specialty=wanted.specialty,
        clinic=wanted.clinic,
        mode=wanted.mode.value if wanted.mode is not None else None,
        language=wanted.language,
    )


def _dates(wanted: Search, now: datetime) -> tuple[date, date]:
    """The dates that are looked at: slots may be from yesterday's, where a zone is behind, to the horizon."""
    today = now.astimezone(UTC).date()
    earliest, latest = today - timedelta(days=1), today + timedelta(days=181)
    first = day_given(wanted.first, "from") if wanted.first is not None else earliest
    last = day_given(wanted.last, "to") if wanted.last is not None else latest
    if wanted.first is not None and wanted.last is not None and last < first:
        raise InvalidValue("The last day is before the first.", field="to")
    return max(first, earliest), min(last, latest)


def _later(behind: tuple[datetime, UUID] | None, horizon: Horizon) -> SlotPlace:
    """Where to go on, but not before patients may book at all."""
    earliest, place = SlotPlace(horizon.now + horizon.lead), SlotPlace(*behind) if behind is not None else None
    return earliest if place is None or place.start < earliest.start else place


def day_given(given: str, field: str) -> date:
    """Return the date that a client gave; raises `InvalidValue`."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise InvalidValue("Give a date as YYYY-MM-DD.", field=field) from None
    if not EARLIEST <= day <= LATEST:
        raise InvalidValue(f"Choose days from {EARLIEST} to {LATEST}.", field=field)
    return day
