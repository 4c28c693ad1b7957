"""What stands before the engine: origins, limits per address, and no waiting for who does not read."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import structlog

from queue_server.application.budgets import counted_as
from queue_server.realtime.limits import Admission, client_address, networks
from queue_server.realtime.origins import Origins
from queue_server.realtime.statistics import Statistics
from queue_server.settings import Settings

log = structlog.stdlib.get_logger("sockets")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

CORSHeaders = Callable[[Scope], Iterable[tuple[bytes, bytes]]]
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
        self._patience = float(settings.socket_idle_seconds)
        self.is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        guard = _Guard(scope, receive, send, self._patience)
        try:
            headers = _headers(scope)
            scope[ADDRESS] = counted_as(client_address(scope, headers, self._trusted))
            self._check(scope, headers)
            await self._inner(scope, receive, guard.send)
            if guard.status >= HTTPStatus.BAD_REQUEST:
                self._admission.in_vain(scope[ADDRESS], monotonic())
        except Refusal as refusal:
            self._statistics.refused[refusal.reason] += 1
            await guard.refuse(refusal)
        except Exception as error:
            # Engine.IO raises at what clients send wrong; whatever it is, it must not end in a trace for each.
            self._statistics.errors["transport"] += 1
            log.warning("socket_request_failed", error_type=type(error).__name__)
            await guard.refuse(Refusal(HTTPStatus.BAD_REQUEST, "malformed"))

    def cors_headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Return the headers that let a page of another origin read an answer, if it may."""
        headers = _headers(scope)
        origin = headers.get("origin")
        if origin is None or scope["type"] != "http" or not self._is_allowed(headers):
            return []
        found = [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
        if scope["method"] == "OPTIONS":
            found.append((b"access-control-allow-methods", b"GET, POST, OPTIONS"))
            if "access-control-request-headers" in headers:
                wanted = headers["access-control-request-headers"]
                found.append((b"access-control-allow-headers", wanted.encode("latin-1")))
        return found

    def _is_allowed(self, headers: dict[str, str]) -> bool:
        return self._origins.is_allowed(headers, through_proxy=bool(self._trusted))

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        if not self._is_allowed(headers):
            raise Refusal(HTTPStatus.FORBIDDEN, "origin")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        address, now = scope[ADDRESS], monotonic()
        if "sid" in query or scope.get("method") == "OPTIONS":
            is_upgrade = scope["type"] == "websocket"
            limit = self._admission.admit_upgrade if is_upgrade else self._admission.admit_request
            self._refuse_if(limit(address, now))
            return
        if self.is_draining:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "draining", retry_after=2)
        self._refuse_if(self._admission.admit(address, now))

    @staticmethod
    def _refuse_if(reason: str | None) -> None:
        if reason is not None:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, reason, retry_after=5)


class _Guard:
    """The way to one client: knows what was begun, and gives up on who does not read."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, patience: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._patience = patience
        self._has_begun = False
        self.status = 0
        """Of the answer, as soon as it has begun."""

    async def send(self, message: Message) -> None:
        self._has_begun = True
        self.status = message.get("status", self.status)
        async with asyncio.timeout(self._patience):
            await self._send(message)

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


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; of repeated ones all, with commas, as HTTP reads them."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found
