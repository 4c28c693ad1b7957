"""Every search finds its rows by an index, whatever is asked: as the app's role, under row-level security."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from loadtests.slots.rows import make_rows
from scheduling_core.ids import TenantId
from sql import loader
from tests.application.search.rows_beside import make_rows_beside, remove_rows_beside
from tests.conftest import RunningServices

SEARCH, DOCTORS, SLOTS = loader.queries("slot_search"), loader.queries("doctors"), loader.queries("slots")
CHANGES, QUEUE = loader.queries("slot_changes"), loader.queries("queue")
SCHEDULES, RESOURCES, DEPARTMENTS = (loader.queries(name) for name in ("schedules", "resources", "departments"))
DAYS, DOCTORS_HERE, WORKING, ELSEWHERE = 60, 1000, 40, 300
MODES = ("force_custom_plan", "force_generic_plan")


Rows = tuple[UUID, list[UUID], UUID, dict[str, UUID]]


async def _make(owner_url: str, admin_url: str) -> tuple[Rows, list[UUID]]:
    """Make a tenant with many slots beside smaller ones: no statistic shall say that everything is one tenant's."""
    owner, admin, tenant = await asyncpg.connect(owner_url), await asyncpg.connect(admin_url), TenantId(uuid4())
    try:
        await make_rows([owner], TenantId(uuid4()), ELSEWHERE, DAYS, working=10, in_bulk=False)
        await make_rows([owner], tenant, DOCTORS_HERE, DAYS, working=WORKING, in_bulk=False)
        some, tenants = await make_rows_beside(admin, tenant)
        rows = await owner.fetch("SELECT doctor_id, clinic_ids[1] AS clinic FROM doctor_profile ORDER BY name")
    finally:
        await admin.close()
        await owner.close()
    return (tenant, [row["doctor_id"] for row in rows], rows[0]["clinic"], some), tenants


async def _remove(admin_url: str, tenants: Sequence[UUID]) -> None:
    admin = await asyncpg.connect(admin_url)
    await remove_rows_beside(admin, tenants)
    await admin.close()


@pytest.fixture(scope="module")
def rows(services: RunningServices) -> Iterator[Rows]:
    """The tenant, its doctors, one of its clinics, and one of everything else."""
    admin = services.services.admin_url.rsplit("/", 1)[0] + "/clinic_queue"
    with ThreadPoolExecutor(1) as thread:  # with a loop of its own
        made, tenants = thread.submit(asyncio.run, _make(services.urls["DATABASE_OWNER_URL"], admin)).result()
        yield made
        thread.submit(asyncio.run, _remove(admin, tenants)).result()


@pytest.fixture
async def big(services: RunningServices, rows: Rows) -> AsyncIterator["Big"]:
    """The tenant, as the app's role sees it."""
    app = await asyncpg.connect(services.urls["DATABASE_URL"], server_settings={"jit": "off", "timezone": "UTC"})
    yield Big(app, *rows)
    await app.close()


