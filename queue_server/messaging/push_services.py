"""Which push services are spoken to. Their addresses come from browsers, so anybody may name any: without this, a
subscription would make a worker knock at every door of the network that it runs in.

Two gates: a subscription's address has to be https at a host of the settings' list, without a port or a password; and
whatever its name stands for at the moment of the connection has to be a public address; the one that was looked at is
the one connected to.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore

from queue_server.messaging import Subscription
from queue_server.messaging.push_encryption import read_keys
from queue_server.settings.messages import PushSettings

LONGEST_ENDPOINT = 1_000
LONGEST_LABEL = 63
"""Characters between two dots of a name (RFC 1035, 2.3.4)."""
MOST_ADDRESSES = 4
LOCAL = "local"
"""What push services on this machine are called."""

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class BadSubscription(ValueError):
    """Nothing is pushed there; `field` names what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(reason)


class ForbiddenAddress(Exception):
    """A name stands for an address that is not public."""


class PushServices:
    """The push services of the settings."""

    def __init__(self, settings: PushSettings) -> None:
        self._hosts = settings.services
        self._allow_local = settings.allow_local

    def check(self, subscription: Subscription) -> None:
        """Raise `BadSubscription` unless something could be pushed to it; to be asked before one is kept."""
        self.service_of(subscription.endpoint)
        try:
            read_keys(subscription.p256dh, subscription.auth)
        except ValueError as error:
            raise BadSubscription("keys", str(error)) from None

    def service_of(self, endpoint: str) -> str:
        """Return the entry of the settings that an address belongs to; raises `BadSubscription` when there is none."""
        parts = _split(endpoint)
        host = (parts.hostname or "").lower()
        if self._allow_local and host in _LOCAL_HOSTS and parts.scheme in ("http", "https"):
            return LOCAL
        if parts.scheme != "https" or parts.port not in (None, 443):
            raise BadSubscription("endpoint", "a push service is spoken to by https, at its usual port")
        found = next((entry for entry in self._hosts if _is_of(host, entry)), None)
        if found is None or _is_address(host):
            raise BadSubscription("endpoint", "this is no push service that is spoken to")
        return found


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, and to this machine where that is allowed."""

    def __init__(self, *, allow_local: bool, resolve: Resolve | None = None) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_local = allow_local
        self._resolve = resolve or _resolved

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the host's addresses; raises `ForbiddenAddress` if any of them is not public."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):  # the second one of labels that are empty, or longer than names may have
            raise httpcore.ConnectError("the name is not known") from None
        if not all(self._may(address) for address in addresses):
            raise ForbiddenAddress
        error: Exception = httpcore.ConnectError("the name stands for nothing")
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Raise `ForbiddenAddress`: no push service is there."""
        raise ForbiddenAddress

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)

    def _may(self, address: Address) -> bool:
        return is_public(address) or (self._allow_local and address.is_loopback)


def is_public(address: Address) -> bool:
    """Return whether an address is anybody's to speak to, also by what an IPv4 address inside of it says."""
    inner: Address | None = None
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo is not None:
            return False
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


async def _resolved(host: str, port: int) -> Sequence[Address]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # An IPv6 address of a link carries its zone, which ipaddress reads as well.
    return [ipaddress.ip_address(address[0]) for *_, address in found]


def _split(endpoint: str) -> SplitResult:
    try:
        parts = urlsplit(endpoint)
        _ = parts.port  # parsed on access, and raises there
    except ValueError:
        raise BadSubscription("endpoint", "this is no address") from None
    is_plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint and "\\" not in endpoint
    is_name = all(0 < len(label) <= LONGEST_LABEL for label in (parts.hostname or "").split("."))
    is_too_long = len(endpoint) > LONGEST_ENDPOINT
    if not is_plain or not is_name or is_too_long or parts.username is not None or parts.fragment:
        raise BadSubscription("endpoint", "this is no address of a push service")
    return parts


def _is_of(host: str, entry: str) -> bool:
    if entry == "*":
        return "." in host
    return host.endswith(entry[1:]) if entry.startswith("*.") else host == entry


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
