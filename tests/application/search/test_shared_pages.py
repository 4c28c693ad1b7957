"""Shared pages: one search for all who ask, never behind a known change, whatever becomes of Redis."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from queue_server.application.search.shared_pages import UNSEEN, Reader
from queue_server.store import event_store
from queue_server.store.db import Database, Transaction
from scheduling_core.calendar.aggregate import CALENDAR
from scheduling_core.errors import NotFound
from scheduling_core.ids import TenantId
from scheduling_core.slots.ledger import SLOTS
from tests.application.search.conftest import NewServer, Server, Told
from tests.factories import Clinic, new_clinic
from tests.own_redis import OwnRedis, until

NAMES = "SELECT string_agg(name, ',' ORDER BY name) AS names FROM tenant"


async def name_of_tenant(tx: Transaction) -> bytes:
    """Read what the tenant is called: something of its own that can be changed."""
    row = await tx.row(NAMES)
    assert row is not None
    return str(row["names"]).encode()


class Counting:
    """A reader that counts, and waits until it may go on."""

    def __init__(self) -> None:
        self.count = 0
        self.go_on = asyncio.Event()

    async def __call__(self, tx: Transaction) -> bytes:
        """Read the tenant's name."""
        self.count += 1
        await self.go_on.wait()
        return await name_of_tenant(tx)


async def rename(db: Database, tenant: TenantId, name: str) -> None:
    """Change what the page shows, and tell everybody, in one transaction as the write path does."""
    async with db.tenant(tenant) as tx:
        await tx.run("UPDATE tenant SET name = $2 WHERE tenant_id = $1", tenant, name)
        await event_store.notify_changed(tx, "doctor", uuid4())


async def body(server: Server, clinic: Clinic, read: Reader = name_of_tenant, name: str = "name") -> str:
    """Return what the server answers."""
    return (await server.pages.get(clinic.tenant, name, read)).body.decode()


async def test_two_hundred_who_miss_at_once_cost_one_read(new_server: NewServer, clinic: Clinic) -> None:
    servers, read = [await new_server() for _ in range(2)], Counting()
    asked = [asyncio.create_task(body(servers[i % 2], clinic, read)) for i in range(200)]
    await until(lambda: read.count)
    read.go_on.set()
    assert set(await asyncio.gather(*asked)) == {"Test tenant"}
    assert read.count == 1


async def test_a_server_takes_what_another_has_found(new_server: NewServer, clinic: Clinic) -> None:
    first, second = await new_server(), await new_server()
    await body(first, clinic)
    assert await body(second, clinic) == "Test tenant"
    assert (second.pages.reads, second.pages.shared_hits) == (0, 1)


async def test_a_change_is_seen_by_every_server_as_soon_as_it_is_told(
    new_server: NewServer, clinic: Clinic, database: Database
) -> None:
    servers = [await new_server(), await new_server()]
    for round_ in range(5):
        for server in servers:
            await body(server, clinic)
        told = [Told() for _ in servers]
        for server, event in zip(servers, told, strict=True):
            server.notifications.add_directory(event)
        await rename(database, clinic.tenant, f"Round {round_}")
        await asyncio.gather(*(event.wait() for event in told))
        assert [await body(server, clinic) for server in servers] == [f"Round {round_}"] * 2


async def test_an_answer_read_before_a_change_is_not_shared_after_it(
    new_server: NewServer, clinic: Clinic, database: Database
) -> None:
    slow, quick = await new_server(), await new_server()
    is_reading, go_on = asyncio.Event(), asyncio.Event()

    async def read_slowly(tx: Transaction) -> bytes:
        found = await name_of_tenant(tx)
        is_reading.set()
        await go_on.wait()
        return found

    old = asyncio.create_task(body(slow, clinic, read_slowly))
    await is_reading.wait()
    told = [Told(), Told()]
    for server, event in zip((slow, quick), told, strict=True):
        server.notifications.add_directory(event)
    await rename(database, clinic.tenant, "New name")
    await asyncio.gather(*(event.wait() for event in told))
    go_on.set()
    assert await old == "Test tenant"  # who asked before the change may see the time before it
    assert await body(quick, clinic) == "New name"
    assert await body(slow, clinic) == "New name"


async def test_a_change_between_a_read_and_the_start_of_listening_is_not_missed(
    new_server: NewServer, clinic: Clinic, database: Database
) -> None:
    await body(await new_server(), clinic)
    await rename(database, clinic.tenant, "While nobody of the second server listened")
    second = await new_server()
    assert await body(second, clinic) == "While nobody of the second server listened"


