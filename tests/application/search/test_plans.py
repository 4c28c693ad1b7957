"""Every search finds its rows by an index, whatever is asked: as the app's role, under row-level security."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from loadtests.slots.rows import make_rows
from scheduling_core.ids import TenantId
from sql import loader
from tests.conftest import RunningServices

SEARCH, DOCTORS = loader.queries("slot_search"), loader.queries("doctors")
DAYS, DOCTORS_HERE, WORKING, ELSEWHERE = 60, 1000, 40, 300
MODES = ("force_custom_plan", "force_generic_plan")


async def _make(owner_url: str) -> tuple[UUID, list[UUID], UUID]:
    """Make a tenant with many slots beside smaller ones: no statistic shall say that everything is one tenant's."""
    owner, tenant = await asyncpg.connect(owner_url), TenantId(uuid4())
    try:
        await make_rows([owner], TenantId(uuid4()), ELSEWHERE, DAYS, working=10, in_bulk=False)
        await make_rows([owner], tenant, DOCTORS_HERE, DAYS, working=WORKING, in_bulk=False)
        rows = await owner.fetch("SELECT doctor_id, clinic_ids[1] AS clinic FROM doctor_profile ORDER BY name")
    finally:
        await owner.close()
    return tenant, [row["doctor_id"] for row in rows], rows[0]["clinic"]


@pytest.fixture(scope="module")
def rows(services: RunningServices) -> tuple[UUID, list[UUID], UUID]:
    """The tenant, its doctors and one of its clinics."""
    with ThreadPoolExecutor(1) as thread:  # with a loop of its own
        return thread.submit(asyncio.run, _make(services.urls["DATABASE_OWNER_URL"])).result()


@pytest.fixture
async def big(services: RunningServices, rows: tuple[UUID, list[UUID], UUID]) -> AsyncIterator["Big"]:
    """The tenant, as the app's role sees it."""
    app = await asyncpg.connect(services.urls["DATABASE_URL"], server_settings={"jit": "off", "timezone": "UTC"})
    yield Big(app, *rows)
    await app.close()


class Big:
    """The tenant, and a connection that explains."""

    def __init__(self, app: Any, tenant: UUID, doctors: Sequence[UUID], clinic: UUID) -> None:
        self.app = app
        self.tenant = tenant
        self.doctors = doctors
        self.clinic = clinic

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
        indexes, read = await big.used(SEARCH["of_doctors"], few, mode)
        assert read == set()
        assert any("tenant_id_doctor_id_start" in name for name in indexes), indexes
        indexes, read = await big.used(SEARCH["of_doctors_in_part"], (*few, 0), mode)
        assert read == set()
        # Which of the two is taken for any values depends on what else the table holds: that there is one counts.
        assert mode != "force_custom_plan" or any("tenant_id_doctor_id_part_of_day_start" in n for n in indexes), (
            indexes
        )
        for parts in ([0, 1, 2, 3], [3]):
            many = (
                *(big.tenant, asked.get("specialty"), begins, ends, NONE, first, last, clinic, asked.get("mode"), 51),
                *(parts, asked.get("language"), True),
            )
            indexes, read = await big.used(SEARCH["by_time"], many, mode)
            assert read == set()
            assert any("tenant_id_part_of_day_start_doctor_id" in name for name in indexes), indexes


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("asked", FILTERS)
async def test_doctors_who_match_are_found_by_indexes(big: Big, asked: dict[str, Any], mode: str) -> None:
    wanted = (asked.get("specialty"), big.clinic if asked.get("clinic") else None, asked.get("mode"))
    language = asked.get("language")
    _, read = await big.used(SEARCH["shares"], (big.tenant, *wanted, language), mode)
    assert read == set()
    for among in [*asked, "everybody", "doctor"]:
        arguments = (big.tenant, *wanted, language, True, 50, big.doctors[0], among)
        _, read = await big.used(SEARCH["matching_doctors"], arguments, mode)
        assert read == set(), among
