"""A push service (RFC 8030) with the browsers that have subscribed at it."""

import secrets
import time
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from queue_server.messaging.push_encryption import CURVE, RECORD_BYTES, unbase64
from queue_server.operations.message_simulator.faults import Faults, read_body
from queue_server.operations.message_simulator.log import MessageLog, Sent
from queue_server.operations.message_simulator.subscriber import Subscriber

LONGEST_TOKEN_SECONDS = 24 * 3600
MOST_TOPICS, MOST_SUBSCRIBERS = 10_000, 10_000


class Pushes:
    """Takes pushes at `url` for browsers that have subscribed with `subscribe`."""

    def __init__(self, log: MessageLog, faults: Faults) -> None:
        self._log = log
        self._faults = faults
        self._topics: dict[tuple[str, str], str] = {}
        self.url = ""
        self.subscribers: dict[str, Subscriber] = {}
        self.copies = 0
        """How many pushes took the place of one under the same topic."""
        self.refusals: list[str] = []
        """Why pushes were not taken."""

    def subscribe(self) -> Subscriber:
        """Return a new browser that takes pushes; with too many of them the oldest is forgotten."""
        if len(self.subscribers) >= MOST_SUBSCRIBERS:
            del self.subscribers[next(iter(self.subscribers))]
        name = secrets.token_urlsafe(24)
        subscriber = self.subscribers[name] = Subscriber(f"{self.url}/push/{name}")
        return subscriber

    def forget(self) -> None:
        """Know no browser and no topic."""
        self._topics.clear()
        self.subscribers.clear()
        self.refusals.clear()
        self.copies = 0

    async def create(self, request: Request) -> Response:
        """Answer a push."""
        if (failed := await self._faults.before()) is not None:
            return failed
        name = request.path_params["name"]
        subscriber = self.subscribers.get(name)
        if subscriber is None or subscriber.is_over:
            return PlainTextResponse("gone", 410 if subscriber is not None else 404)
        body = await read_body(request)
        if (status := self._fault(request, body)) is not None:
            return PlainTextResponse(self.refusals[-1], status)
        try:
            shown = subscriber.read(body)
        except (ValueError, KeyError, msgspec.DecodeError) as error:
            self.refusals.append(str(error))
            return PlainTextResponse("not for this browser", 400)
        reference = await self._keep(name, request.headers.get("topic", ""), shown)
        taken = PlainTextResponse("", 201, headers={"Location": f"{self.url}/m/{reference}"})
        return self._faults.instead_of(taken)

    def _fault(self, request: Request, body: bytes) -> int | None:
        headers = request.headers
        reason, status = "", 400
        if not headers.get("ttl", "").isdecimal():
            reason = "no TTL"
        elif headers.get("content-encoding") != "aes128gcm":
            reason = "not encrypted"
        elif len(body) > RECORD_BYTES:
            reason, status = "too large", 413
        elif (why := _unknown(headers.get("authorization", ""), self.url)) is not None:
            reason, status = why, 401
        if not reason:
            return None
        self.refusals.append(reason)
        return status

    async def _keep(self, name: str, topic: str, shown: dict[str, Any]) -> str:
        known = self._topics.get((name, topic)) if topic else None
        if known is not None:
            self.copies += 1
            return known
        reference = secrets.token_hex(12)
        self._topics[name, topic] = reference
        if len(self._topics) > MOST_TOPICS:
            del self._topics[next(iter(self._topics))]
        sent = Sent(
            channel="push",
            to=f"browser {name[:6]}",
            subject=str(shown.get("title", "")),
            text=str(shown.get("body", "")),
            link=shown.get("navigate"),
            language=shown.get("lang"),
            reference=reference,
        )
        await self._log.add(sent)
        return reference


def _unknown(authorization: str, audience: str) -> str | None:
    """Return what is wrong with how the sender says who it is (RFC 8292), None when nothing is."""
    scheme, _, rest = authorization.partition(" ")
    given = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != "vapid" or not {"t", "k"} <= given.keys():
        return "no vapid"
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE(), unbase64(given["k"]))
        claims = jwt.decode(given["t"], key, algorithms=["ES256"], audience=audience, options={"require": ["exp"]})
    except (ValueError, jwt.InvalidTokenError) as error:
        return type(error).__name__
    return "expires too late" if claims["exp"] > time.time() + LONGEST_TOKEN_SECONDS else None
