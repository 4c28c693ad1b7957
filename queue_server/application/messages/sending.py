"""Sending what is in the outbox: at least once to the provider, under one id, so that nobody is told twice.

A message is taken in one transaction, handed over outside of any, and what became of it is noted in another. A worker
that dies in between leaves it taken; when its time is over another one sends it again, with the same id. What a channel
refuses, or does not take in time, goes on through the next one; what no channel takes is dead, with the reason.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from queue_server.application.due_work import pause
from queue_server.application.messages import outbox, truth
from queue_server.application.messages.code_letter import code_letter
from queue_server.application.messages.kinds import Kind, is_urgent
from queue_server.application.messages.notifying import Notifying, again, message_of
from queue_server.application.patients.codes import Codes
from queue_server.messaging import (
    AddressGone,
    Letter,
    MessageDelayed,
    MessageNotSent,
    MessageRefused,
    ProviderPaused,
    Subscription,
    Transport,
)
from queue_server.store import job_store, messages, push_subscriptions, readers, sign_in, tenants
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from queue_server.store.messages import Channel, Message, State
from queue_server.store.push_subscriptions import PushSubscription

log = structlog.stdlib.get_logger(__name__)

AT_MOST = timedelta(seconds=60)
"""Longer than a channel takes: after that whoever was sending it is gone."""
MOST_ATTEMPTS, HURRIED_ATTEMPTS = 10, 3
"""Of one channel. What cannot wait goes on to the next one, if there is one, after a few seconds."""
LONGEST_PAUSE = timedelta(hours=1)
"""However long a provider asks us to wait."""


ASK_AGAIN = timedelta(seconds=1)
"""After how long, at least, to ask about a provider that is left alone."""


class Writer(Protocol):
    """Writes letters."""

    async def letter(self, tx: Transaction, message: Message) -> Letter | None:
        """Return what a message says now; None when there is nothing to be said any more."""
        ...


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message that this process sends, and what it says; for a push with the browsers that it goes to."""

    message: Message
    letter: Letter
    browsers: Sequence[PushSubscription] = ()


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one attempt; `gone` are the browsers that take nothing any more."""

    provider_ref: str | None = None
    failure: MessageNotSent | None = None
    gone: Sequence[UUID] = ()


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
        taken = await self._take(job)
        if taken is None:
            return
        message, done = taken.message, await self._hand_over(taken)
        failure = done.failure
        if failure is None:
            # Whoever holds the job by now: it has been sent.
            async with self._db.tenant(job.tenant) as tx:
                await _forget(tx, done.gone)
                await messages.end(tx, message.id, State.SENT, provider_ref=done.provider_ref)
                await job_store.finish(tx, job)
        elif isinstance(failure, MessageDelayed) and not _has_tried_enough(message, failure):
            await self._put_off(job, message, failure, done.gone)
        else:
            await self._give_up(job, message, failure.reason, done.gone)

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
                await job_store.retry(tx, job, AT_MOST, "it is being sent")
                return
            if message is not None:
                goes_on = await self._goes_on(tx, message)
                await messages.end(tx, wanted, State.PASSED_ON if goes_on else State.DEAD, reason)
                log.info("message_undelivered", kind=message.kind, goes_on=goes_on, detail=reason)
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
                    await job_store.retry(tx, job, AT_MOST, "another worker is sending it")
                else:
                    await job_store.finish(tx, job)
                return None
            letter = None if message.is_over else await self._letter(tx, message)
            if letter is None:
                await messages.end(tx, message.id, State.EXPIRED)
                await job_store.finish(tx, job)
                return None
            is_push = message.channel is Channel.PUSH and message.reader is not None
            browsers = await push_subscriptions.of_patient(tx, message.reader) if is_push and message.reader else ()
        return Taken(message=message, letter=msgspec.structs.replace(letter, tenant=job.tenant), browsers=browsers)

    async def _letter(self, tx: Transaction, message: Message) -> Letter | None:
        """Return what the message says now; None when there is nothing to be said any more."""
        kind = Kind(message.kind)
        if kind is Kind.SIGN_IN_CODE:
            return await self._code_letter(tx, message)
        now = await readers.clock(tx)
        if not await truth.holds(tx, kind, message.facts, now):
            return None
        letter = await self._letters.letter(tx, message)
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

    async def _hand_over(self, taken: Taken) -> HandedOver:
        channel = self._channels.get(taken.message.channel)
        if channel is None:
            return HandedOver(failure=MessageRefused(f"no provider is set up here for {taken.message.channel}"))
        if taken.message.channel is Channel.PUSH:
            return await _push(channel, taken)
        try:
            return HandedOver(provider_ref=await channel.send(taken.letter))
        except MessageNotSent as failure:
            return HandedOver(failure=failure)

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
            if await self._goes_on(tx, message):
                await messages.end(tx, message.id, State.PASSED_ON, reason)
                await job_store.finish(tx, job)
                log.info("message_passed_on", kind=message.kind, attempts=message.attempts, detail=reason)
                return
            await messages.end(tx, message.id, State.DEAD, reason)
            await job_store.bury(tx, job, reason)
        log.error("message_dead", kind=message.kind, attempts=message.attempts, detail=reason)

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
    if message.rest and is_urgent(Kind(message.kind)):
        return isinstance(delayed, ProviderPaused) or message.attempts >= HURRIED_ATTEMPTS
    return not isinstance(delayed, ProviderPaused) and message.attempts >= MOST_ATTEMPTS


async def _push(channel: Transport, taken: Taken) -> HandedOver:
    """Push to every browser of the reader at once: told if one takes it. Each shows it once, for it has one tag in
    all."""
    tried = await asyncio.gather(*(_push_to(channel, taken.letter, browser) for browser in taken.browsers))
    failures = [one.failure for one in tried if one.failure is not None]
    gone = [browser for one in tried for browser in one.gone]
    if len(failures) < len(tried):
        taken_as = next((one.provider_ref for one in tried if one.provider_ref is not None), None)
        return HandedOver(provider_ref=taken_as, gone=gone)
    # Where there is hope, it is tried again.
    hopeful = next((failure for failure in failures if isinstance(failure, MessageDelayed)), None)
    why = hopeful or (failures[0] if failures else MessageRefused("no browser takes pushes any more"))
    return HandedOver(failure=why, gone=gone)


async def _push_to(channel: Transport, letter: Letter, browser: PushSubscription) -> HandedOver:
    subscription = Subscription(endpoint=browser.endpoint, p256dh=browser.p256dh, auth=browser.auth)
    try:
        sent = await channel.send(msgspec.structs.replace(letter, to=str(browser.id), subscription=subscription))
    except MessageNotSent as failure:
        return HandedOver(failure=failure, gone=[browser.id] if isinstance(failure, AddressGone) else [])
    return HandedOver(provider_ref=sent)


async def _forget(tx: Transaction, gone: Sequence[UUID]) -> None:
    for browser in gone:
        await push_subscriptions.forget(tx, browser)


def _left(expires_at: datetime | None, now: datetime) -> timedelta | None:
    return max(expires_at - now, timedelta(seconds=1)) if expires_at is not None else None
