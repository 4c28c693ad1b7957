"""Tiles that live, and work that has failed: for administrators, each of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import structs

from queue_server.application.analytics.dashboard import MOST_OF_ACCOUNT
from queue_server.http.analytics import STREAM
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.permissions import Role
from tests.application.waitlist.people import Waitlist
from tests.graph import Graph
from tests.http.answers import problem
from tests.http.world import World, new_world
from tests.own_redis import PATIENCE
from tests.realtime.conftest import Node, serving

Tile = dict[str, Any]


@pytest.fixture
async def node(settings: Settings) -> AsyncIterator[Node]:
    """A server of its own: what goes on for ever needs a connection."""
    async with serving(settings) as running:
        yield running


@pytest.fixture
async def world(node: Node, settings: Settings, database: Database, graph: Graph) -> AsyncIterator[World]:
    """A clinic with a line of four, spoken to through the server."""
    async with httpx.AsyncClient(base_url=node.url, timeout=PATIENCE) as client:
        yield await new_world(client, settings, database, graph)


class Reader:
    """Somebody who reads the stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()
        self.last_id = ""

    async def next(self) -> Tile:
        """Return the next tile."""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_id = value
                if name == "data":
                    tile: Tile = msgspec.json.decode(value)
                    return tile
        raise EOFError

    async def until(self, **expected: Any) -> Tile:
        """Return the first tile that says this."""
        while not expected.items() <= (tile := await self.next()).items():
            pass
        return tile

    async def ends(self) -> bool:
        """Wait for the end."""
        try:
            while True:
                await self.next()
        except EOFError:
            return True


@asynccontextmanager
async def reading(world: World, token: str | None = None, **headers: str) -> AsyncIterator[Reader]:
    """Read the stream, as the administrator if nobody else is named."""
    asked = {"Authorization": f"Bearer {token or world.bearer(Role.ADMIN)}", **headers}
    async with world.client.stream("GET", STREAM, headers=asked) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        yield Reader(answer)


async def test_tiles_follow_what_happens_and_who_comes_back_is_told_what_is_new(world: World, node: Node) -> None:
    waitlist = Waitlist(world.graph, world.clinic)
    async with reading(world) as reader:
        first = await reader.next()
        assert (first["clinicId"], first["queueDepth"], first["waiting"]) == (str(world.clinic.id), 1, 0)
        await waitlist.join()
        await reader.until(queueDepth=2)
        await world.done("check-in", world.entries[0])
        await reader.until(waiting=1, inConsultation=0)
        await world.done("call-next", world.doctor)
        await world.done("start", world.entries[0])
        await reader.until(waiting=0, inConsultation=1)
    known = {"Last-Event-ID": reader.last_id}
    async with reading(world, **known) as reader:
        # Nothing is told again: the first thing to come is what happens now.
        await waitlist.join()
        assert (await reader.next())["queueDepth"] == 3
    async with reading(world, **known) as reader:
        assert (await reader.next())["queueDepth"] == 3
        async with world.graph.db.tenant(world.clinic.tenant) as tx:
            ready = "arrived_at = now() - interval '2 hours', start = now() - interval '1 hour'"
            await tx.run(f"UPDATE queue_entry SET {ready} WHERE entry_id = $1", world.entries[0])
        polled = await world.send("GET", "/api/analytics/dashboard", role=Role.ADMIN)
        # An hour is longer than the three quarters that the clinic promises.
        assert [(tile["queueDepth"], tile["slaBreaches"]) for tile in polled.json()["data"]] == [(3, 1)]
        again = await world.send(
            "GET", "/api/analytics/dashboard", role=Role.ADMIN, headers={"If-None-Match": polled.headers["ETag"]}
        )
        assert again.status_code == 304
        node.realtime._door.is_draining = True  # as a server about to stop is
        assert await reader.ends()
    assert (await world.send("GET", STREAM, role=Role.ADMIN)).status_code == 503


async def test_streams_are_few_for_each_account_and_end_with_their_tokens(
    world: World, node: Node, settings: Settings, database: Database, graph: Graph
) -> None:
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(reading(world)) for _ in range(MOST_OF_ACCOUNT)]
        refused = await world.send("GET", STREAM, role=Role.ADMIN)
        assert (refused.status_code, problem(refused)["code"]) == (429, "too_many_requests")
        for tiles in node.services.dashboard._tenants[world.clinic.tenant].readers:
            tiles.session = structs.replace(tiles.session, expires_at=datetime.now(UTC))
        assert [await reader.ends() for reader in readers] == [True] * MOST_OF_ACCOUNT
    async with reading(world) as reader:
        assert (await reader.next())["queueDepth"] == 1
    there = await new_world(world.client, settings, database, graph)
    unknown = await world.send("GET", f"{STREAM}?clinicId={there.clinic.id}", role=Role.ADMIN)
    assert unknown.status_code == 404
    for role in (Role.RECEPTIONIST, Role.DOCTOR, Role.PATIENT):
        assert (await world.send("GET", STREAM, role=role)).status_code == 403


async def test_work_that_was_given_up_is_seen_and_done_again_by_its_own_tenant(
    world: World, settings: Settings, database: Database, graph: Graph
) -> None:
    there = await new_world(world.client, settings, database, graph)
    for one in (world, there):
        async with database.tenant(one.clinic.tenant) as tx:
            for key in ("first", "second"):
                await tx.run(
                    "INSERT INTO job (tenant_id, kind, key, due_at, state, attempts, last_error, finished_at)"
                    " VALUES ($1, 'poisonous', $2, now(), 'dead', 10, 'ProviderRefused', now())",
                    tx.tenant,
                    key,
                )
    shown = (await world.send("GET", "/api/jobs?kind=poisonous", role=Role.ADMIN)).json()["data"]
    poisonous = [kind for kind in shown["kinds"] if kind["kind"] == "poisonous"]
    assert [(kind["dead"], kind["ready"], kind["retries"]) for kind in poisonous] == [(2, 0, 18)]
    assert {(one["key"], one["reason"], one["attempts"]) for one in shown["failures"]} == {
        ("first", "ProviderRefused", 10),
        ("second", "ProviderRefused", 10),
    }
    first = await world.send("POST", "/api/jobs/retry", {"kind": "poisonous", "key": "first"}, role=Role.ADMIN)
    rest = await world.send("POST", "/api/jobs/retry", {"kind": "poisonous"}, role=Role.ADMIN)
    assert (first.json()["data"], rest.json()["data"]) == ({"retried": 1}, {"retried": 1})
    gone = await world.send("POST", "/api/jobs/retry", {"kind": "poisonous", "key": "first"}, role=Role.ADMIN)
    assert (gone.status_code, problem(gone)["errors"][0]["field"]) == (404, "key")
    states = {}
    for which in (world, there):
        async with database.tenant(which.clinic.tenant) as tx:
            rows = await tx.rows("SELECT DISTINCT state, attempts FROM job WHERE kind = 'poisonous'")
        states[which.clinic.tenant] = [(row["state"], row["attempts"]) for row in rows]
    assert list(states.values()) == [[("ready", 0)], [("dead", 10)]]
