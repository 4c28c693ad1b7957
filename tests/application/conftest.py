"""What tests of the application share beyond the run's services."""

from collections.abc import AsyncIterator, Iterator

import pytest

from queue_server.settings import Settings
from queue_server.store.db import Database
from tests.access_graph import AccessGraph
from tests.identity_provider import IdentityProvider


@pytest.fixture
async def world(settings: Settings, database: Database) -> AsyncIterator[AccessGraph]:
    """The access side of the application."""
    graph = AccessGraph(settings, database)
    yield graph
    await graph.close()


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """An external identity provider on loopback."""
    running = IdentityProvider()
    yield running
    running.stop()
