"""The replay of queues: their states, and the read models of queues, entries and paces."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec

from queue_server.application.rebuild.report import Progress, RebuildReport, named
from queue_server.store import rebuild as store
from queue_server.store.db import Row, Transaction
from queue_server.store.projections import queue as projection
from scheduling_core.ids import StreamId, TenantId
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.events import EntryRescheduledOut, QueueEvent
from scheduling_core.live_queue.fold import fold_commit
from scheduling_core.live_queue.state import Queue

BATCH = 64
"""Streams folded at a time."""


class QueuesReplay:
    """The replay of one tenant's queues."""

    def __init__(
        self, tx: Transaction, tenant: TenantId, report: RebuildReport, repair: bool, progress: Progress
    ) -> None:
        self._tx = tx
        self._tenant = tenant
        self._report = report
        self._repair = repair
        self._progress = progress
        self._mended: dict[UUID, Queue] = {}
        self._paces: dict[store.Key, dict[str, Any]] = {}
        self._rows_mended = 0
        self._left: dict[store.Key, UUID] = {}
        """Who has left the day that is being folded, by the last event that says so."""

    @property
    def has_mended(self) -> bool:
        """Whether anything was written."""
        return bool(self._mended or self._rows_mended)

    async def run(self) -> None:
        """Fold and compare day by day."""
        days = await store.days_of_rows(self._tx)
        streams = await store.queue_streams(self._tx)
        for day, group in groupby(streams, key=lambda row: row["date"]):
            ids = [StreamId(row["stream_id"]) for row in group]
            if day is None:
                for stream in ids:
                    self._differs("state", stream, "its history is gone")
                continue
            days.discard(date.fromisoformat(day))
            await self._day(date.fromisoformat(day), ids)
        for day in sorted(days):
            await self._compare("queue", day, {})
            await self._compare("queue_entry", day, {})
        await self._compare("doctor_pace", None, self._paces)

    async def _day(self, day: date, streams: Sequence[StreamId]) -> None:
        """Fold the queues of a day and compare their states and rows.

        An entry that has moved to another day is that day's, unless it came back.
        """
        queues: dict[store.Key, dict[str, Any]] = {}
        entries: dict[store.Key, dict[str, Any]] = {}
        self._left = {}
        for start in range(0, len(streams), BATCH):
            batch = streams[start : start + BATCH]
            kept = await store.states(self._tx, batch)
            history = await store.events(self._tx, batch)
            with_events = set()
            for stream, rows in groupby(history, key=lambda row: row["stream_id"]):
                with_events.add(stream)
                await self._queue(stream, list(rows), kept.get(stream), queues, entries)
            for stream in set(batch) - with_events:
                self._differs("state", stream, "its history is gone")
        await self._compare("queue", day, queues)
        here = {key: row for key, row in entries.items() if self._left.get(key, store.NO_ID) < row["last_event_id"]}
        await self._compare("queue_entry", day, here)

    async def _queue(
        self,
        stream: StreamId,
        rows: Sequence[Row],
        kept: bytes | None,
        queues: dict[store.Key, dict[str, Any]],
        entries: dict[store.Key, dict[str, Any]],
    ) -> None:
        self._report.queues += 1
        self._report.events += len(rows)
        self._progress(self._report.events)
        try:
            folded = self._fold(stream, rows, queues, entries)
        except (msgspec.MsgspecError, AssertionError, LookupError, ValueError) as error:
            self._differs("state", stream, f"its events cannot be folded ({type(error).__name__})")
            return
        if (reason := _difference(kept, folded)) is not None:
            self._differs("state", stream, reason)
            if self._repair:
                await store.write_state(self._tx, stream, codec.encode_state(folded))
                self._mended[stream] = folded
                self._report.repaired += 1

    def _fold(
        self,
        stream: StreamId,
        rows: Sequence[Row],
        queues: dict[store.Key, dict[str, Any]],
        entries: dict[store.Key, dict[str, Any]],
    ) -> Queue:
        """Fold commit by commit, as they were written, and keep the newest row of everything they showed."""
        queue: Queue | None = None
        last_event = rows[-1]["event_id"]
        for version, commit in groupby(rows, key=lambda row: row["version"]):
            group = list(commit)
            events = [codec.decode_event(row["type"], row["schema_version"], row["data"]) for row in group]
            first, last_event = group[0], group[-1]["event_id"]
            after = fold_commit(
                queue,
                events,
                version=version,
                at=first["occurred_at"],
                command=first["command"],
                by_system=first["by_system"],
            )
            for entry in projection.changed_entries(queue, after):
                row = projection.entry_row(after, after.entries[entry], last_event)
                _keep_newest(entries, (entry,), row)
            self._note_who_left(after, zip(events, group, strict=True))
            if (pace := projection.pace_row(after, events, last_event)) is not None:
                _keep_newest(self._paces, (after.doctor,), pace)
            queue = after
        assert queue is not None
        row = projection.queue_row(stream, queue, last_event)
        queues[row["doctor_id"], row["date"]] = row
        return queue

    def _note_who_left(self, queue: Queue, events: Iterable[tuple[QueueEvent, Row]]) -> None:
        for event, row in events:
            if isinstance(event, EntryRescheduledOut) and event.to_date != queue.date:
                known = self._left.get((event.entry,), store.NO_ID)
                self._left[event.entry,] = max(known, row["event_id"])

    async def _compare(self, model: str, day: date | None, expected: dict[store.Key, dict[str, Any]]) -> None:
        kept = await store.rows(self._tx, model, day)
        self._report.rows += len(kept)
        for key in {*kept, *expected}:
            reason = _row_difference(kept.get(key), expected.get(key))
            if reason is None:
                continue
            self._differs(model, key, reason)
            if self._repair:
                await store.replace_row(self._tx, model, key, expected.get(key))
                self._rows_mended += 1
                self._report.repaired += 1

    async def announce(self, epoch: int) -> None:
        """Point at each state that changed, in the new epoch."""
        for queue in self._mended.values():
            await store.notify(self._tx, f"{self._tenant}:{queue.doctor}:{queue.date}:{epoch}:{queue.version}")

    def _differs(self, model: str, key: object, detail: str) -> None:
        self._report.add(self._tenant, model, key, detail)


def _keep_newest(rows: dict[store.Key, dict[str, Any]], key: store.Key, row: dict[str, Any]) -> None:
    known = rows.get(key)
    if known is None or known["last_event_id"] < row["last_event_id"]:
        rows[key] = row


def _difference(kept: bytes | None, folded: Queue) -> str | None:
    """Return how a kept state differs from the folded one, None when it does not."""
    if kept is None:
        return "there is no state"
    try:
        known = codec.decode_state(kept)
    except msgspec.MsgspecError:
        return "the state cannot be read"
    if known == folded:
        return None
    return named(name for name in Queue.__struct_fields__ if getattr(known, name) != getattr(folded, name))


def _row_difference(kept: dict[str, Any] | None, expected: dict[str, Any] | None) -> str | None:
    if kept is None:
        return "the row is missing"
    if expected is None:
        return "there should be no such row"
    if kept == expected:
        return None
    return named(name for name in expected if kept.get(name) != expected[name])
