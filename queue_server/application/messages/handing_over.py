"""Handing a message to its channel, outside of any transaction: a letter to an address, a push to each browser."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from queue_server.messaging import (
    AddressGone,
    Letter,
    MessageDelayed,
    MessageNotSent,
    MessageRefused,
    Subscription,
    Transport,
)
from queue_server.store.messages import Channel, Message
from queue_server.store.push_subscriptions import PushSubscription


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


async def hand_over(channels: Mapping[Channel, Transport], taken: Taken) -> HandedOver:
    """Hand a message to its channel and return what became of it; raises nothing."""
    channel = channels.get(taken.message.channel)
    if channel is None:
        return HandedOver(failure=MessageRefused(f"no provider is set up here for {taken.message.channel}"))
    return await (_push(channel, taken) if taken.message.channel is Channel.PUSH else _sent(channel, taken.letter))


async def _sent(channel: Transport, letter: Letter) -> HandedOver:
    """Hand a letter over and return what became of it. A channel that fails in a way of its own has not taken it."""
    try:
        return HandedOver(provider_ref=await channel.send(letter))
    except MessageNotSent as failure:
        return HandedOver(failure=failure)
    except Exception as error:
        # Only its type is told: what it says may name the recipient.
        return HandedOver(failure=MessageDelayed(f"the channel failed ({type(error).__name__})"))


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
    done = await _sent(channel, msgspec.structs.replace(letter, to=str(browser.id), subscription=subscription))
    return msgspec.structs.replace(done, gone=[browser.id] if isinstance(done.failure, AddressGone) else [])
