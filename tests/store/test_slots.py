"""What the database itself holds slots to, the partitions they lie in, and how they are found."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.store import job_store
from queue_server.store.constraints import domain_error
from queue_server.store.db import Database
from scheduling_core.errors import Conflict
from sql import loader
from tests.conftest import RunningServices
from tests.factories import Clinic

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
COLUMNS = (
    'tenant_id, slot_id, doctor_id, clinic_id, schedule_id, start, "end", date, part_of_day, in_person, tele, total'
)


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Any]:
    """A connection as the owner."""
    connection = await asyncpg.connect(services.urls["DATABASE_OWNER_URL"])
    yield connection
    await connection.close()


async def insert(db: Database, clinic: Clinic, times: list[tuple[int, int]], doctor: UUID | None = None) -> None:
    """Insert slots at minutes from `START`, all in one statement."""
    values = ", ".join(
        f"($1, gen_random_uuid(), $2, $3, $2, $4 + interval '{first} min', $4 + interval '{last} min', current_date,"
        " 0, 1, 0, 1)"
        for first, last in times
    )
    async with db.tenant(clinic.tenant) as tx:
        await tx.run(
            f"INSERT INTO slot ({COLUMNS}) VALUES {values}".replace("$4 +", "$4::timestamptz +"),
            tx.tenant,
            doctor or clinic.doctors[0],
            clinic.id,
            START,
        )


def overlap(times: list[tuple[int, int]]) -> bool:
    ordered = sorted(times)
    return any(first[1] > second[0] for first, second in pairwise(ordered))


@given(st.lists(st.tuples(st.integers(-2000, 2000), st.integers(1, 1440)), min_size=1, max_size=6), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_slots_of_a_doctor_never_overlap_also_across_statements_and_months(
    database: Database, clinic: Clinic, spans: list[tuple[int, int]], together: bool
) -> None:
    times = [(first, first + length) for first, length in spans]
    doctor, groups = uuid4(), [times] if together else [[one] for one in times]
    refused = False
    for group in groups:
        try:
            await insert(database, clinic, group, doctor)
        except Conflict:
            refused = True
            break
    assert refused == overlap(times)


async def test_the_guard_looks_across_the_end_of_a_month(database: Database, clinic: Clinic) -> None:
    first = (START.replace(day=1) + timedelta(days=40)).replace(day=1, hour=0)
    minutes = round((first - START).total_seconds() / 60)
    await insert(database, clinic, [(minutes - 10, minutes + 20)])
    with pytest.raises(Conflict):
        await insert(database, clinic, [(minutes, minutes + 30)])
    await insert(database, clinic, [(minutes + 20, minutes + 30)])
    await insert(database, clinic, [(minutes - 10, minutes + 20)], clinic.doctors[1])


@pytest.mark.parametrize(
    "change",
    [
        "taken = 1",
        "taken = 2, in_person_taken = 2",
        "in_person_taken = 1",
        "tele_taken = -1",
        "held = 1, in_person_held = 1",
        "taken = 1, in_person_taken = 1, held = 1, in_person_held = 1, held_until = now()",
        "held = 1, held_until = now()",
        "total = -1",
        "part_of_day = 4",
    ],
)
async def test_no_statement_overbooks_a_slot(database: Database, clinic: Clinic, change: str) -> None:
    await insert(database, clinic, [(0, 30)])
    with pytest.raises(Exception, match=r"allowed|conflict"):
        async with database.tenant(clinic.tenant) as tx:
            await tx.run(f"UPDATE slot SET {change}")


async def test_a_slot_never_moves(services: RunningServices) -> None:
    connection = await asyncpg.connect(services.urls["DATABASE_URL"])
    for column in ("start", '"end"', "doctor_id", "clinic_id", "slot_id", "tenant_id"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"UPDATE slot SET {column} = {column}")
    await connection.close()


def test_what_the_guard_raises_is_a_conflict() -> None:
    assert isinstance(domain_error("slots_do_not_overlap"), Conflict)


# ---- partitions ----------------------------------------------------------------------------------------------------


async def partitions(connection: Any) -> set[str]:
    query = "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'slot'::regclass"
    rows = await connection.fetch(query)
    return {row["name"] for row in rows}


async def test_partitions_reach_past_the_longest_horizon(owner: Any) -> None:
    last = datetime.now(UTC).date() + timedelta(days=181)
    assert f"slot_{last:%Y_%m}" in await partitions(owner)


async def test_what_ended_more_than_thirteen_months_ago_is_detached_and_kept(
    services: RunningServices, owner: Any
) -> None:
    long_ago = datetime.now(UTC).date().replace(day=1) - timedelta(days=500)
    await owner.execute("SELECT ensure_slot_partitions($1, $1)", long_ago)
    name = f"slot_{long_ago:%Y_%m}"
    before = await partitions(owner)
    assert name in before
    jobs = Database(services.urls["DATABASE_JOBS_URL"], pool_size=1, application="tests-jobs")
    await jobs.open()
    try:
        assert await job_store.keep_slot_partitions(jobs) == 1
        assert await job_store.keep_slot_partitions(jobs) == 0
    finally:
        await jobs.close()
    assert await partitions(owner) == before - {name}
    assert await owner.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = $1", name)
    await owner.execute(f"DROP TABLE {name}")


# ---- plans ---------------------------------------------------------------------------------------------------------


ARGUMENTS: dict[str, tuple[object, ...]] = {
    "slot": (uuid4(),),
    "slots_between": (uuid4(), START, START + timedelta(days=90)),
    "slots_of_doctor": (uuid4(), START.date(), START.date() + timedelta(days=7), [], None, 51),
    "block": (uuid4(), START, uuid4(), None),
    "unblock": (uuid4(), START, uuid4()),
    "set_capacity": (uuid4(), START, uuid4(), 1, 1, 1),
    "delete_slots": (uuid4(), [START], START, START),
    "change_slots": (
        *(uuid4(), [START], START, START, [uuid4()], [None], [START.date()], [0], [1], [0], [1]),
        ["{}"],
    ),
    "withdraw_slots": (uuid4(), [START], START, START),
}
ARGUMENTS_OF_HOLDS: dict[str, tuple[object, ...]] = {
    "occupy": (uuid4(), START, uuid4(), START - timedelta(days=1), 1, 0, START, 0, 1),
    "set_held": (uuid4(), [START], [uuid4()], [1], [0], [START]),
}


async def test_slots_are_found_and_changed_without_reading_a_table(services: RunningServices) -> None:
    app = await asyncpg.connect(services.urls["DATABASE_URL"], server_settings={"timezone": "UTC"})
    admin = await asyncpg.connect(services.services.admin_url.rsplit("/", 1)[0] + "/clinic_queue")
    tenant = uuid4()
    try:
        # Twenty thousand slots of one tenant, past the guard: what matters is what the planner does with them.
        await admin.execute("SET session_replication_role = replica")
        await admin.execute(
            f"INSERT INTO slot ({COLUMNS}) SELECT $1, gen_random_uuid(), md5('doctor' || d)::uuid, $1, $1,"
            " $2::timestamptz + s * interval '30 min', $2::timestamptz + (s + 1) * interval '30 min',"
            " ($2::timestamptz + s * interval '30 min')::date, s % 4, 1, 0, 1"
            " FROM generate_series(1, 20) d, generate_series(1, 1000) s",
            tenant,
            START,
        )
        await admin.execute("ANALYZE slot")
        # A month of a page or two is rightly read as a whole.
        query = "SELECT relname FROM pg_class WHERE relname ~ '^slot_20' AND relkind = 'r' AND relpages > 20"
        full = [row["relname"] for row in await admin.fetch(query)]
        assert full
        await app.execute(f"SELECT set_config('app.tenant_id', '{tenant}', false)")
        for name, arguments in (ARGUMENTS | ARGUMENTS_OF_HOLDS).items():
            module = "holds" if name in ARGUMENTS_OF_HOLDS else "slots"
            rows = await app.fetch("EXPLAIN " + loader.queries(module)[name], tenant, *arguments)
            plan = [row[0] for row in rows]
            assert not any(f"Seq Scan on {month}" in line for line in plan for month in full), (name, plan)
            assert any("Index Scan" in line and "slot_" in line for line in plan), (name, plan)
    finally:
        await admin.execute("DELETE FROM slot WHERE tenant_id = $1", tenant)
        await admin.close()
        await app.close()
