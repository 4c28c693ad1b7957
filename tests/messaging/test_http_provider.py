"""Texts and WhatsApp messages over real HTTP conversations: what arrives, once, and what each answer means."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from queue_server.messaging import Letter, MessageDelayed, MessageNotSent, MessageRefused
from queue_server.messaging.answers import LARGEST_ANSWER
from queue_server.messaging.http_provider import WHATSAPP, HttpTransport, text_client
from queue_server.operations.message_simulator.modes import Modes
from queue_server.operations.message_simulator.run import SMS_FROM, MessageProvider, running_messages
from queue_server.settings.messages import TextSettings

ID = UUID("018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02")
NUMBER = "+442079460991"


pytestmark = pytest.mark.asyncio(loop_scope="module")


def letter(to: str = NUMBER, text: str = "أمامك شخصان", **more: Any) -> Letter:
    return Letter(id=ID, to=to, language="ar", subject="", text=text, **more)


def settings(url: str, **more: Any) -> TextSettings:
    fields = {"account": "ACtest", "token": "token-of-the-test", "sms_from": SMS_FROM, "callback": None, **more}
    return TextSettings(url=url, whatsapp_from=None, **fields)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """The client that a worker has."""
    async with text_client() as client:
        yield client


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


class Streamed(httpx.AsyncByteStream):
    """An answer as it comes from a connection."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._raw), 10_000):
            yield self._raw[start : start + 10_000]


def transport(http: httpx.AsyncClient, provider: MessageProvider, **more: Any) -> HttpTransport:
    known = settings(provider.url, account=provider.account, token=provider.token)
    return HttpTransport(http, known, SMS_FROM, **more)


async def test_a_text_arrives_once_however_often_it_is_sent(http: httpx.AsyncClient, provider: MessageProvider) -> None:
    sms = transport(http, provider)
    provider.faults.behave(Modes(repeated=1))
    references = {await sms.send(letter()) for _ in range(2)}
    (sent,) = provider.log.messages
    assert (sent.channel, sent.to, sent.sender, sent.text) == ("sms", NUMBER, SMS_FROM, "أمامك شخصان")
    assert references == {sent.reference}
    assert provider.texts.copies == 3


async def test_a_whatsapp_message_goes_the_same_way_from_and_to_its_own_kind_of_number(
    http: httpx.AsyncClient, provider: MessageProvider
) -> None:
    await transport(http, provider, prefix=WHATSAPP).send(letter())
    (sent,) = provider.log.messages
    assert (sent.channel, sent.to, sent.sender) == ("whatsapp", NUMBER, f"whatsapp:{SMS_FROM}")


async def test_whoever_is_not_on_whatsapp_is_reached_by_text_alone(
    http: httpx.AsyncClient, running: MessageProvider
) -> None:
    running.forget()
    running.texts.is_on_whatsapp = lambda number: number != NUMBER
    with pytest.raises(MessageRefused, match="63003"):
        await transport(http, running, prefix=WHATSAPP).send(letter())
    await transport(http, running).send(letter())
    running.texts.is_on_whatsapp = lambda _: True
    assert [sent.channel for sent in running.log.messages] == ["sms"]


@pytest.mark.parametrize(
    ("modes", "reason"),
    [
        (Modes(limited=1, retry_after_seconds=7), "20429"),
        (Modes(failing=1), "20500"),
        (Modes(nonsense=1), "makes no sense"),
        (Modes(dropped=1), "does not answer"),
    ],
)
async def test_whatever_leaves_it_open_is_tried_again_and_ends_in_one_message(
    http: httpx.AsyncClient, provider: MessageProvider, modes: Modes, reason: str
) -> None:
    sms = transport(http, provider)
    provider.faults.behave(modes)
    for _ in range(2):
        with pytest.raises(MessageDelayed, match=reason) as told:
            await sms.send(letter())
        assert told.value.retry_after == (timedelta(seconds=7) if modes.limited else None)
    provider.faults.behave(Modes())
    reference = await sms.send(letter())
    assert [sent.reference for sent in provider.log.messages] == [reference]


