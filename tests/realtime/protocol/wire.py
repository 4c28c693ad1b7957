"""Clients that say exactly what they are told to, right or wrong: a websocket, and Engine.IO over either transport."""

import asyncio
import json
import os
import struct
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.own_redis import until

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
SEPARATOR = "\x1e"
PATIENCE = 60.0
"""Seconds after which a client takes it that nothing will come."""


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, mask: bytes | None = None
) -> bytes:
    """Return a client's frame; `mask=b""` leaves the mask out, `reserved` are the three bits 0b000 to 0b111."""
    key = os.urandom(4) if mask is None else mask
    first = fin << 7 | reserved << 4 | opcode
    return bytes([first]) + length_field(len(payload), is_masked=bool(key)) + key + _masked(payload, key)


def length_field(length: int, *, is_masked: bool = True) -> bytes:
    """Return the second byte of a frame and those that hold a longer length."""
    bit = is_masked << 7
    if length < 126:
        return bytes([bit | length])
    if length < 65536:
        return bytes([bit | 126]) + struct.pack("!H", length)
    return bytes([bit | 127]) + struct.pack("!Q", length)


def close_payload(code: int, reason: bytes = b"") -> bytes:
    """Return what a close frame carries."""
    return struct.pack("!H", code) + reason


def _masked(payload: bytes, key: bytes) -> bytes:
    if not key:
        return payload
    return bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


@dataclass(frozen=True)
class Frame:
    """A frame as the server sent it."""

    opcode: int
    payload: bytes
    fin: bool
    reserved: int
    is_masked: bool

    @property
    def code(self) -> int | None:
        """The code of a close frame, None when it has none."""
        return struct.unpack("!H", self.payload[:2])[0] if self.payload else None


@dataclass(frozen=True)
class Answer:
    """What a server said to a request for an upgrade."""

    status: int
    headers: Mapping[str, str]


class Refused(Exception):
    """The handshake ended without a websocket."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Hung(Exception):
    """The server ended the connection where a frame was expected; `code` is that of its close frame, if it sent one."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class WebSocket:
    """A websocket by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        self.reader = reader
        self.writer = writer
        self.answer = answer

    @classmethod
    async def open(
        cls, port: int, target: str, headers: Mapping[str, str | None] | None = None, *, method: str = "GET"
    ) -> "WebSocket":
        """Shake hands; a header given as None is left out. Raises `Refused`."""
        streams = await asyncio.open_connection("127.0.0.1", port)
        return await cls.over(streams, upgrade(port, target, headers, method=method))

    @classmethod
    async def over(cls, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], head: bytes) -> "WebSocket":
        """Shake hands over a connection that stands. Raises `Refused`."""
        reader, writer = streams
        answer = await request(reader, writer, head)
        if answer.status != 101:
            writer.close()
            raise Refused(answer)
        return cls(reader, writer, answer)

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    def send(self, message: str | bytes) -> None:
        """Send a whole message."""
        if isinstance(message, str):
            self.write(frame(TEXT, message.encode()))
        else:
            self.write(frame(BINARY, message))

    async def frame(self) -> Frame:
        """Return the next frame. Raises `Hung` at the end of the connection."""
        try:
            async with asyncio.timeout(PATIENCE):
                first, second = await self.reader.readexactly(2)
                length = second & 0x7F
                if length > 125:
                    length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
                payload = await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            raise Hung(None) from None
        return Frame(first & 0x0F, payload, bool(first & 0x80), first >> 4 & 7, bool(second & 0x80))

    async def message(self) -> str | bytes:
        """Return the next message, pings of Engine.IO included. Raises `Hung` when the server closes instead."""
        found = await self.frame()
        if found.opcode == CLOSE:
            raise Hung(found.code)
        assert found.fin
        assert not found.reserved
        assert not found.is_masked
        assert found.opcode in (TEXT, BINARY)
        return found.payload.decode() if found.opcode == TEXT else found.payload

    async def closing(self) -> int | None:
        """Wait for the end, whatever comes before it, and answer it; return the close frame's code if it has one."""
        try:
            while (found := await self.frame()).opcode != CLOSE:
                pass
        except Hung:
            return None
        self.write(frame(CLOSE, found.payload))
        with suppress(OSError):  # the server may have hung up by now
            self.writer.write_eof()
        return found.code

    async def is_cut(self) -> bool:
        """Return whether the server ends the TCP connection, too."""
        async with asyncio.timeout(PATIENCE):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionResetError:
                pass
        return True

    def hang_up(self) -> None:
        """Cut the connection without a word."""
        self.writer.transport.abort()


def upgrade(port: int, target: str, headers: Mapping[str, str | None] | None = None, *, method: str = "GET") -> bytes:
    """Return a request for a websocket; underscores in the headers' names stand for hyphens, None leaves one out."""
    lines: dict[str, str | None] = {
        "host": f"127.0.0.1:{port}",
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-key": b64encode(os.urandom(16)).decode(),
        "sec-websocket-version": "13",
    }
    lines |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
    text = f"{method} {target} HTTP/1.1\r\n"
    text += "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return text.encode() + b"\r\n"


async def request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> Answer:
    """Send a request and return the head of what is answered."""
    writer.write(head)
    async with asyncio.timeout(PATIENCE):
        said = await reader.readuntil(b"\r\n\r\n")
    status, *lines = said.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return Answer(int(status.split()[1]), {name.lower(): value.strip() for name, _, value in pairs})


