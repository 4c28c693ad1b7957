"""A backup brought back is the same to the last hash, newer in its epoch, and refuses to overwrite anything."""

import asyncio
import random
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from queue_server.application.audit_roots import RootSigner
from queue_server.application.rebuild import replay
from queue_server.embedded.secrets import kept_secrets
from queue_server.operations.backup import backup, backup_url, restore
from queue_server.operations.postgres_tools import ToolFailed, find_tool
from queue_server.settings import Settings, SettingsError
from queue_server.store.db import Database
from queue_server.store.migrate import migrate
from queue_server.store.root_copies import RootCopies
from scheduling_core.errors import Unavailable
from tests.application.test_rebuild import a_day_at_random
from tests.conftest import RunningServices
from tests.factories import Clinic, new_clinic
from tests.graph import Graph


class OwnDatabase:
    """A database of this test's own, in the run's cluster."""

    def __init__(self, services: RunningServices, settings: Settings) -> None:
        self.name = f"backup_{uuid4().hex[:12]}"
        self.admin_url: str = services.services.admin_url
        self.superuser_url = self._named(self.admin_url)
        self.settings = msgspec.structs.replace(
            settings,
            database_url=self._named(settings.database_url),
            database_owner_url=self._named(settings.owner_url()),
        )

    def _named(self, url: str) -> str:
        return f"{url.rpartition('/')[0]}/{self.name}"

    async def make(self) -> None:
        await self._admin(f"CREATE DATABASE {self.name} OWNER queue_owner")

    async def drop(self) -> None:
        await self._admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.admin_url)
        await connection.execute(statement)
        await connection.close()


@pytest.fixture
async def source(services: RunningServices, settings: Settings) -> AsyncIterator[OwnDatabase]:
    """A database with our schema."""
    own = OwnDatabase(services, settings)
    await own.make()
    await migrate(own.settings.owner_url())
    yield own
    await own.drop()


@pytest.fixture
async def target(services: RunningServices, settings: Settings) -> AsyncIterator[OwnDatabase]:
    """An empty database."""
    own = OwnDatabase(services, settings)
    await own.make()
    yield own
    await own.drop()


@pytest.fixture
async def worked(source: OwnDatabase) -> AsyncIterator[tuple[Graph, Clinic]]:
    """A clinic in the source after some commands, its audit signed."""
    db = Database(source.settings.database_url, pool_size=4)
    await db.open()
    graph = Graph(source.settings, db)
    clinic = await new_clinic(db, doctors=3)
    await a_day_at_random(graph, clinic, random.Random(11), 60)
    assert source.settings.audit_signing_key is not None
    signer = RootSigner(db, source.settings.audit_signing_key, RootCopies(source.settings.audit_roots_dir))
    await signer.sign(clinic.tenant)
    yield graph, clinic
    await db.close()


async def contents(url: str) -> dict[str, list[str]]:
    """Return every row of every table as text, less what a restore changes on purpose."""
    connection = await asyncpg.connect(url)
    names = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND relname <> 'deployment'"
    )
    found = {}
    for row in names:
        rows = await connection.fetch(f"SELECT t::text AS row FROM {row['relname']} t ORDER BY 1")
        found[row["relname"]] = [r["row"] for r in rows]
    await connection.close()
    return found


async def test_a_backup_comes_back_whole_with_a_newer_epoch(
    source: OwnDatabase, target: OwnDatabase, worked: tuple[Graph, Clinic], tmp_path: Path
) -> None:
    _, clinic = worked
    file = tmp_path / "clinic.backup"
    report = await backup(source.superuser_url, file)
    assert (report.tenants, report.bytes) == (1, file.stat().st_size)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["clinic.backup"]

    restored = await restore(target.superuser_url, file, target.settings)
    assert restored.audit.is_sound
    assert restored.audit.notes == []
    assert restored.audit.roots == 1
    assert restored.migrations == 0
    assert await contents(target.superuser_url) == await contents(source.superuser_url)

    # It is isolated as before, a server can work with it, and clients will take what it says for newer.
    db = Database(target.settings.database_url, pool_size=4)
    await db.open()
    owner = Database(target.settings.owner_url(), pool_size=2)
    await owner.open()
    assert (await db.check())["safe"]
    async with db.tenant(clinic.tenant) as tx:
        row = await tx.row("SELECT epoch FROM deployment")
        assert row is not None
        assert row["epoch"] == restored.epoch > 1
    assert await a_day_at_random(Graph(target.settings, db), clinic, random.Random(3), 20) > 3
    assert (await replay(owner)).is_equal
    await owner.close()
    await db.close()


