"""What stands before Engine.IO: origins, limits per address, sizes, and no byte that it would stumble over."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import structlog

from queue_server.realtime.limits import Admission, Bucket, client_address, networks
from queue_server.realtime.origins import Origins
from queue_server.realtime.statistics import Statistics
from queue_server.settings import Settings

log = structlog.stdlib.get_logger("sockets")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

FRAMES_PER_SECOND, FRAME_BURST = 100.0, 1_500.0
"""Frames of one websocket; what passes is counted once more by event."""
SEPARATOR = b"\x1e"
MOST_PACKETS = 256
"""Packets in one body of a polling client."""
PACKET_TYPES = frozenset(b"0123456")
ADDRESS = "queue.address"
"""Where the client's address stands in the scope."""


class Refusal(Exception):
    """The request goes no further."""

    def __init__(self, status: HTTPStatus, reason: str, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


class Door:
    """An ASGI application that lets what is in order through to `inner`."""

    def __init__(self, inner: ASGIApp, settings: Settings, admission: Admission, statistics: Statistics) -> None:
        self._inner = inner
        self._origins = Origins(settings.cors_origins, settings.public_url)
        self._trusted = networks(settings.trusted_proxies)
        self._admission = admission
        self._statistics = statistics
        self._largest = settings.socket_max_message_bytes
        self._patience = float(settings.socket_idle_seconds)
        self.is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        is_websocket = scope["type"] == "websocket"
        guard = _Guard(scope, receive, send, self._patience)
        try:
            headers = _headers(scope)
            scope[ADDRESS] = client_address(scope, headers, self._trusted)
            self._check(scope, headers)
            if is_websocket:
                receive = _Frames(receive, guard, self._largest, self._statistics)
            elif scope["method"] == "POST":
                receive = await self._body(scope, receive, headers)
            await self._inner(scope, receive, guard.send)
        except Refusal as refusal:
            self._statistics.refused[refusal.reason] += 1
            await guard.refuse(refusal)
        except Exception as error:
            # Engine.IO raises at what clients send wrong; whatever it is, it must not end in a trace for each.
            self._statistics.errors["transport"] += 1
            log.warning("socket_request_failed", error_type=type(error).__name__)
            await guard.refuse(Refusal(HTTPStatus.BAD_REQUEST, "malformed"))

    def allows_origin(self, _origin: str | None, environ: MutableMapping[str, Any]) -> bool:
        """The same question as Engine.IO asks it, for its CORS headers."""
        return self._is_allowed(_headers(environ["asgi.scope"]))

    def _is_allowed(self, headers: dict[str, str]) -> bool:
        return self._origins.is_allowed(headers, through_proxy=bool(self._trusted))

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        if not self._is_allowed(headers):
            raise Refusal(HTTPStatus.FORBIDDEN, "origin")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if "sid" in query or scope.get("method") == "OPTIONS":
            return
        if self.is_draining:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "draining", retry_after=2)
        reason = self._admission.admit(scope[ADDRESS], monotonic())
        if reason is not None:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, reason, retry_after=5)

    async def _body(self, scope: Scope, receive: Receive, headers: dict[str, str]) -> Receive:
        """Read the whole body of a polling client, check it, and give it to Engine.IO in one piece."""
        parts, size, more = [], 0, True
        while more:
            async with asyncio.timeout(self._patience):
                message = await receive()
            if message["type"] != "http.request":
                raise Refusal(HTTPStatus.BAD_REQUEST, "malformed")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._largest:
                raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
            more = message.get("more_body", False)
        body = b"".join(parts)
        packets = body.split(SEPARATOR)
        # "b" begins a binary message in base64, "d=" the form of JSONP: nobody needs either today.
        if len(packets) > MOST_PACKETS or not all(p and p[0] in PACKET_TYPES for p in packets) or not _is_utf8(body):
            raise Refusal(HTTPStatus.BAD_REQUEST, "malformed")
        # Engine.IO reads as many bytes as this says; a chunked body has none.
        scope["headers"] = [h for h in scope["headers"] if h[0] != b"content-length"]
        scope["headers"].append((b"content-length", str(len(body)).encode()))
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        return replay


class _Guard:
    """The way to one client: knows what was begun, and gives up on who does not read."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, patience: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._patience = patience
        self._has_begun = False
        self.is_stuck = asyncio.Event()

    async def send(self, message: Message) -> None:
        self._has_begun = True
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
        except TimeoutError:
            # Frames half written: nothing more can be said to this client.
            self.is_stuck.set()
            raise

    async def refuse(self, refusal: Refusal) -> None:
        if self._has_begun:
            return
        body = f'{{"code":"{refusal.reason}","message":"{refusal.status.phrase}"}}'.encode()
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if refusal.retry_after is not None:
            headers.append((b"retry-after", str(refusal.retry_after).encode()))
        kind = "http.response"
        if self._scope["type"] == "websocket":
            if "websocket.http.response" not in (self._scope.get("extensions") or {}):
                await self.send({"type": "websocket.close", "code": 1008})
                return
            kind = "websocket.http.response"
        await self.send({"type": f"{kind}.start", "status": int(refusal.status), "headers": headers})
        await self.send({"type": f"{kind}.body", "body": body})


class _Frames:
    """The frames of one websocket; at the first that cannot be, the client is taken as gone."""

    def __init__(self, receive: Receive, guard: _Guard, largest: int, statistics: Statistics) -> None:
        self._receive = receive
        self._guard = guard
        self._largest = largest
        self._statistics = statistics
        self._bucket = Bucket(FRAMES_PER_SECOND, FRAME_BURST, monotonic())

    async def __call__(self) -> Message:
        message = await self._next()
        if message["type"] != "websocket.receive":
            return message
        fault = self._fault(message)
        if fault is None:
            return message
        self._statistics.closed[fault] += 1
        return {"type": "websocket.disconnect", "code": 1008}

    async def _next(self) -> Message:
        if self._guard.is_stuck.is_set():
            self._statistics.closed["not_reading"] += 1
            return {"type": "websocket.disconnect", "code": 1008}
        receiving = asyncio.ensure_future(self._receive())
        stuck = asyncio.ensure_future(self._guard.is_stuck.wait())
        try:
            await asyncio.wait((receiving, stuck), return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                return receiving.result()
            self._statistics.closed["not_reading"] += 1
            return {"type": "websocket.disconnect", "code": 1008}
        finally:
            receiving.cancel()
            stuck.cancel()

    def _fault(self, message: Message) -> str | None:
        if not self._bucket.take(monotonic()):
            return "too_many_messages"
        text = message.get("text")
        if text is None:
            # A binary message is refused as an event is; only its size matters here.
            return "too_large" if len(message.get("bytes") or b"") > self._largest else None
        if len(text) > self._largest:
            return "too_large"
        return None if text and text[0] in "0123456" else "malformed"


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; of repeated ones all, with commas, as HTTP reads them."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
