"""Sending what is in the outbox: at least once to the provider, under one id, so that nobody is told twice.

A message is taken in one transaction, handed over outside of any, and what became of it is noted in another. A worker
that dies in between leaves it taken; when its time is over another one sends it again, with the same Message-ID.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import structlog

from queue_server.application.due_work import pause
from queue_server.application.messages.code_letter import code_letter
from queue_server.application.messages.kinds import Kind
from queue_server.application.patients.codes import Codes
from queue_server.messaging import Letter, MessageDelayed, MessageRefused, Transport
from queue_server.store import job_store, messages, sign_in, tenants
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from queue_server.store.messages import Channel, Message, State

log = structlog.stdlib.get_logger(__name__)

AT_MOST = timedelta(seconds=60)
"""Longer than a channel takes: after that whoever was sending it is gone."""
MOST_ATTEMPTS = 10


class Sending:
    """Sends messages through the channels there are."""

    def __init__(self, db: Database, channels: Mapping[Channel, Transport], codes: Codes) -> None:
        self._db = db
        self._channels = channels
        self._codes = codes

    async def send(self, job: Job) -> None:
        """Send the message of a job and finish both; what could not be sent is tried again later, or given up with the
        reason in its row."""
        taken = await self._take(job)
        if taken is None:
            return
        message, letter = taken
        try:
            await self._channel(message.channel).send(letter)
        except MessageRefused as refused:
            await self._give_up(job, message, refused.reason)
        except MessageDelayed as delayed:
            if message.attempts >= MOST_ATTEMPTS:
                await self._give_up(job, message, delayed.reason)
            else:
                await self._put_off(job, message, delayed.reason)
        else:
            # Whoever holds the job by now: it has been sent.
            async with self._db.tenant(job.tenant) as tx:
                await messages.end(tx, message.id, State.SENT)
                await job_store.finish(tx, job)

    async def _take(self, job: Job) -> tuple[Message, Letter] | None:
        """Return the message and what it says; None when there is nothing to be done any more, or not yet."""
        wanted = UUID(job.payload["messageId"])
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return None
            message = await messages.begin(tx, wanted, AT_MOST)
            if message is None:
                if await messages.state(tx, wanted) is State.QUEUED:
                    await job_store.retry(tx, job, AT_MOST, "another worker is sending it")
                else:
                    await job_store.finish(tx, job)
                return None
            letter = None if message.is_over else await self._letter(tx, message)
            if letter is None:
                await messages.end(tx, message.id, State.EXPIRED)
                await job_store.finish(tx, job)
                return None
        return message, letter

    async def _letter(self, tx: Transaction, message: Message) -> Letter | None:
        """Return what the message says now; None when there is nothing to be said any more."""
        match Kind(message.kind):
            case Kind.SIGN_IN_CODE:
                digest = await sign_in.live_code(tx, self._codes.contact(tx.tenant, message.recipient), message.id)
                code = self._codes.told(tx.tenant, message.id, digest) if digest is not None else None
                tenant = await tenants.tenant(tx)
                if code is None or tenant is None:
                    return None
                return code_letter(
                    message.id,
                    message.channel,
                    message.recipient,
                    message.language,
                    code=code,
                    organisation=tenant.name,
                )
            case _:
                return None

    def _channel(self, channel: Channel) -> Transport:
        found = self._channels.get(channel)
        if found is None:
            raise MessageRefused(f"no provider is set up here for {channel}")
        return found

    async def _put_off(self, job: Job, message: Message, reason: str) -> None:
        async with self._db.tenant(job.tenant) as tx:
            await messages.note_failure(tx, message.id, reason)
            await job_store.retry(tx, job, pause(message.attempts), reason)
        log.warning("message_delayed", kind=message.kind, attempt=message.attempts, detail=reason)

    async def _give_up(self, job: Job, message: Message, reason: str) -> None:
        async with self._db.tenant(job.tenant) as tx:
            await messages.end(tx, message.id, State.DEAD, reason)
            await job_store.bury(tx, job, reason)
        log.error("message_dead", kind=message.kind, attempts=message.attempts, detail=reason)
