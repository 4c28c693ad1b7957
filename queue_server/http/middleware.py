"""What surrounds every request, whichever route answers: request id, log line, metrics, last resort, headers, CORS.

All of it is plain ASGI, so that streams and sockets pass untouched.
"""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queue_server.http.needs import Services
from queue_server.http.problems import internal_error, refusal
from queue_server.settings import Settings
from scheduling_core.errors import DomainError

log = structlog.get_logger("http")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SOCKET_PATH = "/socket.io/"
"""Engine.IO answers for its own CORS headers, and its log lines are those of sessions, not of polls."""

EXPOSED = (
    "ETag",
    "Link",
    "Retry-After",
    "X-Request-Id",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "RateLimit-Policy",
)
ALLOWED_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Request-Id",
    "X-Tenant-Id",
)


def middleware(settings: Settings) -> list[Middleware]:
    """Return the middleware of a server, outermost first."""
    found = [Middleware(RequestContext)]
    if settings.cors_origins:
        found.append(
            Middleware(
                ApiCors,
                allow_origins=settings.cors_origins,
                allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"),
                allow_headers=ALLOWED_HEADERS,
                expose_headers=EXPOSED,
            )
        )
    return found


class ApiCors(CORSMiddleware):
    """CORS for everything but the sockets."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass sockets by."""
        if scope["type"] == "http" and scope["path"].startswith(SOCKET_PATH):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class RequestContext:
    """Names each request, times it, writes its line, and answers for faults that nobody caught."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http" or scope["path"].startswith(SOCKET_PATH):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
        scope["request_id"] = request_id
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("X-Frame-Options", "DENY")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            await send(message)

        started = perf_counter()
        # The context is this task's own: a bound id cannot leak into another request.
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:
                if status == 0 and isinstance(error, DomainError):
                    await refusal(error)(scope, receive, send_with_headers)
                else:
                    log.exception("request_failed", method=_method(scope), route=_route(scope))
                    if status == 0:
                        await internal_error()(scope, receive, send_with_headers)
            finally:
                _note(scope, status, perf_counter() - started)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    services: Services = scope["app"].state.services
    services.metrics.requests.labels(_method(scope), route, str(status)).observe(seconds)
    # 0: the client was gone before there was an answer.
    log.info(
        "request",
        method=_method(scope),
        route=route,
        status=status,
        duration_ms=round(seconds * 1000, 1),
    )


def _route(scope: Scope) -> str:
    """The template of the route that answered: never a path, which may be a credential."""
    template = scope.get("route_template") or getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else "unmatched"


def _method(scope: Scope) -> str:
    """The method, or `OTHER`: clients may send any word, and each would be a new time series."""
    method: str = scope["method"]
    return method if method in {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"} else "OTHER"
