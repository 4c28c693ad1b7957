"""Streams of events: locked first, appended to with a chain of hashes, never changed."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from queue_server.store.event_ids import event_id
from scheduling_core.errors import Conflict, Unavailable
from scheduling_core.ids import PatientId, StreamId
from sql import loader

_Q = loader.queries("streams")


class LockedStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream whose row this transaction holds; `now` was read from Postgres' clock after the lock."""

    stream: StreamId
    version: int
    state: bytes | None
    head_hash: bytes
    now: datetime
    epoch: int


class NewEvent(msgspec.Struct, frozen=True):
    """An event about to be appended: its type and its canonical JSON."""

    type: str
    data: bytes


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """One commit to a stream."""

    events: Sequence[NewEvent]
    schema_version: int
    command: str
    actor: UUID | None
    by_system: bool
    request_id: str | None
    at: datetime
    state: bytes | None
    pointer: str | None
    """What NOTIFY tells of a queue with the commit; its new version is in it."""
    news: Sequence[tuple[str, str]] = ()
    """What else everybody is told with the commit: channels, and what is said there."""


async def lock(
    tx: Transaction, stream: StreamId, kind: str, *, create: bool, is_new: bool = False
) -> LockedStream | None:
    """Lock the stream's row and return it; None when there is none and `create` is False.

    One that `is_new`, of a subject that was made up a moment ago, is not looked for first.
    """
    row = await tx.row(_Q["lock_stream"], tx.tenant, stream) if not is_new else None
    if row is None:
        if not create:
            return None
        row = await tx.row(_Q["create_stream"], tx.tenant, stream, kind)
        row = row or await tx.row(_Q["lock_stream"], tx.tenant, stream)
        if row is None:
            raise Unavailable(retry_after=1)
    return LockedStream(
        stream=stream,
        version=row["version"],
        state=row["state"],
        head_hash=row["head_hash"],
        now=row["now"],
        epoch=row["epoch"],
    )


def event_hash(
    previous: bytes,
    *,
    stream: UUID,
    version: int,
    ordinal: int,
    event: UUID,
    type: str,
    schema_version: int,
    data: bytes,
    command: str,
    actor: UUID | None,
    by_system: bool,
    request_id: str | None,
    at: datetime,
) -> bytes:
    """Return the SHA-256 that chains an event to the one before it; covers every stored field."""
    header = msgspec.json.encode(
        (stream, version, ordinal, event, type, schema_version, command, actor, by_system, request_id, at)
    )
    return sha256(previous + header + b"\n" + data).digest()


async def append(tx: Transaction, locked: LockedStream, commit: Append) -> tuple[int, UUID]:
    """Append one commit and return the stream's new version and its last event id. One round trip.

    Raises `Conflict` when the stream moved on although it was locked (which would be a defect of the caller).
    """
    version, head = locked.version + 1, locked.head_hash
    ids, previous, hashes = [], [], []
    for ordinal, event in enumerate(commit.events):
        identity = event_id(commit.at, ordinal)
        previous.append(head)
        head = event_hash(
            head,
            stream=locked.stream,
            version=version,
            ordinal=ordinal,
            event=identity,
            type=event.type,
            schema_version=commit.schema_version,
            data=event.data,
            command=commit.command,
            actor=commit.actor,
            by_system=commit.by_system,
            request_id=commit.request_id,
            at=commit.at,
        )
        ids.append(identity)
        hashes.append(head)
    news = [*commit.news, *([("queue_changed", commit.pointer)] if commit.pointer is not None else ())]
    row = await tx.row(
        _Q["append"],
        tx.tenant,
        locked.stream,
        locked.version,
        version,
        commit.state,
        head,
        commit.at,
        ids[-1],
        commit.schema_version,
        commit.command,
        commit.actor,
        commit.by_system,
        commit.request_id,
        list(range(len(ids))),
        ids,
        [e.type for e in commit.events],
        [e.data.decode() for e in commit.events],
        previous,
        hashes,
        [channel for channel, _ in news],
        [said for _, said in news],
    )
    if row is None or row["appended"] != len(ids):
        raise Conflict("The stream has moved on.")
    return version, ids[-1]


async def read_stream(tx: Transaction, stream: StreamId) -> Row | None:
    """Return version, state and epoch of a stream without locking it, or None."""
    return await tx.row(_Q["read_stream"], tx.tenant, stream)


async def events_until(tx: Transaction, stream: StreamId, until: datetime) -> Sequence[Row]:
    """Return the stream's events that happened at or before `until`, in order."""
    return await tx.rows(_Q["events_of_stream"], tx.tenant, stream, until)


async def all_events(tx: Transaction, stream: StreamId) -> Sequence[Row]:
    """Return all events of the stream, in order."""
    return await tx.rows(_Q["all_events_of_stream"], tx.tenant, stream)


def changed(tenant: UUID, kind: str, subject: UUID) -> tuple[str, str]:
    """Return the news that an aggregate has changed, so that nothing of it stays in a cache of any server."""
    return "directory_changed", f"{tenant}:{kind}:{subject}"


def slots_changed(tenant: UUID, doctor: UUID, news: bytes) -> tuple[str, str]:
    """Return the news of what happened to which slots of a doctor, for whoever watches them on any server."""
    return "slots_changed", f"{tenant}:{doctor}:{news.decode()}"


async def notify_changed(tx: Transaction, kind: str, subject: UUID) -> None:
    """Tell every server with the commit that an aggregate has changed, where no events are appended that could."""
    await tx.run(_Q["notify_changed"], changed(tx.tenant, kind, subject)[1])


class FreeText(msgspec.Struct, frozen=True):
    """Words that are kept apart from events. An event holds the id alone: the first 128 bits of their salted SHA-256,
    so the chain of hashes covers the words although they can be erased."""

    id: UUID
    body: str
    salt: bytes


def free_text(body: str) -> FreeText:
    """Return `body` with the id an event may hold; nothing is kept yet."""
    salt = secrets.token_bytes(16)
    return FreeText(text_id(salt, body), body, salt)


async def states(tx: Transaction, streams: Sequence[StreamId]) -> dict[StreamId, bytes]:
    """Return the kept states of streams, without those that have none."""
    return {StreamId(row["stream_id"]): row["state"] for row in await tx.rows(_Q["states"], tx.tenant, list(streams))}


async def keep_free_text(tx: Transaction, text: FreeText, about: PatientId | None = None) -> None:
    """Keep the words that an event of this transaction refers to; those `about` a patient are erased with them."""
    await tx.run(_Q["insert_free_text"], tx.tenant, text.id, text.body, text.salt, about)


def text_id(salt: bytes, body: str) -> UUID:
    """Return the id that stands for `body` with `salt`."""
    return UUID(bytes=sha256(salt + body.encode()).digest()[:16])


async def free_texts(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the words behind `ids`, without those that were erased."""
    rows = await tx.rows(_Q["free_texts"], tx.tenant, list(ids))
    return {row["text_id"]: row["body"] for row in rows if row["body"] is not None}
