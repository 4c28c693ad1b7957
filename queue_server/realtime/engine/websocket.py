"""The websocket protocol for uvicorn (`ws=WebSocketProtocol`): its frames go straight to and from the socket.

To an application it is ASGI as it stands in the specification. To one that asks for `scope["extensions"][EXTENSION]`
it is more: `accept` makes a receiver of the application's the other end, and the ASGI call may return – ten thousand
open connections are then no ten thousand tasks, and what is sent has gone out when `write` returns, if the socket
takes it.
"""

import asyncio
import logging
import math
import os
import socket
import struct
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol, cast

from uvicorn.config import Config
from uvicorn.protocols.utils import is_ssl
from uvicorn.server import ServerState

from queue_server.realtime.engine.asgi import ASGIConnection
from queue_server.realtime.engine.frames import (
    CloseCode,
    FrameReader,
    Opcode,
    Violation,
    close_frame,
    pong_frame,
)
from queue_server.realtime.engine.handshake import BadHandshake, Headers, Request, response

EXTENSION = "queue_server.websocket"
"""Key in `scope["extensions"]` of the connection itself."""
HIGH_WATER = 32 * 1024
"""Bytes that wait in this process for a slow client before its receiver is told to pause."""
MOST_BUFFERED = 1_000_000
"""Bytes that wait for a client before it is given up."""
KERNEL_BUFFER = 128 * 1024
"""Bytes that the kernel is asked to keep for a slow client at most (Linux doubles it); its own choice may be 4 MB."""
CLOSE_SECONDS = 2.0
"""So long a client may take to answer that we close."""
LINGER_MS = 10_000
"""So long the kernel may keep what a client does not read after we have closed; its own choice are minutes."""
_NO_LINGERING = struct.pack("ii", 1, 0)
"""For a socket that is to be closed with a reset, without keeping anything."""

Rate = tuple[float, float]
"""Frames per second, and how many may come at once."""


class Receiver(Protocol):
    """The other end of a connection: everything is told at once, in order, and must neither block nor raise."""

    def received(self, data: str | bytes) -> None:
        """The client sent a message."""
        ...

    def lost(self, code: int) -> None:
        """The connection has ended; told once."""
        ...

    def paused(self) -> None:
        """So much waits for the client that what can wait should."""
        ...

    def resumed(self) -> None:
        """The client has caught up."""
        ...

    def failed(self, code: CloseCode) -> None:
        """The client has broken the protocol or a limit, and the connection is being closed for it; `lost` follows.

        POLICY stands for too many frames, TRY_AGAIN_LATER for more waiting than anybody may have waiting.
        """
        ...


