"""A provider that is spoken to over HTTP: JSON, a bearer key, and a key for each thing that must happen once.

    POST {url}/v1/intents               {reference, amount, currency, returnUrl} → {id, payUrl}
    POST {url}/v1/intents/{id}/refunds  {} → {status: "pending" | "refunded"}
    POST {url}/v1/intents/{id}/cancel   {} → {}

Every request carries `Idempotency-Key`. Answers of 408, 425, 429 and from 500 on count as none, and so do 401 and 403:
a key of ours that is not good is no payment's fault, and mended without it. Other refusals are final.
"""

import re
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from queue_server.payments import Intent
from queue_server.settings.payments import PaymentSettings
from scheduling_core.errors import PaymentRefused, Unavailable

ANSWER_SECONDS = 10.0
LARGEST_ANSWER = 64_000
_PASSING = frozenset({401, 403, 408, 425, 429})
"""Refusals that a later attempt may not meet."""

NAME = re.compile(r"[!-~]{1,200}")
"""What an intent may be called, in answers as in notices."""

T = TypeVar("T", bound=msgspec.Struct)


class _Created(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    pay_url: str


class _Refund(msgspec.Struct, frozen=True):
    status: Literal["pending", "refunded"]


class _Cancelled(msgspec.Struct, frozen=True):
    """Whatever it says."""


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
        if not made.pay_url.startswith(("https://", "http://")) or not NAME.fullmatch(made.id):
            raise PaymentRefused("The payment provider's answer makes no sense.")
        return Intent(id=made.id, pay_url=made.pay_url)

    async def refund(self, *, key: str, intent: str) -> bool:
        """Ask for all of a payment to go back; raises `Unavailable` or `PaymentRefused`."""
        done = await self._post(f"/v1/intents/{quote(intent, safe='')}/refunds", key, {}, _Refund)
        return done.status == "refunded"

    async def cancel_intent(self, *, key: str, intent: str) -> None:
        """Ask that nobody can pay this any more; raises `Unavailable` or `PaymentRefused`."""
        await self._post(f"/v1/intents/{quote(intent, safe='')}/cancel", key, {}, _Cancelled)

    async def _post(self, path: str, key: str, body: dict[str, Any], wanted: type[T]) -> T:
        headers = {**self._headers, "Idempotency-Key": key}
        url, content = self._url + path, msgspec.json.encode(body)
        try:
            async with self._http.stream("POST", url, content=content, headers=headers) as answer:
                status, raw = answer.status_code, await _read(answer)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable("The payment provider does not answer.", retry_after=5) from None
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _PASSING:
            raise Unavailable(f"The payment provider is away for the moment ({status}).", retry_after=5)
        if not httpx.codes.is_success(status):
            raise PaymentRefused(f"The payment provider has refused this ({status}).")
        try:
            return msgspec.json.decode(raw, type=wanted)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise PaymentRefused("The payment provider's answer makes no sense.") from None


async def _read(answer: httpx.Response) -> bytes:
    """Return an answer; nothing, which makes no sense, for one that is longer than any should be."""
    raw = b""
    async for part in answer.aiter_bytes():
        raw += part
        if len(raw) > LARGEST_ANSWER:
            return b""
    return raw
