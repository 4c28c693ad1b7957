"""One TCP connection in bad hands: from an address of its choice, as slow, deaf or talkative as it is told to be."""

import asyncio
import os
import socket
from base64 import b64encode
from contextlib import suppress

from loadtests import wire

PATH = "/socket.io/?EIO=4&transport="
PATIENCE = 8.0
"""Seconds after which a connection counts as left open."""
LEFT_OPEN = "left open"


class Peer:
    """A connection. What ends it is told in words: an HTTP status, a close frame's code, or `cut`."""

    def __init__(self, sock: socket.socket, host: str) -> None:
        self._sock = sock
        self._host = host
        self._rest = b""
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, host: str, port: int, source: str, *, receive_buffer: int | None = None) -> "Peer":
        """Connect from `source`, with so small a buffer in the kernel if asked for. Raises `OSError`."""
        sock = socket.socket()
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if receive_buffer is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.bind((source, 0))
            async with asyncio.timeout(PATIENCE):
                await asyncio.get_running_loop().sock_connect(sock, (host, port))
        except BaseException:
            sock.close()
            raise
        return cls(sock, f"{host}:{port}")

    def cut(self) -> None:
        """Hang up without a word; what is being sent is given up."""
        if self._sending is not None:
            self._sending.cancel()
        self._sock.close()

    async def write(self, data: bytes) -> bool:
        """Send bytes as they are; False when the server has hung up, or takes no more."""
        loop = asyncio.get_running_loop()
        if self._sock.fileno() < 0:
            return False
        self._sending = sending = loop.create_task(loop.sock_sendall(self._sock, data))
        done, _ = await asyncio.wait([sending], timeout=PATIENCE)
        if self._sending is sending:
            self._sending = None
        if not done:
            sending.cancel()
        return bool(done) and not sending.cancelled() and sending.exception() is None

    async def say(self, *packets: bytes) -> bool:
        """Send packets of Engine.IO, each as a text frame, in one go."""
        return await self.write(b"".join(wire.frame(wire.TEXT, packet) for packet in packets))

    async def read(self, size: int = 65_536) -> bytes:
        """Return what comes, empty at the end. Raises `TimeoutError` when nothing does."""
        if self._rest:
            found, self._rest = self._rest[:size], self._rest[size:]
            return found
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.get_running_loop().sock_recv(self._sock, size)
        except TimeoutError:
            raise
        except OSError:
            return b""

    # ---- HTTP -------------------------------------------------------------------------------------------------------

    async def request(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Send a request and return status and body; 0 when the server hangs up. Raises `TimeoutError`."""
        if not await self.write(self.head(method, target, {"content_length": str(len(body)), **headers}) + body):
            return 0, b""
        return await self.answer()

    def head(self, method: str, target: str, headers: dict[str, str]) -> bytes:
        """Return a request's head; underscores in the headers' names stand for hyphens."""
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return f"{method} {target} HTTP/1.1\r\nhost: {self._host}\r\n{lines}\r\n".encode()

    async def answer(self) -> tuple[int, bytes]:
        """Read an answer and return status and body; 0 when the server hangs up. Raises `TimeoutError`."""
        read = b""
        while b"\r\n\r\n" not in read:
            more = await self.read()
            if not more:
                return 0, b""
            read += more
        head, _, body = read.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        lengths = [int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length")]
        length = lengths[0] if lengths else 0
        is_chunked = any(line.lower().startswith(b"transfer-encoding") for line in lines)
        while len(body) < length or (is_chunked and not body.endswith(b"\r\n0\r\n\r\n")):
            more = await self.read()
            if not more:
                break
            body += more
        length = len(body) if is_chunked else length
        self._rest = body[length:]
        return int(status.split()[1]), body[:length]

    # ---- websockets -------------------------------------------------------------------------------------------------

    async def websocket(self, sid: str | None = None) -> int:
        """Ask for a websocket and return the status: 101 when it stands. Raises `TimeoutError`."""
        if not await self.write(self.upgrade(sid)):
            return 0
        return (await self.answer())[0]

    def upgrade(self, sid: str | None = None) -> bytes:
        """Return the request for a websocket."""
        return self.head(
            "GET",
            f"{PATH}websocket{'' if sid is None else f'&sid={sid}'}",
            {
                "upgrade": "websocket",
                "connection": "Upgrade",
                "sec_websocket_key": b64encode(os.urandom(16)).decode(),
                "sec_websocket_version": "13",
            },
        )

    async def packet(self) -> bytes:
        """Return the next text of a websocket; empty at the end. Raises `TimeoutError`."""
        while True:
            found = await self._frame()
            if found is None or found[0] == wire.CLOSE:
                return b""
            if found[0] == wire.TEXT:
                return found[1]

    async def connected(self, *, namespace: bytes = b"", auth: bytes = b"") -> bytes:
        """Connect to a namespace over a websocket that stands, and return the answer. Raises `TimeoutError`."""
        await self.say(b"40" + namespace + auth)
        while (said := await self.packet()) and not said.startswith((b"40", b"44")):
            pass
        return said

    async def _frame(self) -> tuple[int, bytes] | None:
        first = await self._exactly(2)
        size = first[1] if len(first) == 2 else 0
        if size >= 126:
            size = int.from_bytes(await self._exactly(2 if size == 126 else 8))
        payload = await self._exactly(size)
        return None if len(first) < 2 or len(payload) < size else (first[0] & 0x0F, payload)

    async def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            rest, self._rest = self._rest, b""
            more = await self.read()
            self._rest = rest + more
            if not more:
                break
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    async def ending(self, seconds: float = PATIENCE) -> str:
        """Read until the server ends the websocket, and say with what; it is hung up afterwards."""
        code = "cut"
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (found := await self._frame()) is not None:
                    if found[0] == wire.CLOSE:
                        code = str(int.from_bytes(found[1][:2])) if found[1] else "1005"
                        if self._sending is None:
                            await self.write(wire.frame(wire.CLOSE, found[1][:2]))
                self.cut()
                return code
        self.cut()
        return LEFT_OPEN

    async def hung_up(self, seconds: float = PATIENCE) -> str:
        """Wait, reading nothing, until the server has ended the connection: `cut`, or `left open`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            while loop.time() < end:
                # Something has to be written to learn of it: what is still unread hides the end.
                await asyncio.sleep(0.1)
                if self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or self._tcp_state() != _ESTABLISHED:
                    return "cut"
            return LEFT_OPEN
        finally:
            self.cut()

    def _tcp_state(self) -> int:
        return self._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


_ESTABLISHED = 1