class WebSocketProtocol(asyncio.Protocol):
    """One websocket of a uvicorn server."""

    __slots__ = (
        "_closing",
        "_is_slow",
        "_left",
        "_rate",
        "_reader",
        "_refilled",
        "_request",
        "_socket",
        "_timer",
        "config",
        "fd",
        "receiver",
        "state",
        "transport",
    )

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        self.config = config
        self.state = server_state
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self.fd = -1
        """The socket's descriptor while frames may be written to it directly, which is while nothing waits; else -1."""
        self._socket = -1
        """The same for as long as the connection stands and is not encrypted."""
        self._is_slow = False
        self._request: Request | None = Request(app_state)
        """The handshake, until it is answered."""
        self._reader: FrameReader | None = None
        self.receiver: Receiver | None = None
        """The other end once the handshake is complete; it may put another in its place."""
        self._closing: int | None = None
        """The code we have closed with."""
        self._timer: asyncio.TimerHandle | None = None
        self._rate: Rate | None = None
        self._left, self._refilled = math.inf, 0.0
        """Frames that the client may send, as of when."""

    # ---- what the event loop tells ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the connection from uvicorn's HTTP protocol."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        connections: set[Any] = self.state.connections  # typed as uvicorn's own protocols
        connections.add(self)
        # uvicorn's HTTP protocol and its parser refer to each other: without this each handshake would leave some
        # kilobytes behind until the garbage collector comes by.
        previous: Any = self.transport.get_protocol()
        if getattr(previous, "parser", None) is not None:
            previous.parser = None

    def data_received(self, data: bytes) -> None:
        """Read what the client sent."""
        reader = self._reader
        if reader is None:
            if self._request is not None and not self._request.is_read:
                self._handshake(self._request, data)
            return
        try:
            for opcode, payload in reader.feed(data):
                self._left -= 1
                if self._left < 0:
                    self._check_rate()
                if opcode <= Opcode.BINARY:
                    if opcode and self._closing is None and self.receiver is not None:
                        self.receiver.received(payload)
                        if self._reader is None:
                            return
                elif opcode is Opcode.PING:
                    assert isinstance(payload, bytes)
                    self.write(pong_frame(payload))
                elif opcode is Opcode.CLOSE:
                    assert isinstance(payload, bytes)
                    self._close_received(payload)
                    return
        except Violation as violation:
            self._reader = None
            if self.receiver is not None:
                self.receiver.failed(violation.code)
            self.close(violation.code)
            self._half_close()

    def pause_writing(self) -> None:
        """Something waits: whatever follows has to wait behind it."""
        self.fd = -1

    def resume_writing(self) -> None:
        """Nothing waits any more."""
        if self._closing is None:
            self.fd = self._socket
        if self._is_slow:
            self._is_slow = False
            if self.receiver is not None:
                self.receiver.resumed()

    def eof_received(self) -> None:
        """Let the transport close."""
        self.fd = self._socket = -1

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the receiver, once."""
        self.fd = self._socket = -1
        connections: set[Any] = self.state.connections
        connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._reader = self._request = None
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver.lost(CloseCode.ABNORMAL if self._closing is None else self._closing)

    def shutdown(self) -> None:
        """Close, because uvicorn stops."""
        if self._request is not None:
            self.refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self.close(CloseCode.SERVICE_RESTART)
            self.transport.close()

    # ---- for applications ------------------------------------------------------------------------------------------

    def accept(
        self,
        receiver: Receiver,
        *,
        headers: Headers = (),
        limit: int | None = None,
        rate: Rate | None = None,
        first: bytes = b"",
    ) -> bool:
        """Complete the handshake and make `receiver` the other end.

        `limit` is the most bytes of a message (uvicorn's `ws_max_size` if omitted), `rate` bounds the frames that the
        client may send, `first` are frames that go out together with the answer. Returns False if the client is gone
        already or was answered before.
        """
        request = self._request
        if request is None or self.transport.is_closing():
            return False
        self._request = None
        self.receiver = receiver
        self._rate = rate
        self._left = float(rate[1]) if rate is not None else math.inf
        self._refilled = asyncio.get_running_loop().time()
        size = self.config.ws_max_size
        self._reader = FrameReader(size if limit is None else min(limit, size))
        transport = self.transport
        transport.set_write_buffer_limits(high=0)  # so that it tells us whenever something waits
        if not is_ssl(transport):
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
            self.fd = self._socket = sock.fileno()
        self.write(response(101, (*request.answer(), *headers)) + first)
        transport.resume_reading()
        return True

    def refuse(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        """Answer the handshake with an HTTP status and hang up. Does nothing once it was answered."""
        if self._request is None:
            return
        self._request = None
        lines = (*headers, (b"content-length", str(len(body)).encode()), (b"connection", b"close"))
        if not self.transport.is_closing():
            self.transport.write(response(status, lines) + body)
            self.transport.close()

    def write(self, frames: bytes) -> None:
        """Send what `frames` made: now if the socket takes it, else as soon as it does. Never waits.

        Everything arrives in the order of the calls. Once the connection closes, what is written goes nowhere.
        """
        transport = self.transport
        if self.fd >= 0:
            try:
                sent = os.write(self.fd, frames)
            except OSError:  # full, or broken: the transport finds out and tells us
                sent = 0
            if sent == len(frames):
                return
            frames = frames[sent:]
        elif transport.is_closing() or self._closing is not None:
            return
        self.buffer(frames)

    def buffer(self, frames: bytes) -> None:
        """Send behind what waits already."""
        transport, receiver = self.transport, self.receiver
        if transport.is_closing():
            return
        transport.write(frames)
        waiting = transport.get_write_buffer_size()
        if waiting:
            self.fd = -1
        if waiting > HIGH_WATER and not self._is_slow and receiver is not None:
            self._is_slow = True
            receiver.paused()
        if waiting > MOST_BUFFERED and receiver is not None:
            # Not from inside a send: whoever walks through many clients must not lose one on the way.
            asyncio.get_running_loop().call_soon(receiver.failed, CloseCode.TRY_AGAIN_LATER)
            self.abort()

    @property
    def buffered(self) -> int:
        """How many bytes wait in this process for the client."""
        return self.transport.get_write_buffer_size()

    def close(self, code: int = CloseCode.NORMAL) -> None:
        """Say goodbye with `code`; whatever the client answers, the connection ends soon."""
        if self._closing is not None or self.transport.is_closing():
            return
        self.write(close_frame(code))
        self._end(code)
        if code == CloseCode.POLICY:
            # What it goes on to send is not worth reading.
            self._reader = None
            self._half_close()

    def abort(self) -> None:
        """Cut the connection; what waits for the client is dropped, by the kernel, too."""
        self._closing = CloseCode.ABNORMAL if self._closing is None else self._closing
        self.fd = -1
        self._set(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _check_rate(self) -> None:
        assert self._rate is not None
        per_second, burst = self._rate
        now = asyncio.get_running_loop().time()
        self._left = min(burst, self._left + (now - self._refilled) * per_second)
        self._refilled = now
        if self._left < 0:
            raise Violation(CloseCode.POLICY)

    def _end(self, code: int) -> None:
        self._closing, self.fd = code, -1
        # For clients that do not answer, and for those that read nothing any more.
        self._timer = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self.transport.get_write_buffer_size():
            self.abort()
            return
        # What the kernel has, a slow client may still be given, for a while.
        self._set(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, LINGER_MS)
        self.transport.abort()

    def _set(self, level: int, option: int, value: int | bytes) -> None:
        with suppress(OSError):
            self.transport.get_extra_info("socket").setsockopt(level, option, value)

    def _close_received(self, payload: bytes) -> None:
        self._reader = None
        if self._closing is None:
            code = int.from_bytes(payload, "big") if payload else None
            self.write(close_frame(code))
            self._end(code or CloseCode.NO_STATUS)
        self.transport.close()

    def _half_close(self) -> None:
        """After a violation there may be more to come, which a full close would answer with a reset.

        The reset would overtake our close frame; so the client is told that nothing follows, and what it still sends
        is dropped until it hangs up or the time is over.
        """
        if not self.transport.is_closing() and self.transport.can_write_eof():
            self.transport.write_eof()

    def _handshake(self, request: Request, head: bytes) -> None:
        # Until the application has answered there is nothing that a client may send.
        self.transport.pause_reading()
        try:
            scope = request.read(head, self.transport, self.config)
        except BadHandshake as refusal:
            self.refuse(refusal.status, refusal.headers, refusal.reason.encode())
            return
        scope["extensions"] = {"websocket.http.response": {}, EXTENSION: self}
        task = asyncio.get_running_loop().create_task(self._run(scope))
        self.state.tasks.add(task)
        task.add_done_callback(self.state.tasks.discard)

    async def _run(self, scope: dict[str, Any]) -> None:
        asgi = ASGIConnection(self)
        try:
            await self.config.loaded_app(scope, asgi.receive, asgi.send)
        except Exception:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
            self.close(CloseCode.INTERNAL_ERROR)
        else:
            if asgi.is_other_end:
                self.close()
        self.refuse(HTTPStatus.INTERNAL_SERVER_ERROR)  # if it was never answered
