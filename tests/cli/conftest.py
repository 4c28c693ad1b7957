"""Runs the real command as operators do: as a process of its own, on installations of its own."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from shutil import rmtree

import pytest

from queue_server import cli
from queue_server.embedded.ports import free_port

ROOT = Path(__file__).parents[2]
SETTINGS = re.compile(r"^(DATABASE_|REDIS_|JWT_|POSTGRES_|DATA_DIR|PORT|HOST|PUBLIC_URL|LOG_|COLUMNS|PG)")


def environment(**extra: str) -> dict[str, str]:
    """This process' environment without any setting of ours, and `extra`."""
    plain = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
    return plain | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", **extra}


def queue_server(
    *arguments: str, env: Mapping[str, str] | None = None, given: str = "", seconds: float = 200
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "queue_server.cli", *arguments],
        env=environment(**(env or {})),
        input=given,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=ROOT,
    )


def in_process(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run one command to its end within this process, which spares a second; return its code, output and errors."""
    out, errors = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(errors):
        for name in (name for name in os.environ if SETTINGS.match(name)):
            patched.delenv(name)
        for name, value in (env or {}).items():
            patched.setenv(name, value)
        patched.setattr("sys.argv", ["queue-server", *arguments])
        try:
            cli.main()
        except SystemExit as ended:
            return int(ended.code or 0), out.getvalue(), errors.getvalue()
    return 0, out.getvalue(), errors.getvalue()


class Running:
    """A command that keeps running."""

    def __init__(self, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 – closed in stop()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "queue_server.cli", *arguments],
            env=environment(**(env or {})),
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        """What it printed when it was ready."""

    def errors(self) -> str:
        """What it has written to standard error."""
        self._log.seek(0)
        return self._log.read()

    def children(self) -> dict[int, str]:
        """The processes it has started, with the command line of each."""
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and f"\nPPid:\t{self.process.pid}\n" in (entry / "status").read_text():
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def child(self, name: str) -> int:
        """The process id of `postgres`, `redis`, `serve` or `worker`; 0 while it is down."""
        wanted = {"postgres": "bin/postgres ", "redis": "redis-server ", "serve": " serve ", "worker": " worker "}[name]
        return next((pid for pid, line in self.children().items() if wanted in line and "shim.py" not in line), 0)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it, wait for its end and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(90)
        self._log.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to this in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not collected yet (a zombie) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    return free_port()


@pytest.fixture(scope="session")
def installation() -> Iterator[Path]:
    """A data directory, not in use, with a clinic in Berlin, two doctors and an admin."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-"))
    folder.chmod(0o711)
    data = ["--data-dir", str(folder / "data")]
    admin = ["--email", "admin@example.org", "--password", "a long enough passphrase"]
    for command in (
        ["create-admin", *admin, "--tenant-name", "Example Health", *data],
        ["add-clinic", "riverside", "Riverside Clinic", "--timezone", "Europe/Berlin", *data],
        ["add-doctor", "Dr Mehta", "--room", "Room 2", *data],
        ["add-doctor", "Dr Sørensen", "--letters", "P", *data],
    ):
        code, _, errors = in_process(*command)
        assert code == 0, errors
    yield folder / "data"
    rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def house(installation: Path) -> Iterator[Running]:
    """`up` on the installation."""
    running = Running("up", "--data-dir", str(installation), "--port", str(free_port()))
    yield running
    running.stop()
