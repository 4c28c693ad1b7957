"""The whole house under one supervisor: Postgres and Redis unless they are given, servers, a worker."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import msgspec

from queue_server.embedded.errors import DataDirectoryInUse
from queue_server.embedded.secrets import persistent_secrets
from queue_server.embedded.services import EmbeddedServices
from queue_server.embedded.supervisor import Child, Supervisor
from queue_server.settings import Settings, load
from queue_server.store.migrate import migrate

WHERE = "running.json"
"""In the data directory while a house runs: where its services answer, for an operator's other commands."""


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
    environ: Mapping[str, str], *, servers: int = 1, worker: bool = True, redis: bool = True
) -> AsyncIterator[House]:
    """Start everything, yield it, and stop everything: whatever dies meanwhile comes back.

    With `DATABASE_URL` set nothing is embedded. Raises `SettingsError`, `EmbeddedError` or `Unavailable`, each with
    one sentence that says what to do.
    """
    environment = dict(environ)
    async with AsyncExitStack() as stack:
        services = None
        if not environment.get("DATABASE_URL"):
            data_dir = Path(os.path.abspath(environment.get("DATA_DIR") or ".queue-data"))  # noqa: ASYNC240
            environment["DATA_DIR"] = str(data_dir)
            services = await EmbeddedServices.start(data_dir, redis=redis and not environment.get("REDIS_URL"))
            stack.push_async_callback(services.stop)
            # What the operator has set goes before what the installation has made up.
            environment = {**persistent_secrets(data_dir), **services.urls, **environment}
        settings = load(environment)
        if services is not None:
            stack.callback(_tell_where(settings, services).unlink, missing_ok=True)
        await migrate(settings.owner_url())
        supervisor = Supervisor()
        urls = []
        for number in range(servers):
            port = settings.port + number
            url = f"http://{_reachable(settings.host)}:{port}"
            urls.append(url)
            supervisor.add(_child(f"server-{number + 1}", ["serve", "--port", str(port)], environment, url))
        if worker:
            supervisor.add(_child("worker", ["worker"], environment, None))
        await supervisor.start()
        stack.push_async_callback(supervisor.stop)
        yield House(
            settings=settings,
            environment=environment,
            urls=tuple(urls),
            supervisor=supervisor,
            services=services,
        )


@asynccontextmanager
async def at_hand(environ: Mapping[str, str], data_dir: Path | None) -> AsyncIterator[Settings]:
    """Yield settings for a command of an operator.

    With `data_dir` they name that installation's embedded services: those that run already, else ones that run until
    the block ends. Without it they are what the environment says.
    """
    if data_dir is None:
        yield load(environ)
        return
    folder = Path(os.path.abspath(data_dir))  # noqa: ASYNC240
    async with AsyncExitStack() as stack:
        try:
            services = await EmbeddedServices.start(folder, redis=False)
        except DataDirectoryInUse:
            told = folder / WHERE
            if not told.exists():
                raise
            urls = msgspec.json.decode(told.read_bytes(), type=dict[str, str])
        else:
            stack.push_async_callback(services.stop)
            urls = services.urls
        settings = load({**persistent_secrets(folder), **urls, **environ, "DATA_DIR": str(folder)})
        await migrate(settings.owner_url())
        yield settings


def _tell_where(settings: Settings, services: EmbeddedServices) -> Path:
    """Write down, for `at_hand` of this installation alone, where its services answer."""
    told = settings.data_dir / WHERE
    told.touch(mode=0o600)
    told.write_bytes(msgspec.json.encode({**services.urls, "PUBLIC_URL": settings.public_url}))
    return told


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 – compared, not bound


def _child(name: str, arguments: list[str], environment: Mapping[str, str], url: str | None) -> Child:
    argv = [sys.executable, "-m", "queue_server.cli", *arguments]
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
