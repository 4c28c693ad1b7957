"""A clinic with patients."""

import pytest

from queue_server.settings import Settings
from tests.access_graph import AccessGraph
from tests.application.patients.house import House
from tests.factories import Clinic
from tests.graph import Graph


@pytest.fixture
def house(settings: Settings, graph: Graph, world: AccessGraph, clinic: Clinic) -> House:
    """Patients of a clinic of its own."""
    return House(settings, graph, world, clinic)
