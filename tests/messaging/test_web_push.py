"""Web pushes: encrypted for one browser alone, signed, and never sent to where nobody should be knocking."""

import ipaddress
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from queue_server.embedded.secrets import new_vapid_key
from queue_server.messaging import AddressGone, Letter, MessageDelayed, MessageRefused, Subscription
from queue_server.messaging.push_encryption import LARGEST_CONTENT, base64url
from queue_server.messaging.push_services import Address
from queue_server.messaging.web_push import WebPushTransport
from queue_server.operations.message_simulator.modes import Modes
from queue_server.operations.message_simulator.run import MessageProvider, running_messages
from queue_server.operations.message_simulator.subscriber import Subscriber
from queue_server.settings.environment import Reader
from queue_server.settings.messages import PushSettings, push

ID = UUID("018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e03")


pytestmark = pytest.mark.asyncio(loop_scope="module")


def settings(**environ: str) -> PushSettings:
    found = push(Reader({"VAPID_PRIVATE_KEY": new_vapid_key(), **environ}), "https://queue.example", None)
    assert found is not None
    return found


def letter(subscription: Subscription | None, text: str = "أنت التالي", **more: Any) -> Letter:
    fields = {"subject": "دورك", "link": "https://queue.example/t/token", "is_urgent": True, **more}
    return Letter(id=ID, to="browser", language="ar", text=text, subscription=subscription, **fields)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[MessageProvider]:
    """A provider that delivers to nobody."""
    async with running_messages() as provider:
        yield provider


@pytest.fixture
def provider(running: MessageProvider) -> MessageProvider:
    """The provider, well behaved and with nothing sent."""
    running.forget()
    return running


@pytest_asyncio.fixture(loop_scope="module")
async def transport() -> AsyncIterator[WebPushTransport]:
    """Speaks to push services on this machine, too."""
    made = WebPushTransport(settings(PUSH_ALLOW_LOCAL="true"))
    yield made
    await made.aclose()


async def test_a_push_is_read_by_the_browser_that_subscribed(
    transport: WebPushTransport, provider: MessageProvider
) -> None:
    await transport.send(letter(provider.pushes.subscribe().subscription))
    (sent,) = provider.log.messages
    assert (sent.channel, sent.subject, sent.text, sent.language) == ("push", "دورك", "أنت التالي", "ar")
    assert sent.link == "https://queue.example/t/token"
    assert provider.pushes.refusals == []


async def test_sent_again_it_takes_the_place_of_the_first(
    transport: WebPushTransport, provider: MessageProvider
) -> None:
    subscription = provider.pushes.subscribe().subscription
    provider.faults.behave(Modes(dropped=1))
    with pytest.raises(MessageDelayed, match="does not answer"):
        await transport.send(letter(subscription))
    provider.faults.behave(Modes())
    await transport.send(letter(subscription))
    assert (len(provider.log.messages), provider.pushes.copies) == (1, 1)


async def test_as_much_of_a_long_text_is_pushed_as_there_is_room_for(
    transport: WebPushTransport, provider: MessageProvider
) -> None:
    await transport.send(letter(provider.pushes.subscribe().subscription, "\u2028\nदि" * 2_000))
    (sent,) = provider.log.messages
    assert sent.text.endswith("…")
    assert LARGEST_CONTENT * 3 // 4 < len(json.dumps(sent.text, ensure_ascii=False).encode()) <= LARGEST_CONTENT
    with pytest.raises(MessageRefused, match="too long"):
        await transport.send(letter(provider.pushes.subscribe().subscription, subject="x" * 5_000))


async def test_a_subscription_that_has_ended_is_gone(transport: WebPushTransport, provider: MessageProvider) -> None:
    over, unknown = provider.pushes.subscribe(), Subscriber(f"{provider.url}/push/nobody")
    over.is_over = True
    for subscriber in (over, unknown):
        with pytest.raises(AddressGone):
            await transport.send(letter(subscriber.subscription))


async def test_keys_that_are_none_end_a_subscription_before_anybody_is_asked(
    transport: WebPushTransport, provider: MessageProvider
) -> None:
    good = provider.pushes.subscribe().subscription
    off_the_curve = base64url(b"\x04" + b"\x01" * 64)
    for p256dh, auth in (("", good.auth), (off_the_curve, good.auth), (good.p256dh, "AAAA"), (good.p256dh, "!")):
        with pytest.raises(AddressGone):
            await transport.send(letter(Subscription(endpoint=good.endpoint, p256dh=p256dh, auth=auth)))
    assert provider.faults.requests == 0


@pytest.mark.parametrize(
    ("modes", "waits"), [(Modes(limited=1, retry_after_seconds=9), timedelta(seconds=9)), (Modes(failing=1), None)]
)
async def test_a_service_that_is_busy_or_unwell_is_asked_again(
    transport: WebPushTransport, provider: MessageProvider, modes: Modes, waits: timedelta | None
) -> None:
    provider.faults.behave(modes)
    with pytest.raises(MessageDelayed) as told:
        await transport.send(letter(provider.pushes.subscribe().subscription))
    assert told.value.retry_after == waits
    assert "push/" not in told.value.reason


async def test_a_push_that_another_browser_should_read_is_not_taken(
    transport: WebPushTransport, provider: MessageProvider
) -> None:
    one, other = provider.pushes.subscribe().subscription, provider.pushes.subscribe().subscription
    mixed = Subscription(endpoint=one.endpoint, p256dh=other.p256dh, auth=other.auth)
    with pytest.raises(MessageRefused, match="400"):
        await transport.send(letter(mixed))
    assert provider.pushes.refusals == ["not for this browser"]


async def test_a_clock_that_is_wrong_is_no_messages_fault(provider: MessageProvider) -> None:
    late = WebPushTransport(settings(PUSH_ALLOW_LOCAL="true"), now=lambda: 1_000_000_000.0)
    with pytest.raises(MessageDelayed, match="401"):
        await late.send(letter(provider.pushes.subscribe().subscription))
    await late.aclose()


async def test_without_a_subscription_nothing_is_pushed(transport: WebPushTransport) -> None:
    with pytest.raises(MessageRefused):
        await transport.send(letter(None))


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.8"],
        ["169.254.169.254"],
        ["127.0.0.1"],
        ["93.184.216.34", "192.168.1.1"],
        ["::ffff:127.0.0.1"],
        ["fd00::1"],
    ],
)
async def test_a_name_that_stands_for_an_inner_address_is_not_connected_to(addresses: Sequence[str]) -> None:
    async def resolve(host: str, port: int) -> list[Address]:
        assert (host, port) == ("updates.push.services.mozilla.com", 443)
        return [ipaddress.ip_address(address) for address in addresses]

    transport = WebPushTransport(settings(), resolve=resolve)
    keys = Subscriber("https://updates.push.services.mozilla.com/wpush/v2/x").subscription
    with pytest.raises(MessageRefused, match="public address"):
        await transport.send(letter(keys))
    await transport.aclose()
