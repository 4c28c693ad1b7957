"""The demo's appointment book: where the day is played, around midnight, and after somebody closed it."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from queue_server.application import actor
from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import NONE
from queue_server.application.directory import today
from queue_server.operations.demo import cast
from queue_server.operations.demo.book import DOCTORS, Book, forenoon_zone
from queue_server.operations.demo.seed import TENANT, doctor_id, seed
from queue_server.settings import Settings
from queue_server.wiring import Services, open_services

TABLES = (
    *(
        "equipment_use",
        "equipment_reservation",
        "room_use",
        "room_reservation",
        "equipment_assignment",
        "equipment",
        "room_maintenance",
        "room_assignment",
        "room",
    ),
    *("department", "slot_conflict", "slot", "schedule_override", "schedule_exception", "leave_request"),
    *("doctor_schedule", "doctor_bookability", "doctor_specialty", "doctor_clinic", "doctor_department"),
    *("doctor_language", "doctor_mode", "doctor_word", "doctor_profile"),
    *(
        "idempotent_answer",
        "waitlist_entry",
        "waitlist_load",
        "waitlist_policy",
        "hold",
        "appointment",
        "queue_entry",
        "queue",
        "job",
        "stream",
        "patient",
        "doctor",
        "clinic",
    ),
)


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """The application without a demo in it."""
    async with open_services(settings) as opened:
        async with opened.db.tenant(TENANT) as tx:
            for table in TABLES:
                await tx.run(f"DELETE FROM {table}")
        yield opened


def now() -> datetime:
    return datetime.now(UTC)


def zone_before_midnight() -> str:
    """The zone whose day is the nearest to its end."""
    return max(cast.ZONES, key=lambda zone: now().astimezone(ZoneInfo(zone)).strftime("%H:%M"))


async def lines(services: Services, day: str) -> list[int]:
    states = [await services.snapshots.get(TENANT, doctor_id(doctor), day) for doctor in DOCTORS]
    return [len(state.queue.line) for state in states if state is not None]


async def test_a_first_day_begins_in_the_forenoon_with_a_line_for_everybody(services: Services) -> None:
    book = Book(services)
    zone = await book.choose_zone(now())
    assert zone == forenoon_zone(now())
    await seed(services, zone)
    await book.begin(zone, now())
    assert min(await lines(services, today(zone))) >= 5
    assert len(await book.trackers(zone, now())) == sum(await lines(services, today(zone))) >= 60


async def test_a_day_in_progress_is_gone_on_with_where_it_is(services: Services) -> None:
    book = Book(services)
    evening = zone_before_midnight()
    await seed(services, evening)
    await book.begin(evening, now())
    before = await lines(services, today(evening))
    await book.begin(evening, now())
    assert await lines(services, today(evening)) == before
    assert await book.choose_zone(now()) == evening


async def test_nobody_is_booked_beyond_midnight(services: Services) -> None:
    book = Book(services)
    zone = zone_before_midnight()
    await seed(services, zone)
    last = datetime.combine(date.fromisoformat(today(zone)) + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    await book.begin(zone, last.astimezone(UTC) - timedelta(minutes=20))
    for doctor in DOCTORS:
        state = await services.snapshots.get(TENANT, doctor_id(doctor), today(zone))
        assert state is not None
        assert state.queue.entries
        assert all(entry.start < last for entry in state.queue.entries.values())


async def test_a_closed_day_is_left_alone_and_another_date_is_played_if_there_is_one(services: Services) -> None:
    book = Book(services)
    zone = forenoon_zone(now())
    await seed(services, zone)
    await book.begin(zone, now())
    for doctor in DOCTORS:
        await services.queue.run(actor.system(TENANT), "close", doctor_id(doctor), bodies.DayBody(), NONE)
    await book.begin(zone, now())
    await book.top_up(zone, now())
    assert set(await lines(services, today(zone))) == {0}
    next_zone = await book.choose_zone(now())
    dates = {today(zone) for zone in cast.ZONES}
    assert (next_zone == zone) == (dates == {today(zone)})
    assert len(dates) == 1 or today(next_zone) != today(zone)
