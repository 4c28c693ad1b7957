"""Which sites' pages may open a socket. Browsers always send Origin with a websocket; other clients need not."""

from collections.abc import Mapping
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Origins:
    """Our own origin, and those of the settings."""

    def __init__(self, allowed: tuple[str, ...], public_url: str) -> None:
        self._any = allowed == ("*",)
        self._allowed = frozenset(allowed)
        self._public = _host_and_port(public_url)

    def is_allowed(self, headers: Mapping[str, str], *, through_proxy: bool) -> bool:
        """Return whether a request with these headers may go on.

        The page's own server is compared by host and port alone: a proxy that ends TLS leaves us not knowing the
        scheme. X-Forwarded-Host counts where we stand behind a proxy; no page can set it, and whoever is no browser
        need not send an Origin at all.
        """
        origin = headers.get("origin")
        if origin is None or self._any or origin.lower() in self._allowed:
            return True
        found = _host_and_port(origin)
        if found is None:
            return False  # "null": a sandboxed frame or a file
        scheme = urlsplit(origin).scheme
        own = {self._public, _host_and_port(f"{scheme}://{headers.get('host', '')}")}
        if through_proxy:
            forwarded = headers.get("x-forwarded-host", "").split(",")[-1].strip()
            own.add(_host_and_port(f"{scheme}://{forwarded}"))
        return found in own


def _host_and_port(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname.lower(), port) if parts.hostname and port else None
