"""An embedded Postgres: its cluster made once, its roles and database kept as they should be, its server a child."""

import asyncio
import os
import secrets
import shutil
import signal
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import asyncpg
import structlog

from .data_directory import SYSTEM_STATE, DataDirectory
from .errors import EmbeddedError
from .ports import free_port
from .postgres_binaries import postgres_binaries
from .postmaster_pid import clear_stale_pid_file
from .processes import spawn
from .secrets import keep
from .supervisor import Child
from .users import ServiceUser, make_private

log = structlog.stdlib.get_logger(__name__)

DATABASE = "clinic_queue"
SUPERUSER = "postgres"
ROLES = {"DATABASE_URL": "queue_app", "DATABASE_OWNER_URL": "queue_owner", "DATABASE_JOBS_URL": "queue_jobs"}
INITDB_SECONDS = 120.0

# fsync, full_page_writes and synchronous_commit stay on: an acknowledged command survives a power cut here too.
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors without DETAIL: "Key (phone)=(…) already exists" would put patients into the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "logging_collector": "off",
    "log_destination": "stderr",
}


class EmbeddedPostgres:
    """What a supervisor needs to run the server, and the addresses it answers at."""

    def __init__(self, data: DataDirectory, user: ServiceUser | None) -> None:
        self._data = data
        self._user = user
        self._home = data.services(user)
        self._cluster = self._home / "postgres"
        self._binaries = postgres_binaries(user, SYSTEM_STATE)
        self._passwords = keep(
            data.path, {password_name(role): lambda: secrets.token_hex(24) for role in (SUPERUSER, *ROLES.values())}
        )
        self.port = free_port()

    @property
    def urls(self) -> dict[str, str]:
        """`DATABASE_URL`, `DATABASE_OWNER_URL` and `DATABASE_JOBS_URL`, each with its own role."""
        return {name: self._url(role, DATABASE) for name, role in ROLES.items()}

    @property
    def admin_url(self) -> str:
        """The superuser's address; for tests that make databases of their own, never for the application."""
        return self._url(SUPERUSER, "postgres")

    async def prepare(self) -> None:
        """Make the cluster unless there is one. Raises `EmbeddedError` with initdb's own words when it fails."""
        if (self._cluster / "PG_VERSION").is_file():
            owner, wanted = self._cluster.stat().st_uid, self._user.uid if self._user else os.geteuid()
            if owner != wanted:
                raise EmbeddedError(
                    f"The data in {self._cluster} belongs to user id {owner};"
                    " start as that user or choose another directory."
                )
            return
        # Made beside its place and moved there whole, so that a start cut off halfway leaves nothing half made.
        draft = self._home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        make_private(draft, self._user)
        await self._initdb(draft)
        shutil.rmtree(self._cluster, ignore_errors=True)
        draft.rename(self._cluster)

    def child(self) -> Child:
        """The server, for a supervisor."""
        options = [part for name, value in SERVER_SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name="postgres",
            argv=[str(self._binaries / "postgres"), "-D", str(self._cluster), "-p", str(self.port), *options],
            env=_environment(),
            cwd=self._cluster,
            user=self._user,
            ready=self._answers,
            ready_seconds=60.0,  # after a crash it replays its log first
            start_attempts=5,  # sessions of a killed predecessor hold its shared memory for a moment
            before_start=self._before_start,
            # Fast shutdown: ends sessions and writes a checkpoint. SIGQUIT ends at once and recovers at the next start.
            stop_signals=(signal.SIGINT, signal.SIGQUIT),
            stop_seconds=20.0,
            death_signal=signal.SIGQUIT,
            output=self._data.log("postgres"),
        )

    async def bootstrap(self) -> None:
        """Make or mend roles, passwords and the database. Call it once the server answers; repeat as you like."""
        connection = await asyncpg.connect(self.admin_url, ssl=False, timeout=10)
        try:
            await connection.execute(resources.files("sql").joinpath("roles.sql").read_text())
            for role in ROLES.values():
                await connection.execute(f"ALTER ROLE {role} PASSWORD '{self._passwords[password_name(role)]}'")
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER queue_owner")
            await connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            await connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO queue_app, queue_jobs")
        finally:
            await connection.close(timeout=5)

    async def _initdb(self, target: Path) -> None:
        # A file, not a pipe: initdb opens it itself, as a user who may not open root's pipes.
        password = self._home / "superuser-password"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(self._passwords[password_name(SUPERUSER)])
        if self._user:
            os.chown(password, self._user.uid, self._user.gid)
        output = self._data.log("initdb")
        output.unlink(missing_ok=True)
        try:
            process = await spawn(
                [
                    str(self._binaries / "initdb"),
                    *("-D", str(target), "-U", SUPERUSER, f"--pwfile={password}", "--auth=scram-sha-256"),
                    # The built-in provider: the same order of text on every machine, whatever locales it has.
                    *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
                ],
                env=_environment(),
                cwd=target,
                user=self._user,
                output=output,
                death_signal=signal.SIGKILL,
            )
            try:
                code = await asyncio.wait_for(process.wait(), INITDB_SECONDS)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        finally:
            password.unlink(missing_ok=True)
        if code != 0:
            last = output.read_text(errors="replace").strip().splitlines()[-3:]
            raise EmbeddedError(f"initdb failed: {' / '.join(last) or f'exit {code}'}")

    async def _before_start(self) -> None:
        await clear_stale_pid_file(self._cluster)

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.admin_url, ssl=False, timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InternalClientError):
            return False
        try:
            return bool(await connection.fetchval("SELECT 1", timeout=2) == 1)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        finally:
            connection.terminate()

    def _url(self, role: str, database: str) -> str:
        # sslmode said aloud: else clients look for certificates below HOME, which may be closed to them.
        password = quote(self._passwords[password_name(role)], safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}?sslmode=disable"


def password_name(role: str) -> str:
    """The name under which a role's password is kept among the secrets."""
    return f"POSTGRES_PASSWORD_{role.upper()}"


def _environment() -> dict[str, str]:
    """Next to nothing: PG* variables of the caller would change what the server and initdb do."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