async def test_a_provider_that_takes_too_long_is_asked_again(provider: MessageProvider) -> None:
    provider.faults.behave(Modes(slow_seconds=60))
    async with httpx.AsyncClient(timeout=httpx.Timeout(30, read=0.2), trust_env=False) as impatient:
        with pytest.raises(MessageDelayed, match="ReadTimeout"):
            await transport(impatient, provider).send(letter())


@pytest.mark.parametrize("number", ["+15005550001", "+15005550004", "+15005550009", "nonsense"])
async def test_a_recipient_that_cannot_be_reached_is_given_up_and_not_named(
    http: httpx.AsyncClient, provider: MessageProvider, number: str
) -> None:
    with pytest.raises(MessageRefused) as told:
        await transport(http, provider).send(letter(number))
    assert number not in told.value.reason
    assert str(provider.texts.numbers.get(number, 21211)) in told.value.reason
    assert provider.log.messages == []


async def test_a_token_that_is_not_good_is_no_messages_fault(
    http: httpx.AsyncClient, provider: MessageProvider
) -> None:
    known = settings(provider.url, account=provider.account)
    with pytest.raises(MessageDelayed, match="20003") as told:
        await HttpTransport(http, known, SMS_FROM).send(letter())
    assert known.token not in told.value.reason


async def test_nobody_is_at_home(http: httpx.AsyncClient) -> None:
    async with running_messages() as gone:
        pass
    with pytest.raises(MessageDelayed, match="ConnectError"):
        await transport(http, gone).send(letter())


@pytest.mark.parametrize(
    ("status", "said", "means"),
    [
        (302, {}, MessageDelayed),
        (400, {"code": 21617}, MessageRefused),
        (400, {"code": 99_999}, MessageRefused),
        (400, b"<html>", MessageRefused),
        (400, {"code": 21606}, MessageDelayed),
        (403, {"code": 21610}, MessageRefused),
        (404, {}, MessageDelayed),
        (500, {"code": 21211}, MessageRefused),
        (200, {"sid": "SM1", "status": "failed", "error_code": 63024}, MessageRefused),
        (200, {"sid": "SM1", "status": "undelivered", "error_code": 30001}, MessageDelayed),
        (200, {"sid": "with blanks"}, MessageDelayed),
        (200, {"sid": 12}, MessageDelayed),
        (200, [], MessageDelayed),
        (200, b"\xff" * 10, MessageDelayed),
        (200, b'{"sid": "SM1"' + b" " * LARGEST_ANSWER + b"}", MessageDelayed),
    ],
)
async def test_what_an_answer_means(status: int, said: Any, means: type[MessageNotSent]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raw = said if isinstance(said, bytes) else json.dumps(said).encode()
        return httpx.Response(status, headers={"Location": "https://elsewhere.example"}, stream=Streamed(raw))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(means) as told:
            await HttpTransport(http, settings("https://sms.example"), SMS_FROM).send(letter())
    assert type(told.value) is means
    assert NUMBER not in told.value.reason


async def test_a_messaging_service_a_callback_and_how_long_a_text_is_good_for_are_named() -> None:
    asked: list[dict[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(parse_qs(request.content.decode()))
        return httpx.Response(201, stream=Streamed(b'{"sid": "SM1"}'))

    service = "MG" + "0" * 32
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        known = settings("https://sms.example", callback="https://clinic.example/told")
        await HttpTransport(http, known, service).send(letter(lifetime=timedelta(minutes=2)))
        await HttpTransport(http, known, SMS_FROM, prefix=WHATSAPP).send(letter(lifetime=timedelta(days=9)))
    sms, whatsapp = asked
    assert (sms["MessagingServiceSid"], "From" in sms) == ([service], False)
    assert (sms["StatusCallback"], sms["ValidityPeriod"]) == (["https://clinic.example/told"], ["120"])
    assert "ValidityPeriod" not in whatsapp
