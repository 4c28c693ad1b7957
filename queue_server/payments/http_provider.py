"""A provider that is spoken to over HTTP: JSON, a bearer key, and a key for each thing that must happen once.

    POST {url}/v1/intents               {reference, amount, currency, returnUrl} → {id, payUrl}
    POST {url}/v1/intents/{id}/refunds  {} → {status: "pending" | "refunded"}

Every request carries `Idempotency-Key`. Answers of 408, 429 and from 500 on count as none; other refusals are final.
"""

from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from queue_server.payments import Intent
from queue_server.settings.payments import PaymentSettings
from scheduling_core.errors import PaymentRefused, Unavailable

ANSWER_SECONDS = 10.0
LARGEST_ANSWER = 64_000
_PASSING = frozenset({408, 425, 429})
"""Refusals that a later attempt may not meet."""

T = TypeVar("T", bound=msgspec.Struct)


class _Created(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    pay_url: str


class _Refund(msgspec.Struct, frozen=True):
    status: Literal["pending", "refunded"]


def provider_client() -> httpx.AsyncClient:
    """Return a client fit for a provider: short deadlines, few connections, no redirects, no proxy."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=3.0),
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=4),
        follow_redirects=False,
        trust_env=False,
    )


class HttpProvider:
    """Speaks to the provider that the settings name."""

    def __init__(self, http: httpx.AsyncClient, settings: PaymentSettings) -> None:
        self._http = http
        self._name = settings.name
        self._url = settings.url
        self._headers = {"Authorization": f"Bearer {settings.api_key}", "Content-Type": "application/json"}

    @property
    def name(self) -> str:
        """What it is called in the settings."""
        return self._name

    async def create_intent(self, *, key: str, reference: str, amount: int, currency: str, return_url: str) -> Intent:
        """Ask for a payment; raises `Unavailable` or `PaymentRefused`."""
        body = {"reference": reference, "amount": amount, "currency": currency, "returnUrl": return_url}
        made = await self._post("/v1/intents", key, body, _Created)
        if not made.pay_url.startswith(("https://", "http://")) or not made.id.isprintable() or len(made.id) > 200:
            raise PaymentRefused("The payment provider's answer makes no sense.")
        return Intent(id=made.id, pay_url=made.pay_url)

    async def refund(self, *, key: str, intent: str) -> bool:
        """Ask for all of a payment to go back; raises `Unavailable` or `PaymentRefused`."""
        done = await self._post(f"/v1/intents/{quote(intent, safe='')}/refunds", key, {}, _Refund)
        return done.status == "refunded"

    async def _post(self, path: str, key: str, body: dict[str, Any], wanted: type[T]) -> T:
        headers = {**self._headers, "Idempotency-Key": key}
        try:
            answer = await self._http.post(self._url + path, content=msgspec.json.encode(body), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable("The payment provider does not answer.", retry_after=5) from None
        status = answer.status_code
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _PASSING:
            raise Unavailable("The payment provider is away for the moment.", retry_after=5)
        if not answer.is_success:
            raise PaymentRefused(f"The payment provider has refused this ({status}).")
        try:
            if len(answer.content) > LARGEST_ANSWER:
                raise PaymentRefused("The payment provider's answer makes no sense.")
            return msgspec.json.decode(answer.content, type=wanted)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise PaymentRefused("The payment provider's answer makes no sense.") from None
