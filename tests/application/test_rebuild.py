"""Rebuilt equals live after any day at the desk; what was tampered with is named and can be repaired."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.rebuild import RebuildReport, replay
from queue_server.store.db import Database
from scheduling_core.errors import DomainError
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.live_queue.state import Priority
from tests.conftest import RunningServices
from tests.factories import Clinic, from_now, new_clinic, today
from tests.graph import Graph


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def busy(graph: Graph) -> Clinic:
    """A clinic after a hundred commands on three queues, half of them refused."""
    clinic = await new_clinic(graph.db, doctors=3)
    await a_day_at_random(graph, clinic, random.Random(7), 100)
    return clinic


async def a_day_at_random(graph: Graph, clinic: Clinic, chance: random.Random, commands: int) -> int:
    """Enrol a dozen people and do commands at random; returns how many were accepted."""
    entries = [EntryId(uuid4()) for _ in range(12)]
    starts = from_now(len(entries), minutes=5, ago=20)
    visits = [
        Visit(
            id=entry,
            doctor=clinic.doctors[index % 3],
            date=today(),
            start=start,
            patient_id=PatientId(uuid4()),
            patient=bodies.PatientBody(name="Mei Chen"),
            booked_at=starts[0] - timedelta(days=1, minutes=-index),
        )
        for index, (entry, start) in enumerate(zip(entries, starts, strict=True))
    ]
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, visits)
    accepted, version = 0, 0
    for _ in range(commands):
        doctor, entry = chance.choice(clinic.doctors), chance.choice(entries)
        other = chance.choice(clinic.doctors)
        name, target, body = chance.choice(
            [
                ("check-in", entry, bodies.Empty()),
                ("check-in", entry, bodies.Empty()),
                ("call-next", doctor, bodies.CallNextBody()),
                ("start", entry, bodies.StartBody(complete_current=True)),
                ("complete", entry, bodies.Empty()),
                ("skip", entry, bodies.Empty()),
                ("move", entry, bodies.MoveBody(new_position=chance.randint(1, 4), reason="a reason")),
                ("triage", entry, bodies.TriageBody(triage=chance.randint(1, 5))),
                ("transfer", entry, bodies.TransferBody(doctor_id=other)),
                ("no-show", entry, bodies.NoShowBody()),
                ("undo", doctor, bodies.UndoBody(version=max(1, version - chance.randint(0, 2)))),
                ("walk-in", doctor, bodies.WalkInBody(patient=bodies.PatientBody(name="Ravi Patel"))),
                (
                    "emergency",
                    doctor,
                    bodies.EmergencyBody(message="Late", priority=Priority.HIGH, estimated_delay=5),
                ),
                ("pause", doctor, bodies.DayBody()),
                ("resume", doctor, bodies.DayBody()),
            ]
        )
        try:
            answer = await graph.queue.run(clinic.receptionist, name, target, body)
        except DomainError:
            continue
        accepted, version = accepted + 1, answer.version or version
    return accepted


async def rebuilt(owner: Database, clinic: Clinic, *, repair: bool = False) -> RebuildReport:
    return await replay(owner, only=clinic.tenant, repair=repair)


async def test_rebuilt_equals_live_after_a_busy_day(owner: Database, busy: Clinic) -> None:
    report = await rebuilt(owner, busy)
    assert report.differences == []
    assert (report.queues, report.tenants, report.epoch) == (3, 1, None)
    assert report.events > 50
    assert report.rows > 15


@pytest.mark.parametrize(
    ("tamper", "model", "detail"),
    [
        ("UPDATE queue SET waiting = waiting + 1 WHERE doctor_id = $1", "queue", "differs in waiting"),
        (
            "UPDATE queue_entry SET state = 'completed', pinned = NOT pinned WHERE doctor_id = $1",
            "queue_entry",
            "state",
        ),
        ("DELETE FROM queue WHERE doctor_id = $1", "queue", "the row is missing"),
        ("DELETE FROM queue_entry WHERE doctor_id = $1", "queue_entry", "the row is missing"),
        (
            "INSERT INTO doctor_pace SELECT tenant_id, gen_random_uuid(), 1, 1, $1 FROM tenant",
            "doctor_pace",
            "there should be no such row",
        ),
        (
            "INSERT INTO queue SELECT tenant_id, doctor_id, date - 9, stream_id, clinic_id, version, paused, closed,"
            " in_line, waiting, blocked_until, next_wake_at, updated_at, last_event_id FROM queue WHERE doctor_id = $1",
            "queue",
            "there should be no such row",
        ),
        ("UPDATE stream SET state = '\\x01' WHERE stream_id = $2", "state", "cannot be read"),
        ("UPDATE stream SET state = NULL WHERE stream_id = $2", "state", "there is no state"),
    ],
)
async def test_what_differs_is_named_and_repaired(
    graph: Graph, owner: Database, busy: Clinic, tamper: str, model: str, detail: str
) -> None:
    async with graph.db.tenant(busy.tenant) as tx:
        row = await tx.row(
            "SELECT stream_id, (SELECT epoch FROM deployment) FROM queue WHERE doctor_id = $1", busy.doctors[0]
        )
        assert row is not None
        arguments = [busy.doctors[0] if "$1" in tamper else row["stream_id"]]
        await tx.run(tamper.replace("$2", "$1"), *arguments)
    found = await rebuilt(owner, busy)
    assert found.differences
    assert {difference.model for difference in found.differences} == {model}
    assert detail in found.differences[0].detail
    repaired = await rebuilt(owner, busy, repair=True)
    assert repaired.repaired == repaired.differing == found.differing
    assert repaired.epoch is not None
    assert repaired.epoch > row["epoch"]
    assert (await rebuilt(owner, busy)).is_equal


async def test_a_stored_state_that_drifted_is_repaired_and_the_queue_goes_on(
    graph: Graph, owner: Database, busy: Clinic
) -> None:
    async with graph.db.tenant(busy.tenant) as tx:
        await tx.run(
            "UPDATE stream s SET state = o.state FROM stream o WHERE s.stream_id <> o.stream_id"
            " AND s.kind = 'queue' AND o.kind = 'queue'"
            " AND s.stream_id = (SELECT min(stream_id::text)::uuid FROM queue)"
        )
    assert {d.model for d in (await rebuilt(owner, busy)).differences} == {"state"}
    await rebuilt(owner, busy, repair=True)
    walk_in = bodies.WalkInBody(patient=bodies.PatientBody(name="Sara Lind"))
    for doctor in busy.doctors:
        await graph.queue.run(busy.receptionist, "walk-in", doctor, walk_in)
    assert (await rebuilt(owner, busy)).is_equal


async def test_a_history_that_is_gone_is_said_and_left_alone(graph: Graph, owner: Database, busy: Clinic) -> None:
    async with owner.tenant(busy.tenant) as tx:
        await tx.run("DELETE FROM event_store WHERE stream_id = (SELECT stream_id FROM queue LIMIT 1)")
    found = await rebuilt(owner, busy)
    assert "its history is gone" in {difference.detail for difference in found.differences}


async def test_it_may_run_while_clinics_work(graph: Graph, owner: Database, busy: Clinic) -> None:
    import asyncio

    work = asyncio.create_task(a_day_at_random(graph, busy, random.Random(3), 120))
    reports = []
    while not work.done():
        reports.append(await rebuilt(owner, busy))
    assert await work > 30
    assert all(report.is_equal for report in reports)
    assert len(reports) > 1
