"""Real Postgres and Redis for the whole run, a fresh tenant for each test, the server's object graph on demand."""

import asyncio
import secrets
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from queue_server.embedded.services import EmbeddedServices
from queue_server.settings import Settings, load
from queue_server.store import db
from queue_server.store.db import Database
from queue_server.store.migrate import migrate
from tests.factories import Clinic, new_clinic
from tests.graph import Graph

T = TypeVar("T")

# Reading the machine's certificates takes each client of httpx forty milliseconds; nothing here is asked over TLS.
httpx._transports.default.create_ssl_context = cache(httpx._transports.default.create_ssl_context)  # type: ignore[attr-defined]

# A server that starts asks Postgres how it is and gives it two seconds, which is too little where three start at once.
db.SPARE_SECONDS = 30.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: while the browser is there its driver keeps a loop running in the main thread."""
    items.sort(key=lambda item: "e2e" in item.path.parts)


class RunningServices:
    """The services of this run, kept by a thread with a loop of its own, so that each test may have its own loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="services", daemon=True)
        self._thread.start()
        self.services: EmbeddedServices = self._call(EmbeddedServices.start(folder / "data"))
        self.urls = dict(self.services.urls)
        self._call(migrate(self.urls["DATABASE_OWNER_URL"]))

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout=200)

    def pid(self, name: str) -> int | None:
        """Return the process id of `postgres` or `redis`, None while it is down."""
        return self.services.pid(name)

    def stop(self) -> None:
        """Stop the services and remove what they wrote."""
        self._call(self.services.stop(erase=True))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def services() -> Iterator[RunningServices]:
    """Postgres and Redis, migrated; once for the run."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-"))
    folder.chmod(0o711)
    running = RunningServices(folder)
    yield running
    running.stop()


@pytest.fixture
async def database(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the app's role."""
    db = Database(services.urls["DATABASE_URL"], pool_size=10, application="tests")
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def clinic(database: Database) -> Clinic:
    """A clinic with two doctors, in a tenant of its own."""
    return await new_clinic(database)


@pytest.fixture
def settings(services: RunningServices, tmp_path: Path) -> Settings:
    """Settings of a server on this run's services."""
    return load(
        {
            **services.urls,
            # Its own for each test: budgets in Redis are named by it, and one test must not use up another's.
            "JWT_KEYS": "test:" + secrets.token_hex(32),
            "AUDIT_SIGNING_KEY": "ab" * 16 + "cd" * 16,
            "DATA_DIR": str(tmp_path),
            "LOG_LEVEL": "WARNING",
        }
    )


@pytest.fixture
def graph(settings: Settings, database: Database) -> Graph:
    """The application's write side."""
    return Graph(settings, database)
