"""Caps of clinics: who gives a place back, and who takes one by coming from another clinic."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.enrolment import VisitRefused
from queue_server.store.db import Database
from scheduling_core.errors import CapacityReached
from tests.application.test_enrolment import cap, enrol, visit
from tests.factories import Clinic, new_clinic
from tests.graph import Graph

WALK_IN = bodies.WalkInBody(patient=bodies.PatientBody(name="Mei Chen"))

GiveBack = Callable[[Graph, Clinic, UUID], Awaitable[object]]


async def run(graph: Graph, clinic: Clinic, name: str, target: UUID, body: bodies.Body | None = None) -> int:
    """Do a command of the desk and return the version it made."""
    body = body or bodies.DESK_COMMANDS[name].body()
    return (await graph.queue.run(clinic.receptionist, name, target, body)).version or 0


async def cancel(graph: Graph, clinic: Clinic, entry: UUID) -> None:
    await run(graph, clinic, "cancel", entry)


async def leave(graph: Graph, clinic: Clinic, entry: UUID) -> None:
    other = await new_clinic(graph.db, tenant=clinic.tenant)
    await run(graph, clinic, "transfer", entry, bodies.TransferBody(doctor_id=other.doctors[0]))


@pytest.mark.parametrize("give_back", [cancel, leave])
async def test_who_leaves_gives_the_place_back(
    graph: Graph, clinic: Clinic, database: Database, give_back: GiveBack
) -> None:
    await cap(database, clinic, '{"per_day": 1, "per_window": 1}')
    first = visit(clinic)
    await enrol(graph, clinic, [first])
    with pytest.raises(VisitRefused):
        await enrol(graph, clinic, [visit(clinic, 1)])
    await give_back(graph, clinic, first.id)
    await enrol(graph, clinic, [visit(clinic, 1)])
    with pytest.raises(VisitRefused):
        await enrol(graph, clinic, [visit(clinic)])


@pytest.mark.parametrize("capacity", ['{"per_day": 1}', '{"per_window": 1}'])
@pytest.mark.parametrize("give_back", [cancel, leave])
async def test_who_is_taken_back_takes_no_place_that_somebody_else_was_given(
    graph: Graph, clinic: Clinic, database: Database, give_back: GiveBack, capacity: str
) -> None:
    await cap(database, clinic, capacity)
    first, second = visit(clinic), visit(clinic, 1)
    await enrol(graph, clinic, [first])
    await give_back(graph, clinic, first.id)
    left = bodies.UndoBody(version=(await graph.state(clinic)).version)
    await enrol(graph, clinic, [second])
    before = await graph.state(clinic)
    with pytest.raises(CapacityReached):
        await run(graph, clinic, "undo", clinic.doctors[0], left)
    assert await graph.state(clinic) == before
    await cancel(graph, clinic, second.id)
    await run(graph, clinic, "undo", clinic.doctors[0], left)
    assert first.id in (await graph.state(clinic)).line


async def test_a_no_show_and_an_undone_walk_in_give_the_place_back(
    graph: Graph, clinic: Clinic, database: Database
) -> None:
    await cap(database, clinic, '{"per_day": 1}')
    doctor = clinic.doctors[0]
    answer = await graph.queue.run(clinic.receptionist, "walk-in", doctor, WALK_IN)
    with pytest.raises(CapacityReached):
        await run(graph, clinic, "walk-in", doctor, WALK_IN)
    entry = UUID(msgspec.json.decode(answer.body)["appointment"]["id"])
    await run(graph, clinic, "no-show", entry, bodies.NoShowBody(grace_period=0))
    version = await run(graph, clinic, "walk-in", doctor, WALK_IN)
    await run(graph, clinic, "undo", doctor, bodies.UndoBody(version=version))
    await run(graph, clinic, "walk-in", doctor, WALK_IN)
    with pytest.raises(CapacityReached):
        await run(graph, clinic, "walk-in", doctor, WALK_IN)


async def test_a_transfer_takes_a_place_of_another_clinic_but_none_of_the_same(
    graph: Graph, clinic: Clinic, database: Database
) -> None:
    other = await new_clinic(graph.db, tenant=clinic.tenant, doctors=2)
    await cap(database, clinic, '{"per_day": 2}')
    await cap(database, other, '{"per_day": 2, "per_window": 1}')
    moved, second = visit(clinic), visit(clinic)
    await enrol(graph, clinic, [moved, second])
    await run(graph, clinic, "transfer", moved.id, bodies.TransferBody(doctor_id=clinic.doctors[1]))
    await enrol(graph, other, [visit(other)])
    before = await graph.state(clinic), await graph.state(clinic, 1), await graph.state(other)
    for entry in (moved, second):
        with pytest.raises(CapacityReached):
            await run(graph, clinic, "transfer", entry.id, bodies.TransferBody(doctor_id=other.doctors[1]))
    with pytest.raises(CapacityReached):
        await run(graph, clinic, "absent", clinic.doctors[0], bodies.AbsentBody(doctor_ids=other.doctors))
    assert (await graph.state(clinic), await graph.state(clinic, 1), await graph.state(other)) == before
    await cap(database, other, '{"per_day": 2}')
    version = await run(graph, clinic, "transfer", second.id, bodies.TransferBody(doctor_id=other.doctors[1]))
    with pytest.raises(CapacityReached):
        await run(graph, clinic, "transfer", moved.id, bodies.TransferBody(doctor_id=other.doctors[1]))
    await run(graph, clinic, "undo", clinic.doctors[0], bodies.UndoBody(version=version))
    await run(graph, clinic, "transfer", moved.id, bodies.TransferBody(doctor_id=other.doctors[1]))
