"""The desk's commands on a real Postgres: answers, refusals, repetition, two desks at once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import Precondition
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.views.desk import QueueCommandResult
from queue_server.store.idempotency import Idempotency
from scheduling_core.errors import (
    Conflict,
    Forbidden,
    IdempotencyKeyReused,
    NobodyToCall,
    NotFound,
    PositionOutOfRange,
    StaleVersion,
)
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.live_queue.state import Priority
from scheduling_core.permissions import Role
from tests.factories import NAMES, Clinic, from_now, new_clinic, today
from tests.graph import Graph


def visits(clinic: Clinic, count: int) -> list[Visit]:
    """Return visits a quarter of an hour apart, the first one due now."""
    starts = from_now(count)
    return [
        Visit(
            id=EntryId(uuid4()),
            doctor=clinic.doctors[0],
            date=today(),
            start=start,
            patient_id=PatientId(uuid4()),
            patient=bodies.PatientBody(name=NAMES[index % len(NAMES)], phone=f"+44 20 7946 00{index:02}"),
            booked_at=starts[0] - timedelta(days=1, minutes=-index),
        )
        for index, start in enumerate(starts)
    ]


async def desk(
    graph: Graph, clinic: Clinic, name: str, target: UUID, body: bodies.Body | None = None, **conditions: Any
) -> QueueCommandResult:
    answer = await graph.queue.run(
        clinic.receptionist, name, target, body or bodies.DESK_COMMANDS[name].body(), Precondition(**conditions)
    )
    return msgspec.json.decode(answer.body, type=QueueCommandResult)


def tickets(result: QueueCommandResult) -> Sequence[str]:
    by_id = {entry.id: entry.ticket for entry in result.queue.entries}
    return [by_id[entry] for entry in result.queue.line]


@pytest.fixture
async def line(graph: Graph, clinic: Clinic) -> list[EntryId]:
    """Four people booked with the first doctor."""
    booked = visits(clinic, 4)
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, booked)
    return [visit.id for visit in booked]


async def test_a_day_at_the_desk(graph: Graph, clinic: Clinic, line: list[EntryId]) -> None:
    result = await desk(graph, clinic, "check-in", line[0])
    assert (result.version, tickets(result)) == (2, ["G1", "G2", "G3", "G4"])
    result = await desk(graph, clinic, "call-next", clinic.doctors[0])
    assert tickets(result) == ["G2", "G3", "G4"]
    assert result.queue.header.now_serving == "G1"
    await desk(graph, clinic, "start", line[0])
    result = await desk(graph, clinic, "complete", line[0])
    assert [e.state for e in result.queue.entries if e.ticket == "G1"] == ["completed"]
    result = await desk(graph, clinic, "move", line[3], bodies.MoveBody(new_position=1, reason="In pain"))
    assert tickets(result) == ["G4", "G2", "G3"]
    assert result.queue.header.undo[0].ticket == "G4"
    result = await desk(graph, clinic, "undo", clinic.doctors[0], bodies.UndoBody(version=result.version))
    assert tickets(result) == ["G2", "G3", "G4"]


async def test_words_that_no_event_names_are_not_kept(graph: Graph, clinic: Clinic, line: list[EntryId]) -> None:
    async def kept() -> list[str]:
        async with graph.db.tenant(clinic.tenant) as tx:
            return [row["body"] for row in await tx.rows("SELECT body FROM free_text ORDER BY body")]

    await desk(graph, clinic, "move", line[0], bodies.MoveBody(new_position=1, reason="Stands there already"))
    assert await kept() == []
    await desk(graph, clinic, "move", line[0], bodies.MoveBody(new_position=2, reason="In pain"))
    message = bodies.EmergencyBody(message="Closed at 5", priority=Priority.HIGH)
    await graph.queue.run(clinic.receptionist, "emergency", clinic.doctors[0], message)
    assert await kept() == ["Closed at 5", "In pain"]
    assert [notice.text for notice in (await graph.state(clinic)).notices] != []


async def test_a_refused_command_changes_nothing(graph: Graph, clinic: Clinic, line: list[EntryId]) -> None:
    before = await graph.state(clinic)
    for refusal, name, target, body in (
        (PositionOutOfRange, "move", line[0], bodies.MoveBody(new_position=0, reason="x")),
        (PositionOutOfRange, "move", line[0], bodies.MoveBody(new_position=5)),
        (NobodyToCall, "call-next", clinic.doctors[0], None),
        (Conflict, "complete", line[0], None),
        (NotFound, "check-in", uuid4(), None),
        (NotFound, "call-next", uuid4(), None),
    ):
        with pytest.raises(refusal):
            await desk(graph, clinic, name, target, body)
    with pytest.raises(StaleVersion):
        await desk(graph, clinic, "check-in", line[0], if_match=7)
    assert await graph.state(clinic) == before


async def test_roles_and_strangers_are_refused(graph: Graph, clinic: Clinic, line: list[EntryId]) -> None:
    stranger = await new_clinic(graph.db)
    with pytest.raises(NotFound):
        await desk(graph, stranger, "check-in", line[0])
    with pytest.raises(NotFound):
        await desk(graph, stranger, "call-next", clinic.doctors[0])
    with pytest.raises(Forbidden):
        await graph.queue.run(clinic.actor(Role.DISPLAY), "check-in", line[0], bodies.Empty())
    other = clinic.actor(Role.DOCTOR, doctor=clinic.doctors[1])
    with pytest.raises(Forbidden):
        await graph.queue.run(other, "call-next", clinic.doctors[0], bodies.CallNextBody())
    elsewhere = clinic.actor(Role.RECEPTIONIST, clinics=(stranger.id,))
    with pytest.raises(NotFound):
        await graph.queue.run(elsewhere, "check-in", line[0], bodies.Empty())


async def test_the_same_key_is_answered_and_not_done_again(graph: Graph, clinic: Clinic, line: list[EntryId]) -> None:
    actor = clinic.receptionist
    once = Precondition(idempotency=Idempotency("key-1", sha256(b"check-in").digest()))
    first = await graph.queue.run(actor, "check-in", line[0], bodies.Empty(), once)
    again = await graph.queue.run(actor, "check-in", line[0], bodies.Empty(), once)
    assert (first.body, first.version) == (again.body, again.version)
    other = Precondition(idempotency=Idempotency("key-1", sha256(b"something else").digest()))
    with pytest.raises(IdempotencyKeyReused):
        await graph.queue.run(actor, "check-in", line[1], bodies.Empty(), other)


async def test_a_walk_in_gets_a_ticket_and_a_link(graph: Graph, clinic: Clinic, line: list[EntryId]) -> None:
    body = bodies.WalkInBody(patient=bodies.PatientBody(name="Mei Chen"), triage=1)
    answer = await graph.queue.run(clinic.receptionist, "walk-in", clinic.doctors[0], body)
    data = msgspec.json.decode(answer.body)
    assert data["appointment"]["ticket"] == "G5"
    assert data["trackingUrl"].endswith("/t/" + data["trackingToken"])
    assert data["queue"]["line"][0] == data["appointment"]["id"]


async def test_a_transfer_moves_the_patient_and_its_undo_brings_it_back(
    graph: Graph, clinic: Clinic, line: list[EntryId]
) -> None:
    answer = await graph.queue.run(
        clinic.receptionist, "transfer", line[0], bodies.TransferBody(doctor_id=clinic.doctors[1])
    )
    data = msgspec.json.decode(answer.body)
    assert str(line[0]) not in data["queue"]["line"]
    assert data["target"]["line"] == [str(line[0])]
    await desk(graph, clinic, "undo", clinic.doctors[0], bodies.UndoBody(version=data["version"]))
    assert line[0] in (await graph.state(clinic)).line
    assert (await graph.state(clinic, 1)).line == ()


async def test_an_absent_doctors_line_is_shared_out_and_brought_back(graph: Graph) -> None:
    clinic = await new_clinic(graph.db, doctors=3)
    booked = visits(clinic, 4)
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, booked)
    others = bodies.AbsentBody(doctor_ids=clinic.doctors[1:])
    answer = await graph.queue.run(clinic.receptionist, "absent", clinic.doctors[0], others)
    assert (await graph.state(clinic)).line == ()
    assert [len((await graph.state(clinic, other)).line) for other in (1, 2)] == [2, 2]
    await desk(graph, clinic, "undo", clinic.doctors[0], bodies.UndoBody(version=answer.version or 0))
    assert list((await graph.state(clinic)).line) == [visit.id for visit in booked]


async def test_many_desks_at_once_lose_no_update(graph: Graph, clinic: Clinic, line: list[EntryId]) -> None:
    before = (await graph.state(clinic)).version
    moves = [desk(graph, clinic, "move", line[n % 4], bodies.MoveBody(new_position=(n * 7) % 4 + 1)) for n in range(40)]
    results = await asyncio.gather(*moves)
    versions = sorted({result.version for result in results})
    assert versions == list(range(versions[0], before + len([v for v in versions if v > before]) + 1))
    assert (await graph.state(clinic)).version == versions[-1]
