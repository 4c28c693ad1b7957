"""The replay of the figures of waitlists: what entries' events add up to, day by day of each clinic's calendar."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.rebuild.report import Progress, RebuildReport, named
from queue_server.application.resources.models import CLINIC
from queue_server.application.waitlist.model import WAITLIST_MODEL
from queue_server.store import clinics, waitlist_days
from queue_server.store import rebuild as store
from queue_server.store.db import Row, Transaction
from queue_server.store.waitlist_days import Day
from scheduling_core.ids import StreamId
from scheduling_core.waitlist.metrics import FIELDS, DayCounts, counted
from scheduling_core.waitlist.state import Entry

TABLE = "waitlist_day"
STREAMS, COMMITS = 256, 2_000
MOST_CLINICS = 10_000


class Clocks:
    """By which zone's clock each clinic's days ran, and since when."""

    def __init__(self, now: dict[UUID, str]) -> None:
        self._now = now
        self._changes: dict[UUID, tuple[list[datetime], list[str]]] = {}

    def note(self, clinic: UUID, zone: str, since: datetime) -> None:
        """Take over a zone that a clinic was given; in the order of time."""
        instants, zones = self._changes.setdefault(clinic, ([], []))
        if not zones or zones[-1] != zone:
            instants.append(since)
            zones.append(zone)

    def day(self, clinic: UUID, at: datetime) -> Day:
        """Return the clinic's day at an instant. Before its first event it had the zone that this names."""
        instants, zones = self._changes.get(clinic, ([], []))
        zone = zones[max(0, bisect_right(instants, at) - 1)] if zones else self._now.get(clinic, "UTC")
        return clinic, at.astimezone(ZoneInfo(zone)).date()


class WaitlistDaysReplay:
    """The replay of one tenant's figures of waitlists."""

    def __init__(self, tx: Transaction, report: RebuildReport, repair: bool, progress: Progress) -> None:
        self._tx = tx
        self._report = report
        self._repair = repair
        self._progress = progress

    async def run(self) -> None:
        """Count every event again, compare, and with `repair` keep what they add up to."""
        clocks = await self._clocks()
        expected: dict[Day, DayCounts] = {}
        async for batch in store.streams_of(self._tx, WAITLIST_MODEL.kind, streams=STREAMS, commits=COMMITS):
            for _, rows in groupby(await store.events(self._tx, list(batch)), key=lambda row: row["stream_id"]):
                for day, counts in _days(list(rows), clocks):
                    expected.setdefault(day, DayCounts()).add(counts)
        kept = await waitlist_days.all_days(self._tx)
        self._report.rows += len(kept)
        for day in sorted(kept.keys() | expected.keys(), key=str):
            await self._compare(day, kept.get(day), expected.get(day))
        self._progress(self._report.events)

    async def _clocks(self) -> Clocks:
        known = await clinics.page(self._tx, after=None, limit=MOST_CLINICS, within=())
        clocks = Clocks({one.id: one.timezone for one in known})
        streams: dict[StreamId, UUID] = {CLINIC.stream(self._tx.tenant, one.id): one.id for one in known}
        for row in await store.events(self._tx, list(streams)):
            event = CLINIC.aggregate.decode_event(row["type"], row["schema_version"], row["data"])
            zone = getattr(event, "timezone", None)
            if isinstance(zone, str):
                clocks.note(streams[StreamId(row["stream_id"])], zone, row["occurred_at"])
        return clocks

    async def _compare(self, day: Day, kept: DayCounts | None, expected: DayCounts | None) -> None:
        if kept == expected:
            return
        self._report.add(self._tx.tenant, TABLE, day, _difference(kept, expected))
        if self._repair:
            await waitlist_days.replace_day(self._tx, day, expected)
            self._report.repaired += 1


def _days(rows: Sequence[Row], clocks: Clocks) -> Iterator[tuple[Day, DayCounts]]:
    """Yield what each commit of one entry added to a day. What cannot be folded is reported with its state."""
    aggregate = WAITLIST_MODEL.aggregate
    entry: Entry | None = None
    for _, commit in groupby(rows, key=lambda row: row["version"]):
        group = list(commit)
        at = group[0]["occurred_at"]
        try:
            events = [aggregate.decode_event(row["type"], row["schema_version"], row["data"]) for row in group]
            for event in events:
                entry = aggregate.fold(entry, event, at)
        except (msgspec.MsgspecError, AssertionError, LookupError, ValueError):
            return
        assert entry is not None, "an entry begins by joining"
        counts = counted(events, entry.joined_at, at, by_system=group[0]["by_system"])
        if counts is not None:
            yield clocks.day(entry.clinic, at), counts


def _difference(kept: DayCounts | None, expected: DayCounts | None) -> str:
    if kept is None:
        return "the row is missing"
    if expected is None:
        return "there should be no such row"
    return named(name for name in FIELDS if getattr(kept, name) != getattr(expected, name))
