"""The public's search for doctors: pages of those that search shows, shared and never behind a change."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from loadtests.slots.rows import make_rows
from queue_server.application.search.providers import ProviderSearch
from queue_server.store import event_store
from queue_server.store.db import Database
from queue_server.store.doctors import Filters
from queue_server.store.event_ids import event_id
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import TenantId
from tests.application.search.conftest import NewServer, Told
from tests.conftest import RunningServices

DOCTORS = 25


@pytest.fixture
async def tenant(services: RunningServices) -> TenantId:
    """A tenant with doctors, most of whom search shows."""
    owner, made = await asyncpg.connect(services.urls["DATABASE_OWNER_URL"]), TenantId(uuid4())
    await make_rows([owner], made, DOCTORS, 1, working=0, in_bulk=False)
    await owner.close()
    return made


async def listed(search: ProviderSearch, tenant: TenantId, wanted: Filters, *, limit: int = 50) -> list[UUID]:
    """Return the doctors of all pages."""
    found, cursor = list[UUID](), None
    for _ in range(DOCTORS):
        page = await search.list(tenant, wanted, limit=limit, cursor=cursor)
        found += [UUID(item["id"]) for item in msgspec.json.decode(page.items)]
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


async def shown_ones(db: Database, tenant: TenantId) -> list[UUID]:
    """Return whom search shows, in the order of names."""
    async with db.tenant(tenant) as tx:
        rows = await tx.rows(
            "SELECT p.doctor_id FROM doctor_profile p JOIN doctor_bookability b ON b.doctor_id = p.doctor_id"
            " WHERE b.can_show_in_search ORDER BY p.name_folded, p.doctor_id"
        )
    return [row["doctor_id"] for row in rows]


async def test_pages_hold_everybody_that_search_shows_once(
    new_server: NewServer, tenant: TenantId, database: Database
) -> None:
    search, expected = ProviderSearch((await new_server()).pages), await shown_ones(database, tenant)
    assert await listed(search, tenant, Filters()) == expected
    assert await listed(search, tenant, Filters(), limit=4) == expected


async def test_a_doctor_who_is_shown_no_more_is_gone_from_every_server(
    new_server: NewServer, tenant: TenantId, database: Database
) -> None:
    servers = [await new_server(), await new_server()]
    searches = [ProviderSearch(server.pages) for server in servers]
    gone, *left = await shown_ones(database, tenant)
    for search in searches:
        assert gone in await listed(search, tenant, Filters())
    told = [Told(), Told()]
    for server, event in zip(servers, told, strict=True):
        server.notifications.add_directory(event)
    async with database.tenant(tenant) as tx:
        await tx.run("UPDATE doctor_bookability SET can_show_in_search = false WHERE doctor_id = $1", gone)
        await event_store.notify_changed(tx, "bookability", gone)
    for search, event in zip(searches, told, strict=True):
        await event.wait()
        assert await listed(search, tenant, Filters()) == left


async def test_the_same_words_in_another_order_are_the_same_search(new_server: NewServer, tenant: TenantId) -> None:
    server = await new_server(with_redis=False)
    search = ProviderSearch(server.pages)
    first = await listed(search, tenant, Filters(words=("doctor", "1")))
    assert await listed(search, tenant, Filters(words=("1", "doctor", "1"))) == first
    assert server.pages.reads == 1


async def test_it_is_told_when_each_doctor_who_is_shown_was_changed_last(
    new_server: NewServer, tenant: TenantId, database: Database
) -> None:
    search, expected = ProviderSearch((await new_server()).pages), await shown_ones(database, tenant)
    at = datetime(2026, 3, 1, 9, 30, 15, 250_000, tzinfo=UTC)
    async with database.tenant(tenant) as tx:
        query = "UPDATE doctor_profile SET last_event_id = $1 WHERE doctor_id = $2"
        await tx.run(query, event_id(at, 3), expected[1])
    page = await search.changed(tenant, limit=4)
    assert [one.id for one in page.items] == expected[:4]
    # The other rows were made in bulk, with ids that tell no time.
    assert [one.changed_at for one in page.items] == [None, at, None, None]
    rest = await search.changed(tenant, limit=200, cursor=page.next_cursor)
    assert ([one.id for one in rest.items], rest.next_cursor) == (expected[4:], None)


async def test_nobody_is_shown_a_licence(new_server: NewServer, tenant: TenantId) -> None:
    page = await ProviderSearch((await new_server()).pages).list(tenant, Filters())
    assert b"licence" not in page.items


@pytest.mark.parametrize(("limit", "cursor"), [(0, None), (201, None), (50, "not a cursor of ours")])
async def test_limits_and_cursors_that_make_no_sense_are_refused(
    new_server: NewServer, tenant: TenantId, limit: int, cursor: str | None
) -> None:
    search = ProviderSearch((await new_server(with_redis=False)).pages)
    with pytest.raises(InvalidValue):
        await search.list(tenant, Filters(), limit=limit, cursor=cursor)
