"""The search for slots against a plain reading of the rule: both ways of looking, page by page."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from loadtests.slots.rows import make_rows
from queue_server.application.search import slots
from queue_server.application.search.slots import Scope, SlotPlace, SlotSearch, next_slots
from queue_server.store.db import Database
from queue_server.store.slot_search import DoctorFilter
from scheduling_core.ids import TenantId
from tests.application.search.conftest import NewServer, Server
from tests.conftest import RunningServices

DAYS, DOCTORS, PAGE = 6, 30, 7

NAIVE = """
SELECT s.doctor_id, s.start FROM slot s
JOIN doctor_bookability b ON b.doctor_id = s.doctor_id AND b.can_patient_book
JOIN clinic c ON c.clinic_id = s.clinic_id AND c.active
WHERE NOT s.blocked AND NOT s.withdrawn AND s.taken < s.total
  AND (s.start, s.doctor_id) > ($1, $2) AND s.date BETWEEN $3 AND $4
  AND ($5::smallint IS NULL OR s.part_of_day = $5)
  AND ($6::text IS NULL OR s.doctor_id IN (SELECT doctor_id FROM doctor_specialty WHERE specialty = $6))
  AND ($7::text IS NULL OR s.doctor_id IN (SELECT doctor_id FROM doctor_language WHERE language = $7))
  AND ($8::text IS NULL OR s.doctor_id IN (SELECT doctor_id FROM doctor_mode WHERE mode = $8))
  AND ($8 IS NULL OR $8 = 'in_person' AND s.in_person_taken < s.in_person OR $8 = 'tele' AND s.tele_taken < s.tele)
  AND (s.held_until IS NULL OR s.held_until <= now())
  AND ($9::uuid IS NULL OR s.clinic_id = $9)
  AND ($10::uuid IS NULL OR s.doctor_id = $10)
