"""A clinic where it is noon, and somebody who tells its patients things."""

import pytest

from queue_server.settings import Settings
from queue_server.store.db import Database
from tests.application.messages.teller import Teller
from tests.factories import new_clinic, noon_zone
from tests.graph import Graph


@pytest.fixture
async def teller(settings: Settings, graph: Graph, database: Database) -> Teller:
    """A clinic that has no quiet hours."""
    teller = Teller(settings, graph, await new_clinic(database, timezone=noon_zone()))
    await teller.is_awake()
    return teller
