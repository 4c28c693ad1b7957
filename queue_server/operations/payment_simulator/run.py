"""The simulated provider as a server: in this process for as long as a block lasts, or as a process of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn

from queue_server.operations.payment_simulator.app import Provider
from queue_server.operations.payment_simulator.ledger import Ledger
from queue_server.operations.payment_simulator.modes import Modes
from queue_server.operations.payment_simulator.notices import Notices
from queue_server.settings import SettingsError

START_SECONDS = 20.0


@asynccontextmanager
async def running_provider(
    *, api_key: str, secret: bytes, notify: str, modes: Modes | None = None, port: int = 0
) -> AsyncIterator[Provider]:
    """Serve a simulated provider on loopback, on a free port unless one is given, and stop it in the end.

    Notices go to `notify`; `provider.notices.url` may be changed later.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    async with httpx.AsyncClient(timeout=15, trust_env=False) as http:
        notices = Notices(http, url=notify, secret=secret, modes=modes or Modes())
        provider = Provider(Ledger(), notices, api_key=api_key)
        provider.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(provider.app(), log_config=None, access_log=False, lifespan="off")
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="payment simulator")
        try:
            async with asyncio.timeout(START_SECONDS):
                while not server.started:  # noqa: ASYNC110 – uvicorn has no event for it
                    await asyncio.sleep(0.01)
            yield provider
        finally:
            await notices.stop()
            server.should_exit = True
            await serving


async def run_provider(environ: Mapping[str, str], *, port: int, notify: str, modes: Modes) -> None:
    """Serve a simulated provider until cancelled; raises `SettingsError` without the keys of the clinic's side."""
    api_key, secret = environ.get("PAYMENT_API_KEY", ""), environ.get("PAYMENT_WEBHOOK_SECRET", "")
    if not api_key or not secret:
        raise SettingsError("PAYMENT_API_KEY and PAYMENT_WEBHOOK_SECRET are not set; give those of the server.")
    async with running_provider(api_key=api_key, secret=secret.encode(), notify=notify, modes=modes, port=port):
        await asyncio.Event().wait()


class _Server(uvicorn.Server):
    """A server among others in a process: signals are for whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield
