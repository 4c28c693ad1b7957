"""What one address and one socket may use up."""

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_ADDRESSES = 50_000


class Bucket:
    """Tokens that refill as time passes."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, now

    def take(self, now: float) -> bool:
        """Take one token; False when there is none."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def has_some(self, now: float) -> bool:
        """Whether there is a token to take."""
        return self._tokens + (now - self._at) * self._rate >= 1

    def enlarge(self, rate: float, burst: float) -> None:
        """Allow more from now on."""
        self._tokens += max(0.0, burst - self._burst)
        self._rate, self._burst = rate, burst


class Admission:
    """Connections per address: at once, and new ones a minute; as many upgrades, and as many requests in vain."""

    def __init__(self, *, at_once: int, per_minute: int) -> None:
        self._at_once = at_once
        self._per_minute = per_minute
        self._open: Counter[str] = Counter()
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self.handshakes = 0
        """Connections that stood since the start."""

    def admit(self, address: str, now: float) -> str | None:
        """Return None to let a new connection of `address` in, else the reason why not."""
        if self._open[address] >= self._at_once:
            return "too_many_connections"
        return None if self._bucket("connect", address, now).take(now) else "too_many_connects"

    def admit_upgrade(self, address: str, now: float) -> str | None:
        """Return None to let a websocket of `address` take over a session, else the reason why not."""
        return None if self._bucket("upgrade", address, now).take(now) else "too_many_upgrades"

    def admit_request(self, address: str, now: float) -> str | None:
        """Return None to hear what `address` wants of a session, else the reason why not."""
        return None if self._bucket("vain", address, now).has_some(now) else "too_many_refused"

    def in_vain(self, address: str, now: float) -> None:
        """Count a request that was refused: for a session that is not, or with what cannot be."""
        self._bucket("vain", address, now).take(now)

    def _bucket(self, kind: str, address: str, now: float) -> Bucket:
        bucket = self._buckets.get((kind, address))
        if bucket is None:
            bucket = self._buckets[kind, address] = Bucket(self._per_minute / 60, self._per_minute, now)
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end((kind, address))
        return bucket

    def opened(self, address: str) -> None:
        """Count a connection that stands."""
        self.handshakes += 1
        self._open[address] += 1

    def closed(self, address: str) -> None:
        """Count it no longer."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]


def networks(given: Iterable[str]) -> tuple[IPNetwork, ...]:
    """Return the networks of `settings.trusted_proxies`."""
    return tuple(ipaddress.ip_network(one) for one in given)


def client_address(scope: Mapping[str, Any], headers: Mapping[str, str], trusted: Sequence[IPNetwork]) -> str:
    """Return the address a request came from: past trusted proxies, the first one that is not ours.

    What stands left of it in X-Forwarded-For anybody may have written.
    """
    client = scope.get("client")
    nearest = str(client[0]) if client else ""
    if not trusted:
        return nearest
    address = nearest
    for hop in [nearest, *reversed(headers.get("x-forwarded-for", "").split(","))]:
        parsed = _parsed(hop.strip())
        if parsed is None:
            return address
        address = str(parsed)
        if not any(parsed in network for network in trusted):
            return address
    return address


def _parsed(address: str) -> IPAddress | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed
