"""Fixtures of the tests of resources."""

import pytest

from tests.application.resources.house import House
from tests.factories import Clinic
from tests.graph import Graph


@pytest.fixture
def house(graph: Graph, clinic: Clinic) -> House:
    """The resources of a clinic with two doctors."""
    return House(graph, clinic)
