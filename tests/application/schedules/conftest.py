"""A practice on the run's services."""

import pytest

from tests.application.schedules.practice import Practice
from tests.factories import Clinic
from tests.graph import Graph


@pytest.fixture
def practice(graph: Graph, clinic: Clinic) -> Practice:
    """A clinic with two doctors who have no schedules yet."""
    return Practice(graph, clinic)
