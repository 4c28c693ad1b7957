"""The simulated provider as a server, for as long as a block lasts."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from queue_server.operations.message_simulator.faults import Faults
from queue_server.operations.message_simulator.log import MessageLog
from queue_server.operations.message_simulator.modes import Modes
from queue_server.operations.message_simulator.page import HEADERS, page
from queue_server.operations.message_simulator.pushes import Pushes
from queue_server.operations.message_simulator.texts import Texts

START_SECONDS = 20.0
SMS_FROM, WHATSAPP_FROM = "+15005550006", "+15005550007"


class MessageProvider:
    """A running provider: `texts`, `pushes`, what both were given in `log`, and how they behave in `faults`."""

    def __init__(self, log: MessageLog, modes: Modes) -> None:
        self.log = log
        self.faults = Faults(modes)
        self.account, self.token = f"AC{secrets.token_hex(16)}", secrets.token_hex(16)
        self.texts = Texts(log, self.faults, account=self.account, token=self.token)
        self.pushes = Pushes(log, self.faults)
        self.url = ""

    def forget(self) -> None:
        """Begin anew: well behaved, with nothing sent and nobody subscribed."""
        self.log.forget()
        self.faults.forget()
        self.texts.forget()
        self.pushes.forget()

    def environment(self) -> dict[str, str]:
        """Return what a clinic's environment says of it."""
        return {
            "SMS_PROVIDER_URL": self.url,
            "SMS_PROVIDER_ACCOUNT": self.account,
            "SMS_PROVIDER_TOKEN": self.token,
            "SMS_PROVIDER_FROM": SMS_FROM,
            "WHATSAPP_FROM": WHATSAPP_FROM,
            "PUSH_ALLOW_LOCAL": "true",
        }

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/messages.json", self._messages),
                Route("/2010-04-01/Accounts/{account}/Messages.json", self.texts.create, methods=["POST"]),
                Route("/push", self._subscribe, methods=["POST"]),
                Route("/push/{name}", self.pushes.create, methods=["POST"]),
                Route("/health", self._health),
            ]
        )

    async def _page(self, request: Request) -> Response:
        return Response(
            page(self.log.messages, request.query_params.get("channel")), media_type="text/html", headers=HEADERS
        )

    async def _messages(self, _request: Request) -> Response:
        return Response(self.log.as_json(), media_type="application/json", headers=HEADERS)

    async def _subscribe(self, _request: Request) -> Response:
        """A browser subscribes; told as `PushSubscription.toJSON` tells it."""
        made = self.pushes.subscribe().subscription
        return JSONResponse({"endpoint": made.endpoint, "keys": {"p256dh": made.p256dh, "auth": made.auth}}, 201)

    async def _health(self, _request: Request) -> Response:
        return PlainTextResponse("ok")


@asynccontextmanager
async def running_messages(
    *, log: MessageLog | None = None, modes: Modes | None = None, port: int = 0
) -> AsyncIterator[MessageProvider]:
    """Serve a simulated provider on loopback, on a free port unless one is given, and stop it in the end. What it is
    given goes to `log`, which others may write to as well."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    provider = MessageProvider(log or MessageLog(), modes or Modes())
    provider.url = provider.pushes.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(provider.app(), log_config=None, access_log=False, lifespan="off", ws="none")
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="message simulator")
    try:
        async with asyncio.timeout(START_SECONDS):
            while not server.started:  # noqa: ASYNC110 – uvicorn has no event for it
                await asyncio.sleep(0.01)
        yield provider
    finally:
        server.should_exit = server.force_exit = True
        await serving


async def run_messages(modes: Modes, *, port: int, report: Callable[[str], None]) -> None:
    """Serve a simulated provider until cancelled; `report` is given its settings and where its page is, in lines."""
    async with running_messages(modes=modes, port=port) as provider:
        for name, value in provider.environment().items():
            report(f"{name}={value}")
        report(f"# What it is given is shown at {provider.url}/")
        await asyncio.Event().wait()


class _Server(uvicorn.Server):
    """A server among others in a process: signals are for whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield
