"""Locust with a few users against a whole server: everybody does what they are there for, and nothing fails."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.permissions import Role
from tests.graph import Graph
from tests.http.world import PASSWORD, World, new_world
from tests.realtime.conftest import Node, serving

ROOT = Path(__file__).parents[2]


class Outcome(NamedTuple):
    """How a run of Locust ended; `rows` are its figures by name."""

    code: int
    rows: dict[str, dict[str, Any]]
    told: str

    def count(self, name: str) -> int:
        """Return how often something was done."""
        return int(self.rows[name]["num_requests"]) if name in self.rows else 0

    @property
    def failures(self) -> dict[str, int]:
        """What has failed, and how often."""
        return {name: row["num_failures"] for name, row in self.rows.items() if row["num_failures"]}

    @property
    def acknowledged(self) -> set[str]:
        """The desks' commands that were done."""
        return {name.removeprefix("ack ") for name in self.rows if name.startswith("ack ") and "," not in name}


async def run_locust(file: str, url: str, *arguments: str) -> Outcome:
    """Run Locust to its end in a process of its own: it patches the one it runs in."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "locust", "-f", f"loadtests/{file}", "--host", url, "--headless", "--json",
        "--only-summary", "--stop-timeout", "1", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(200):
            out, told = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    rows = {row["name"]: row for row in json.loads(out)} if out.strip() else {}
    return Outcome(process.returncode or 0, rows, told.decode())


@pytest.fixture
async def node(settings: Settings) -> AsyncIterator[Node]:
    """One server, with the limits it has for everybody."""
    async with serving(settings) as running:
        yield running


@pytest.fixture
async def world(node: Node, settings: Settings, database: Database, graph: Graph) -> AsyncIterator[World]:
    """A clinic with two doctors, one of them with a line of four."""
    async with httpx.AsyncClient(base_url=node.url, timeout=60) as client:
        yield await new_world(client, settings, database, graph)


@pytest.fixture
def login(world: World) -> tuple[str, ...]:
    """Options that sign in as the clinic's receptionist."""
    return ("--email", str(world.accounts[Role.RECEPTIONIST].email), "--password", PASSWORD)


async def test_phones_follow_and_desks_work_without_a_failure(node: Node, login: tuple[str, ...]) -> None:
    day = await run_locust(
        "locustfile.py", node.url, *login, "--users", "22", "--spawn-rate", "22", "--run-time", "8s",
        "--desks", "2", "--desk-pause", "0.1", "--poll-every", "1",
    )  # fmt: skip
    assert day.failures == {}, day.told
    assert day.code == 0
    assert day.count("join-queue") == 18
    assert day.count("queue-update lateness") > 18
    assert {"subscribe", "call-next", "start", "complete", "move", "walk-in"} <= day.acknowledged
    assert day.count("track") >= 2


async def test_phones_that_are_cut_all_resume(node: Node, login: tuple[str, ...]) -> None:
    storms = await run_locust(
        "stormfile.py", node.url, *login, "--users", "20", "--spawn-rate", "20", "--storms", "2",
        "--storm-every", "1.5", "--jitter", "0.5", "--desks", "1", "--desk-pause", "0.2",
    )  # fmt: skip
    assert storms.failures == {}, storms.told
    assert storms.code == 0
    assert storms.count("all are back") == 2
    assert storms.count("resume") == 2 * storms.count("join-queue") > 0


async def test_without_desks_of_its_own_it_tells_the_age_of_what_phones_are_shown(
    node: Node, world: World, login: tuple[str, ...]
) -> None:
    run = run_locust(
        "locustfile.py", node.url, *login, "--users", "4", "--spawn-rate", "4", "--run-time", "6s",
        "--desks", "0", "--line", "0", "TrackerUser",
    )  # fmt: skip
    running = asyncio.create_task(run)
    to = 1
    while not running.done():
        to = 5 - to
        await world.done("move", world.entries[0], {"newPosition": to})
        await asyncio.sleep(0.2)
    seen = await running
    assert seen.failures == {}, seen.told
    assert seen.count("queue-update age") > 4


async def test_it_says_in_one_sentence_why_it_cannot_begin(node: Node, tmp_path: Path) -> None:
    nobody = await run_locust("locustfile.py", node.url, "--users", "1", "--data-dir", str(tmp_path))
    assert nobody.code != 0
    assert "No demo in" in nobody.told
    assert "Traceback" not in nobody.told


def test_nothing_is_patched_outside_of_locusts_own_process() -> None:
    assert "locust" not in sys.modules
    assert socket.socket.__module__ == "socket"
