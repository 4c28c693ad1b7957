"""Which channels a worker has, what their providers share, and what it tells of them."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from structlog.testing import capture_logs

from jobs.message_metrics import MessageMetrics
from jobs.send_message import channels
from queue_server import settings
from queue_server.embedded.ports import free_port
from queue_server.embedded.secrets import new_vapid_key
from queue_server.messaging import Letter, MessageDelayed, MessageRefused, ProviderPaused
from queue_server.messaging.breaker import FAILURES
from queue_server.operations.message_simulator.modes import Modes
from queue_server.operations.message_simulator.run import MessageProvider, running_messages
from queue_server.settings import Settings
from queue_server.store.messages import Channel

LEAST = {"DATABASE_URL": "postgresql://a@b/c", "JWT_KEYS": "a:0123456789abcdef0123456789abcdef"}
MAIL = {"SMTP_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "clinic@riverside.example"}


def load(**environ: str) -> Settings:
    return settings.load(LEAST | environ)


@pytest.fixture
async def provider() -> AsyncIterator[MessageProvider]:
    """A provider of texts and pushes."""
    async with running_messages() as running:
        yield running


async def test_each_channel_is_there_whose_settings_are(provider: MessageProvider) -> None:
    texts = provider.environment()
    for environ, wanted in (
        ({}, set()),
        (MAIL, {Channel.EMAIL}),
        (MAIL | {"SMS_MAIL_DOMAIN": "sms.example.org"}, {Channel.EMAIL, Channel.SMS}),
        (texts, {Channel.SMS, Channel.WHATSAPP}),
        (texts | {"SMS_PROVIDER_FROM": ""}, {Channel.WHATSAPP}),
        ({"VAPID_PRIVATE_KEY": new_vapid_key()}, {Channel.PUSH}),
    ):
        made = channels(load(**environ))
        assert set(made.transports) == wanted
        await made.aclose()


async def test_a_provider_that_fails_is_left_alone_by_all_its_channels_and_the_metrics_say_so(
    provider: MessageProvider,
) -> None:
    metrics, port = MessageMetrics(), free_port()
    made = channels(load(VAPID_PRIVATE_KEY=new_vapid_key(), **provider.environment()), metrics)
    letter = Letter(id=uuid4(), to="+442079460994", language="en", subject="", text="Hello")
    sms, whatsapp, push = (made.transports[each] for each in (Channel.SMS, Channel.WHATSAPP, Channel.PUSH))
    metrics.serve("127.0.0.1", port)
    try:
        await sms.send(letter)
        provider.faults.behave(Modes(failing=1))
        for _ in range(FAILURES):
            with pytest.raises(MessageDelayed):
                await sms.send(letter)
        with pytest.raises(ProviderPaused):
            await whatsapp.send(letter)
        with pytest.raises(MessageRefused):
            await push.send(letter)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as reader:
            told = (await reader.get(f"http://127.0.0.1:{port}/metrics")).text
    finally:
        metrics.close()
        await made.aclose()
    for line in (
        'message_attempts_total{outcome="sent",provider="texts"} 1.0',
        f'message_attempts_total{{outcome="delayed",provider="texts"}} {FAILURES}.0',
        'message_attempts_total{outcome="paused",provider="texts"} 1.0',
        'message_attempts_total{outcome="refused",provider="push"} 1.0',
        'message_provider_state{provider="texts",state="open"} 1.0',
        'message_provider_state{provider="push",state="open"} 0.0',
    ):
        assert line in told


async def test_a_worker_whose_port_for_metrics_is_taken_goes_on_without() -> None:
    first, second, port = MessageMetrics(), MessageMetrics(), free_port()
    first.serve("127.0.0.1", port)
    with capture_logs() as logged:
        second.serve("127.0.0.1", port)
    assert [line["event"] for line in logged] == ["no_worker_metrics"]
    second.close()
    first.close()
