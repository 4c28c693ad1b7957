"""Slots: how fast they are generated beside a bare COPY, follow a leave, and are found; and doctors with them.

    python -m loadtests.slots [--quick] [--doctors 1000] [--searched 10000] [--days 90] [--searches 3000] [--json]

In a Postgres and a Redis of the run's own. Doctors get calendars by the rules, in tenants of 50, and their slots by
what `queue-server generate-slots` runs. After each tenant the same rows go into a table of the same shape, keys and
indexes by one COPY, as the owner: `copy_ratio` is that time by ours with rows that are values in memory,
`encoded_copy_ratio` with rows that are bytes in COPY's own format already. Memory is this process's own after each
tenant. A leave is asked for and approved: `regenerate_ms` is the approval, the slots that go included.

Searches (random ones, each asked as the public asks) go to a tenant whose rows Postgres made itself. Where neighbours
have the machine, `search_unhindered_…` leaves out the time in which this process or Postgres was ready to run while
others had the cores.
"""

import argparse
import asyncio
import gc
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, suppress
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
from redis.asyncio import Redis
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.house import quantile
from loadtests.processes import resident_bytes, waited_seconds
from loadtests.report import report
from loadtests.slot_rows import LANGUAGES, SPECIALTIES, make_rows
from loadtests.stage import console
from queue_server import logs
from queue_server.application.actor import Actor, system
from queue_server.application.admin_bodies import NewClinic
from queue_server.application.doctors.bodies import DraftDoctor, FeesBody
from queue_server.application.schedules.bodies import Approval, NewLeave
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.slots.availability import Search
from queue_server.application.unit import Unit
from queue_server.embedded.services import EmbeddedServices
from queue_server.operations.generate_slots import GenerationReport, generate
from queue_server.settings import load
from queue_server.store.doctors import Filters
from queue_server.store.migrate import migrate
from queue_server.wiring import Services, open_services
from scheduling_core.calendar.events import ScheduleCreated
from scheduling_core.calendar.sources import Hours, LeaveType
from scheduling_core.ids import AccountId, ClinicId, DoctorId, ScheduleId, TenantId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from scheduling_core.slots.times import PARTS

DOCTORS_OF_TENANT = 50
"""That ticket letters suffice for, at five clinics; their slots are copied together."""
LEAVES, WARM_UP = 20, 100
MORNING = Hours(start=480, end=720, slot_minutes=20, buffer_minutes=2, tele=1)
AFTERNOON = Hours(start=780, end=1020, slot_minutes=20, buffer_minutes=2, tele=1)
"""Eleven slots each; on five days of the week 1,414 in 90 days, sometimes a few more."""
WEEK = ((MORNING, AFTERNOON),) * 5 + ((),) * 2

Advance = Callable[[int], None]


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much is done."""

    doctors: int
    days: int
    searched: int
    searches: int


class Ground:
    """The application and, beside it, the owner's connections."""

    def __init__(self, services: Services, owners: Sequence[Any], owner_url: str, pids: Sequence[int]) -> None:
        self.services = services
        self.owners = owners
        self.owner_url = owner_url
        self._pids = pids

    def sessions(self) -> list[int]:
        """Return this process and those of Postgres that are there now."""
        return [os.getpid(), *self._pids, *_children(self._pids)]


# ---- generation -----------------------------------------------------------------------------------------------------


class Tenant(msgspec.Struct, frozen=True):
    """Some doctors who have weekly hours but no slots yet."""

    id: TenantId
    doctors: tuple[DoctorId, ...]


