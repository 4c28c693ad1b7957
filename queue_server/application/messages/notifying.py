"""From a notice to a message: who reads it, through which channel, and when.

A notice's job asks first whether it is still so, then who reads it and how they are reached. What comes at night waits
for the morning, what comes too fast for its place in the pace. The message and the end of the job are one transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import msgspec
import structlog

from queue_server.application.messages import outbox, pace, reaching, truth
from queue_server.application.messages.kinds import Kind, is_urgent
from queue_server.application.messages.telling import Told
from queue_server.store import job_store, messages, readers
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from queue_server.store.messages import Channel, NewMessage
from queue_server.store.readers import Reader

log = structlog.stdlib.get_logger(__name__)


class Addressed(msgspec.Struct, frozen=True, kw_only=True):
    """A notice with whom it concerns."""

    told: Told
    notice: str
    patient: UUID
    clinic: UUID | None


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """The channel that a message goes through now, where to, when, and what is left if that fails."""

    channel: Channel
    recipient: str
    rest: Sequence[Channel]
    due_at: datetime
    is_night: bool = False
    """It is night where the reader is; by `due_at` something else may be true, or take less time."""


class Notifying:
    """Turns notices into messages. `granted` is how many a minute an organisation may send that has chosen nothing."""

    def __init__(self, db: Database, configured: Collection[Channel], granted: Mapping[Channel, int]) -> None:
        self._db = db
        self._configured = frozenset(configured)
        self._granted = dict(granted)

    async def run(self, job: Job) -> None:
        """See to the notice of a job: a message in the outbox, nothing at all, or the same again in the morning."""
        told = msgspec.convert(job.payload, Told, strict=False)
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return
            now = await readers.clock(tx)
            # Where no channel is set up nobody is told anything.
            later = await self._see_to(tx, told, job.key, now) if self._configured else None
            if later is None:
                await job_store.finish(tx, job)
            else:
                await job_store.rearm(tx, job, max(later - now, timedelta()))

    async def next(
        self,
        tx: Transaction,
        about: Addressed,
        reader: Reader,
        now: datetime,
        *,
        among: Sequence[Channel],
    ) -> Next | None:
        """Return how a message goes on through the first of some channels; None when there is none left for it."""
        kind = about.told.kind
        wanted = await reaching.channels(tx, reader, about.patient, kind, self._configured)
        left = [channel for channel in wanted if channel in among]
        if not left:
            return None
        channel = left[0]
        recipient = reaching.address(reader, channel)
        assert recipient is not None, "it is one of theirs"
        found = Next(channel=channel, recipient=recipient, rest=left[1:], due_at=now)
        may_go_at = partial(
            reaching.may_go_at, tx, reader.id, about.clinic, kind, channel, expires_at=about.told.expires_at
        )
        if (awake := await may_go_at(now)) > now:
            return msgspec.structs.replace(found, due_at=awake, is_night=True)
        due_at = now + await pace.take(tx, channel, self._granted, is_urgent=is_urgent(kind))
        # A place in the night is given up for another one in the morning.
        awake = await may_go_at(due_at)
        return msgspec.structs.replace(found, due_at=awake, is_night=awake > due_at)

    async def _see_to(self, tx: Transaction, told: Told, notice: str, now: datetime) -> datetime | None:
        """Write the message, if there is one, or return when to look at the notice again."""
        if told.expires_at is not None and told.expires_at <= now:
            return None
        if await messages.is_told(tx, notice) or not await truth.holds(tx, told.kind, told.facts, now):
            return None
        about = await _addressed(tx, told, notice)
        reader = await readers.reader(tx, about.patient) if about is not None else None
        if about is None or reader is None:
            return None
        found = await self.next(tx, about, reader, now, among=tuple(Channel))
        if found is None:
            log.info("nobody_reached", kind=told.kind)
            return None
        if found.is_night:
            return found.due_at
        await outbox.put(tx, message_of(about, reader, found), found.due_at)
        return None


def message_of(about: Addressed, reader: Reader, found: Next) -> NewMessage:
    """Return the message that a notice becomes."""
    facts: Mapping[str, Any] = about.told.facts
    sender = facts.get("sentBy")
    return NewMessage(
        id=uuid4(),
        kind=about.told.kind,
        channel=found.channel,
        recipient=found.recipient,
        language=reader.language,
        patient=about.patient,
        expires_at=about.told.expires_at,
        notice=about.notice,
        facts=facts,
        rest=found.rest,
        clinic=about.clinic,
        reader=reader.id,
        sent_by=UUID(str(sender)) if sender is not None else None,
    )


async def _addressed(tx: Transaction, told: Told, notice: str) -> Addressed | None:
    if told.patient_id is not None:
        return Addressed(told=told, notice=notice, patient=told.patient_id, clinic=told.clinic_id)
    visit = await readers.visit(tx, UUID(str(told.facts["appointmentId"])))
    if visit is None:
        return None
    return Addressed(told=told, notice=notice, patient=visit.patient, clinic=told.clinic_id or visit.clinic)


def again(message: messages.Message) -> Addressed | None:
    """Return the notice that a message came of, to go on with through another channel; None for one that is told only
    this way."""
    if message.notice is None or message.patient is None:
        return None
    told = Told(
        kind=Kind(message.kind),
        patient_id=message.patient,
        clinic_id=message.clinic,
        facts=message.facts,
        expires_at=message.expires_at,
    )
    return Addressed(told=told, notice=message.notice, patient=message.patient, clinic=message.clinic)