async def test_after_a_gap_nothing_older_is_believed(new_server: NewServer, clinic: Clinic, database: Database) -> None:
    server = await new_server()
    await body(server, clinic)
    async with database.tenant(clinic.tenant) as tx:  # nobody is told, as if the connection had been cut
        await tx.run("UPDATE tenant SET name = 'Unheard' WHERE tenant_id = $1", clinic.tenant)
    assert await body(server, clinic) == "Test tenant"
    server.pages.on_gap()
    assert await body(server, clinic) == "Unheard"


async def test_tenants_never_share(new_server: NewServer, clinic: Clinic, database: Database) -> None:
    other, server, second = await new_clinic(database), await new_server(), await new_server()
    await rename(database, other.tenant, "The other")
    assert (await body(server, clinic), await body(server, other)) == ("Test tenant", "The other")
    assert (await body(second, other), await body(second, clinic)) == ("The other", "Test tenant")


async def test_a_change_in_another_tenant_leaves_what_is_kept(
    new_server: NewServer, clinic: Clinic, database: Database
) -> None:
    other, server = await new_clinic(database), await new_server()
    await body(server, clinic)
    told = Told()
    server.notifications.add_directory(told)
    await rename(database, other.tenant, "The other")
    await told.wait()
    await body(server, clinic)
    assert server.pages.reads == 1


async def test_slots_that_come_and_go_leave_what_is_kept(
    new_server: NewServer, clinic: Clinic, database: Database
) -> None:
    server, told = await new_server(), Told()
    await body(server, clinic)
    server.notifications.add_directory(told)
    async with database.tenant(clinic.tenant) as tx:
        await event_store.notify_changed(tx, SLOTS.kind, clinic.doctors[0])
    await told.wait()
    await body(server, clinic)
    assert server.pages.reads == 1
    assert {SLOTS.kind, CALENDAR.kind} <= UNSEEN


async def test_names_do_not_share(new_server: NewServer, clinic: Clinic) -> None:
    server = await new_server()

    async def read_other(_: Transaction) -> bytes:
        return b"other"

    await body(server, clinic)
    assert await body(server, clinic, read_other, name="another name") == "other"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value, _: value[:-1],
        lambda value, _: value[:20] + bytes([value[20] ^ 1]) + value[21:],
        lambda value, _: b"",
        lambda value, _: b"rubbish",
        lambda _, other: other,
    ],
    ids=["cut off", "a bit flipped", "empty", "rubbish", "another page's"],
)
async def test_wrong_bytes_in_redis_are_ignored(
    new_server: NewServer, clinic: Clinic, redis: OwnRedis, spoil: object
) -> None:
    assert callable(spoil)
    first, second = await new_server(), await new_server()

    async def read_other(_: Transaction) -> bytes:
        return b"other"

    client = Redis(unix_socket_path=str(redis.socket))
    await body(first, clinic)
    (key,) = await client.keys("pages:*")
    await body(first, clinic, read_other, name="another name")
    (other,) = set(await client.keys("pages:*")) - {key}
    await client.set(key, spoil(await client.get(key), await client.get(other)))
    await client.aclose()
    assert await body(second, clinic) == "Test tenant"
    assert second.pages.reads == 1


async def test_what_was_sealed_with_another_secret_is_ignored(new_server: NewServer, clinic: Clinic) -> None:
    await body(await new_server(), clinic)
    other = await new_server(secret=b"of another installation, 32 bytes")
    await body(other, clinic)
    assert other.pages.reads == 1


async def test_redis_learns_neither_tenant_nor_question(new_server: NewServer, clinic: Clinic, redis: OwnRedis) -> None:
    await body(await new_server(), clinic, name="cardiology")
    client = Redis(unix_socket_path=str(redis.socket))
    keys = b" ".join(await client.keys("*"))
    await client.aclose()
    assert keys
    assert b"cardiology" not in keys
    assert str(clinic.tenant).encode() not in keys


async def test_redis_killed_in_the_middle_changes_no_answer(
    new_server: NewServer, clinic: Clinic, redis: OwnRedis, database: Database
) -> None:
    servers = [await new_server(), await new_server()]
    for server in servers:
        await body(server, clinic)
    await redis.kill()
    told = [Told() for _ in servers]
    for server, event in zip(servers, told, strict=True):
        server.notifications.add_directory(event)
    await rename(database, clinic.tenant, "Without Redis")
    await asyncio.gather(*(event.wait() for event in told))
    assert [await body(server, clinic) for server in servers] == ["Without Redis"] * 2
    await redis.start()
    await until(lambda: all(server.cache is not None and server.cache.is_connected for server in servers))
    assert [await body(server, clinic) for server in servers] == ["Without Redis"] * 2