async def add_doctors(at: Ground, count: int, advance: Advance) -> Tenant:
    """Make a tenant with doctors, as the use cases make them."""
    services, tenant = at.services, TenantId(uuid4())
    actor = system(tenant)
    await services.clinics.create_tenant(actor, "Load test")
    clinics = [
        ClinicId((await services.clinics.create(actor, NewClinic(slug=f"c-{n}", name="Riverside", timezone=zone))).id)
        for n, zone in enumerate(("Europe/Berlin", "UTC", "Asia/Kolkata", "America/New_York", "Europe/Berlin"))
    ]
    found = []
    for number in range(count):
        clinic = clinics[number % len(clinics)]
        draft = DraftDoctor(
            name=f"Doctor {number}",
            specialties=("cardiology",),
            languages=("en",),
            modes=(Mode.IN_PERSON, Mode.TELE),
            fees=FeesBody(currency="EUR", consultation=8000),
            clinic_ids=(clinic,),
        )
        doctor = DoctorId(UUID(msgspec.json.decode((await services.doctors.create(actor, draft)).body)["id"]))
        await _set_hours(services, actor, doctor, clinic)
        found.append(doctor)
        advance(1)
    return Tenant(tenant, tuple(found))


async def _set_hours(services: Services, actor: Actor, doctor: DoctorId, clinic: ClinicId) -> None:
    """Give a doctor a week, without the slots that would follow at once."""
    since = datetime.now(UTC).date() - timedelta(days=7)

    async def work(unit: Unit) -> tuple[object, int | None]:
        calendar, schedule = await unit.lock_aggregate(CALENDAR, doctor), ScheduleId(uuid4())
        calendar.add(ScheduleCreated(doctor=doctor, schedule=schedule, clinic=clinic, effective_from=since, week=WEEK))
        return None, None

    await services.writes.run(actor, "load_test", work)


async def generate_all(at: Ground, tenants: Sequence[Tenant], advance: Advance) -> dict[str, Any]:
    """Generate the slots of tenant after tenant, and copy the same rows after each; returns the figures."""
    # Copied by another process: what it holds in memory is not ours.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as copier:
        return await _generated(at, tenants, advance, copier)


async def _generated(
    at: Ground, tenants: Sequence[Tenant], advance: Advance, copier: ProcessPoolExecutor
) -> dict[str, Any]:
    owner, loop = at.owners[0], asyncio.get_running_loop()
    await _make_twin(owner)
    made = GenerationReport()
    ours, values, encoded, memory, ratios = 0.0, 0.0, 0.0, list[float](), list[float]()
    _freeze()
    for tenant in tenants:
        started = perf_counter()
        await generate(at.services.db, tenant.id, made, lambda: advance(1))
        took = perf_counter() - started
        memory.append(resident_bytes(os.getpid()) / 1e6)
        copied, copied_bytes = await loop.run_in_executor(copier, copy_again, at.owner_url, str(tenant.id))
        ours, values, encoded = ours + took, values + copied, encoded + copied_bytes
        ratios.append(copied / took)
    await owner.execute("DROP TABLE slot_twin")
    return {
        "copy_ratio": round(values / ours, 2),
        "copy_ratio_median": round(quantile(ratios, 0.5), 2),
        "encoded_copy_ratio": round(encoded / ours, 2),
        "slots": made.added,
        "slots_per_second": round(made.added / ours),
        "copied_per_second": round(made.added / values),
        "encoded_copied_per_second": round(made.added / encoded),
        "rss_mb": round(memory[-1], 1),
        "rss_mb_per_million_slots": round(_slope(memory) * len(memory) / made.added * 1e6, 2),
    }


async def _make_twin(owner: Any) -> None:
    """Make a table of the same shape, with the same partitions, keys and indexes; no policy and no trigger."""
    await owner.execute("CREATE TABLE slot_twin (LIKE slot INCLUDING ALL) PARTITION BY RANGE (start)")
    parts = await owner.fetch(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bounds FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'slot'::regclass"
    )
    for part in parts:
        await owner.execute(f"CREATE TABLE twin_{part['relname']} PARTITION OF slot_twin {part['bounds']}")


ROWS = "SELECT * FROM slot ORDER BY doctor_id, start"


