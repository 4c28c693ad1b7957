"""A doctor who asks for fees, and somebody who takes them."""

import pytest

from tests.application.payments.till import FakeProvider, Till
from tests.application.slots.conftest import Practice
from tests.factories import Clinic
from tests.graph import Graph


@pytest.fixture
async def till(graph: Graph, clinic: Clinic) -> Till:
    """Free times, fees, and a provider that answers."""
    made = Till(graph, Practice(graph.db, clinic), FakeProvider())
    await made.opens()
    return made