ORDER BY s.start, s.doctor_id
"""


@pytest.fixture
async def tenant(services: RunningServices) -> TenantId:
    """A tenant with slots of some days."""
    owner, made = await asyncpg.connect(services.urls["DATABASE_OWNER_URL"]), TenantId(uuid4())
    await make_rows([owner], made, DOCTORS, DAYS, in_bulk=False)
    await owner.execute(
        "UPDATE slot SET withdrawn = true WHERE tenant_id = $1 AND hashtext(slot_id::text) % 5 = 0", made
    )
    await owner.execute(
        "UPDATE clinic SET active = false WHERE tenant_id = $1 AND clinic_id ="
        " (SELECT clinic_id FROM slot WHERE tenant_id = $1 ORDER BY start LIMIT 1)",
        made,
    )
    # Of one place each: some are kept for somebody, of some that is over.
    for share, until in ((7, "10 minutes"), (11, "-10 minutes")):
        await owner.execute(
            "UPDATE slot SET held = 1, in_person_held = in_person, tele_held = 1 - in_person,"
            " held_until = now() + $3::text::interval"
            " WHERE tenant_id = $1 AND taken = 0 AND total = 1 AND held = 0 AND hashtext(slot_id::text) % $2 = 1",
            made,
            share,
            until,
        )
    await owner.close()
    return made


@pytest.fixture
async def server(new_server: NewServer) -> Server:
    """A server without Redis."""
    return await new_server(with_redis=False)


@pytest.mark.parametrize(
    ("windows", "most", "told"),
    [
        (slots.WINDOWS, slots.MOST, slots.TOLD_SHARE),
        ((timedelta(hours=1), timedelta(hours=2)), 1000, 1),
        ((timedelta(hours=5),), 2, 1000),
    ],
    ids=["as they are", "soon one by one", "never one by one"],
)
async def test_both_ways_find_what_a_plain_reading_finds_page_by_page(
    tenant: TenantId,
    database: Database,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    windows: tuple[timedelta, ...],
    most: int,
    told: int,
) -> None:
    monkeypatch.setattr(slots, "WINDOWS", windows)
    monkeypatch.setattr(slots, "MOST", most)
    monkeypatch.setattr(slots, "TOLD_SHARE", told)
    monkeypatch.setattr(slots, "SPARE", 1)
    random, now = Random(5), datetime.now(UTC)
    async with database.tenant(tenant) as tx:
        known = await tx.rows("SELECT doctor_id, clinic_ids[1] AS clinic FROM doctor_profile ORDER BY doctor_id")
    found_any = 0
    for _ in range(40):
        some = random.choice(known)
        wanted = DoctorFilter(
            specialty=random.choice([None, None, f"specialty-{random.randrange(8)}", "specialty-40"]),
            clinic=random.choice([None, None, some["clinic"]]),
            mode=random.choice([None, "in_person", "tele"]),
            language=random.choice([None, "en", "l1"]),
            doctor=random.choice([None, None, None, some["doctor_id"]]),
        )
        part = random.choice([None, None, 0, 1, 2, 3])
        first = (now + timedelta(days=random.randrange(3))).date()
        last = first + timedelta(days=random.randrange(4))
        expected = await _naive(database, tenant, wanted, now, first, last, part)
        found_any += bool(expected)
        scope = await SlotSearch(server.pages).scope(tenant, wanted, limit=PAGE)
        ways = [scope, replace(scope, is_few=True), replace(scope, is_few=False)]
        for way in ways:
            pages = [row async for row in _paged(database, tenant, way, wanted, now, first, last, part)]
            assert pages == expected, (wanted, part, first, last, way.is_few)
    assert found_any > 12


async def test_doctors_whom_patients_may_not_book_are_found_by_staff_only(
    tenant: TenantId, database: Database, server: Server
) -> None:
    async with database.tenant(tenant) as tx:
        await tx.run("UPDATE doctor_bookability SET can_patient_book = false")
    for by_patients, way in product((True, False), repeat=2):
        wanted = DoctorFilter(by_patients=by_patients)
        scope = await SlotSearch(server.pages).scope(tenant, wanted, limit=PAGE)
        today = datetime.now(UTC).date()
        async with database.tenant(tenant) as tx:
            rows = await next_slots(
                tx,
                replace(scope, is_few=way),
                wanted,
                first=today,
                last=today + timedelta(days=DAYS),
                part=None,
                after=SlotPlace(datetime.now(UTC)),
                limit=PAGE,
            )
        assert len(rows) == (0 if by_patients else PAGE)


async def test_the_shorter_way_is_chosen_by_how_many_match(
    services: RunningServices, database: Database, server: Server
) -> None:
    owner, many = await asyncpg.connect(services.urls["DATABASE_OWNER_URL"]), TenantId(uuid4())
    await make_rows([owner], many, 2000, 1, working=0, in_bulk=False)
    await owner.close()
    search = SlotSearch(server.pages)

    async def way(**wanted: Any) -> str:
        scope = await search.scope(many, DoctorFilter(**wanted), limit=51)
        return "by doctor" if scope.is_few else "by time"

    assert await way() == "by time"
    assert await way(language="en") == "by time"
    assert await way(language="en", mode="in_person") == "by time"
    assert await way(specialty="specialty-20") == "by doctor"
    assert await way(specialty="specialty-0", language="l12") == "by doctor"
    assert await way(doctor=uuid4()) == "by doctor"


async def _naive(
    db: Database, tenant: TenantId, wanted: DoctorFilter, now: datetime, first: Any, last: Any, part: int | None
) -> list[tuple[datetime, UUID]]:
    async with db.tenant(tenant) as tx:
        rows = await tx.rows(
            NAIVE,
            *(now, UUID(int=0), first, last, part, wanted.specialty, wanted.language, wanted.mode),
            *(wanted.clinic, wanted.doctor),
        )
    return [(row["start"], row["doctor_id"]) for row in rows]


async def _paged(
    db: Database,
    tenant: TenantId,
    scope: Scope,
    wanted: DoctorFilter,
    now: datetime,
    first: Any,
    last: Any,
    part: int | None,
) -> AsyncIterator[tuple[datetime, UUID]]:
    after = SlotPlace(now)
    while True:
        async with db.tenant(tenant) as tx:
            rows = await next_slots(tx, scope, wanted, first=first, last=last, part=part, after=after, limit=PAGE)
        for row in rows:
            yield row["start"], row["doctor_id"]
        if len(rows) < PAGE:
            return
        after = SlotPlace(rows[-1]["start"], rows[-1]["doctor_id"])


@pytest.mark.parametrize("is_few", [False, True], ids=["in the order of time", "one by one"])
async def test_behind_the_last_instant_there_is_nothing(tenant: TenantId, database: Database, is_few: bool) -> None:
    today = datetime.now(UTC).date()
    for start in (datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        async with database.tenant(tenant) as tx:
            found = await next_slots(
                tx,
                Scope(("UTC",), (), frozenset([UUID(int=1)]), is_few=is_few, everybody=2),
                DoctorFilter(),
                first=today,
                last=today + timedelta(days=DAYS),
                part=None,
                after=SlotPlace(start, UUID(int=2**128 - 1)),
                limit=PAGE,
            )
        assert found == ()
