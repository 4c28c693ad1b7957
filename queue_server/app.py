"""The ASGI application of one server process: routes, middleware, sockets, lifespan – as plain lists."""

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queue_server.connections import http_protocol
from queue_server.garbage import GarbageCollection
from queue_server.http import limits
from queue_server.http.booking_pages import booking_routes
from queue_server.http.invite_pages import invite_routes
from queue_server.http.middleware import middleware
from queue_server.http.pages import page_routes
from queue_server.http.routes import exception_handlers, http_routes
from queue_server.http.unsubscribe_page import unsubscribe_routes
from queue_server.realtime import WebSocketProtocol
from queue_server.realtime.server import Realtime, create_realtime
from queue_server.settings import Settings
from queue_server.wiring import Services, open_services
from scheduling_core.errors import DomainError, Unavailable

ACCEPT_BACKLOG = 16_384
"""Connections that may wait to be taken in: after a restart all phones come at once. `somaxconn` caps it."""


class Server:
    """HTTP and sockets in one ASGI application; everything is built when its lifespan begins."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._realtime: Realtime | None = None
        self._sockets: ASGIApp | None = None
        self.refusal: DomainError | None = None
        """Why it does not serve, if that is something to be said in a sentence."""
        self.http = Starlette(
            routes=[
                *http_routes(),
                *page_routes(enter=limits.public),
                *booking_routes(enter=limits.public),
                *invite_routes(enter=limits.public),
                *unsubscribe_routes(enter=limits.public),
            ],
            middleware=middleware(settings),
            exception_handlers=exception_handlers(),
            lifespan=self._lifespan,
        )
        # A redirect would be to whatever host the request names.
        self.http.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection: sockets by their own layer, everything else by Starlette."""
        if scope["type"] == "lifespan":
            await self.http(scope, receive, self._without_traceback(send))
        elif self._sockets is not None:
            await self._sockets(scope, receive, send)
        else:
            await self.http(scope, receive, send)

    def _without_traceback(self, send: Send) -> Send:
        """A refusal to start is told by whoever runs us, in one sentence; uvicorn would add its own and a traceback."""

        async def quietly(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed" and self.refusal is not None:
                logging.getLogger("uvicorn.error").disabled = True
                message = {"type": message["type"]}
            await send(message)

        return quietly

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                services = await stack.enter_async_context(open_services(self._settings))
                await _check(services)
            except DomainError as error:
                self.refusal = error
                raise
            realtime = create_realtime(services, self._settings)
            await realtime.start()
            self._realtime = realtime
            self._sockets = realtime.asgi(self.http)
            app.state.services = services
            services.attach_realtime(realtime)
            try:
                yield
            finally:
                await realtime.stop()
                self._sockets = self._realtime = None

    async def drain(self) -> None:
        """Send the clients of sockets to other servers, a few at a time."""
        if self._realtime is not None:
            await self._realtime.drain()


async def _check(services: Services) -> None:
    """Refuse to serve on a database that is not ready for it; raises `Unavailable` with what to do."""
    known = await services.db.check()
    if not known["migrated"]:
        raise Unavailable("The database has no schema yet: run `queue-server migrate` first.")
    if not known["safe"]:
        raise Unavailable(
            "DATABASE_URL signs in as a role that owns the tables or may pass row-level security: use queue_app."
        )


def create_app(settings: Settings) -> Server:
    """Return the application for `settings`."""
    return Server(settings)


def uvicorn_config(settings: Settings, **overrides: Any) -> uvicorn.Config:
    """Return how uvicorn serves the application: our log lines, bounded frames, a bounded farewell."""
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "backlog": ACCEPT_BACKLOG,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies),
        "http": http_protocol(settings),
        "ws": WebSocketProtocol,
        "ws_max_size": settings.socket_max_message_bytes,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": settings.shutdown_seconds,
        "server_header": False,
        "lifespan": "on",
        **overrides,
    }
    return uvicorn.Config(create_app(settings), **options)


class DrainingServer(uvicorn.Server):
    """Says goodbye to sockets before it closes their transports, which the end of the lifespan is too late for.

    With `garbage` it also takes over the process's collector while it serves.
    """

    def __init__(self, config: uvicorn.Config, *, garbage: GarbageCollection | None = None) -> None:
        super().__init__(config)
        self._garbage = garbage

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does; what was made by then stays for good."""
        await super().startup(sockets)
        if self._garbage is not None:
            self._garbage.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then stop as uvicorn does."""
        application = self.config.app
        if isinstance(application, Server):
            await application.drain()
        await super().shutdown(sockets)
        if self._garbage is not None:
            self._garbage.stop()


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises the `DomainError` that kept it from starting, or exits with 1."""
    config = uvicorn_config(settings)
    server = DrainingServer(config, garbage=GarbageCollection())
    with suppress(SystemExit):  # uvicorn's own code for a start that failed
        server.run()
    if server.started:
        return
    if isinstance(config.app, Server) and config.app.refusal is not None:
        raise config.app.refusal
    raise SystemExit(1)
