"""A websocket for applications that know no more of it than ASGI."""

import asyncio
from collections.abc import Iterable, MutableMapping
from typing import Any, Protocol

from queue_server.realtime.engine.frames import CloseCode, binary_frame, text_frame

MOST_WAITING = 16
"""Messages that may wait for the application before no more are read from the client."""

Event = MutableMapping[str, Any]


class Connection(Protocol):
    """What of a websocket is used here; see `websocket.WebSocketProtocol`."""

    transport: asyncio.Transport

    def accept(self, receiver: Any, *, headers: Iterable[tuple[bytes, bytes]]) -> bool: ...
    def refuse(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None: ...
    def write(self, frames: bytes) -> None: ...
    def close(self, code: int) -> None: ...


class ASGIConnection:
    """`receive` and `send` of one websocket, and its other end once they have accepted it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._events.put_nowait({"type": "websocket.connect"})
        self._writable = asyncio.Event()
        self._writable.set()
        self._answer: Event | None = None
        """A refusal with a body of its own, whose parts are still coming."""
        self._body = bytearray()
        self.is_other_end = False
        """Whether the application speaks through `send` and `receive`."""

    async def receive(self) -> Event:
        """Return the next event of the client."""
        event = await self._events.get()
        if self._events.qsize() == MOST_WAITING - 1 and not self._connection.transport.is_closing():
            self._connection.transport.resume_reading()
        return event

    async def send(self, event: Event) -> None:
        """Do what the application says; waits while the client is slow. Raises `OSError` when it is gone."""
        match event["type"]:
            case "websocket.accept":
                headers = [(bytes(name), bytes(value)) for name, value in event.get("headers") or ()]
                if event.get("subprotocol"):
                    headers.append((b"sec-websocket-protocol", event["subprotocol"].encode()))
                self.is_other_end = True
                self._connection.accept(self, headers=headers)
            case "websocket.send":
                await self._writable.wait()
                if self._connection.transport.is_closing():
                    raise OSError("The client is gone.")
                text = event.get("text")
                self._connection.write(text_frame(text.encode()) if text is not None else binary_frame(event["bytes"]))
            case "websocket.close":
                if self.is_other_end:
                    self._connection.close(event.get("code") or CloseCode.NORMAL)
                else:
                    self._connection.refuse(403, (), b"")
            # python-engineio's own application answers without the prefix when a path is not its own.
            case "websocket.http.response.start" | "http.response.start":
                self._answer = event
            case "websocket.http.response.body" | "http.response.body" if self._answer is not None:
                self._body += event.get("body", b"")
                if not event.get("more_body", False):
                    # Its length is said anew, for the body is sent in one piece.
                    headers = [h for h in self._answer.get("headers") or () if h[0].lower() != b"content-length"]
                    self._connection.refuse(self._answer["status"], headers, bytes(self._body))
            case other:
                raise RuntimeError(f"{other!r} is no event that can be sent now.")

    def received(self, data: str | bytes) -> None:
        """Queue a message; a client that is faster than the application has to wait."""
        self._events.put_nowait({"type": "websocket.receive", "text" if isinstance(data, str) else "bytes": data})
        if self._events.qsize() >= MOST_WAITING:
            self._connection.transport.pause_reading()

    def lost(self, code: int) -> None:
        """Tell the application."""
        self._events.put_nowait({"type": "websocket.disconnect", "code": code})
        self._writable.set()

    def paused(self) -> None:
        """Have `send` wait."""
        self._writable.clear()

    def resumed(self) -> None:
        """Let `send` go on."""
        self._writable.set()

    def failed(self, code: CloseCode) -> None:
        """Nothing to do: the application is told when the connection is lost."""
