"""Aggregates on the write path: locked by a unit, folded from their events, shown in rows of read models."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from queue_server.store import event_store
from queue_server.store.db import Transaction
from queue_server.store.projections.aggregate_rows import Rows, Table
from scheduling_core.aggregates import Aggregate
from scheduling_core.ids import StreamId, TenantId, TextId, aggregate_stream

S = TypeVar("S", bound=msgspec.Struct)
E = TypeVar("E", bound=msgspec.Struct)

Texts = Mapping[UUID, str]
"""The words behind the ids that a state refers to; what was erased is missing."""


class Model(Generic[S, E]):
    """An aggregate with what it shows.

    `rows` makes every row of the read models from a state and its texts, purely, so that a replay can make them
    again; `texts` names the texts a state refers to.
    """

    def __init__(
        self,
        aggregate: Aggregate[S, E],
        *,
        tables: tuple[Table, ...],
        rows: Callable[[S, Texts], Rows],
        texts: Callable[[S], Iterable[TextId]] = lambda _: (),
    ) -> None:
        self.aggregate = aggregate
        self.tables = tables
        self.rows = rows
        self.texts = texts

    @property
    def kind(self) -> str:
        """The kind of the aggregate's streams."""
        return self.aggregate.kind

    def stream(self, tenant: TenantId, subject: UUID) -> StreamId:
        """Return the stream of one aggregate."""
        return aggregate_stream(tenant, self.kind, subject)


class Locked(Generic[S, E]):
    """An aggregate whose stream a unit holds, and what was decided about it so far."""

    def __init__(
        self, model: Model[S, E], subject: UUID, locked: event_store.LockedStream, before: S | None, now: datetime
    ) -> None:
        self.model = model
        self.subject = subject
        self.locked = locked
        self.before = before
        self.known = before
        self.now = now
        self.events: list[E] = []

    @property
    def exists(self) -> bool:
        """Whether anything ever happened to it."""
        return self.known is not None

    @property
    def state(self) -> S:
        """The state as decided so far; ask `exists` first."""
        assert self.known is not None, "this aggregate does not exist"
        return self.known

    @property
    def version(self) -> int:
        """The version that clients will see once this is committed."""
        return self.locked.version + bool(self.events)

    def add(self, *events: E) -> None:
        """Let these happen, in this order."""
        for event in events:
            self.known = self.model.aggregate.fold(self.known, event, self.now)
            self.events.append(event)


async def fold_history(tx: Transaction, model: Model[S, E], stream: StreamId) -> S | None:
    """Return the state that all events of a stream lead to; None without any."""
    state: S | None = None
    for row in await event_store.all_events(tx, stream):
        event = model.aggregate.decode_event(row["type"], row["schema_version"], row["data"])
        state = model.aggregate.fold(state, event, row["occurred_at"])
    return state


async def read_state(tx: Transaction, model: Model[S, E], subject: UUID) -> tuple[S, int] | None:
    """Return an aggregate's state and version without locking it, or None."""
    stream = model.stream(tx.tenant, subject)
    row = await event_store.read_stream(tx, stream)
    if row is None or row["state"] is None:
        return None
    return await decoded(tx, model, stream, row["state"]), row["version"]


async def read_states(tx: Transaction, model: Model[S, E], subjects: Iterable[UUID]) -> dict[UUID, S]:
    """Return many aggregates' states without locking them, by subject; without those to which nothing ever happened."""
    streams = {model.stream(tx.tenant, subject): subject for subject in subjects}
    kept = await event_store.states(tx, list(streams))
    return {streams[stream]: await decoded(tx, model, stream, state) for stream, state in kept.items()}


async def decoded(tx: Transaction, model: Model[S, E], stream: StreamId, kept: bytes) -> S:
    """Return a kept state; one in the shape of older code is folded anew from its events."""
    try:
        return model.aggregate.decode_state(kept)
    except msgspec.DecodeError:
        state = await fold_history(tx, model, stream)
        assert state is not None, "a state without events"
        return state
