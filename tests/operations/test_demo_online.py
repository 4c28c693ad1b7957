"""People who book the demo's free times: held, called for, given up; never more than a calendar looks like."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from queue_server.application.booking.visits import Visits
from queue_server.application.directory import today
from queue_server.application.waitlist.matching import MATCH_JOB, Matching
from queue_server.operations.demo.book import DOCTORS, forenoon_zone
from queue_server.operations.demo.online import A_ROUND, WANTED_AHEAD, Online
from queue_server.operations.demo.practice import Practice
from queue_server.operations.demo.seed import TENANT, doctor_id, seed, seed_staff
from queue_server.operations.demo.waiting import POPULAR, WAIT, Waiting
from queue_server.settings import Settings
from queue_server.store.job_store import Job
from queue_server.wiring import Services, open_services
from tests.operations.test_demo_book import TABLES


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """The application with the demo's doctors and their slots."""
    async with open_services(settings) as opened:
        async with opened.db.tenant(TENANT) as tx:
            for table in (*TABLES[:-2], "refresh_token", "account", *TABLES[-2:]):
                await tx.run(f"DELETE FROM {table}")
        zone = forenoon_zone(datetime.now(UTC))
        await seed(opened, zone)
        await seed_staff(opened, settings.data_dir)
        await Practice(opened, zone).complete()
        yield opened


async def count(services: Services, query: str, *arguments: object) -> int:
    async with services.db.tenant(TENANT) as tx:
        row = await tx.row(f"SELECT count(*)::integer AS n FROM {query}", *arguments)
    assert row is not None
    return int(row["n"])


async def test_the_coming_week_fills_by_holds_and_by_calls_until_there_are_enough(services: Services) -> None:
    day, online = date.fromisoformat(today(forenoon_zone(datetime.now(UTC)))), Online(services, random.Random(3))
    before = await count(services, "appointment")
    first = await online.fill(day)
    assert 0 < first <= A_ROUND * len(DOCTORS)
    assert await count(services, "appointment WHERE slot_id IS NOT NULL") == before + first
    held, booked = await count(services, "hold"), await count(services, "hold WHERE outcome = 'booked'")
    assert held >= booked > 0, "most hold a time first"
    assert first > booked, "and some call"
    rounds = 0
    while await online.fill(day):
        rounds += 1
        assert rounds < 2 * WANTED_AHEAD
    for doctor in DOCTORS:
        ahead = await count(
            services,
            "slot WHERE doctor_id = $1 AND date > $2 AND date <= $3 AND taken > 0",
            doctor_id(doctor),
            day,
            day + timedelta(days=7),
        )
        assert ahead <= WANTED_AHEAD


async def test_some_of_those_who_come_soon_have_booked_a_free_time(services: Services) -> None:
    day = date.fromisoformat(today(forenoon_zone(datetime.now(UTC)))) + timedelta(days=1)
    while not (at_work := await count(services, "slot WHERE doctor_id = $1 AND date = $2", doctor_id(DOCTORS[0]), day)):
        day += timedelta(days=1)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)
    online = Online(services, random.Random(3))
    assert await online.today(DOCTORS[0], day, midnight, within=timedelta(days=2), most=2) == 2
    assert at_work > 2
    entries = "queue_entry e JOIN appointment a ON a.appointment_id = e.entry_id AND a.tenant_id = e.tenant_id"
    assert await count(services, f"{entries} WHERE e.date = $1 AND a.slot_id IS NOT NULL", day) == 2
    assert await online.today(DOCTORS[0], day, midnight, within=timedelta(0), most=2) == 0


async def to_match(services: Services) -> list[Job]:
    """Return the jobs that offer free times, as a worker is given them."""
    async with services.db.tenant(TENANT) as tx:
        rows = await tx.rows(
            "UPDATE job SET attempts = attempts + 1 WHERE kind = $1 AND state = 'ready' RETURNING *", MATCH_JOB
        )
    return [
        Job(
            tenant=TENANT,
            kind=row["kind"],
            key=row["key"],
            payload=msgspec.json.decode(row["payload"]),
            due_at=row["due_at"],
            attempts=row["attempts"],
        )
        for row in rows
    ]


async def test_a_full_day_has_a_waitlist_that_takes_what_others_give_up(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.operations.demo.waiting.CANCELS", 1.0)
    monkeypatch.setattr("queue_server.operations.demo.waiting.ACCEPTS", 1.0)
    day, waiting = date.fromisoformat(today(forenoon_zone(datetime.now(UTC)))), Waiting(services, random.Random(3))
    matching = Matching(services.db, services.writes, Visits(services.directory, 15))
    promoted = 0
    for _ in range(20):
        await waiting.keep(day)
        for job in await to_match(services):
            await matching.run(job)
        if promoted := await count(services, "waitlist_entry WHERE status = 'promoted'"):
            break
    assert promoted
    booked = "appointment a JOIN waitlist_entry w ON w.tenant_id = a.tenant_id AND w.appointment_id = a.appointment_id"
    assert await count(services, f"{booked} WHERE a.doctor_id = $1", doctor_id(POPULAR)) == promoted
    assert 0 < await count(services, "waitlist_entry WHERE ended_at IS NULL") <= WAIT