class Big:
    """The tenant, and a connection that explains."""

    def __init__(self, app: Any, tenant: UUID, doctors: Sequence[UUID], clinic: UUID, some: Mapping[str, UUID]) -> None:
        self.app = app
        self.tenant = tenant
        self.doctors = doctors
        self.clinic = clinic
        self.of = some

    async def used(self, query: str, arguments: Sequence[object], mode: str) -> tuple[set[str], set[str]]:
        """Run `query`; returns the indexes that were used and the tables that were read from end to end."""
        listed = ", ".join(_literal(argument) for argument in arguments)
        async with self.app.transaction():
            await self.app.execute(f"SELECT set_config('app.tenant_id', '{self.tenant}', true)")
            await self.app.execute(f"SET LOCAL plan_cache_mode = {mode}")
            await self.app.execute(f"PREPARE searched AS {query}")
            try:
                plan = await self.app.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE searched ({listed})")
            finally:
                await self.app.execute("DEALLOCATE searched")
        nodes = [node for node in _nodes(json.loads(plan)[0]["Plan"]) if node["Actual Loops"]]
        indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
        return indexes, {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case list() | tuple():
            return "'{" + ",".join(str(one) for one in value) + "}'"
        case _:
            return f"'{value}'"


def _when(ahead: int) -> tuple[datetime, datetime, date, date]:
    now = datetime.now(UTC)
    begins, ends = now + timedelta(days=ahead), now + timedelta(days=DAYS)
    return begins, ends, begins.date(), ends.date()


NONE = UUID(int=0)
FILTERS = [
    pytest.param({}, id="everybody"),
    pytest.param({"specialty": "specialty-1"}, id="specialty"),
    pytest.param({"clinic": True}, id="clinic"),
    pytest.param({"mode": "tele"}, id="mode"),
    pytest.param({"language": "l1"}, id="language"),
    pytest.param({"specialty": "specialty-1", "language": "en", "mode": "in_person"}, id="several"),
    pytest.param({"specialty": "specialty-1", "clinic": True, "language": "l1", "mode": "tele"}, id="all"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("asked", FILTERS)
async def test_slots_of_few_and_of_many_doctors_are_found_by_indexes(
    big: Big, asked: dict[str, Any], mode: str
) -> None:
    clinic = big.clinic if asked.get("clinic") else None
    for ahead in (0, 30):
        begins, ends, first, last = _when(ahead)
        few = (big.tenant, big.doctors[:20], begins, ends, NONE, first, last, clinic, asked.get("mode"), 51)
        indexes, read = await big.used(SEARCH["of_doctors"], (*few, [NONE]), mode)
        assert read == set()
        assert any("tenant_id_doctor_id_start" in name for name in indexes), indexes
        indexes, read = await big.used(SEARCH["of_doctors_in_part"], (*few, 0, [NONE]), mode)
        assert read == set()
        # Which of the two is taken for any values depends on what else the table holds: that there is one counts.
        assert mode != "force_custom_plan" or any("tenant_id_doctor_id_part_of_day_start" in n for n in indexes), (
            indexes
        )
        for parts in ([0, 1, 2, 3], [3]):
            for doctors in (None, big.doctors[::3]):
                many = (
                    *(big.tenant, doctors, begins, ends, NONE, first, last, clinic, asked.get("mode"), 51),
                    *(parts, True, [NONE]),
                )
                indexes, read = await big.used(SEARCH["by_time"], many, mode)
                assert read == set()
                assert any("tenant_id_part_of_day_start_doctor_id" in name for name in indexes), indexes


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("asked", FILTERS)
async def test_free_times_of_days_are_counted_by_indexes(big: Big, asked: dict[str, Any], mode: str) -> None:
    clinic, now = big.clinic if asked.get("clinic") else None, datetime.now(UTC)
    begins = [(now + timedelta(days=ahead)).replace(hour=0, minute=0, second=0, microsecond=0) for ahead in range(42)]
    ends = [start + timedelta(days=1) for start in begins]
    days = ([start.date() for start in begins], begins, ends, clinic, asked.get("mode"), now, 50, [NONE])
    indexes, read = await big.used(SEARCH["days_of_doctors"], (big.tenant, big.doctors[:20], *days), mode)
    assert read == set()
    assert any("tenant_id_doctor_id" in name for name in indexes), indexes
    for doctors in (None, big.doctors[::3]):
        indexes, read = await big.used(SEARCH["days_by_time"], (big.tenant, doctors, *days), mode)
        assert read == set()
        assert any("tenant_id_part_of_day_start_doctor_id" in name for name in indexes), indexes


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_told_of_slots_is_read_by_indexes(big: Big, mode: str) -> None:
    now = datetime.now(UTC)
    begins, ends, first, last = now, now + timedelta(days=20), now.date(), (now + timedelta(days=19)).date()
    doctor = big.doctors[0]
    async with big.app.transaction():
        await big.app.execute(f"SELECT set_config('app.tenant_id', '{big.tenant}', true)")
        slots = [row["slot_id"] for row in await big.app.fetch("SELECT slot_id FROM slot LIMIT 30")]
    asked: tuple[tuple[str, tuple[object, ...]], ...] = (
        (CHANGES["slots_now"], (big.tenant, slots)),
        (CHANGES["public_doctors"], (big.tenant, big.doctors[:30])),
        (CHANGES["is_shown"], (big.tenant, doctor)),
        (CHANGES["current_slots"], (big.tenant, doctor, begins, ends, first, last, 301)),
        (CHANGES["events_after"], (big.tenant, doctor, 5, 201)),
        (QUEUE["slots_of_day"], (big.tenant, doctor, begins, begins + timedelta(days=1))),
        (
            SCHEDULES["free_slots"],
            (big.tenant, [doctor], [big.clinic], [now], [False], [10], now, [], None, None),
        ),
    )
    # A slot is looked for by its id in every month; those behind the last are empty.
    months = {f"slot_{now + timedelta(days=ahead):%Y_%m}" for ahead in range(DAYS)}
    kept = {*months, "doctor_bookability", "event_store"}
    read = {query: (await big.used(query, arguments, mode))[1] & kept for query, arguments in asked}
    assert {query: tables for query, tables in read.items() if tables} == {}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("bookable", None),
        ("bookable_by_staff", None),
        ("specialty", "specialty-1"),
        ("clinic", None),
        ("mode", "tele"),
        ("language", "l1"),
    ],
)
async def test_doctors_who_have_what_is_asked_are_found_by_indexes(
    big: Big, what: str, value: str | None, mode: str
) -> None:
    clinic = big.clinic if what == "clinic" else None
    _, read = await big.used(SEARCH["members"], (big.tenant, what, value, clinic), mode)
    assert read == set()


# ---- lists ----------------------------------------------------------------------------------------------------------


def _lists(big: Big) -> dict[str, tuple[str, list[tuple[object, ...]]]]:
    """Return each list's query with what it may be asked: everything, by each filter, from the middle on, in scope."""
    tenant, clinic, doctor, today = big.tenant, big.clinic, big.doctors[0], datetime.now(UTC).date()
    soon, now = today + timedelta(days=7), datetime.now(UTC)
    names = {
        "status": 2,
        "specialty": 3,
        "clinic": 4,
        "department": 5,
        "mode": 6,
        "language": 7,
        "words": 8,
        "shown": 9,
    }
    everybody: list[object] = [tenant, None, None, None, None, None, None, None, [], False, [], None, 51]

    def doctors(**given: object) -> tuple[object, ...]:
        asked = list(everybody)
        for name, value in given.items():
            asked[names.get(name, {"after": 1, "within": 10, "doctor": 11}.get(name, 0))] = value
        return tuple(asked)

    profiles = [
        doctors(),
        doctors(after=big.doctors[len(big.doctors) // 2]),
        doctors(status="active"),
        doctors(specialty="specialty-1"),
        doctors(clinic=clinic),
        doctors(department=big.of["department"]),
        doctors(mode="tele"),
        doctors(language="l1"),
        doctors(words=["doctor", "1"]),
        doctors(words=["9"]),
        doctors(shown=True, after=doctor),
        doctors(shown=True, specialty="specialty-1", clinic=clinic, language="en", mode="in_person", words=["doc"]),
        doctors(within=[clinic]),
        doctors(doctor=doctor),
    ]
    room, device, department = big.of["room"], big.of["equipment"], big.of["department"]
    leaves: tuple[object, ...] = (None, None, None, None, [], None, None, True, 51)
    return {
        "doctors": (DOCTORS["profiles"], profiles),
        "doctors of a clinic": (SCHEDULES["doctors_at_clinic"], [(tenant, clinic, 200)]),
        "doctors with a calendar": (
            SLOTS["doctors_with_calendar"],
            [(tenant, None, [], 500, []), (tenant, doctor, [], 500, [clinic]), (tenant, None, [doctor], 500, [])],
        ),
        "leave": (
            SCHEDULES["leaves"],
            [
                (tenant, *leaves),
                (tenant, big.of["leave_request"], *leaves[1:]),
                (tenant, None, "requested", *leaves[2:]),
                (tenant, None, None, doctor, *leaves[3:]),
                (tenant, None, None, None, department, *leaves[4:]),
                (tenant, None, None, None, None, [clinic], *leaves[5:]),
                (tenant, None, None, None, None, [], doctor, None, False, 51),
                (tenant, None, None, None, None, [], None, big.of["head"], False, 51),
            ],
        ),
        "conflicts": (
            SCHEDULES["conflicts"],
            [
                (tenant, None, None, [], now, None, None, 51),
                (tenant, None, None, [], now, now + timedelta(days=4), doctor, 51),
                (tenant, clinic, None, [], now, None, None, 51),
                (tenant, None, doctor, [], now, None, None, 51),
                (tenant, None, None, [clinic], now, None, None, 51),
            ],
        ),
        "whom leave hits": (
            SCHEDULES["expected_appointments"],
            [(tenant, doctor, ["UTC"], today, soon, [now], [now + timedelta(days=7)], None, None, 51)],
        ),
        "counts of slots": (
            SCHEDULES["slot_counts"],
            [(tenant, [doctor], today, soon, now), (tenant, big.doctors[:30], today, soon, now)],
        ),
        "slots of a doctor": (
            SLOTS["slots_of_doctor"],
            [(tenant, doctor, today, soon, [], None, 51), (tenant, doctor, today, soon, [clinic], now, 51)],
        ),
        "rooms": (
            RESOURCES["rooms"],
            [
                (tenant, None, 51, [], None, None, None),
                (tenant, room, 51, [], None, None, None),
                (tenant, None, 51, [clinic], None, None, None),
                (tenant, None, 51, [], clinic, "consultation", True),
            ],
        ),
        "what is known of rooms": (RESOURCES["room_maintenance"], [(tenant, [room])]),
        "who sits in rooms": (RESOURCES["room_assignments"], [(tenant, [room])]),
        "what stands in rooms": (RESOURCES["equipment_in_rooms"], [(tenant, [room])]),
        "equipment": (
            RESOURCES["equipment_page"],
            [
                (tenant, None, 51, [], None, None, None, None),
                (tenant, device, 51, [], None, None, None, None),
                (tenant, None, 51, [clinic], None, None, None, None),
                (tenant, None, 51, [], clinic, "ecg", True, None),
                (tenant, None, 51, [], None, None, None, room),
            ],
        ),
        "departments": (
            DEPARTMENTS["departments"],
            [
                (tenant, None, 51, [], None, None, None),
                (tenant, department, 51, [], None, None, None),
                (tenant, None, 51, [clinic], None, True, None),
                (tenant, None, 51, [], clinic, None, None),
                (tenant, None, 51, [], None, None, big.of["head"]),
            ],
        ),
        "doctors of a department": (DEPARTMENTS["doctors_of_department"], [(tenant, department, 200)]),
    }


NAMES = (
    *("doctors", "doctors of a clinic", "doctors with a calendar", "leave", "conflicts", "whom leave hits"),
    *("counts of slots", "slots of a doctor", "rooms", "what is known of rooms", "who sits in rooms"),
    *("what stands in rooms", "equipment", "departments", "doctors of a department"),
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("of", NAMES)
async def test_lists_are_read_by_indexes_whatever_they_are_asked(big: Big, of: str, mode: str) -> None:
    lists = _lists(big)
    assert set(lists) == set(NAMES)
    query, asked = lists[of]
    read_whole = {arguments: (await big.used(query, arguments, mode))[1] for arguments in map(_hashable, asked)}
    assert {arguments: tables for arguments, tables in read_whole.items() if tables} == {}


def _hashable(arguments: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(tuple(one) if isinstance(one, list) else one for one in arguments)
