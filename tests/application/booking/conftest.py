"""A doctor with free times, and who books them."""

import pytest

from queue_server.application.booking.any_doctor import AnyDoctor
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.booking.holding import Holding
from queue_server.application.booking.rescheduling import Rescheduling
from queue_server.store.db import Database
from tests.application.booking.moving import Moving
from tests.application.slots.conftest import Practice
from tests.factories import Clinic
from tests.graph import Graph


@pytest.fixture
def practice(database: Database, clinic: Clinic) -> Practice:
    """A doctor who sits from nine to twelve each day."""
    return Practice(database, clinic)


@pytest.fixture
def holding(graph: Graph) -> Holding:
    """The way to hold a time."""
    return Holding(graph.db, graph.writes, graph.directory)


@pytest.fixture
def booking(graph: Graph) -> SlotBooking:
    """The way to book one."""
    return SlotBooking(graph.writes, graph.directory, graph.links, 15)


@pytest.fixture
def any_doctor(graph: Graph, holding: Holding) -> AnyDoctor:
    """The way to hold a time with whoever is free."""
    return AnyDoctor(graph.db, holding)


@pytest.fixture
def moving(graph: Graph, practice: Practice, booking: SlotBooking) -> Moving:
    """The ways to move and cancel, at the desk."""
    rescheduling = Rescheduling(graph.writes, graph.directory, graph.links, 15)
    return Moving(practice, booking, rescheduling, Cancelling(graph.writes, graph.directory, graph.links))