def copy_again(url: str, tenant: str) -> tuple[float, float]:
    """Copy the tenant's slots into the twin, from values and from bytes; returns the seconds that each took."""

    async def copied() -> tuple[float, float]:
        owner = await asyncpg.connect(url, server_settings={"app.tenant_id": tenant, "jit": "off"})
        try:
            return await _copy_values(owner), await _copy_bytes(owner)
        finally:
            await owner.close()

    return asyncio.run(copied())


async def _copy_values(owner: Any) -> float:
    """Copy the tenant's slots into the twin from values, as a program has them; returns the seconds that took."""
    rows = [tuple(row) for row in await owner.fetch(ROWS)]
    started = perf_counter()
    await owner.copy_records_to_table("slot_twin", records=rows)
    took = perf_counter() - started
    await owner.execute("TRUNCATE slot_twin")
    return took


async def _copy_bytes(owner: Any) -> float:
    """The same from bytes in the format of COPY, in which no program has them; what Postgres alone needs."""
    rows = BytesIO()
    await owner.copy_from_query(ROWS, output=rows, format="binary")
    rows.seek(0)
    started = perf_counter()
    await owner.copy_to_table("slot_twin", source=rows, format="binary")
    took = perf_counter() - started
    await owner.execute("TRUNCATE slot_twin")
    return took


async def approve_leaves(at: Ground, of: Tenant, advance: Advance) -> dict[str, Any]:
    """Have some doctors ask for a week off, approve it, and return how long that takes until the slots are gone."""
    leave, tenant = at.services.leave, of.id
    desk, head = (Actor(tenant=tenant, account=AccountId(uuid4()), role=Role.ADMIN, name="Admin") for _ in range(2))
    first = datetime.now(UTC).date() + timedelta(days=20)
    seconds, gone = [], 0
    for doctor in of.doctors[:LEAVES]:
        body = NewLeave(doctor_id=doctor, type=LeaveType.ANNUAL, first=first, last=first + timedelta(days=6))
        asked = msgspec.json.decode((await leave.request(desk, body)).body)
        before = await _slots_on(at, tenant, doctor, first)
        started = perf_counter()
        await leave.approve(head, UUID(asked["id"]), Approval())
        seconds.append(perf_counter() - started)
        gone += before - await _slots_on(at, tenant, doctor, first)
        advance(1)
    assert gone, "leave took no slot away"
    return {
        "regenerate_ms": round(quantile(seconds, 0.5) * 1000, 1),
        "regenerate_max_ms": round(max(seconds) * 1000, 1),
        "slots_gone_by_leave": gone,
    }


async def _slots_on(at: Ground, tenant: TenantId, doctor: DoctorId, first: date) -> int:
    async with at.services.db.tenant(tenant) as tx:
        row = await tx.row(
            "SELECT count(*) AS slots FROM slot WHERE tenant_id = $1 AND doctor_id = $2 AND start >= $3::date"
            " AND start < $3::date + 7",
            tenant,
            doctor,
            first,
        )
    return int(row["slots"]) if row is not None else 0


# ---- searches -------------------------------------------------------------------------------------------------------


async def search_slots(at: Ground, tenant: TenantId, sizes: Sizes, advance: Advance) -> dict[str, Any]:
    """Search slots as patients do, each time something else; returns the figures."""
    random = Random(7)
    async with at.services.db.tenant(tenant) as tx:
        clinics = [row["clinic_id"] for row in await tx.rows("SELECT clinic_id FROM clinic ORDER BY slug")]
    seconds, unhindered, empty, sessions = list[float](), list[float](), 0, list[int]()
    _freeze()
    for number in range(WARM_UP + sizes.searches):
        wanted = _any_search(random, clinics, sizes.days)
        sessions = sessions if number % WARM_UP else at.sessions()
        waited = _waited(sessions)
        started = perf_counter()
        page = await at.services.availability.search(tenant, wanted, limit=50)
        took = perf_counter() - started
        if number >= WARM_UP:
            seconds.append(took)
            unhindered.append(max(0.0, took - (_waited(sessions) - waited)))
            empty += not page.items
        advance(1)
    return {
        "search_p50_ms": _ms(seconds, 0.5),
        "search_p90_ms": _ms(seconds, 0.9),
        "search_p99_ms": _ms(seconds, 0.99),
        "search_max_ms": _ms(seconds, 1),
        "searches": len(seconds),
        "searches_without_a_slot": empty,
        "search_unhindered_p50_ms": _ms(unhindered, 0.5),
        "search_unhindered_p99_ms": _ms(unhindered, 0.99),
    }


