"""A server in a process of its own: started on its core, told what to do, watched, and ended."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from loadtests.fanout.node_packages import Node
from loadtests.fanout.servers.orders import Config, line

START_SECONDS, ANSWER_SECONDS = 20.0, 30.0
LAST_WORDS = 400  # characters of a dead server's output


class ServerFailed(Exception):
    """A server did not start, did not answer or died; the message carries its last words."""


@contextmanager
def pinned_to(core: int) -> Iterator[None]:
    """Run on one core for a while, so that a process started meanwhile inherits it, all its threads included."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Server:
    """A running server; a context manager that kills it at the end."""

    def __init__(self, config: Config, *, core: int, node: Node | None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fanout-"))
        self._log = self._folder / "output"
        self._orders = socket.socket(socket.AF_UNIX)
        self._orders.settimeout(START_SECONDS)
        path = self._folder / "control"
        with self._orders as listening:
            listening.bind(str(path))
            listening.listen(1)
            arguments = _command(msgspec.structs.replace(config, control=str(path)), node)
            with self._log.open("wb") as log, pinned_to(core):
                self._process = subprocess.Popen(
                    arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment()
                )
            try:
                self._control = self._accepted(listening)
                self._answers = self._control.makefile("rb")
                hello = self._read()
            except BaseException:
                self.end()
                raise
        self.port: int = hello["port"]
        self.versions: dict[str, str] = hello["versions"]
        # Linux numbers another process's CPU clock like this (include/linux/posix-timers.h, CPUCLOCK_SCHED).
        self._clock = (~self._process.pid << 3) | 2

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def tell(self, order: dict[str, Any]) -> None:
        """Give an order. Raises `ServerFailed` when the server is gone."""
        try:
            self._control.sendall(line(order))
        except OSError as error:
            raise self._failure("takes no orders") from error

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Give an order and return its answer. Raises `ServerFailed`."""
        self.tell(order)
        return self._read()

    def cpu_seconds(self) -> float:
        """Return the CPU time of the whole process so far: user and system, every thread."""
        return time.clock_gettime(self._clock)

    def resident_bytes(self) -> int:
        """Return the resident set size."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def writes(self) -> int:
        """Return how many `write` and `writev` calls the process has made (`send` is not among them)."""
        counters = Path(f"/proc/{self._process.pid}/io").read_text().split()
        return int(counters[counters.index("syscw:") + 1])

    def check(self) -> None:
        """Raise `ServerFailed` when the process has ended."""
        if self._process.poll() is not None:
            raise self._failure("ended")

    def end(self) -> None:
        """Kill the process and remove what it left."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accepted(self, listening: socket.socket) -> socket.socket:
        listening.settimeout(0.2)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            try:
                control, _ = listening.accept()
            except TimeoutError:
                continue
            control.settimeout(ANSWER_SECONDS)
            return control
        raise self._failure(f"did not start within {START_SECONDS:.0f} s")

    def _read(self) -> dict[str, Any]:
        try:
            text = self._answers.readline()
        except TimeoutError as error:
            raise self._failure(f"did not answer for {ANSWER_SECONDS:.0f} s") from error
        if not text:
            raise self._failure("closed its control channel")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _failure(self, what: str) -> ServerFailed:
        words = self._log.read_text(errors="replace").strip()[-LAST_WORDS:]
        return ServerFailed(f"The server {what}. {words}".strip())


def _command(config: Config, node: Node | None) -> list[str]:
    argument = json.dumps(msgspec.to_builtins(config))
    if config.kind == "node":
        assert node is not None
        return [str(node.program), str(node.server), argument]
    module = "floor" if config.kind == "floor" else "asgi"
    return [sys.executable, "-m", f"loadtests.fanout.servers.{module}", argument]


def _environment() -> dict[str, str]:
    unwanted = ("NODE_OPTIONS", "NODE_PATH", "PYTHONASYNCIODEBUG", "PYTHONDEVMODE", "DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "NODE_ENV": "production", "PYTHONPATH": str(Path(__file__).parents[2])}
