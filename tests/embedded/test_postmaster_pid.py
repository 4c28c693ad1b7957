"""Stale and truncated pid files: cleared when nobody serves the cluster, and no stranger is ever signalled."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from queue_server.embedded import EmbeddedError, EmbeddedServices, postmaster_pid
from queue_server.embedded.postmaster_pid import clear_stale_pid_file

from .conftest import alive

LINES = "{pid}\n/somewhere\n1790000000\n5432\n\n127.0.0.1\n  5432001   1\nready\n"


@pytest.fixture
async def stranger() -> AsyncIterator[int]:
    """A live process of somebody else's; run as the services' own user, whom Postgres itself would respect."""
    user = "nobody" if os.geteuid() == 0 else None
    process = await asyncio.create_subprocess_exec("sleep", "60", user=user)
    yield process.pid
    assert process.returncode is None
    process.kill()
    await process.wait()


async def test_a_start_gets_past_every_kind_of_stale_file(folder: Path, stranger: int) -> None:
    data = folder / "data"
    services = await EmbeddedServices.start(data, redis=False)
    file = data / "services" / "postgres" / "postmaster.pid"
    whole = file.read_text()
    await services.stop()
    dead = LINES.format(pid=4_194_300)
    for stale in ("", "\n", "12", whole[:7], "garbage\n" * 8, LINES.format(pid=stranger), LINES.format(pid=1), dead):
        file.write_text(stale)
        os.chown(file, file.parent.stat().st_uid, -1)
        services = await EmbeddedServices.start(data, redis=False)
        connection = await asyncpg.connect(services.urls["DATABASE_URL"])
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        await services.stop()
        assert alive(stranger)
    await (await EmbeddedServices.start(data, redis=False)).stop(erase=True)


async def test_a_dead_pid_is_left_for_postgres_to_judge(tmp_path: Path) -> None:
    file = tmp_path / "postmaster.pid"
    file.write_text(LINES.format(pid=4_194_300))  # above what the kernel hands out by default
    await clear_stale_pid_file(tmp_path)
    assert file.exists()


async def test_no_file_is_no_trouble(tmp_path: Path) -> None:
    await clear_stale_pid_file(tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_a_live_postgres_on_the_same_cluster_is_named_and_not_touched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster_pid, "ORPHAN_PATIENCE", 0.2)
    services = await EmbeddedServices.start(folder / "data", redis=False)
    pid = services.pid("postgres")
    assert pid is not None
    with pytest.raises(EmbeddedError, match=f"process {pid}"):
        await clear_stale_pid_file(folder / "data" / "services" / "postgres")
    assert alive(pid)
    await services.stop(erase=True)
