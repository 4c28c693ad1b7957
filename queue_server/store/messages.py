"""The outbox of messages: what is to be sent to whom, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("messages")


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PUSH = "push"


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    EXPIRED = "expired"
    PASSED_ON = "passed_on"
    """Failed here, and went on through another channel."""


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be sent; after `expires_at` nobody wants it any more.

    `recipient` is an address or a number; for a push the id of the reader, whose browsers are looked up when it is
    sent. `facts` are ids and numbers that its words are made of. `rest` are the channels to go on through, in order.
    """

    id: UUID
    kind: str
    channel: Channel
    recipient: str
    language: str
    patient: UUID | None = None
    expires_at: datetime | None = None
    notice: str | None = None
    facts: Mapping[str, Any] = {}
    rest: Sequence[Channel] = ()
    clinic: UUID | None = None
    reader: UUID | None = None
    sent_by: UUID | None = None


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
    age: timedelta = timedelta()
    """How long ago it was put into the outbox."""
    patient: UUID | None = None
    """Whom it is about."""
    reader: UUID | None = None
    """Who reads it: they, or who acts for them."""
    clinic: UUID | None = None
    notice: str | None = None
    facts: Mapping[str, Any] = {}
    """Ids and numbers: `appointmentId`, `entryId`, `inviteId`, `textId`, and what else the kind has."""
    rest: tuple[Channel, ...] = ()
    sent_by: UUID | None = None
    expires_at: datetime | None = None
    provider_ref: str | None = None
    """What the provider calls the one that it took and could not deliver, if this is sent once more."""


class Lately(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages there were of late, and in how many seconds there will have been fewer."""

    number: int
    seconds_to_fewer: int


class LogWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages are asked for: None is any. `clinics` are those of whoever asks, empty for all of them and for
    what belongs to none; `before` is where the page before ended."""

    clinics: Sequence[UUID] = ()
    states: Sequence[State] | None = None
    kinds: Sequence[str] | None = None
    channel: Channel | None = None
    patient: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, UUID] | None = None


async def add(tx: Transaction, new: NewMessage) -> bool:
    """Put a message into the outbox; its job is the caller's. Returns False when its notice went that way before."""
    row = await tx.row(
        _Q["insert_message"],
        tx.tenant,
        new.id,
        new.kind,
        new.channel,
        new.recipient,
        new.language,
        new.patient,
        new.expires_at,
        new.notice,
        msgspec.json.encode(new.facts).decode(),
        list(new.rest),
        new.clinic,
        new.reader,
        new.sent_by,
    )
    return row is not None


async def is_told(tx: Transaction, notice: str) -> bool:
    """Return whether a message of this notice is there, through whatever channel."""
    return await tx.row(_Q["notice_is_told"], tx.tenant, notice) is not None


async def begin(tx: Transaction, message: UUID, at_most: timedelta) -> Message | None:
    """Take a message for as long as sending takes at most; None when it is not to be sent, or another is at it."""
    row = await tx.row(_Q["begin_sending"], tx.tenant, message, at_most)
    if row is None:
        return None
    return _message(row)


async def taken(tx: Transaction, message: UUID, reference: str) -> Message | None:
    """Lock and return a message that its provider has taken under this name; None for every other one."""
    row = await tx.row(_Q["message_taken"], tx.tenant, message, reference)
    return _message(row) if row is not None else None


async def state(tx: Transaction, message: UUID) -> State | None:
    """Return what became of a message, None for one that is gone."""
    row = await tx.row(_Q["message_state"], tx.tenant, message)
    return State(row["state"]) if row else None


async def end(
    tx: Transaction, message: UUID, state: State, reason: str | None = None, *, provider_ref: str | None = None
) -> None:
    """Note what became of a message, why it was not sent, and what the provider calls it."""
    await tx.run(_Q["end_message"], tx.tenant, message, state, reason[:500] if reason else None, provider_ref)


async def still_queued(tx: Transaction, message: UUID) -> bool:
    """Lock a message and return whether nobody has said what became of it."""
    row = await tx.row(_Q["lock_message"], tx.tenant, message)
    return row is not None and row["state"] == State.QUEUED


async def note_failure(tx: Transaction, message: UUID, reason: str, *, is_attempt: bool = True) -> None:
    """Note why a message could not be sent this time; what was not even tried `is_attempt` not."""
    await tx.run(_Q["note_failure"], tx.tenant, message, reason[:500], is_attempt)


