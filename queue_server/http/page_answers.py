"""How pages are sent: compressed, under a policy, kept by nobody."""

import gzip
import re

from starlette.requests import Request
from starlette.responses import Response

from queue_server.application.phrases import RIGHT_TO_LEFT

SMALL = 600
"""Bytes below which compressing a page gains nothing."""

_HOST = re.compile(r"[A-Za-z0-9.\-:\[\]]{1,255}")


def page(
    request: Request, text: str, policy: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a page under a Content-Security-Policy; `headers` go before the usual ones."""
    body = text.encode()
    said = {**page_headers(policy), "Cache-Control": "no-store", "Vary": "Accept-Encoding, Accept-Language"}
    if takes_gzip(request) and len(body) > SMALL:
        body = gzip.compress(body, 9)
        said["Content-Encoding"] = "gzip"
    return Response(body, status, {**said, **(headers or {})}, media_type="text/html")


def page_headers(policy: str) -> dict[str, str]:
    """Return what every page says about how it may be used."""
    return {
        "Content-Security-Policy": policy,
        # The address of a tracker is its key: it must not travel on as a referrer.
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def socket_origins(request: Request) -> str:
    """Name our own sockets: in older Safari 'self' does not cover them."""
    host = request.headers.get("host", "")
    return f"ws://{host} wss://{host}" if _HOST.fullmatch(host) else "ws: wss:"


def takes_gzip(request: Request) -> bool:
    """Return whether the client reads gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")


def direction(language: str) -> str:
    """Return which way a language is written, as HTML says it."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
