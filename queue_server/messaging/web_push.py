"""Web pushes: the protocol (RFC 8030), encrypted (RFC 8291), and signed with a key that services know us by (RFC 8292).

What is pushed is a declarative push message: browsers that know the format show it without a service worker, in others
the worker shows `notification` as it is.

    {"web_push": 8030, "notification": {"title", "body", "lang", "dir": "auto", "tag", "navigate"}}
"""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpcore
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from queue_server.messaging import AddressGone, Letter, MessageDelayed, MessageNotSent, MessageRefused, Subscription
from queue_server.messaging.answers import read_bounded, retry_after
from queue_server.messaging.push_encryption import (
    CURVE,
    LARGEST_CONTENT,
    SALT_BYTES,
    Keys,
    base64url,
    encrypt,
    read_keys,
)
from queue_server.messaging.push_services import (
    BadSubscription,
    ForbiddenAddress,
    GuardedBackend,
    PushServices,
    Resolve,
)
from queue_server.settings.messages import PushSettings

CONNECT_SECONDS, ANSWER_SECONDS, WHOLE_SECONDS = 3.0, 10.0, 20.0
TOKEN_SECONDS = 12 * 3600
"""A token is good for half of what services accept at most."""
USUAL_LIFETIME = timedelta(days=1)
LONGEST_LIFETIME = timedelta(days=28)
_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": ANSWER_SECONDS, "write": ANSWER_SECONDS, "pool": ANSWER_SECONDS}
_PASSING = frozenset({401, 408, 425, 429})


class WebPushTransport:
    """Pushes letters to browsers. `now` is in seconds since 1970."""

    def __init__(
        self, settings: PushSettings, *, now: Callable[[], float] = time.time, resolve: Resolve | None = None
    ) -> None:
        self.services = PushServices(settings)
        self._key = ec.derive_private_key(int.from_bytes(settings.private_key), CURVE())
        self._public_key = settings.public_key
        self._subject = settings.subject
        self._now = now
        self._pool = httpcore.AsyncConnectionPool(
            # Each of a worker's messages goes to all browsers of somebody at once.
            max_connections=64,
            max_keepalive_connections=8,
            keepalive_expiry=30,
            network_backend=GuardedBackend(allow_local=settings.allow_local, resolve=resolve),
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._pool.aclose()

    async def send(self, letter: Letter) -> None:
        """Hand the push to the browser's service; raises `MessageRefused`, `MessageDelayed`, or `AddressGone` for a
        subscription that has ended."""
        subscription, keys = self._checked(letter.subscription)
        body = encrypt(_content(letter), keys, sender=ec.generate_private_key(CURVE()), salt=os.urandom(SALT_BYTES))
        try:
            async with (
                asyncio.timeout(WHOLE_SECONDS),
                self._pool.stream(
                    "POST",
                    subscription.endpoint,
                    headers=self._headers(letter, subscription.endpoint),
                    content=body,
                    extensions={"timeout": _TIMEOUTS},
                ) as answer,
            ):
                # Only that it ends is of interest: then the connection is good for the next push.
                await read_bounded(answer.aiter_stream())
        except ForbiddenAddress:
            raise MessageRefused("the push service is not at a public address") from None
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, TimeoutError) as error:
            # Not chained: what it was about has the address in it, which is all that is needed to push.
            raise MessageDelayed(f"the push service does not answer ({type(error).__name__})") from None
        told = _told(answer.status, _header(answer, b"retry-after"), self._now())
        if told is not None:
            raise told

    def _checked(self, subscription: Subscription | None) -> tuple[Subscription, Keys]:
        if subscription is None:
            raise MessageRefused("nobody has subscribed to this")
        try:
            self.services.service_of(subscription.endpoint)
        except BadSubscription as bad:
            raise MessageRefused(bad.reason) from None
        try:
            return subscription, read_keys(subscription.p256dh, subscription.auth)
        except ValueError:
            raise AddressGone("the subscription's keys make no sense") from None

    def _headers(self, letter: Letter, endpoint: str) -> list[tuple[str, str]]:
        lifetime = min(LONGEST_LIFETIME, max(timedelta(0), letter.lifetime or USUAL_LIFETIME))
        return [
            ("Host", urlsplit(endpoint).netloc),
            ("TTL", str(int(lifetime.total_seconds()))),
            ("Urgency", "high" if letter.is_urgent else "normal"),
            # Sent again it takes the place of the one that was not delivered yet.
            ("Topic", base64url(letter.id.bytes)),
            ("Content-Type", "application/octet-stream"),
            ("Content-Encoding", "aes128gcm"),
            ("Authorization", f"vapid t={self._token(endpoint)}, k={self._public_key}"),
        ]

    def _token(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims: dict[str, Any] = {
            "aud": f"{parts.scheme}://{parts.netloc.lower()}",
            "exp": int(self._now()) + TOKEN_SECONDS,
        }
        if self._subject is not None:
            claims["sub"] = self._subject
        return jwt.encode(claims, self._key, algorithm="ES256")


def _content(letter: Letter) -> bytes:
    """Return what is pushed, with as much of the text as one push holds."""
    text = letter.text
    while True:
        shown = {
            "title": letter.subject,
            "body": text,
            "lang": letter.language,
            "dir": "auto",
            "tag": str(letter.id),
            "navigate": letter.link,
        }
        content = msgspec.json.encode({"web_push": 8030, "notification": {k: v for k, v in shown.items() if v}})
        over = len(content) - LARGEST_CONTENT
        if over <= 0:
            return content
        if not text:
            raise MessageRefused("the message is too long for a push")
        # A character takes one byte at least, so this ends after a few rounds, and never with too little by much.
        text = text[: max(0, min(len(text) - 1, len(text) - over // 4 - 2))].rstrip() + "…" if len(text) > 2 else ""


def _told(status: int, asked: str | None, now: float) -> MessageNotSent | None:
    """Return what an answer means; None when the push was taken (RFC 8030, 5 and 7.3)."""
    if 200 <= status < 300:
        return None
    if status in (404, 410):
        return AddressGone(f"the subscription has ended ({status})")
    if status in _PASSING or status >= 500:
        return MessageDelayed(
            f"the push service does not take it now ({status})", retry_after(asked, datetime.fromtimestamp(now, UTC))
        )
    return MessageRefused(f"the push service has refused it ({status})")


def _header(answer: httpcore.Response, name: bytes) -> str | None:
    return next((value.decode("latin-1") for known, value in answer.headers if known.lower() == name), None)
