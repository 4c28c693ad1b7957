"""What a patient is told of the own place."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.patient_view import PatientViews
from queue_server.application.phrases import CATALOG
from queue_server.application.views.tracking import QueueView
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.live_queue.state import EntryState
from tests.factories import new_clinic, today
from tests.graph import Graph


async def seen(graph: Graph, *, state: EntryState, prompted: bool, language: str = "en") -> QueueView:
    """Return what somebody sees who is the only one in line and was prompted, or not."""
    clinic, now = await new_clinic(graph.db), datetime.now(UTC)
    visit = Visit(
        id=EntryId(uuid4()),
        doctor=clinic.doctors[0],
        date=today(),
        start=now,
        patient_id=PatientId(uuid4()),
        patient=PatientBody(name="Asha Rao"),
        booked_at=now - timedelta(days=1),
    )
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, [visit])
    queue = await graph.state(clinic)
    entry = replace(queue.entries[visit.id], state=state, prompted_at=now if prompted else None)
    queue = replace(queue, entries={visit.id: entry})
    views = PatientViews(queue, epoch=1, texts={}, waits={}, now=now)
    return views.of(visit.id, language=language, room="Room 1", doctor="Dr Rao")


@pytest.mark.parametrize("language", CATALOG)
async def test_who_is_over_the_time_is_told_to_check_in(graph: Graph, language: str) -> None:
    view = await seen(graph, state=EntryState.EXPECTED, prompted=True, language=language)
    assert view.prompted is True
    assert CATALOG[language]["prompted"] in view.queue_status


@pytest.mark.parametrize(("state", "prompted"), [(EntryState.EXPECTED, False), (EntryState.WAITING, True)])
async def test_nobody_else_is(graph: Graph, state: EntryState, prompted: bool) -> None:
    view = await seen(graph, state=state, prompted=prompted)
    assert view.prompted is False
    assert CATALOG["en"]["prompted"] not in view.queue_status
