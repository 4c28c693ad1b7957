"""The simulated payment provider: takes what a clinic asks for once, shows people a page, and says what happened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from queue_server.operations.payment_simulator.app import Provider
from queue_server.operations.payment_simulator.ledger import IntentStatus, SimulatedIntent
from queue_server.operations.payment_simulator.modes import Modes
from queue_server.operations.payment_simulator.page import shown
from queue_server.operations.payment_simulator.run import running_provider
from queue_server.payments import signature
from queue_server.payments.http_provider import HttpProvider, provider_client
from queue_server.settings.payments import PaymentSettings
from scheduling_core.errors import InvalidSignature, PaymentRefused, Unavailable

SECRET = b"0123456789abcdef" * 4
API_KEY = "an api key of tests"


class Clinic:
    """Takes in notices; the first `refusals` of them it answers with 503."""

    def __init__(self) -> None:
        self.good: list[dict[str, Any]] = []
        self.forged = 0
        self.refusals = 0

    async def take(self, request: Request) -> Response:
        """Take in a notice."""
        body = await request.body()
        if self.refusals:
            self.refusals -= 1
            return Response(status_code=503)
        try:
            signature.check(SECRET, request.headers.get(signature.FIELD), body, time())
        except InvalidSignature:
            self.forged += 1
            return Response(status_code=401)
        self.good.append(msgspec.json.decode(body))
        return Response()


@asynccontextmanager
async def open_clinic(clinic: Clinic) -> AsyncIterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[Route("/", clinic.take, methods=["POST"])]), port=0, log_config=None, lifespan="off"
        )
    )
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    await serving


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
async def provider(clinic: Clinic) -> AsyncIterator[Provider]:
    async with open_clinic(clinic) as url, running_provider(api_key=API_KEY, secret=SECRET, notify=url) as running:
        yield running


@asynccontextmanager
async def client_of(provider: Provider, *, api_key: str = API_KEY) -> AsyncIterator[HttpProvider]:
    known = PaymentSettings(name="simulator", url=provider.url, api_key=api_key, webhook_secret=SECRET)
    async with provider_client() as http:
        yield HttpProvider(http, known)


async def intent(client: HttpProvider, key: str = "key", **more: Any) -> str:
    asked: dict[str, Any] = {"reference": "r", "amount": 4_500, "currency": "EUR", "return_url": "http://c.example/b"}
    return (await client.create_intent(key=key, **asked | more)).id


async def test_the_same_key_gets_the_same_intent_and_no_other_key_does(provider: Provider) -> None:
    async with client_of(provider) as client:
        first, again, other = await intent(client), await intent(client), await intent(client, "other")
        assert first == again != other
        with pytest.raises(PaymentRefused):
            await intent(client, amount=1)
    assert len(provider.ledger.intents) == 2


async def test_a_clinic_without_its_key_is_refused_which_counts_as_away(provider: Provider) -> None:
    """Money that is to go back must not stay where it is because a key was changed on one side first."""
    async with client_of(provider, api_key="another key of tests") as stranger:
        with pytest.raises(Unavailable, match="401"):
            await intent(stranger)
        with pytest.raises(Unavailable, match="401"):
            await stranger.refund(key="r", intent="pi_1")
    assert provider.ledger.intents == {}


async def test_people_decline_and_pay_on_a_page_and_the_clinic_is_told(provider: Provider, clinic: Clinic) -> None:
    async with client_of(provider) as client, httpx.AsyncClient() as browser:
        asked = await client.create_intent(
            key="k", reference="r", amount=4_500, currency="EUR", return_url="http://c.example/<b>"
        )
        page = await browser.get(asked.pay_url)
        assert "45.00 EUR" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        for choice in ("rubbish", "decline", "pay", "pay", "decline"):
            answer = await browser.post(asked.pay_url, data={"choice": choice})
            assert answer.status_code == (200 if choice == "rubbish" else 303)
        after = await browser.get(asked.pay_url)
        assert "http://c.example/&lt;b&gt;" in after.text
        assert "Pay</button>" not in after.text
        assert (await browser.get(f"{provider.url}/pay/nothing")).status_code == 404
    await provider.notices.settled()
    assert sorted(told["type"] for told in clinic.good) == ["payment.failed", "payment.succeeded"]
    assert {told["intent"]["amount"] for told in clinic.good} == {4_500}


async def test_money_goes_back_once(provider: Provider, clinic: Clinic) -> None:
    async with client_of(provider) as client:
        paid = await intent(client)
        with pytest.raises(PaymentRefused):
            await client.refund(key="r", intent=paid)
        provider.attempt(paid, succeeds=True)
        assert [await client.refund(key="r", intent=paid) for _ in range(2)] == [True, True]
        with pytest.raises(PaymentRefused, match="404"):
            await client.refund(key="r", intent="../../health?x=1#y")
    assert provider.ledger.refunds == 1
    await provider.notices.settled()
    assert sorted(told["type"] for told in clinic.good) == ["payment.refunded", "payment.succeeded"]


async def test_nobody_pays_what_was_cancelled_and_what_was_paid_is_not_cancelled(provider: Provider) -> None:
    async with client_of(provider) as client:
        over, paid = await intent(client, "over"), await intent(client, "paid")
        for _ in range(2):
            await client.cancel_intent(key="c", intent=over)
        provider.attempt(over, succeeds=True)
        provider.attempt(paid, succeeds=True)
        with pytest.raises(PaymentRefused, match="409"):
            await client.cancel_intent(key="d", intent=paid)
        async with httpx.AsyncClient() as browser:
            page = await browser.get(f"{provider.url}/pay/{over}")
    assert "Pay</button>" not in page.text
    statuses = {intent: found.status for intent, found in provider.ledger.intents.items()}
    assert statuses == {over: IntentStatus.CANCELLED, paid: IntentStatus.PAID}


async def test_notices_are_sent_until_they_are_heard(provider: Provider, clinic: Clinic) -> None:
    clinic.refusals = 3
    async with client_of(provider) as client:
        provider.attempt(await intent(client), succeeds=True)
    await provider.notices.settled()
    assert len(clinic.good) == 1


async def test_it_doubles_forges_and_lies_as_it_is_told(provider: Provider, clinic: Clinic) -> None:
    provider.notices.behave(Modes(copies=2, forged=1.0, lying=1.0, late_seconds=0.1, seed=3))
    async with client_of(provider) as client:
        provider.attempt(await intent(client), succeeds=True)
    await provider.notices.settled()
    ids = [told["id"] for told in clinic.good]
    assert (len(ids), len(set(ids)), clinic.forged) == (3, 2, 1)
    amounts = {(told["intent"]["amount"], told["intent"]["currency"]) for told in clinic.good}
    assert len(amounts - {(4_500, "EUR")}) == 1


async def test_a_lost_answer_is_one_that_may_be_asked_for_again(provider: Provider) -> None:
    provider.notices.behave(Modes(lost_answers=1.0))
    async with client_of(provider) as client:
        with pytest.raises(Unavailable):
            await intent(client)
        provider.notices.behave(Modes())
        assert await intent(client) == next(iter(provider.ledger.intents))


async def test_a_provider_that_is_not_there_is_away() -> None:
    known = PaymentSettings(name="simulator", url="http://127.0.0.1:9", api_key=API_KEY, webhook_secret=SECRET)
    async with provider_client() as http:
        with pytest.raises(Unavailable):
            await intent(HttpProvider(http, known))


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (200, b"rubbish", PaymentRefused),
        (200, b"\xff", PaymentRefused),
        (200, b'{"id": "pi", "payUrl": "javascript:alert(1)"}', PaymentRefused),
        (200, b'{"id": "", "payUrl": ' + b'"' + b"x" * 70_000 + b'"}', PaymentRefused),
        (302, b"", PaymentRefused),
        (422, b"", PaymentRefused),
        (429, b"", Unavailable),
        (500, b"", Unavailable),
    ],
)
async def test_an_answer_that_makes_no_sense_is_none(status: int, body: bytes, refusal: type[Exception]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    known = PaymentSettings(name="simulator", url="http://pay.example", api_key=API_KEY, webhook_secret=SECRET)
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(refusal):
            await intent(HttpProvider(http, known))


def test_an_amount_is_shown_in_the_currencys_own_units() -> None:
    def of(amount: int, currency: str) -> str:
        return shown(SimulatedIntent(id="i", reference="r", amount=amount, currency=currency, return_url=""))

    assert [of(123_456, one) for one in ("EUR", "JPY", "KWD")] == ["1,234.56 EUR", "123,456 JPY", "123.456 KWD"]