def _any_search(random: Random, clinics: Sequence[UUID], days: int) -> Search:
    """Return what somebody may look for: mostly a specialty or a clinic, often more, sometimes nothing."""
    ahead = random.choice([None, None, None, 1, 7, 30, days - 20])
    first = datetime.now(UTC).date() + timedelta(days=ahead) if ahead is not None else None
    return Search(
        specialty=random.choice([None, f"specialty-{int(SPECIALTIES * 1.25 * random.random() ** 1.4)}"]),
        clinic=random.choice([None, None, random.choice(clinics)]),
        mode=random.choice([None, None, Mode.IN_PERSON, Mode.TELE]),
        language=random.choice([None, None, "en", f"l{1 + random.randrange(LANGUAGES)}"]),
        part_of_day=random.choice([None, None, *PARTS]),
        first=first.isoformat() if first is not None else None,
        last=(first + timedelta(days=random.choice([3, 30]))).isoformat() if first and random.random() < 0.3 else None,
    )


async def search_doctors(at: Ground, tenant: TenantId, searches: int, advance: Advance) -> dict[str, Any]:
    """Search doctors as the public does: found by nobody yet, by another server, by this one; returns the figures."""
    services, random = at.services, Random(8)
    asked = [
        Filters(
            specialty=random.choice([None, f"specialty-{random.randrange(SPECIALTIES)}"]),
            mode=random.choice([None, "tele"]),
            language=random.choice([None, "en", "l2"]),
            words=random.choice([(), ("doctor",), (str(random.randrange(100)),)]),
        )
        for _ in range(searches)
    ]
    redis = Redis.from_url(services.settings.redis_url) if services.settings.redis_url is not None else None

    async def timed(before: Callable[[], Awaitable[object]]) -> list[float]:
        seconds = []
        for wanted in asked:
            await before()
            started = perf_counter()
            await services.providers.list(tenant, wanted)
            seconds.append(perf_counter() - started)
            advance(1)
        return seconds

    async def forget_everything() -> None:
        services.pages.on_gap()
        if redis is not None:
            await redis.flushdb()

    async def forget_here() -> None:
        services.pages.on_gap()

    async def forget_nothing() -> None:
        """Leave it."""

    figures: dict[str, Any] = {}
    for name, before in (("cold", forget_everything), ("", forget_nothing), ("cached", forget_nothing)):
        seconds = await timed(before)
        if name:
            figures |= {f"provider_{name}_p50_ms": _ms(seconds, 0.5), f"provider_{name}_p99_ms": _ms(seconds, 0.99)}
    if redis is not None:
        seconds = await timed(forget_here)
        figures |= {"provider_redis_p50_ms": _ms(seconds, 0.5), "provider_redis_p99_ms": _ms(seconds, 0.99)}
        await redis.aclose()
    return figures


# ---- the run --------------------------------------------------------------------------------------------------------


