"""Sending what is in the outbox: at least once to the provider, under one id, so that nobody is told twice.

A message is taken in one transaction, handed over outside of any, and what became of it is noted in another. A worker
that dies in between leaves it taken; when its time is over another one sends it again, with the same id. What a channel
refuses, or does not take in time, goes on through the next one; what no channel takes is dead, with the reason. So is
what cannot be written, and what takes whoever sends it down.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from queue_server.application.due_work import pause
from queue_server.application.messages import outbox, standing, truth
from queue_server.application.messages.code_letter import code_letter
from queue_server.application.messages.handing_over import Taken, hand_over
from queue_server.application.messages.kinds import Kind, is_urgent
from queue_server.application.messages.notifying import Notifying, again, message_of
from queue_server.application.patients.codes import Codes
from queue_server.messaging import Letter, MessageDelayed, MessageNotSent, ProviderPaused, Transport
from queue_server.store import job_store, messages, push_subscriptions, readers, sign_in, tenants
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from queue_server.store.messages import Channel, Message, State
from scheduling_core.errors import Unavailable

log = structlog.stdlib.get_logger(__name__)

AT_MOST = timedelta(seconds=60)
"""Longer than a channel takes: after that whoever was sending it is gone."""
MOST_ATTEMPTS, HURRIED_ATTEMPTS = 10, 3
"""Of one channel. What cannot wait goes on to the next one, if there is one, after a few seconds."""
PATIENCE = timedelta(minutes=15)
"""With a provider that is left alone, of what can wait and has another channel: about as long as all attempts take."""
LONGEST_PAUSE = timedelta(hours=1)
"""However long a provider asks us to wait."""


NEVER_ENDED = "whoever sent it never came to an end"
ASK_AGAIN = timedelta(seconds=1)
"""After how long, at least, to ask about a provider that is left alone."""


class Writer(Protocol):
    """Writes letters."""

    async def letter(self, tx: Transaction, message: Message) -> Letter | None:
        """Return what a message says now; None when there is nothing to be said any more."""
        ...


class Sending:
    """Sends messages through the channels there are."""

    def __init__(
        self,
        db: Database,
        channels: Mapping[Channel, Transport],
        codes: Codes,
        *,
        letters: Writer,
        notifying: Notifying,
    ) -> None:
        self._db = db
        self._channels = channels
        self._codes = codes
        self._letters = letters
        self._notifying = notifying

    async def send(self, job: Job) -> None:
        """Send the message of a job and finish both; what could not be sent is tried again later, goes on through
        another channel, or is given up with the reason in its row."""
        try:
            taken = await self._take(job)
        except Unavailable:
            raise
        except Exception as error:
            await self._not_written(job, f"it cannot be written ({type(error).__name__})")
            return
        if taken is None:
            return
        message, done = taken.message, await hand_over(self._channels, taken)
        if done.failure is not None:
            await self._failed(job, message, done.failure, done.gone)
            return
        # Whoever holds the job by now: it has been sent.
        async with self._db.tenant(job.tenant) as tx:
            await _forget(tx, done.gone)
            await messages.end(tx, message.id, State.SENT, provider_ref=done.provider_ref)
            await job_store.finish(tx, job)

    async def undelivered(self, job: Job) -> None:
        """Let a message go on through the next channel that its provider took and could not deliver, and finish the
        job; it is dead when there is none."""
        wanted, reason = UUID(job.payload["messageId"]), _undelivered(job.payload["code"])
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return
            message = await messages.taken(tx, wanted, job.payload["reference"])
            if message is None and await messages.state(tx, wanted) is State.QUEUED:
                # Told before it was noted here that they have taken it.
                await _wait(tx, job, "it is being sent")
                return
            if message is not None:
                became = State.PASSED_ON if await self._goes_on(tx, message) else State.DEAD
                await messages.end(tx, wanted, became, reason)
                log.info("message_undelivered", kind=message.kind, status=became, detail=reason)
            await job_store.finish(tx, job)

    async def _take(self, job: Job) -> Taken | None:
        """Return the message and what it says; None when there is nothing to be done any more, or not yet."""
        wanted = UUID(job.payload["messageId"])
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return None
            message = await messages.begin(tx, wanted, AT_MOST)
            if message is None:
                if await messages.state(tx, wanted) is State.QUEUED:
                    await _wait(tx, job, "another worker is sending it")
                else:
                    await job_store.finish(tx, job)
                return None
            return await self._written(tx, job, message)

    async def _written(self, tx: Transaction, job: Job, message: Message) -> Taken | None:
        """Return a message that was begun with what it says now; None when it waits, goes on, or is over."""
        now = await readers.clock(tx)
        if message.is_over or not await truth.holds(tx, Kind(message.kind), message.facts, now):
            await _expire(tx, job, message)
            return None
        stands = await standing.of_message(tx, message, now)
        if stands.later is not None:
            await messages.note_failure(tx, message.id, "quiet hours", is_attempt=False)
            await job_store.rearm(tx, job, stands.later - now)
            return None
        if stands.unwanted is not None or message.attempts > MOST_ATTEMPTS:
            await self._end(tx, job, message, stands.unwanted or NEVER_ENDED, is_wanted=stands.unwanted is None)
            return None
        if stands.recipient is not None:
            await messages.readdress(tx, message.id, stands.recipient)
            message = msgspec.structs.replace(message, recipient=stands.recipient)
        letter = await self._letter(tx, message, now)
        if letter is None:
            await _expire(tx, job, message)
            return None
        is_push = message.channel is Channel.PUSH and message.reader is not None
        browsers = await push_subscriptions.of_patient(tx, message.reader) if is_push and message.reader else ()
        letter = msgspec.structs.replace(letter, tenant=job.tenant, undelivered=message.provider_ref)
        return Taken(message=message, letter=letter, browsers=browsers)

    async def _letter(self, tx: Transaction, message: Message, now: datetime) -> Letter | None:
        """Return what the message says now; None when there is nothing to be said any more."""
        kind = Kind(message.kind)
        if kind is Kind.SIGN_IN_CODE:
            return await self._code_letter(tx, message)
        facts = await truth.as_now(tx, kind, message.facts)
        letter = await self._letters.letter(tx, msgspec.structs.replace(message, facts=facts))
        if letter is None:
            return None
        lifetime = _left(message.expires_at, now)
        return msgspec.structs.replace(letter, is_urgent=is_urgent(kind), lifetime=lifetime)

    async def _code_letter(self, tx: Transaction, message: Message) -> Letter | None:
        digest = await sign_in.live_code(tx, self._codes.contact(tx.tenant, message.recipient), message.id)
        code = self._codes.told(tx.tenant, message.id, digest) if digest is not None else None
        tenant = await tenants.tenant(tx)
        if code is None or tenant is None:
            return None
        return code_letter(
            message.id, message.channel, message.recipient, message.language, code=code, organisation=tenant.name
        )

    async def _not_written(self, job: Job, reason: str) -> None:
        """Count an attempt at a message of which nothing can be said yet, or ever."""
        async with self._db.tenant(job.tenant) as tx:
            wanted = UUID(job.payload["messageId"])
            message = await messages.begin(tx, wanted, AT_MOST) if await job_store.fence(tx, job) else None
        if message is not None:
            await self._failed(job, message, MessageDelayed(reason), ())

    async def _failed(self, job: Job, message: Message, failure: MessageNotSent, gone: Sequence[UUID]) -> None:
        if isinstance(failure, MessageDelayed) and not _has_tried_enough(message, failure):
            await self._put_off(job, message, failure, gone)
        else:
            await self._give_up(job, message, failure.reason, gone)

    async def _put_off(self, job: Job, message: Message, delayed: MessageDelayed, gone: Sequence[UUID]) -> None:
        # A provider that was not even asked has not failed this message.
        is_attempt = not isinstance(delayed, ProviderPaused)
        asked_for = min(delayed.retry_after, LONGEST_PAUSE) if delayed.retry_after is not None else timedelta()
        wait = max(pause(message.attempts), asked_for) if is_attempt else max(asked_for, ASK_AGAIN)
        async with self._db.tenant(job.tenant) as tx:
            await _forget(tx, gone)
            await messages.note_failure(tx, message.id, delayed.reason, is_attempt=is_attempt)
            await job_store.retry(tx, job, wait, delayed.reason, at_most=message.attempts)
        log.warning("message_delayed", kind=message.kind, attempt=message.attempts, detail=delayed.reason)

    async def _give_up(self, job: Job, message: Message, reason: str, gone: Sequence[UUID]) -> None:
        async with self._db.tenant(job.tenant) as tx:
            await _forget(tx, gone)
            if not await messages.still_queued(tx, message.id):
                # Somebody else has had more luck with it, or less: what they noted stands.
                await job_store.finish(tx, job)
                return
            await self._end(tx, job, message, reason)

    async def _end(self, tx: Transaction, job: Job, message: Message, reason: str, *, is_wanted: bool = True) -> None:
        """Let a message go on through the next channel; where there is none it is dead, or over if nobody wants it."""
        if await self._goes_on(tx, message):
            await messages.end(tx, message.id, State.PASSED_ON, reason)
            await job_store.finish(tx, job)
            log.info("message_passed_on", kind=message.kind, attempts=message.attempts, detail=reason)
        elif is_wanted:
            await messages.end(tx, message.id, State.DEAD, reason)
            await job_store.bury(tx, job, reason)
            log.error("message_dead", kind=message.kind, attempts=message.attempts, detail=reason)
        else:
            await _expire(tx, job, message, reason)

    async def _goes_on(self, tx: Transaction, message: Message) -> bool:
        """Let the message go through the next channel that is left for it; returns whether there is one."""
        about = again(message) if message.rest else None
        reader = await readers.reader(tx, about.patient) if about is not None else None
        if about is None or reader is None:
            return False
        found = await self._notifying.next(tx, about, reader, await readers.clock(tx), among=message.rest)
        return found is not None and await outbox.put(tx, message_of(about, reader, found), found.due_at)


def _undelivered(code: str) -> str:
    return f"the provider could not deliver it ({code})" if code else "the provider could not deliver it"


def _has_tried_enough(message: Message, delayed: MessageDelayed) -> bool:
    is_hurried = bool(message.rest) and is_urgent(Kind(message.kind))
    if isinstance(delayed, ProviderPaused):
        return is_hurried or (bool(message.rest) and message.age >= PATIENCE)
    return message.attempts >= (HURRIED_ATTEMPTS if is_hurried else MOST_ATTEMPTS)


async def _expire(tx: Transaction, job: Job, message: Message, reason: str | None = None) -> None:
    await messages.end(tx, message.id, State.EXPIRED, reason)
    await job_store.finish(tx, job)


async def _wait(tx: Transaction, job: Job, reason: str) -> None:
    """Look again when whoever is at it must have come to an end; to wait is no attempt."""
    await job_store.retry(tx, job, AT_MOST, reason, at_most=job.attempts - 1)


async def _forget(tx: Transaction, gone: Sequence[UUID]) -> None:
    for browser in gone:
        await push_subscriptions.forget(tx, browser)


def _left(expires_at: datetime | None, now: datetime) -> timedelta | None:
    return max(expires_at - now, timedelta(seconds=1)) if expires_at is not None else None
