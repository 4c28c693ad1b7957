"""The outbox of messages: what is to be sent to whom, and what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("messages")


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    EXPIRED = "expired"


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be sent; after `expires_at` nobody wants it any more."""

    id: UUID
    kind: str
    channel: Channel
    recipient: str
    language: str
    patient: UUID | None = None
    expires_at: datetime | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message that this process is sending, for the `attempts`-th time."""

    id: UUID
    kind: str
    channel: Channel
    recipient: str
    language: str
    attempts: int
    is_over: bool
    """Whether it is too late for it."""


class Lately(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages there were of late, and in how many seconds there will have been fewer."""

    number: int
    seconds_to_fewer: int


async def add(tx: Transaction, new: NewMessage) -> None:
    """Put a message into the outbox; its job is the caller's."""
    await tx.run(
        _Q["insert_message"],
        tx.tenant,
        new.id,
        new.kind,
        new.channel,
        new.recipient,
        new.language,
        new.patient,
        new.expires_at,
    )


async def begin(tx: Transaction, message: UUID, at_most: timedelta) -> Message | None:
    """Take a message for as long as sending takes at most; None when it is not to be sent, or another is at it."""
    row = await tx.row(_Q["begin_sending"], tx.tenant, message, at_most)
    if row is None:
        return None
    return Message(
        id=row["message_id"],
        kind=row["kind"],
        channel=Channel(row["channel"]),
        recipient=row["recipient"],
        language=row["language"],
        attempts=row["attempts"],
        is_over=row["is_over"],
    )


async def state(tx: Transaction, message: UUID) -> State | None:
    """Return what became of a message, None for one that is gone."""
    row = await tx.row(_Q["message_state"], tx.tenant, message)
    return State(row["state"]) if row else None


async def end(tx: Transaction, message: UUID, state: State, reason: str | None = None) -> None:
    """Note what became of a message, and why it was not sent."""
    await tx.run(_Q["end_message"], tx.tenant, message, state, reason[:500] if reason else None)


async def note_failure(tx: Transaction, message: UUID, reason: str) -> None:
    """Note why a message could not be sent this time."""
    await tx.run(_Q["note_failure"], tx.tenant, message, reason[:500])


async def to(tx: Transaction, patients: Sequence[UUID], recipients: Sequence[str]) -> Sequence[Row]:
    """Return messages about patients or to addresses of theirs, the oldest first."""
    return await tx.rows(_Q["messages_to"], tx.tenant, list(patients), list(recipients))


async def delete(tx: Transaction, patient: UUID, recipients: Sequence[str]) -> None:
    """Delete messages about a patient or to addresses of theirs."""
    await tx.run(_Q["delete_messages_to"], tx.tenant, patient, list(recipients))


async def sent_lately(tx: Transaction, kind: str, channel: Channel, within: timedelta) -> Lately:
    """Return how many messages of a kind were put into the outbox for a channel within that time."""
    row = await tx.row(_Q["sent_lately"], tx.tenant, kind, channel, within)
    assert row is not None
    return Lately(number=row["number"], seconds_to_fewer=row["seconds"])


async def prune(tx: Transaction, code_kind: str, codes_kept: timedelta, others_kept: timedelta) -> None:
    """Delete messages that are older than that."""
    await tx.run(_Q["prune_messages"], tx.tenant, code_kind, codes_kept, others_kept)
