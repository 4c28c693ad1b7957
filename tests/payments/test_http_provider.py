"""The provider over HTTP: which answers are believed, which are final, and which are none."""

from collections.abc import AsyncIterator

import httpx
import pytest

from queue_server.payments.http_provider import LARGEST_ANSWER, HttpProvider
from queue_server.settings.payments import PaymentSettings
from scheduling_core.errors import DomainError, PaymentRefused, Unavailable

SETTINGS = PaymentSettings(name="p", url="https://pay.example.org", api_key="key", webhook_secret=b"s" * 32)
GOOD = b'{"id": "pi_1", "payUrl": "https://pay.example.org/1"}'


async def asks(status: int, body: bytes) -> str:
    """Ask for an intent and return what it is called, when the provider answers so."""

    async def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=body)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        made = await HttpProvider(http, SETTINGS).create_intent(
            key="k", reference="r", amount=1, currency="EUR", return_url="https://clinic.example.org/book"
        )
    return made.id


@pytest.mark.parametrize("status", [200, 201])
async def test_an_intent_is_what_the_provider_calls_it(status: int) -> None:
    assert await asks(status, GOOD) == "pi_1"


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (400, PaymentRefused),
        (404, PaymentRefused),
        (409, PaymentRefused),
        (302, PaymentRefused),
        (401, Unavailable),
        (403, Unavailable),
        (408, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
async def test_what_a_later_attempt_may_not_meet_counts_as_no_answer(status: int, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal, match=str(status)):
        await asks(status, GOOD)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"id": "", "payUrl": "https://pay.example.org/1"}',
        b'{"id": "a b", "payUrl": "https://pay.example.org/1"}',
        b'{"id": "pi_1", "payUrl": "javascript:alert(1)"}',
        GOOD + b" " * LARGEST_ANSWER,
    ],
)
async def test_an_answer_that_makes_no_sense_is_not_believed(body: bytes) -> None:
    with pytest.raises(PaymentRefused, match="no sense"):
        await asks(200, body)


async def test_an_answer_without_an_end_is_not_read_to_it() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1_000):
            read += 10_000
            yield b" " * 10_000

    async def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=endless())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(PaymentRefused, match="no sense"):
            await HttpProvider(http, SETTINGS).refund(key="k", intent="pi_1")
    assert read < 2 * LARGEST_ANSWER