async def log(tx: Transaction, wanted: LogWanted, limit: int) -> Sequence[Row]:
    """Return messages, the newest first, without what they say: `message_id kind channel recipient language state
    attempts last_error created_at ended_at expires_at clinic_id patient_id reader_id patient_name sent_by provider_ref
    notice`."""
    created, message = wanted.before if wanted.before is not None else (None, None)
    return await tx.rows(
        _Q["message_log"],
        tx.tenant,
        list(wanted.clinics),
        list(wanted.states) if wanted.states is not None else None,
        list(wanted.kinds) if wanted.kinds is not None else None,
        wanted.channel,
        wanted.patient,
        wanted.since,
        wanted.until,
        created,
        message,
        limit,
    )


async def one(tx: Transaction, message: UUID) -> Row | None:
    """Return a message as the log shows it, None when there is none."""
    return await tx.row(_Q["message_of_log"], tx.tenant, message)


async def revive(tx: Transaction, messages: Sequence[UUID]) -> dict[UUID, str]:
    """Queue dead messages again under their own ids, with all their attempts, and return of which kind each is: not
    those that come too late."""
    rows = await tx.rows(_Q["revive_messages"], tx.tenant, list(messages))
    return {row["message_id"]: row["kind"] for row in rows}


async def dead(tx: Transaction, clinics: Sequence[UUID], limit: int) -> list[UUID]:
    """Return dead messages of these clinics, of all when there are none of them, that are not too late yet; the oldest
    first."""
    return [row["message_id"] for row in await tx.rows(_Q["dead_messages"], tx.tenant, list(clinics), limit)]


async def readdress(tx: Transaction, message: UUID, recipient: str) -> None:
    """Let a message go to another address of its reader."""
    await tx.run(_Q["readdress_message"], tx.tenant, message, recipient)


async def take_pace(tx: Transaction, channel: Channel, *, is_urgent: bool, a_minute: float, burst: int) -> timedelta:
    """Take the next place of a channel, and return how long to wait for it: of so many a minute, `burst` at once.

    The generic cell rate algorithm (ITU-T I.371). Everybody else of the tenant and channel waits until the commit.
    """
    interval = timedelta(minutes=1) / a_minute
    row = await tx.row(_Q["take_pace"], tx.tenant, channel, is_urgent, interval, interval * burst)
    assert row is not None
    wait: timedelta = row["wait"]
    return wait


async def to(tx: Transaction, patients: Sequence[UUID], recipients: Sequence[str]) -> Sequence[Row]:
    """Return messages about or for patients, or to addresses of theirs, the oldest first."""
    return await tx.rows(_Q["messages_to"], tx.tenant, list(patients), list(recipients))


async def delete(tx: Transaction, patient: UUID, recipients: Sequence[str]) -> None:
    """Delete messages about or for a patient, or to addresses of theirs."""
    await tx.run(_Q["delete_messages_to"], tx.tenant, patient, list(recipients))


async def sent_lately(tx: Transaction, kind: str, channel: Channel, within: timedelta) -> Lately:
    """Return how many messages of a kind were put into the outbox for a channel within that time."""
    row = await tx.row(_Q["sent_lately"], tx.tenant, kind, channel, within)
    assert row is not None
    return Lately(number=row["number"], seconds_to_fewer=row["seconds"])


async def prune(tx: Transaction, code_kind: str, codes_kept: timedelta, others_kept: timedelta) -> None:
    """Delete messages that are older than that."""
    await tx.run(_Q["prune_messages"], tx.tenant, code_kind, codes_kept, others_kept)


def _message(row: Row) -> Message:
    return Message(
        id=row["message_id"],
        kind=row["kind"],
        channel=Channel(row["channel"]),
        recipient=row["recipient"],
        language=row["language"],
        attempts=row["attempts"],
        is_over=row["is_over"],
        age=row["age"],
        patient=row["patient_id"],
        reader=row["reader_id"],
        clinic=row["clinic_id"],
        notice=row["notice"],
        facts=msgspec.json.decode(row["facts"]),
        rest=tuple(Channel(channel) for channel in row["rest"]),
        sent_by=row["sent_by"],
        expires_at=row["expires_at"],
        provider_ref=row["provider_ref"],
    )
