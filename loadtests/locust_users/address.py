"""Where the server is, and which address each user comes from."""

import ipaddress
import socket
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

CONNECT_SECONDS = 20.0
"""The official client's own patience with a connection attempt."""


class Address(NamedTuple):
    """A server's address, read from a URL like `http://127.0.0.1:8000`."""

    host: str
    port: int
    is_secure: bool

    @property
    def authority(self) -> str:
        """What stands in the `Host` header."""
        return f"{self.host}:{self.port}"

    @property
    def is_here(self) -> bool:
        """Whether the server runs on this machine, so that any address of 127.0.0.0/8 may be ours."""
        try:
            return ipaddress.ip_address(self.host) in ipaddress.ip_network("127.0.0.0/8")
        except ValueError:
            return False

    def connect(self, source: str | None) -> socket.socket:
        """Return a connected socket, from the address `source` when one is given; raises `OSError`."""
        found = socket.create_connection(
            (self.host, self.port), CONNECT_SECONDS, source_address=(source, 0) if source else None
        )
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.is_secure:
            return ssl.create_default_context().wrap_socket(found, server_hostname=self.host)
        return found


def read_address(url: str) -> Address:
    """Return the address in `url`; raises `ValueError` when it is not that of a server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not an address like http://127.0.0.1:8000")
    is_secure = parts.scheme == "https"
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    return Address(host, parts.port or (443 if is_secure else 80), is_secure)


def own_address(number: int) -> str:
    """Return a loopback address for the `number`-th user: another one for each of fifteen million."""
    return f"127.{1 + number // 62_500 % 250}.{number // 250 % 250}.{1 + number % 250}"
