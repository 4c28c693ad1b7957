"""A loopback port for a service that must come back on the same one after a crash."""

import random
import socket
from pathlib import Path

from .errors import EmbeddedError

LOWEST = 20_000
USUAL_EPHEMERAL_START = 32_768


def free_port(count: int = 1) -> int:
    """Return a TCP port that is free on 127.0.0.1, the first of `count` in a row, below the ephemeral range.

    From that range the kernel could lend the port to any outgoing connection during the moment a service is down.
    Raises `EmbeddedError` when there is none.
    """
    highest = _ephemeral_start() - count
    for _ in range(200):
        port = random.randint(min(LOWEST, highest - 1_000), highest)  # noqa: S311 – no secret
        if all(_is_free(port + offset) for offset in range(count)):
            return port
    raise EmbeddedError("No free port was found on 127.0.0.1.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ephemeral_start() -> int:
    try:
        start = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return USUAL_EPHEMERAL_START
    return start if start > 3_000 else USUAL_EPHEMERAL_START