async def test_a_redis_that_comes_back_with_yesterdays_values_is_not_believed(
    new_server: NewServer, clinic: Clinic, redis: OwnRedis, database: Database
) -> None:
    first = await new_server()
    await body(first, clinic)
    client = Redis(unix_socket_path=str(redis.socket))
    (key,) = await client.keys("pages:*")
    yesterday = await client.get(key)
    await rename(database, clinic.tenant, "Today")
    second = await new_server()
    assert await body(second, clinic) == "Today"
    await client.set(key, yesterday)
    await client.aclose()
    third = await new_server()
    assert await body(third, clinic) == "Today"


async def test_without_redis_each_process_keeps_for_itself(new_server: NewServer, clinic: Clinic) -> None:
    server = await new_server(with_redis=False)
    for _ in range(3):
        await body(server, clinic)
    assert (server.pages.reads, server.pages.hits) == (1, 2)


async def test_while_nobody_would_tell_of_a_change_everybody_reads(
    new_server: NewServer, clinic: Clinic, database: Database
) -> None:
    server = await new_server()
    await body(server, clinic)
    await server.notifications.stop()
    async with database.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE tenant SET name = 'Untold' WHERE tenant_id = $1", clinic.tenant)
    assert await body(server, clinic) == "Untold"


async def test_while_nobody_would_tell_of_a_change_whoever_waits_at_the_moment_shares_one_search(
    new_server: NewServer, clinic: Clinic, database: Database
) -> None:
    server, read = await new_server(), Counting()
    await server.notifications.stop()
    asked = [asyncio.create_task(body(server, clinic, read)) for _ in range(100)]
    await until(lambda: read.count)
    other = asyncio.create_task(body(server, clinic, name="another name"))
    assert await other == "Test tenant"
    read.go_on.set()
    assert set(await asyncio.gather(*asked)) == {"Test tenant"}
    assert read.count == 1
    async with database.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE tenant SET name = 'Untold' WHERE tenant_id = $1", clinic.tenant)
    assert await body(server, clinic, read) == "Untold"


@pytest.mark.parametrize("is_listening", [True, False], ids=["listening", "not listening"])
async def test_searches_that_fail_leave_nothing_behind(
    new_server: NewServer, clinic: Clinic, is_listening: bool
) -> None:
    server = await new_server()
    if not is_listening:
        await server.notifications.stop()

    async def refuse(_: Transaction) -> bytes:
        raise NotFound("There is no such clinic.")

    for number in range(20):
        with pytest.raises(NotFound):
            await body(server, clinic, refuse, name=f"refused {number}")
    assert server.pages.readings()["under_way"] == 0


async def test_while_postgres_is_away_the_last_that_was_known_is_marked_stale(
    new_server: NewServer, clinic: Clinic
) -> None:
    server = await new_server()
    await body(server, clinic)
    server.pages.on_gap()
    await server.db.close()
    page = await server.pages.get(clinic.tenant, "name", name_of_tenant)
    assert page.body == b"Test tenant"
    assert page.stale_since is not None


async def test_a_refusal_reaches_everybody_and_is_not_kept(new_server: NewServer, clinic: Clinic) -> None:
    server = await new_server()

    async def refuse(_: Transaction) -> bytes:
        raise NotFound("There is no such clinic.")

    answers = await asyncio.gather(*(body(server, clinic, refuse) for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [NotFound] * 5
    assert await body(server, clinic) == "Test tenant"


async def test_a_search_goes_on_for_the_others_when_who_began_it_is_gone(new_server: NewServer, clinic: Clinic) -> None:
    server, read = await new_server(), Counting()
    first = asyncio.create_task(body(server, clinic, read))
    await until(lambda: read.count)
    second = asyncio.create_task(body(server, clinic, read))
    await asyncio.sleep(0)
    first.cancel()
    read.go_on.set()
    assert await second == "Test tenant"
    assert read.count == 1


@pytest.fixture(autouse=True)
async def _no_leftovers() -> AsyncIterator[None]:
    """Fails a test that leaves searches running."""
    yield
    names = {task.get_coro().__qualname__ for task in asyncio.all_tasks() if task.get_coro() is not None}  # type: ignore[union-attr]
    assert "SharedPages._search" not in names
