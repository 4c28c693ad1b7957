"""Enrolment of whole lists: all or nothing, once, and untouched by a second time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from queue_server.application import actor
from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import NONE
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolled, Enrolment, Outcome, Visit, VisitRefused
from queue_server.application.reading import fold_rows
from queue_server.store import event_store
from queue_server.store.db import Database
from scheduling_core.errors import CapacityReached, Forbidden, InvalidValue, NothingToUndo, QueueClosed
from scheduling_core.ids import EntryId, PatientId, queue_stream
from scheduling_core.live_queue.state import EntryState
from scheduling_core.live_queue.undo import undoable_commits
from scheduling_core.permissions import Role
from tests.factories import NAMES, Clinic, later, noon, today
from tests.graph import Graph

TABLES = ("stream", "event_store", "appointment", "patient", "queue", "queue_entry", "job", "idempotent_answer")


def visit(clinic: Clinic, doctor: int = 0, *, start: datetime | None = None, **more: Any) -> Visit:
    return Visit(
        id=EntryId(uuid4()),
        doctor=clinic.doctors[doctor],
        date=today(),
        start=start or noon(),
        patient_id=PatientId(uuid4()),
        patient=PatientBody(name=NAMES[0], phone="+44 20 7946 0000"),
        **more,
    )


async def enrol(graph: Graph, clinic: Clinic, visits: Sequence[Visit], **more: Any) -> list[Enrolled]:
    return await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, visits, **more)


async def contents(db: Database, clinic: Clinic) -> dict[str, list[str]]:
    """Every row of the tenant, as text: nothing that an import may touch is left out."""
    async with db.tenant(clinic.tenant) as tx:
        return {
            table: sorted(row["line"] for row in await tx.rows(f"SELECT t::text AS line FROM {table} t"))
            for table in TABLES
        }


async def cap(db: Database, clinic: Clinic, capacity: str) -> None:
    async with db.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE clinic SET capacity = $2::json WHERE clinic_id = $1", clinic.id, capacity)


async def test_a_list_over_several_doctors_is_enrolled_in_one_commit_each(clinic: Clinic, graph: Graph) -> None:
    visits = [visit(clinic, n % 2, start=noon(n)) for n in range(6)]
    enrolled = await enrol(graph, clinic, visits)
    assert [(e.visit, e.outcome) for e in enrolled] == [(v, Outcome.ADDED) for v in visits]
    assert [e.ticket for e in enrolled] == ["G1", "P1", "G2", "P2", "G3", "P3"]
    states = [await graph.state(clinic, doctor) for doctor in (0, 1)]
    assert [(state.version, len(state.line)) for state in states] == [(1, 3), (1, 3)]


async def test_what_one_doctor_refuses_is_refused_for_all(clinic: Clinic, graph: Graph, database: Database) -> None:
    before = await contents(database, clinic)
    visits = [visit(clinic, 0), visit(clinic, 1), visit(clinic, 1, start=noon() - timedelta(days=3)), visit(clinic)]
    with pytest.raises(VisitRefused) as refused:
        await enrol(graph, clinic, visits)
    assert refused.value.index == 2
    assert isinstance(refused.value.error, InvalidValue)
    assert await contents(database, clinic) == before


async def test_the_clinics_cap_counts_all_its_doctors(clinic: Clinic, graph: Graph, database: Database) -> None:
    await cap(database, clinic, '{"per_day": 3}')
    await enrol(graph, clinic, [visit(clinic)])
    before = await contents(database, clinic)
    with pytest.raises(VisitRefused) as refused:
        await enrol(graph, clinic, [visit(clinic, n % 2, start=noon(n * 90)) for n in range(3)])
    assert refused.value.index == 2
    assert isinstance(refused.value.error, CapacityReached)
    assert await contents(database, clinic) == before
    await enrol(graph, clinic, [visit(clinic, n, start=noon(n * 90)) for n in range(2)])


async def test_the_clinics_cap_counts_each_window_by_itself(clinic: Clinic, graph: Graph, database: Database) -> None:
    await cap(database, clinic, '{"per_window": 2}')
    await enrol(graph, clinic, [visit(clinic, n % 2, start=noon(n * 30)) for n in range(4)])
    with pytest.raises(VisitRefused):
        await enrol(graph, clinic, [visit(clinic, 1, start=noon(30))])
    await enrol(graph, clinic, [visit(clinic, 1, start=noon(120))])


async def test_enrolling_again_changes_no_row(clinic: Clinic, graph: Graph, database: Database) -> None:
    visits = [visit(clinic, n % 2, start=noon(n), paid_at=later(-600) if n == 1 else None) for n in range(4)]
    await enrol(graph, clinic, visits)
    before, published = await contents(database, clinic), len(graph.published.queues)
    again = await enrol(graph, clinic, visits)
    assert {e.outcome for e in again} == {Outcome.UNCHANGED}
    assert [e.ticket for e in again] == ["G1", "P1", "G2", "P2"]
    assert await contents(database, clinic) == before
    assert len(graph.published.queues) == published


async def test_a_longer_list_adds_only_what_is_new(clinic: Clinic, graph: Graph) -> None:
    first = [visit(clinic, start=noon(n)) for n in range(2)]
    await enrol(graph, clinic, first)
    enrolled = await enrol(graph, clinic, [first[0], visit(clinic), first[1]])
    assert [e.outcome for e in enrolled] == [Outcome.UNCHANGED, Outcome.ADDED, Outcome.UNCHANGED]
    assert (await graph.state(clinic)).version == 2


async def test_a_dry_run_decides_everything_and_keeps_nothing(clinic: Clinic, graph: Graph, database: Database) -> None:
    before = await contents(database, clinic)
    enrolled = await enrol(graph, clinic, [visit(clinic, n) for n in range(2)], dry_run=True)
    assert [(e.ticket, e.outcome) for e in enrolled] == [("G1", Outcome.ADDED), ("P1", Outcome.ADDED)]
    assert await contents(database, clinic) == before
    assert graph.published.queues == []


async def test_what_happened_to_a_visit_since_stays(clinic: Clinic, graph: Graph, database: Database) -> None:
    visits = [visit(clinic, start=noon(n), paid_at=later(-600)) for n in range(4)]
    await enrol(graph, clinic, visits)
    moved, done, cancelled, kept = (v.id for v in visits)
    run, desk = graph.queue.run, clinic.receptionist
    await run(desk, "transfer", moved, bodies.TransferBody(doctor_id=clinic.doctors[1]), NONE)
    await run(desk, "check-in", done, bodies.Empty(), NONE)
    await run(desk, "triage", done, bodies.TriageBody(triage=1), NONE)
    await run(desk, "call-next", clinic.doctors[0], bodies.CallNextBody(), NONE)
    await run(desk, "complete", done, bodies.Empty(), NONE)
    await run(desk, "cancel", cancelled, bodies.Empty(), NONE)
    await run(desk, "move", kept, bodies.MoveBody(new_position=1), NONE)
    before = await contents(database, clinic)
    again = await enrol(graph, clinic, visits)
    assert {e.outcome for e in again} == {Outcome.UNCHANGED}
    assert [e.doctor for e in again] == [clinic.doctors[1], *[clinic.doctors[0]] * 3]
    assert again[0].ticket == "G1"
    assert await contents(database, clinic) == before


async def test_withdrawn_links_stay_withdrawn(clinic: Clinic, graph: Graph) -> None:
    booked = visit(clinic)
    await enrol(graph, clinic, [booked])
    await graph.links.revoke(clinic.receptionist, booked.id)
    (again,) = await enrol(graph, clinic, [booked])
    assert again.links_generation == 1


async def test_a_payment_that_was_not_known_is_recorded_once(clinic: Clinic, graph: Graph, database: Database) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    first, second = (replace(visit(clinic, start=noon(minutes)), date=tomorrow) for minutes in (24 * 60, 24 * 60 + 10))
    await enrol(graph, clinic, [first, second])
    paid = replace(second, paid_at=later(-90))
    outcomes = [e.outcome for e in await enrol(graph, clinic, [first, paid])]
    assert outcomes == [Outcome.UNCHANGED, Outcome.PAID]
    # Paid before the day begins: that decides the order within the window.
    assert graph.published.queues[-1].line == (second.id, first.id)
    before = await contents(database, clinic)
    assert {e.outcome for e in await enrol(graph, clinic, [first, paid])} == {Outcome.UNCHANGED}
    otherwise = replace(paid, paid_at=later(-5))
    assert {e.outcome for e in await enrol(graph, clinic, [first, otherwise])} == {Outcome.UNCHANGED}
    assert await contents(database, clinic) == before


async def test_without_booking_times_a_window_is_served_in_the_order_of_starts(clinic: Clinic, graph: Graph) -> None:
    visits = [visit(clinic, start=noon(minutes)) for minutes in (45, 0, 30, 15)]
    await enrol(graph, clinic, visits)
    assert (await graph.state(clinic)).line == (visits[1].id, visits[3].id, visits[2].id, visits[0].id)


async def test_a_day_that_is_closed_takes_nobody_but_knows_who_was_there(clinic: Clinic, graph: Graph) -> None:
    known = visit(clinic)
    await enrol(graph, clinic, [known])
    await graph.queue.run(clinic.receptionist, "close", clinic.doctors[0], bodies.DayBody(), NONE)
    assert [e.outcome for e in await enrol(graph, clinic, [known])] == [Outcome.UNCHANGED]
    assert (await graph.state(clinic)).entries[known.id].state is EntryState.NO_SHOW
    with pytest.raises(VisitRefused) as refused:
        await enrol(graph, clinic, [known, visit(clinic)])
    assert isinstance(refused.value.error, QueueClosed)


async def test_a_display_enrols_nobody(clinic: Clinic, graph: Graph) -> None:
    service = Enrolment(graph.writes, graph.directory, 15)
    with pytest.raises(Forbidden):
        await service.enrol(clinic.actor(Role.DISPLAY), [visit(clinic)])
    await service.enrol(actor.system(clinic.tenant), [visit(clinic)])


async def test_progress_is_told_row_by_row(clinic: Clinic, graph: Graph) -> None:
    told: list[int] = []
    await enrol(graph, clinic, [visit(clinic) for _ in range(3)], progress=told.append)
    assert told == [1, 2, 3]


async def test_a_list_is_its_importers_act_yet_not_undone_and_folds_again_to_the_same(
    clinic: Clinic, graph: Graph, database: Database
) -> None:
    who, doctor = clinic.receptionist, clinic.doctors[0]
    await Enrolment(graph.writes, graph.directory, 15).enrol(who, [visit(clinic)])
    await graph.queue.run(who, "pause", doctor, bodies.DayBody())
    state = await graph.state(clinic)
    async with database.tenant(clinic.tenant) as tx:
        rows = await event_store.events_until(tx, queue_stream(clinic.tenant, doctor, today()), later(1))
    assert {(row["command"], row["actor_id"], row["by_system"]) for row in rows} == {
        ("enrol", who.account, False),
        ("pause", who.account, False),
    }
    assert [memory.version for memory in undoable_commits(state, later(0))] == [2]
    with pytest.raises(NothingToUndo):
        await graph.queue.run(who, "undo", doctor, bodies.UndoBody(version=1))
    assert fold_rows(rows) == state