async def run(sizes: Sizes) -> dict[str, Any]:
    """Measure everything on services of the run's own, and return the figures; leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-slots-"))
    os.chmod(folder, 0o711)  # services run as another user
    try:
        async with AsyncExitStack() as stack:
            embedded = await EmbeddedServices.start(folder / "data")
            stack.push_async_callback(embedded.stop, erase=True)
            await migrate(embedded.urls["DATABASE_OWNER_URL"])
            owners = [await _owner(stack, embedded.urls["DATABASE_OWNER_URL"]) for _ in range(2)]
            environment = {**embedded.urls, "JWT_KEYS": "load:" + secrets.token_hex(32), "DATA_DIR": str(folder)}
            services = await stack.enter_async_context(open_services(load(environment), application="load-test"))
            pid = embedded.pid("postgres")
            ground = Ground(services, owners, embedded.urls["DATABASE_OWNER_URL"], [pid] if pid is not None else [])
            return await _measured(ground, sizes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _owner(stack: AsyncExitStack, url: str) -> Any:
    connection = await asyncpg.connect(url, server_settings={"maintenance_work_mem": "256MB", "jit": "off"})
    stack.push_async_callback(connection.close)
    return connection


async def _measured(at: Ground, sizes: Sizes) -> dict[str, Any]:
    searching = TenantId(uuid4())
    figures: dict[str, Any] = {"doctors": sizes.doctors, "days": sizes.days}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), refresh_per_second=4) as progress:

        def step(name: str, total: int) -> Advance:
            task = progress.add_task(name, total=total)
            return lambda count: progress.advance(task, count)

        added = step("Doctors with hours", sizes.doctors)
        groups = range(0, sizes.doctors, DOCTORS_OF_TENANT)
        tenants = [await add_doctors(at, min(DOCTORS_OF_TENANT, sizes.doctors - begin), added) for begin in groups]
        figures |= await generate_all(at, tenants, step("Slots generated, and copied", sizes.doctors))
        figures |= await approve_leaves(at, tenants[0], step("Leave approved", min(LEAVES, len(tenants[0].doctors))))
        rows = step("Rows to search", sizes.searched)
        figures["searched_slots"] = await make_rows(at.owners, searching, sizes.searched, sizes.days, rows)
        figures["searched_doctors"] = sizes.searched
        searches = step("Slots searched", WARM_UP + sizes.searches)
        figures |= await search_slots(at, searching, sizes, searches)
        found = step("Doctors searched", 4 * (sizes.searches // 10))
        figures |= await search_doctors(at, searching, sizes.searches // 10, found)
    return figures


def _ms(seconds: Sequence[float], q: float) -> float:
    return round(quantile(seconds, q) * 1000, 2)


def _slope(values: Sequence[float]) -> float:
    """Return by how much values grow from one to the next, by least squares, the first quarter left out."""
    late = values[len(values) // 4 :]
    middle, mean = (len(late) - 1) / 2, sum(late) / len(late)
    spread = sum((place - middle) ** 2 for place in range(len(late)))
    return sum((place - middle) * (value - mean) for place, value in enumerate(late)) / spread if spread else 0.0


def _freeze() -> None:
    """Take what is alive out of the collector's looks, as a server does."""
    gc.collect()
    gc.freeze()


def _waited(processes: Iterable[int]) -> float:
    """Return for how many seconds these were ready to run while others had their cores."""
    total = 0.0
    for pid in processes:
        with suppress(OSError):  # a session that has ended
            total += waited_seconds(pid)
    return total


def _children(pids: Iterable[int]) -> list[int]:
    """Return the processes that these have started: Postgres' sessions."""
    listed = []
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            listed += [int(child) for child in (thread / "children").read_text().split()]
    return listed


def main() -> None:
    """Run and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--doctors", type=int, default=1000, help="whose slots are generated")
    parser.add_argument("--searched", type=int, default=10_000, help="doctors among whose slots is searched")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--searches", type=int, default=3000)
    parser.add_argument("--quick", action="store_true", help="a tenth of all that, within 50 seconds")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    logs.configure("ERROR", "console", sys.stderr)  # standard output is for results
    share = 10 if given.quick else 1
    sizes = Sizes(
        doctors=given.doctors // share,
        days=given.days,
        searched=given.searched // share,
        searches=max(300, given.searches // share),
    )
    report(asyncio.run(run(sizes)), as_json=given.json)


if __name__ == "__main__":
    main()
