"""The whole house under one supervisor: Postgres and Redis unless they are given, servers, a worker."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from queue_server.embedded.errors import DataDirectoryInUse, EmbeddedError
from queue_server.embedded.ports import free_port
from queue_server.embedded.postgres import ROLES
from queue_server.embedded.secrets import FILE as SECRETS
from queue_server.embedded.secrets import persistent_secrets
from queue_server.embedded.services import EmbeddedServices
from queue_server.embedded.supervisor import Child, Supervisor
from queue_server.operations.payment_simulator.environment import WEBHOOK, settings_for
from queue_server.operations.ports import check_ports
from queue_server.settings import Settings, SettingsError, load
from queue_server.store.migrate import migrate

WHERE = "running.json"
"""In the data directory: where its services answer while a house runs, for an operator's other commands."""
CLI = "queue_server.cli"
PLACEHOLDERS = {
    "DATABASE_URL": "postgresql://queue_app:x@localhost/clinic_queue",
    "JWT_KEYS": "placeholder:0123456789abcdef0123456789abcdef",
}
"""Stand in, for the first look at the settings, for what an installation makes up."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """A running house."""

    settings: Settings
    environment: Mapping[str, str]
    """What its processes were given."""
    urls: tuple[str, ...]
    """Where its servers answer, the first being the public one."""
    supervisor: Supervisor
    services: EmbeddedServices | None

    def pid(self, name: str) -> int | None:
        """Return the process id of `postgres`, `redis`, `server-1` … or `worker`; None while it is down."""
        if name in ("postgres", "redis") and self.services is not None:
            return self.services.pid(name)
        return self.supervisor.pid(name)


@asynccontextmanager
async def running_house(
    environ: Mapping[str, str],
    *,
    servers: int = 1,
    worker: bool = True,
    redis: bool = True,
    meanwhile: Callable[[Settings], Awaitable[None]] | None = None,
    module: str = CLI,
    simulated_payments: bool = False,
) -> AsyncIterator[House]:
    """Start everything, yield it, and stop everything: whatever dies meanwhile comes back.

    With `DATABASE_URL` set nothing is embedded. `meanwhile` is done on the migrated database while the servers start.
    Servers and worker are started from `module`, which takes the commands of the command line. With
    `simulated_payments` visits are paid with a provider that moves no money, unless another one is set.
    Raises `SettingsError`, `EmbeddedError` or a `DomainError`, each with one sentence that says what to do.
    """
    environment = dict(environ)
    payment_port = free_port() if simulated_payments and not environment.get("PAYMENT_PROVIDER_URL") else None
    if payment_port is not None:
        environment |= settings_for(payment_port)
    # Before anything is started or written: what makes no sense, or cannot be had.
    given = load({**PLACEHOLDERS, **environment})
    if not environment.get("DATABASE_URL") and (stray := [name for name in ROLES if environment.get(name)]):
        raise SettingsError(f"{stray[0]} is set but DATABASE_URL is not; set it too, or none of them.")
    check_ports(given.host, range(given.port, given.port + servers))
    async with AsyncExitStack() as stack:
        services = None
        if not environment.get("DATABASE_URL"):
            data_dir = Path(os.path.abspath(environment.get("DATA_DIR") or ".queue-data"))  # noqa: ASYNC240
            environment["DATA_DIR"] = str(data_dir)
            services = await EmbeddedServices.start(data_dir, redis=redis and not environment.get("REDIS_URL"))
            stack.push_async_callback(services.stop)
            # What the operator has set goes before what the installation has made up.
            environment = {**persistent_secrets(data_dir), **services.urls, **_without_blanks(environment)}
        settings = load(environment)
        if services is not None:
            _tell_where(settings, services)
        await migrate(settings.owner_url())
        supervisor = Supervisor()
        urls = []
        for number in range(servers):
            port = settings.port + number
            url = f"http://{_reachable(settings.host)}:{port}"
            urls.append(url)
            supervisor.add(_child(f"server-{number + 1}", [module, "serve", "--port", str(port)], environment, url))
        if worker:
            supervisor.add(_child("worker", [module, "worker"], environment, None))
        if payment_port is not None:
            told = ["payment-simulator", "--port", str(payment_port), "--notify", urls[0] + WEBHOOK]
            supervisor.add(_child("payments", [module, *told], environment, None))
        stack.push_async_callback(supervisor.stop)
        await _both(supervisor.start(), meanwhile(settings) if meanwhile is not None else None)
        yield House(
            settings=settings,
            environment=environment,
            urls=tuple(urls),
            supervisor=supervisor,
            services=services,
        )


async def _both(first: Coroutine[Any, Any, None], second: Awaitable[None] | None) -> None:
    """Wait for both; when one fails or we are cancelled, cancel and wait for the other."""
    started = asyncio.ensure_future(first)
    try:
        if second is not None:
            await second
        await started
    except BaseException:
        started.cancel()
        await asyncio.gather(started, return_exceptions=True)
        raise


@asynccontextmanager
async def at_hand(
    environ: Mapping[str, str], data_dir: Path | None, *, may_be_new: bool = False
) -> AsyncIterator[Settings]:
    """Yield settings for a command of an operator.

    With `data_dir` they name that installation's embedded services: those that run already, else ones that run until
    the block ends; only with `may_be_new` is an installation made there. Without `data_dir` they are what the
    environment says.
    """
    if data_dir is None:
        yield load(environ)
        return
    folder = Path(os.path.abspath(data_dir))  # noqa: ASYNC240
    if not may_be_new and not (folder / SECRETS).exists():
        raise EmbeddedError(f"There is no installation in {folder}; `queue-server up --data-dir` makes one.")
    async with AsyncExitStack() as stack:
        told = _told(folder)
        try:
            services = await EmbeddedServices.start(folder, redis=False)
        except DataDirectoryInUse as error:
            told = _told(folder)
            if told is None or told.pid != error.pid:
                raise
            urls = told.urls
        else:
            stack.push_async_callback(services.stop)
            urls = services.urls
        own = {"PUBLIC_URL": told.public_url} if told is not None else {}
        # The operator has named this installation: its addresses go before those of the environment.
        settings = load(
            {**persistent_secrets(folder), **own, **_without_blanks(environ), **urls, "DATA_DIR": str(folder)}
        )
        await migrate(settings.owner_url())
        yield settings


class _Told(msgspec.Struct, frozen=True):
    """What a house writes down for the other commands of its operator. Of use only while process `pid` runs it."""

    pid: int
    public_url: str
    urls: dict[str, str]


def _tell_where(settings: Settings, services: EmbeddedServices) -> None:
    told = _Told(os.getpid(), settings.public_url, services.urls)
    draft = settings.data_dir / f"{WHERE}.new"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(told))
    draft.replace(settings.data_dir / WHERE)


def _told(folder: Path) -> _Told | None:
    try:
        return msgspec.json.decode((folder / WHERE).read_bytes(), type=_Told)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _without_blanks(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is set: an empty variable counts as unset, and must not hide what the installation has."""
    return {name: value for name, value in environ.items() if value.strip()}


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 – compared, not bound


def _child(name: str, arguments: list[str], environment: Mapping[str, str], url: str | None) -> Child:
    argv = [sys.executable, "-m", *arguments]
    env = {**os.environ, **environment}
    if url is None:
        return Child(name=name, argv=argv, env=env)

    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return (await client.get(f"{url}/health/ready")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            await asyncio.sleep(0.05)
            return False

    return Child(name=name, argv=argv, env=env, ready=ready, ready_seconds=40)
