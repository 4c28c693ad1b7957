"""Whether servers could listen where they should: asked before anything is started, and told in one sentence."""

import errno
import socket
from collections.abc import Iterable

from queue_server.embedded.errors import EmbeddedError

LAST_PORT = 65_535


class PortInUse(EmbeddedError):
    """A server could not listen where it should."""


def check_ports(host: str, ports: Iterable[int]) -> None:
    """Raise `PortInUse` unless a server could listen on each of `ports`."""
    for port in ports:
        if port > LAST_PORT:
            raise PortInUse(f"The servers would need ports up to {port}; choose a lower --port.")
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(
                    f"Port {port} is in use by another program; stop that one or choose another with --port."
                ) from None
            raise PortInUse(f"This machine cannot listen on {host}, port {port}: {error.strerror}.") from None