class Door:
    """Where a server of Engine.IO is reached."""

    def __init__(self, port: int, path: str = "/socket.io/", sessions: Mapping[str, Any] | None = None) -> None:
        """Take `sessions`, the server's own, where it is asked what it knows of a client."""
        self.port = port
        self.path = path
        self.sessions = {} if sessions is None else sessions
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
        self.http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, limits=limits, verify=False
        )

    def target(self, transport: str | None, sid: str | None = None, version: str | None = "4") -> str:
        """Return path and query; None leaves a parameter out."""
        query = {"EIO": version, "transport": transport, "sid": sid}
        return f"{self.path}?{urlencode({name: value for name, value in query.items() if value is not None})}"

    async def get(self, transport: str | None = "polling", sid: str | None = None, **more: Any) -> httpx.Response:
        """Poll, or ask for a session."""
        return await self.http.get(self.target(transport, sid), **more)

    async def websocket(self, sid: str | None = None, **headers: str | None) -> WebSocket:
        """Open a websocket, which is a session of its own or the upgrade of one. Raises `Refused`."""
        return await WebSocket.open(self.port, self.target("websocket", sid), headers)

    async def websocket_session(self) -> "tuple[WebSocket, Handshake]":
        """Open a session over a websocket."""
        socket = await self.websocket()
        return socket, Handshake.read(await socket.message())

    async def polling_session(self) -> "Polling":
        """Open a session over HTTP."""
        answer = await self.get()
        assert answer.status_code == 200, answer.text
        return Polling(self, Handshake.read(answer.text).sid)

    async def connected(self, namespace: str = "/", auth: Any = None) -> "tuple[WebSocket, str]":
        """Open a websocket connected to a namespace; return it and the id of the socket in there."""
        socket, _ = await self.websocket_session()
        socket.send(f"40{prefix(namespace)}{'' if auth is None else json.dumps(auth)}")
        return socket, connected_as(await packet(socket), namespace)

    async def close(self) -> None:
        """Give up the connections."""
        await self.http.aclose()


@dataclass(frozen=True)
class Handshake:
    """What a server opens a session with."""

    sid: str
    fields: Mapping[str, Any]

    @classmethod
    def read(cls, packet: str | bytes) -> "Handshake":
        """Read an open packet."""
        assert isinstance(packet, str)
        assert packet[0] == "0"
        fields = json.loads(packet[1:])
        return cls(fields["sid"], fields)


class Polling:
    """A session over HTTP."""

    def __init__(self, door: Door, sid: str) -> None:
        self.door = door
        self.sid = sid

    async def get(self) -> httpx.Response:
        """Poll."""
        return await self.door.get(sid=self.sid)

    async def pending(self) -> "asyncio.Task[httpx.Response]":
        """Begin a poll and return it once the server has it."""
        task = asyncio.create_task(self.get())
        await until(lambda: self.known.poll is not None or task.done())
        assert not task.done()
        return task

    @property
    def known(self) -> Any:
        """What the server knows of this session, while it is one over HTTP."""
        return self.door.sessions[self.sid].polling

    async def poll(self) -> list[str]:
        """Poll and return the packets."""
        answer = await self.get()
        assert answer.status_code == 200, answer.text
        return answer.text.split(SEPARATOR)

    async def post(self, body: str | bytes, **more: Any) -> httpx.Response:
        """Send a payload."""
        content = body if isinstance(body, bytes) else body.encode()
        return await self.door.http.post(self.door.target("polling", self.sid), content=content, **more)

    async def send(self, *packets: str) -> None:
        """Send packets in one payload, which must be accepted."""
        answer = await self.post(SEPARATOR.join(packets))
        assert (answer.status_code, answer.text) == (200, "ok")

    async def is_closed(self) -> bool:
        """Return whether the server no longer knows the session."""
        return (await self.post("3")).status_code == 400

    async def upgraded(self) -> WebSocket:
        """Go through the upgrade as clients do: probe, let polls end, confirm."""
        socket = await self.door.websocket(self.sid)
        socket.send("2probe")
        assert await socket.message() == "3probe"
        socket.send("5")
        return socket


def prefix(namespace: str) -> str:
    """Return how packets name their namespace."""
    return "" if namespace == "/" else f"{namespace},"


def connected_as(said: str | bytes, namespace: str = "/") -> str:
    """Return the id that a CONNECT packet of the server gives."""
    start = f"40{prefix(namespace)}"
    assert isinstance(said, str)
    assert said.startswith(start)
    content = json.loads(said[len(start) :])
    assert list(content) == ["sid"]
    assert isinstance(content["sid"], str)
    return str(content["sid"])


async def packet(socket: WebSocket) -> str | bytes:
    """Return the next message that is no ping, having answered those that are."""
    while (said := await socket.message()) == "2":
        socket.send("3")
    return said


async def packets(socket: WebSocket, count: int) -> list[str | bytes]:
    """Return the next messages that are no pings."""
    return [await packet(socket) for _ in range(count)]


def event(*arguments: Any, namespace: str = "/", id: int | None = None) -> str:
    """Return an event as a packet of Engine.IO."""
    return f"42{prefix(namespace)}{'' if id is None else id}{json.dumps(arguments, separators=(',', ':'))}"


def content(said: str | bytes) -> Any:
    """Return the arguments of an event or acknowledgement."""
    assert isinstance(said, str)
    return json.loads(said[said.index("[") :])


def placeholders(count: int) -> Iterable[dict[str, Any]]:
    """Return what stands for attachments 0, 1, … within a packet."""
    return [{"_placeholder": True, "num": number} for number in range(count)]
