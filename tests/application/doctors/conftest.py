"""Doctors with the application around them."""

import pytest

from queue_server.store.db import Database
from tests.application.doctors.house import House
from tests.factories import Clinic
from tests.graph import Graph


@pytest.fixture
def house(database: Database, graph: Graph, clinic: Clinic) -> House:
    """The doctors' side of the application, for a clinic of its own."""
    return House(database, graph, clinic)
