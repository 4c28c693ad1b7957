"""One HTTP connection that is kept alive and does no more than it must: what clients cost is taken from the server."""

import asyncio
import sys
from collections.abc import Mapping
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

CALL_SECONDS = 20.0
"""How long an answer is waited for, unless something else is asked for."""
IDLE_SECONDS = 3.0
"""After which a connection is not used again: servers close those that say nothing for five."""
_END = b"\r\n\r\n"


class NoAnswer(Exception):
    """The request went out and nothing came back: whether it was done is unknown."""


class NotSent(NoAnswer):
    """There was nobody to send it to: it was not done."""


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    body: bytes

    @property
    def data(self) -> Any:
        """Return what is under `data`."""
        return msgspec.json.decode(self.body)["data"]

    @property
    def code(self) -> str:
        """Return the code of the problem, "ok" for a success."""
        return "ok" if self.status < 400 else str(msgspec.json.decode(self.body).get("code"))


class Caller(asyncio.Protocol):
    """One connection to one server, opened when it is needed. One call at a time."""

    def __init__(self, url: str) -> None:
        self._host, self._port = _address(url)
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._data = b""
        self._used_at = 0.0

    def go_to(self, url: str) -> None:
        """Call another server from now on."""
        self.close()
        self._host, self._port = _address(url)

    async def open(self) -> None:
        """Connect; raises `NotSent` when nobody is there."""
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, self._host, self._port)
        except OSError as error:
            raise NotSent(str(error)) from error

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        seconds: float = CALL_SECONDS,
    ) -> Answer:
        """Ask and return the answer; raises `NoAnswer` when the connection or the patience ends before it comes."""
        if monotonic() - self._used_at > IDLE_SECONDS:
            self.close()
        if self._transport is None:
            await self.open()
        assert self._transport is not None
        encoded = b"" if body is None else msgspec.json.encode(body)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Content-Length: {len(encoded)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if encoded:
            lines.append("Content-Type: application/json")
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        self._data = b""
        self._transport.write("\r\n".join(lines).encode() + _END + encoded)
        try:
            async with asyncio.timeout(seconds):
                return await waiting
        except TimeoutError as error:
            raise NoAnswer("too late") from error
        finally:
            self._used_at = monotonic()
            if not waiting.done() or waiting.cancelled():
                # What comes now would be taken for the answer to the next call.
                self.close()
            self._waiting = None

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.abort()

    # ---- asyncio's side -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        self._used_at = monotonic()
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._data += data
        head = self._data.find(_END)
        if head < 0 or self._waiting is None or self._waiting.done():
            return
        length = _length(self._data[:head])
        if not self._data.startswith(b"HTTP/1.1 "):
            print(f"no answer of ours: {self._data[:200]!r}", file=sys.stderr)
            self._waiting.set_exception(NoAnswer("what came is no answer"))
            self.close()
            return
        if len(self._data) >= head + len(_END) + length:
            body = self._data[head + len(_END) : head + len(_END) + length]
            self._waiting.set_result(Answer(int(self._data[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(NoAnswer("the connection was lost"))


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
