"""Backup into one file, restore from it: the whole database with roles, policies and every tenant.

Both need a login that row-level security does not hold back, which neither the servers' nor the owner's is.
"""

import os
from pathlib import Path
from time import monotonic
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import msgspec

from queue_server.application.audit_roots import public_key
from queue_server.application.audit_verify import Progress, VerifyReport, verify
from queue_server.embedded.postgres import SUPERUSER, password_name
from queue_server.embedded.secrets import kept_secrets
from queue_server.operations.postgres_tools import ToolFailed, find_tool, run_tool
from queue_server.settings import Settings, SettingsError
from queue_server.store.db import AWAY, Database
from queue_server.store.migrate import migrate
from queue_server.store.rebuild import raise_epoch_of
from queue_server.store.root_copies import RootCopies
from scheduling_core.errors import Unavailable
from sql import loader

VARIABLE = "DATABASE_BACKUP_URL"


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that is on disk."""

    file: Path
    bytes: int
    tenants: int
    seconds: float


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """A database that is back: its epoch, how many migrations were newer than the backup, how its audit stands."""

    epoch: int
    migrations: int
    seconds: float
    audit: VerifyReport


def backup_url(settings: Settings) -> str:
    """Return the address of a login that sees all tenants: `DATABASE_BACKUP_URL`, or the embedded Postgres' own.

    Raises `SettingsError` when there is neither.
    """
    if settings.database_backup_url is not None:
        return settings.database_backup_url
    kept = kept_secrets(settings.data_dir)
    owner = urlsplit(settings.owner_url())
    password = kept.get(password_name(SUPERUSER))
    if password is None or owner.password != kept.get(password_name(owner.username or "")):
        raise SettingsError(
            f"{VARIABLE} is not set; give the address of a superuser of the database, because backups go past"
            " row-level security."
        )
    place = owner.netloc.rpartition("@")[2]
    return urlunsplit(owner._replace(netloc=f"{SUPERUSER}:{quote(password, safe='')}@{place}"))


async def backup(url: str, file: Path) -> BackupReport:
    """Write everything in the database at `url` into `file`, which appears only when it is whole and on disk.

    Clinics may work meanwhile: the backup is one moment. Raises `ToolFailed` or `Unavailable`.
    """
    started = monotonic()
    connection = await _connect(url)
    try:
        await _require(connection, "rolsuper OR rolbypassrls", "may not read past row-level security")
        if await connection.fetchval("SELECT to_regclass('public.tenant') IS NULL"):
            raise ToolFailed("There is nothing to back up: the database has no schema of ours.")
        tenants = await connection.fetchval("SELECT count(*) FROM tenant")
        tool = await find_tool("pg_dump", _major(connection))
    finally:
        await connection.close(timeout=5)
    draft = file.with_name(f"{file.name}.part")
    draft.unlink(missing_ok=True)
    # Names, phones, password hashes: for nobody else to read.
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        await run_tool(tool, url, ["--format=custom", "--lock-wait-timeout=30s", f"--file={draft}"])
        _sync(draft)
        draft.replace(file)
        _sync(file.parent)
        size = os.path.getsize(file)  # noqa: ASYNC240
    finally:
        draft.unlink(missing_ok=True)
    return BackupReport(file=file, bytes=size, tenants=tenants, seconds=round(monotonic() - started, 3))


async def restore(
    url: str, file: Path, settings: Settings, progress: Progress = lambda done, total: None
) -> RestoreReport:
    """Bring the backup in `file` back into a database without data, verify its audit, and return how it went.

    The schema is brought up to date and the epoch is raised, so that every client takes the older versions it now
    sees for the newer truth. All or nothing: a restore that fails leaves a database without data. `url` is a
    superuser's. Raises `ToolFailed` or `Unavailable`.
    """
    started = monotonic()
    if not os.path.isfile(file):  # noqa: ASYNC240
        raise ToolFailed(f"There is no file {file}.")
    connection = await _connect(url)
    try:
        await _require(connection, "rolsuper", "is not a superuser, and a restore hands objects to several roles")
        await _require_empty(connection)
        tool = await find_tool("pg_restore", _major(connection))
        await connection.execute(loader.roles())
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        await connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    finally:
        await connection.close(timeout=5)
    await run_tool(tool, url, ["--exit-on-error", "--single-transaction", str(file)])
    migrations = await migrate(settings.owner_url())
    owner = Database(settings.owner_url(), pool_size=2, application="queue-restore")
    await owner.open()
    try:
        epoch = await raise_epoch_of(owner)
        keys = frozenset({public_key(settings.audit_signing_key)} if settings.audit_signing_key else ())
        audit = await verify(owner, RootCopies(settings.audit_roots_dir), keys, progress)
    finally:
        await owner.close()
    return RestoreReport(epoch=epoch, migrations=migrations, seconds=round(monotonic() - started, 3), audit=audit)


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10)
    except AWAY as error:
        raise Unavailable("The database cannot be reached.") from error
    except asyncpg.PostgresError as error:
        raise ToolFailed(f"The database refuses the login of {VARIABLE}: {error}.") from error


async def _require(connection: asyncpg.Connection, right: str, complaint: str) -> None:
    row = await connection.fetchrow(f"SELECT rolname, {right} AS may FROM pg_roles WHERE rolname = current_user")  # noqa: S608
    if not row["may"]:
        raise ToolFailed(f"The role {row['rolname']} {complaint}; give a superuser's address as {VARIABLE}.")


async def _require_empty(connection: asyncpg.Connection) -> None:
    others = await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    is_ours = await connection.fetchval("SELECT to_regclass('public.tenant') IS NOT NULL")
    if others and not is_ours:
        raise ToolFailed("The database holds tables that are not ours; restore into an empty one.")
    if is_ours and (tenants := await connection.fetchval("SELECT count(*) FROM tenant")):
        raise ToolFailed(f"The database holds {tenants} tenants already; restore into an empty one.")


def _major(connection: asyncpg.Connection) -> int:
    major: int = connection.get_server_version().major
    return major


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
