"""How many times can be booked on each day, for the strip of a month: counted as far as it matters."""

import asyncio
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta
from time import monotonic

from queue_server.application.search.slots import Scope, SlotSearch, stretches_of
from queue_server.application.slots.availability import LONGEST_RANGE, Search, day_given, doctor_filter
from queue_server.application.slots.views import FreeDayView
from queue_server.store import slot_search as store
from queue_server.store import slots as slot_store
from queue_server.store.db import Database
from queue_server.store.slot_search import Day
from queue_server.store.slots import Horizon
from scheduling_core.calendar.wall_time import day_span, moment
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import TenantId

MOST_A_DAY = 50
"""With so many times a day is as free as it is shown."""
USUAL = timedelta(days=41)
"""Six weeks, as a month is shown."""
FARTHEST = timedelta(days=181)
KEPT_SECONDS, MOST_KEPT = 2.0, 1_000
"""Answers about many doctors are given to others for a moment; one doctor's cost nothing and are always new."""

Days = tuple[FreeDayView, ...]
_Asked = tuple[TenantId, Search, date, date]


class FreeDays:
    """Counts free times by date."""

    def __init__(self, db: Database, search: SlotSearch) -> None:
        self._db = db
        self._search = search
        self._kept: OrderedDict[_Asked, tuple[float, asyncio.Task[Days]]] = OrderedDict()

    async def of(self, tenant: TenantId, wanted: Search) -> Days:
        """Return each date from `wanted.first` (today in UTC) to `wanted.last` (six weeks later) with how many times
        patients can book on it. What is held, begins within the lead time, or is at a clinic that takes nobody more
        that day, is not free.

        Raises `InvalidValue` for dates that make no sense or are more than 62.
        """
        first, last = _dates(wanted)
        asked = (tenant, wanted, first, last)
        if wanted.doctor is not None:
            return await self._count(*asked)
        kept = self._kept.get(asked)
        if kept is None or kept[0] < monotonic() or (kept[1].done() and kept[1].exception() is not None):
            kept = self._kept[asked] = monotonic() + KEPT_SECONDS, asyncio.create_task(self._count(*asked))
            kept[1].add_done_callback(_seen)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(kept[1])

    async def _count(self, tenant: TenantId, wanted: Search, first: date, last: date) -> Days:
        doctors = doctor_filter(wanted)
        scope = await self._search.scope(tenant, doctors, limit=MOST_A_DAY)
        free: dict[date, int] = {}
        if scope.zones and scope.doctors:
            async with self._db.tenant(tenant, generic_plans=True) as tx:
                horizon = await slot_store.horizon(tx)
                for stretch in await stretches_of(tx, scope, first, last):
                    free |= await store.free_of_doctors(
                        tx,
                        scope.doctors if scope.is_few or len(scope.doctors) < scope.everybody else None,
                        doctors,
                        _days(scope, stretch.first, stretch.last, horizon),
                        one_by_one=scope.is_few,
                        since=horizon.now + horizon.lead,
                        not_at=stretch.not_at,
                        most=MOST_A_DAY,
                    )
        shown = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return tuple(
            FreeDayView(date=day.isoformat(), free=free.get(day, 0), more=free.get(day, 0) >= MOST_A_DAY)
            for day in shown
        )


def _dates(wanted: Search) -> tuple[date, date]:
    today = datetime.now(UTC).date()
    first = day_given(wanted.first, "from") if wanted.first is not None else today
    last = day_given(wanted.last, "to") if wanted.last is not None else first + USUAL
    if last < first:
        raise InvalidValue("The last day is before the first.", field="to")
    if last - first >= LONGEST_RANGE:
        raise InvalidValue(f"At most {LONGEST_RANGE.days} days are counted at a time.", field="to")
    return first, last


def _days(scope: Scope, first: date, last: date, horizon: Horizon) -> list[Day]:
    """Return the dates on which anything can be free, each with the instants between which it lies in any zone."""
    today = horizon.now.astimezone(UTC).date()
    found = []
    for ordinal in range(
        max(first, today - timedelta(days=1)).toordinal(), min(last, today + FARTHEST).toordinal() + 1
    ):
        spans = [day_span(zone, ordinal) for zone in scope.zones]
        begins, ends = min(start for start, _ in spans), max(end for _, end in spans)
        found.append(Day(date.fromordinal(ordinal), moment(begins), moment(ends)))
    return found


def _seen(task: "asyncio.Task[Days]") -> None:
    if not task.cancelled():
        task.exception()  # whoever waits is told; nobody may be waiting any more
