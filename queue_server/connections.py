"""TCP connections as they come in: so many from one address, so long and so large a request, and no line for each.

uvicorn bounds none of it before an application is asked: whoever sends no end of a request's head holds a connection
for good and as much memory as they like, and each request that is no HTTP is a line in the log.

Of uvicorn this relies on: its `HttpToolsProtocol` feeds `parser` in `data_received`, the parser calls back
`on_message_begin`, `on_url`, `on_header`, `on_headers_complete` and `on_message_complete`, `handle_websocket_upgrade`
hands the transport over for good. tests/test_connections.py holds it to that.
"""

import asyncio
import ipaddress
from collections import Counter
from time import monotonic
from typing import ClassVar

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from queue_server.application.budgets import counted_as
from queue_server.settings import Settings

log = structlog.stdlib.get_logger("connections")

HEAD_SECONDS, BODY_SECONDS = 10.0, 60.0
"""So long a client may take for the head of a request, and for its body."""
LONGEST_HEAD = 32 * 1024
"""Bytes of a head, more or less: what arrives with one read is looked at as a whole."""
MOST_HEADERS = 100
EACH = 4
"""Connections per client that an address may have: browsers open several."""
LOG_SECONDS = 60.0
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Doorstep:
    """Who is at the door of one server: connections per address, and what came that was no request."""

    def __init__(self, settings: Settings) -> None:
        self._most = EACH * settings.socket_connections_per_address
        self._trusted = [ipaddress.ip_network(one) for one in settings.trusted_proxies]
        self._open: Counter[str] = Counter()
        self._told = -LOG_SECONDS
        self._malformed = 0
        self.head_seconds = min(HEAD_SECONDS, float(settings.socket_idle_seconds))

    def enter(self, address: str) -> bool:
        """Count a connection; False when its address has too many, which a trusted proxy never has."""
        counted = counted_as(address)
        if self._open[counted] >= self._most and not self._is_trusted(address):
            return False
        self._open[counted] += 1
        return True

    def leave(self, address: str) -> None:
        """Count it no longer."""
        counted = counted_as(address)
        self._open[counted] -= 1
        if self._open[counted] <= 0:
            del self._open[counted]

    def malformed(self) -> None:
        """Count a request that could not be read; once a minute at most the log is told how many there were."""
        self._malformed += 1
        now = monotonic()
        if now - self._told >= LOG_SECONDS:
            log.warning("requests_malformed", count=self._malformed)
            self._told, self._malformed = now, 0

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)


class _TooLarge(Exception):
    """The head goes on for too long."""


class BoundedHTTPProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with bounds."""

    doorstep: ClassVar[Doorstep]
    _address: str | None = None
    """Set while the connection counts."""
    _deadline: asyncio.TimerHandle | None = None
    _is_complete = False
    """Whether the client owes nothing of a request; at first it owes one."""
    _is_in_head = True
    _head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless its address has too many connections already."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if not self.doorstep.enter(address):
            transport.abort()
            return
        self._address = address
        self._expect(self.doorstep.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no longer."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; as uvicorn does, but for what it logs and what it does not bound."""
        if self.transport.is_closing():
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self._leave()
                self.handle_websocket_upgrade()
            return
        except httptools.HttpParserError as error:
            self.doorstep.malformed()
            if isinstance(error.__context__, _TooLarge):
                self._refuse_head()
            else:
                self.send_400_response("Invalid HTTP request received.")
            return
        if self._is_complete:
            return
        if self._is_in_head:
            self._head_size += len(data)
            if self._head_size > LONGEST_HEAD:
                self.doorstep.malformed()
                self._refuse_head()
                return
        if self._deadline is None:
            self._expect(self.doorstep.head_seconds if self._is_in_head else BODY_SECONDS)

    def on_message_begin(self) -> None:
        """A request has begun."""
        self._unset_keepalive_if_required()
        self._is_complete, self._is_in_head, self._head_size = False, True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        if len(self.url) + len(url) > LONGEST_HEAD:
            raise _TooLarge
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        if len(self.headers) >= MOST_HEADERS or len(value) > LONGEST_HEAD:
            raise _TooLarge
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._is_in_head = False
        self._expect_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is there."""
        self._is_complete = True
        self._expect_no_more()
        super().on_message_complete()

    def _expect(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _expect_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse_head(self) -> None:
        self.transport.write(TOO_LARGE)
        self.transport.close()

    def _leave(self) -> None:
        self._expect_no_more()
        if self._address is not None:
            self.doorstep.leave(self._address)
            self._address = None


def http_protocol(settings: Settings) -> type[BoundedHTTPProtocol]:
    """Return the class for uvicorn's `http=`: one for each server, for they count for themselves."""
    return type("HTTPProtocol", (BoundedHTTPProtocol,), {"doorstep": Doorstep(settings)})
