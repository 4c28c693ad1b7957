"""Embedded Postgres and Redis: killed, doubled, started as root, stopped – real processes throughout."""

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio

from queue_server.embedded import DataDirectoryInUse, EmbeddedServices, data_directory, persistent_secrets

from .conftest import alive, until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")


@pytest.fixture
async def services(folder: Path) -> AsyncIterator[EmbeddedServices]:
    running = await EmbeddedServices.start(folder / "data")
    yield running
    await running.stop(erase=True)


async def one(url: str, query: str) -> Any:
    connection = await asyncpg.connect(url, timeout=30)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close(timeout=30)


def client_of(services: EmbeddedServices) -> redis.asyncio.Redis:
    client: redis.asyncio.Redis = redis.asyncio.from_url(services.urls["REDIS_URL"])  # type: ignore[no-untyped-call]
    return client


async def until_answers(url: str, query: str) -> Any:
    for _ in range(600):
        try:
            return await one(url, query)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InternalClientError, asyncpg.InterfaceError):
            await asyncio.sleep(0.05)
    raise AssertionError("Postgres did not come back")


async def test_every_address_logs_in_as_its_own_modest_role(services: EmbeddedServices) -> None:
    for name, role in (
        ("DATABASE_URL", "queue_app"),
        ("DATABASE_OWNER_URL", "queue_owner"),
        ("DATABASE_JOBS_URL", "queue_jobs"),
    ):
        assert await one(services.urls[name], "SELECT current_user::text") == role
        question = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert await one(services.urls[name], question) is False
    assert await one(services.urls["DATABASE_OWNER_URL"], "SELECT pg_has_role('queue_login', 'MEMBER')")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await one(services.urls["DATABASE_URL"], "CREATE TABLE public.mine ()")
    assert await one(services.urls["DATABASE_URL"], "SHOW fsync") == "on"


async def test_a_wrong_password_is_refused(services: EmbeddedServices) -> None:
    scheme, _, rest = services.urls["DATABASE_URL"].partition("queue_app:")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await one(f"{scheme}queue_app:wrong@{rest.partition('@')[2]}", "SELECT 1")


async def test_a_killed_postgres_is_back_at_the_same_address_with_its_data(services: EmbeddedServices) -> None:
    owner = services.urls["DATABASE_OWNER_URL"]
    await one(owner, "CREATE TABLE kept AS SELECT 42 AS answer")
    before = services.pid("postgres")
    assert before is not None
    session = await asyncpg.connect(owner)  # a backend that is alive when its postmaster dies
    os.kill(before, signal.SIGKILL)
    assert await until_answers(owner, "SELECT answer FROM kept") == 42
    assert services.pid("postgres") != before
    session.terminate()


async def test_a_killed_redis_is_back_on_the_same_socket(services: EmbeddedServices) -> None:
    if "REDIS_URL" not in services.urls:
        pytest.skip("no redis-server on this machine, and no wheel with one")
    client = client_of(services)
    assert await client.ping()
    before = services.pid("redis")
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await until(lambda: services.pid("redis") not in (None, before))
    await client.aclose()
    client = client_of(services)
    for _ in range(200):
        try:
            assert await client.ping()
            break
        except redis.exceptions.ConnectionError:
            await asyncio.sleep(0.05)
    await client.aclose()


async def test_a_second_start_is_told_who_holds_the_directory(services: EmbeddedServices, folder: Path) -> None:
    with pytest.raises(DataDirectoryInUse, match=rf"in use by process {os.getpid()} ") as raised:
        await EmbeddedServices.start(folder / "data")
    assert raised.value.pid == os.getpid()
    assert await one(services.urls["DATABASE_URL"], "SELECT 1") == 1


@needs_root
async def test_root_runs_nothing_as_root(services: EmbeddedServices) -> None:
    for name in ("postgres", "redis") if "REDIS_URL" in services.urls else ("postgres",):
        status = Path(f"/proc/{services.pid(name)}/status").read_text()
        ids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        groups = next(line for line in status.splitlines() if line.startswith("Groups:")).split()[1:]
        assert "0" not in ids
        assert groups == []


async def test_what_services_own_is_closed_to_others(services: EmbeddedServices, folder: Path) -> None:
    data = folder / "data"
    assert stat.S_IMODE((data / "services" / "postgres").stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "secrets.env").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "logs" / "postgres.log").stat().st_mode) == 0o600
    assert not (data / "services" / "superuser-password").exists()
    assert services.admin_url.split(":")[2].split("@")[0] in (data / "secrets.env").read_text()


@needs_root
async def test_below_a_folder_closed_to_others_services_live_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = folder / "state"
    monkeypatch.setattr(data_directory, "SYSTEM_STATE", elsewhere)
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for turn in range(2):
        services = await EmbeddedServices.start(closed / "data", redis=False)
        assert "REDIS_URL" not in services.urls
        statement = "SELECT count(*) FROM kept" if turn else "CREATE TABLE kept ()"
        assert await one(services.urls["DATABASE_OWNER_URL"], statement) in (None, 0)
        await services.stop(erase=turn == 1)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_nothing_outlives_its_holder_and_the_next_start_finds_everything(
    hold: Any, folder: Path, number: signal.Signals
) -> None:
    data = folder / "data"
    first = await hold("services", str(data))
    await one(first.told["urls"]["DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
    keys = persistent_secrets(data)
    await first.end(number)
    if number is not signal.SIGKILL:
        assert not any(alive(pid) for pid in first.pids)
    # After SIGKILL at once: the orphans are still on their way out, and are waited for.
    services = await EmbeddedServices.start(data)
    try:
        assert await one(services.urls["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == 42
        assert not any(alive(pid) for pid in first.pids)
        assert persistent_secrets(data) == keys
    finally:
        await services.stop(erase=True)
    assert [entry.name for entry in data.iterdir()] == ["lock"]
