"""The server under attack: a process of its own, with its log and its memory in view, and honest clients on it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import msgspec

from loadtests.house import enrol, link_token, new_clinic, still_today
from queue_server.embedded.ports import free_port
from queue_server.settings import load
from queue_server.wiring import open_services

HOST = "127.0.0.1"
PATIENTS = 8
IDLE_SECONDS = 1
"""`SOCKET_IDLE_SECONDS` of the server, so that a run need not wait for what takes half a minute."""
PER_ADDRESS = 100
"""Connections that one address may have at once."""
START_SECONDS = 30.0
QUIET = {"request"}
"""Events of the log that are no attack's: one for each HTTP request that the application answers."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server is, and what an attacker may have got hold of."""

    port: int
    pid: int
    log: Path
    delays: Path
    """What the honest phones note; see `witness`."""
    links: tuple[str, ...]
    """Genuine tracking tokens of people in the queue that moves."""
    staff: str
    """A genuine access token, for canaries: it must not be in the log."""
    idle_seconds: int = IDLE_SECONDS

    def memory(self) -> int:
        """Return the bytes of the process that no file backs."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise OSError("the kernel does not tell of anonymous memory")

    def log_lines(self, start: int = 0) -> list[str]:
        """Return what the server has logged from the `start`-th byte on, but for requests it answered in order."""
        with self.log.open("rb") as file:
            file.seek(start)
            lines = file.read().decode().splitlines()
        return [line for line in lines if not line.startswith("{") or json.loads(line)["event"] not in QUIET]

    def figures(self) -> dict[str, float]:
        """Return the server's metrics without labels. Raises `httpx.HTTPError`."""
        page = httpx.get(f"http://{HOST}:{self.port}/metrics", timeout=30, trust_env=False).text
        rows = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in rows}

    def measured(self, start: float, end: float) -> list[float]:
        """Return the seconds from a desk's command to an honest phone, of commands sent within these moments."""
        rows = [json.loads(line) for line in self.delays.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [row["seconds"] for row in rows if start <= row["sent"] < end]


@contextmanager
def attacked(environ: Mapping[str, str], folder: Path) -> Iterator[Target]:
    """Start a server on the services that `environ` names, with a clinic of its own and honest clients; stop it all.

    Blocks: for a thread without a loop. Raises `TimeoutError` when it does not come up.
    """
    port = free_port()
    environment = {
        **environ,
        "PORT": str(port),
        "LOG_LEVEL": "INFO",
        "SOCKET_IDLE_SECONDS": str(IDLE_SECONDS),
        "SOCKET_CONNECTIONS_PER_ADDRESS": str(PER_ADDRESS),
        "USER_WRITES_PER_MINUTE": "10000000",
        "USER_READS_PER_MINUTE": "10000000",
        "ADDRESS_WRITES_PER_MINUTE": "10000000",
        "TENANT_WRITES_PER_MINUTE": "10000000",
    }
    with ThreadPoolExecutor(1) as thread:  # a loop of its own, whatever the caller has
        clinic = thread.submit(asyncio.run, _clinic(environment)).result()
    log, delays = folder / "server.log", folder / "delays.jsonl"
    started: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("wb") as output:
            argv = [sys.executable, "-m", "queue_server.cli", "serve", "--port", str(port)]
            started.append(subprocess.Popen(argv, env={**os.environ, **environment}, stdout=output, stderr=output))
        _wait(lambda: _is_ready(port), f"the server did not start: {log.read_text()[-2000:]}")
        with delays.open("wb") as output:
            argv = [sys.executable, "-m", "loadtests.attacks.witness", f"http://{HOST}:{port}"]
            witness = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=output)
        started.append(witness)
        assert witness.stdin is not None
        witness.stdin.write(json.dumps(clinic).encode())
        witness.stdin.close()
        target = Target(
            port=port, pid=started[0].pid, log=log, delays=delays, links=tuple(clinic["links"]), staff=clinic["token"]
        )
        # Long enough for the first of everything: what is made once is no attack's cost.
        _wait(lambda: len(target.measured(0, monotonic())) >= 40, "the honest phones heard nothing")
        yield target
    finally:
        for process in reversed(started):
            process.terminate()
        for process in reversed(started):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _clinic(environment: Mapping[str, str]) -> dict[str, Any]:
    async with open_services(load(environment), application="attacks") as services:
        clinic = await new_clinic(services, 1)
        first = still_today(timedelta(hours=2), PATIENTS, timedelta(minutes=5))
        starts = [first + timedelta(minutes=5 * place) for place in range(PATIENTS)]
        entries = await enrol(services, clinic, clinic.doctors[0], starts)
        return {
            "token": clinic.token,
            "doctor": str(clinic.doctors[0]),
            "entries": [str(entry) for entry in entries],
            "links": [link_token(services, clinic, entry, clinic.doctors[0]) for entry in entries],
        }


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/health/ready", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _wait(look: Any, otherwise: str) -> None:
    end = monotonic() + START_SECONDS
    while not look():
        if monotonic() > end:
            raise TimeoutError(otherwise)
        sleep(0.05)
