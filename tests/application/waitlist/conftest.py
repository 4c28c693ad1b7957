"""A clinic with a waitlist, and a doctor whose day is full."""

import pytest

from queue_server.settings import Settings
from queue_server.store.db import Database
from tests.application.slots.conftest import Practice
from tests.application.waitlist.loop import AWAKE, Loop
from tests.application.waitlist.people import Waitlist
from tests.factories import Clinic, in_days
from tests.graph import Graph


@pytest.fixture
def waitlist(graph: Graph, database: Database, clinic: Clinic) -> Waitlist:
    """The waitlist of a clinic with two doctors."""
    return Waitlist(graph, clinic)


@pytest.fixture
async def loop(settings: Settings, graph: Graph, database: Database, waitlist: Waitlist) -> Loop:
    """A clinic that is awake all day, and a doctor whose day is full."""
    practice = Practice(database, waitlist.clinic)
    await practice.regenerate(in_days(3), in_days(3))
    await practice.takes_patients()
    await waitlist.runs_by(quiet_hours=AWAKE)
    made = Loop(settings, graph, practice, waitlist)
    await made.fill()
    return made
