"""The opening handshake of a websocket (RFC 6455, 4): the client's request read, our answers written."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha1
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

Headers = Iterable[tuple[bytes, bytes]]
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class BadHandshake(Exception):
    """The handshake is answered with an HTTP error."""

    def __init__(self, reason: str, status: int = HTTPStatus.BAD_REQUEST, headers: Headers = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.headers = headers


class Request:
    """The client's side of the opening handshake (RFC 6455, 4.2.1)."""

    __slots__ = ("_app_state", "_key", "is_read")

    def __init__(self, app_state: dict[str, Any]) -> None:
        self._app_state = app_state
        self._key = b""
        self.is_read = False

    def read(self, head: bytes, transport: asyncio.Transport, config: Config) -> dict[str, Any]:
        """Return the ASGI scope of the request whose head uvicorn hands over in one piece; raises `BadHandshake`."""
        self.is_read = True
        request_line, *lines = head.partition(b"\r\n\r\n")[0].split(b"\r\n")
        method, _, rest = request_line.partition(b" ")
        target = rest.rpartition(b" ")[0]
        headers = [(name.lower(), value) for name, _, value in (line.partition(b": ") for line in lines)]
        self._check(method, headers)
        path, _, query = target.partition(b"?")
        root = config.root_path
        offered = [value.decode("latin-1") for name, value in headers if name == b"sec-websocket-protocol"]
        return {
            "type": "websocket",
            "asgi": {"version": config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if is_ssl(transport) else "ws",
            "server": get_local_addr(transport),
            "client": get_remote_addr(transport),
            "root_path": root,
            "path": root + unquote(path.decode("latin-1")),
            "raw_path": root.encode() + path,
            "query_string": query,
            "headers": headers,
            "subprotocols": [one.strip() for line in offered for one in line.split(",")],
            "state": self._app_state.copy(),
        }

    def _check(self, method: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        found = dict(headers)
        if method != b"GET":
            raise BadHandshake("A websocket is opened with GET.")
        if found.get(b"sec-websocket-version", b"").strip() != b"13":
            raise BadHandshake(
                "Only version 13 is spoken here.", HTTPStatus.UPGRADE_REQUIRED, ((b"sec-websocket-version", b"13"),)
            )
        self._key = found.get(b"sec-websocket-key", b"").strip()
        try:
            is_valid = len(b64decode(self._key, validate=True)) == 16
        except ValueError:
            is_valid = False
        if not is_valid:
            raise BadHandshake("Sec-WebSocket-Key is missing or malformed.")

    def answer(self) -> Headers:
        """Return the headers that complete the handshake."""
        proof = b64encode(sha1(self._key + _GUID, usedforsecurity=False).digest())
        return (b"upgrade", b"websocket"), (b"connection", b"Upgrade"), (b"sec-websocket-accept", proof)


def response(status: int, headers: Headers) -> bytes:
    """Return the head of an answer."""
    lines = [f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}".encode()]
    lines.extend(name + b": " + value for name, value in headers)
    return b"\r\n".join((*lines, b"", b""))
