"""Queues of other days at the desk: tomorrow's cannot be run, a past one is not made up."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from queue_server.application import desk_bodies as bodies
from queue_server.application.enrolment import Enrolment
from queue_server.store.db import Database
from scheduling_core.errors import NotFound, NotThatDay
from scheduling_core.live_queue.state import Priority
from tests.application.test_enrolment import contents, visit
from tests.factories import Clinic, noon
from tests.graph import Graph


def day(offset: int) -> str:
    """Return the date so many days from today."""
    return (datetime.now(UTC) + timedelta(days=offset)).date().isoformat()


async def test_tomorrows_queue_is_prepared_not_run(graph: Graph, clinic: Clinic, database: Database) -> None:
    doctor = clinic.doctors[0]
    booked = [replace(visit(clinic, start=noon(n) + timedelta(days=1)), date=day(1)) for n in range(2)]
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, booked)
    before = await contents(database, clinic)
    for name in ("check-in", "skip", "no-show"):
        with pytest.raises(NotThatDay):
            await graph.queue.run(clinic.receptionist, name, booked[0].id, bodies.DESK_COMMANDS[name].body())
    for target in clinic.doctors:
        with pytest.raises(NotThatDay):
            await graph.queue.run(clinic.receptionist, "call-next", target, bodies.CallNextBody(date=day(1)))
        for name in ("pause", "close"):
            with pytest.raises(NotThatDay):
                await graph.queue.run(clinic.receptionist, name, target, bodies.DayBody(date=day(1)))
    assert await contents(database, clinic) == before
    await graph.queue.run(clinic.receptionist, "move", booked[1].id, bodies.MoveBody(new_position=1))
    await graph.queue.run(
        clinic.receptionist,
        "emergency",
        doctor,
        bodies.EmergencyBody(message="Closed at 5", priority=Priority.HIGH, date=day(1)),
    )
    await graph.queue.run(clinic.receptionist, "cancel", booked[0].id, bodies.Empty())


async def test_no_command_opens_a_day_that_is_over(graph: Graph, clinic: Clinic, database: Database) -> None:
    before = await contents(database, clinic)
    doctor, past = clinic.doctors[0], day(-3)
    for name, body in (
        ("pause", bodies.DayBody(date=past)),
        ("call-next", bodies.CallNextBody(date=past)),
        ("emergency", bodies.EmergencyBody(message="Too late", priority=Priority.HIGH, date=past)),
        ("absent", bodies.AbsentBody(doctor_ids=(clinic.doctors[1],), date=past)),
    ):
        with pytest.raises(NotFound):
            await graph.queue.run(clinic.receptionist, name, doctor, body)
    booked = replace(visit(clinic, start=noon() - timedelta(days=3)), date=past)
    with pytest.raises(NotFound):
        await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, [booked])
    assert await contents(database, clinic) == before
