"""The replay of everything but queues: each aggregate's state, and every row that it shows."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec

from queue_server.application.aggregates import Model
from queue_server.application.models import BY_KIND, MODELS
from queue_server.application.rebuild.report import Progress, RebuildReport, named
from queue_server.application.unit import ADMINISTRATION_KIND, QUEUE_KIND
from queue_server.store import event_store
from queue_server.store import rebuild as store
from queue_server.store.db import Row, Transaction
from queue_server.store.projections import aggregate_rows
from queue_server.store.projections.aggregate_rows import Key, Rows, Table
from scheduling_core.ids import StreamId

STREAMS, COMMITS = 64, 2_000
"""Folded at a time, unless a single stream holds more."""
WITHOUT_STATE = (QUEUE_KIND, ADMINISTRATION_KIND)
"""Kinds that are no models: queues are replayed by themselves, of administration nothing is folded."""
ANY = UUID(int=0)

Expected = dict[Key, dict[str, Any]]


class AggregatesReplay:
    """The replay of one tenant's aggregates."""

    def __init__(self, tx: Transaction, report: RebuildReport, repair: bool, progress: Progress) -> None:
        self._tx = tx
        self._report = report
        self._repair = repair
        self._progress = progress
        self._mended: set[str] = set()

    @property
    def has_mended(self) -> bool:
        """Whether anything was written."""
        return bool(self._mended)

    async def run(self) -> None:
        """Fold and compare one kind after the other."""
        kinds = {row["kind"]: row["streams"] for row in await store.kinds(self._tx)}
        for kind in sorted(kinds.keys() - BY_KIND.keys() - set(WITHOUT_STATE)):
            self._differs("state", kind, "streams of a kind that nothing folds")
        for model in MODELS:
            self._report.aggregates[model.kind] = self._report.aggregates.get(model.kind, 0) + kinds.get(model.kind, 0)
            expected: dict[Table, Expected] = {table: {} for table in model.tables}
            async for batch in store.streams_of(self._tx, model.kind, streams=STREAMS, commits=COMMITS):
                await self._batch(model, batch, expected)
            for table, rows in expected.items():
                await self._compare(model, table, rows)

    async def announce(self) -> None:
        """Tell every server that something of each kind that was mended has changed."""
        for kind in sorted(self._mended):
            await event_store.notify_changed(self._tx, kind, ANY)

    async def _batch(
        self, model: Model[Any, Any], streams: Mapping[StreamId, bytes | None], expected: dict[Table, Expected]
    ) -> None:
        found = await store.events(self._tx, list(streams))
        self._report.events += len(found)
        histories: dict[StreamId, list[tuple[UUID, Any]]] = {}
        for stream, rows in groupby(found, key=lambda row: StreamId(row["stream_id"])):
            try:
                # Only what shows rows has to be kept step by step.
                histories[stream] = list(_steps(model, list(rows)))[0 if model.tables else -1 :]
            except (msgspec.MsgspecError, AssertionError, LookupError, ValueError) as error:
                self._differs("state", stream, f"its events cannot be folded ({type(error).__name__})")
        for stream in streams.keys() - {StreamId(row["stream_id"]) for row in found}:
            self._differs("state", stream, "its history is gone")
        words = await self._texts(model, histories)
        for stream, steps in histories.items():
            await self._state(model, stream, streams[stream], steps[-1][1])
            for (table, key), row in _rows(self._tx.tenant, model, steps, words).items():
                expected[table][key] = row
        self._progress(self._report.events)

    async def _texts(
        self, model: Model[Any, Any], histories: Mapping[StreamId, Sequence[tuple[UUID, Any]]]
    ) -> tuple[dict[UUID, str], dict[UUID, str]]:
        """Return the words that are kept, and as many for every text: one that was erased was something once."""
        wanted = {text for steps in histories.values() for _, state in steps for text in model.texts(state)}
        kept = await event_store.free_texts(self._tx, sorted(wanted)) if wanted else {}
        return kept, {text: str(text) for text in wanted} | kept

    async def _state(self, model: Model[Any, Any], stream: StreamId, kept: bytes | None, folded: Any) -> None:
        written = model.aggregate.encode_state(folded)
        if kept == written or (reason := _difference(model, kept, folded)) is None:
            return
        self._differs("state", stream, reason)
        if self._repair:
            await store.write_state(self._tx, stream, written)
            self._mend(model)

    async def _compare(self, model: Model[Any, Any], table: Table, expected: Expected) -> None:
        kept = await aggregate_rows.keys(self._tx, table)
        self._report.rows += len(kept)
        strays = sorted(kept - expected.keys(), key=str)
        for key in strays:
            self._differs(table.name, key, "there should be no such row")
        differing = []
        async for key, columns in aggregate_rows.differing(self._tx, table, expected):
            self._differs(table.name, key, named(columns) if columns else "the row is missing")
            differing.append(expected[key])
        if self._repair and (strays or differing):
            await aggregate_rows.restore(self._tx, table, differing, strays)
            self._mend(model, len(strays) + len(differing))

    def _mend(self, model: Model[Any, Any], things: int = 1) -> None:
        self._report.repaired += things
        self._mended.add(model.kind)

    def _differs(self, model: str, key: object, detail: str) -> None:
        self._report.add(self._tx.tenant, model, key, detail)


def _steps(model: Model[Any, Any], rows: Sequence[Row]) -> Iterator[tuple[UUID, Any]]:
    """Fold commit by commit, as they were written; yield the last event and the state of each."""
    state: Any = None
    for _, commit in groupby(rows, key=lambda row: row["version"]):
        last_event = None
        for row in commit:
            event = model.aggregate.decode_event(row["type"], row["schema_version"], row["data"])
            state, last_event = model.aggregate.fold(state, event, row["occurred_at"]), row["event_id"]
        assert last_event is not None
        yield last_event, state


def _rows(
    tenant: UUID,
    model: Model[Any, Any],
    steps: Sequence[tuple[UUID, Any]],
    words: tuple[Mapping[UUID, str], Mapping[UUID, str]],
) -> dict[tuple[Table, Key], dict[str, Any]]:
    """Return the whole rows that an aggregate ends with; each remembers the last event that changed it."""
    kept, once = words
    changed: dict[tuple[Table, Key], UUID] = {}
    before: Rows = {}
    for last_event, state in steps:
        after = model.rows(state, once)
        changed |= {place: last_event for place, columns in after.items() if before.get(place) != columns}
        before = after
    newest, state = steps[-1]
    return {
        (table, key): aggregate_rows.row(tenant, table, key, columns, changed.get((table, key), newest))
        for (table, key), columns in model.rows(state, kept).items()
    }


def _difference(model: Model[Any, Any], kept: bytes | None, folded: Any) -> str | None:
    """Return how a kept state differs from the folded one; None when it only was written by other code."""
    if kept is None:
        return "there is no state"
    try:
        known = model.aggregate.decode_state(kept)
    except msgspec.MsgspecError:
        return "the state cannot be read"
    if known == folded:
        return None
    return named(name for name in folded.__struct_fields__ if getattr(known, name) != getattr(folded, name))