async def test_what_was_signed_after_the_backup_is_reported_not_hidden(
    source: OwnDatabase, target: OwnDatabase, worked: tuple[Graph, Clinic], tmp_path: Path
) -> None:
    graph, clinic = worked
    await backup(source.superuser_url, tmp_path / "b")
    await a_day_at_random(graph, clinic, random.Random(5), 20)
    assert source.settings.audit_signing_key is not None
    copies = RootCopies(source.settings.audit_roots_dir)
    assert await RootSigner(graph.db, source.settings.audit_signing_key, copies).sign(clinic.tenant) == 2
    restored = await restore(target.superuser_url, tmp_path / "b", target.settings)
    assert restored.audit.is_sound
    assert any("root 2 of epoch 1 was cut off by a restore" in note for note in restored.audit.notes)


async def test_a_second_restore_has_a_higher_epoch_than_the_first(
    source: OwnDatabase, target: OwnDatabase, worked: tuple[Graph, Clinic], tmp_path: Path
) -> None:
    await backup(source.superuser_url, tmp_path / "b")
    first = await restore(target.superuser_url, tmp_path / "b", target.settings)
    await target.drop()
    await target.make()
    await asyncio.sleep(1)
    assert (await restore(target.superuser_url, tmp_path / "b", target.settings)).epoch > first.epoch


async def test_a_migrated_database_without_data_may_be_restored_into(
    source: OwnDatabase, target: OwnDatabase, worked: tuple[Graph, Clinic], tmp_path: Path
) -> None:
    await backup(source.superuser_url, tmp_path / "b")
    await migrate(target.settings.owner_url())
    assert (await restore(target.superuser_url, tmp_path / "b", target.settings)).audit.is_sound


async def test_a_database_with_data_is_never_overwritten(
    source: OwnDatabase, target: OwnDatabase, worked: tuple[Graph, Clinic], tmp_path: Path
) -> None:
    await backup(source.superuser_url, tmp_path / "b")
    before = await contents(source.superuser_url)
    with pytest.raises(ToolFailed, match="holds 1 tenants already"):
        await restore(source.superuser_url, tmp_path / "b", source.settings)
    assert await contents(source.superuser_url) == before
    connection = await asyncpg.connect(target.superuser_url)
    await connection.execute("CREATE TABLE somebody_elses ()")
    await connection.close()
    with pytest.raises(ToolFailed, match="not ours"):
        await restore(target.superuser_url, tmp_path / "b", target.settings)


async def test_what_cannot_work_is_said_in_a_sentence(source: OwnDatabase, target: OwnDatabase, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="may not read past row-level security"):
        await backup(source.settings.owner_url(), tmp_path / "b")
    with pytest.raises(ToolFailed, match="nothing to back up"):
        await backup(target.superuser_url, tmp_path / "b")
    with pytest.raises(ToolFailed, match="no file"):
        await restore(target.superuser_url, tmp_path / "missing", target.settings)
    (tmp_path / "nonsense").write_bytes(b"not a backup")
    with pytest.raises(ToolFailed, match=r"pg_restore failed: .*archive"):
        await restore(target.superuser_url, tmp_path / "nonsense", target.settings)
    with pytest.raises(Unavailable):
        await backup("postgresql://postgres@127.0.0.1:9/clinic_queue", tmp_path / "b")
    with pytest.raises(ToolFailed, match="No pg_dump of Postgres 99 or newer"):
        await find_tool("pg_dump", 99)
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / "b.part").exists()


def test_the_address_is_given_or_that_of_the_embedded_postgres(services: RunningServices, settings: Settings) -> None:
    given = "postgresql://root@db/clinic_queue"
    assert backup_url(msgspec.structs.replace(settings, database_backup_url=given)) == given
    with pytest.raises(SettingsError, match="DATABASE_BACKUP_URL is not set"):
        backup_url(settings)
    embedded = msgspec.structs.replace(settings, data_dir=services.folder / "data")
    assert kept_secrets(embedded.data_dir)
    url = services.services.admin_url
    assert backup_url(embedded).split("?")[0] == f"{url.rpartition('/')[0]}/clinic_queue"
