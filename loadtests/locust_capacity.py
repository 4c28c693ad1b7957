"""How much one Locust process can take before it measures itself: phones it holds, updates a second it reads.

    python -m loadtests.locust_capacity [--phones 1000,5000] [--seconds 12] [--json]

Locust runs as always, on the last core, against a stand-in on the first that costs next to nothing: it answers what the
users ask at the start and then writes prepared frames to every phone. What is measured is Locust's CPU time, so other
work on the machine matters little.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from time import monotonic
from typing import Any, cast
from uuid import UUID

import msgspec

from loadtests import wire

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
DOCTOR, ENTRY = str(UUID(int=1)), str(UUID(int=2))
OPEN = b'0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
PADDING = "x" * 330
"""Makes a `queue-update` as long as the server's."""
HEARTBEAT_SECONDS = 25.0
SPAWN_RATE = 250
CHUNK = 250
SHORTEST_JOIN = 24
"""Bytes of a frame; heartbeats' answers and closes are shorter."""
JOIN_SECONDS = 120.0


class StandIn:
    """What Locust talks to: a clinic of one queue, whose versions follow each other as fast as they are asked for."""

    def __init__(self) -> None:
        self.phones: set[Link] = set()
        self.version = 1

    def answer(self, path: str) -> Any:
        """Return `data` of an HTTP request."""
        if path.endswith("/login"):
            return {"accessToken": "a", "refreshToken": "r", "expiresIn": 900}
        if path.endswith("/lanes"):
            return [{"id": DOCTOR}]
        if "/tracking-link/" in path:
            return {"trackingToken": "t"}
        return {"header": {"closed": False}, "line": [ENTRY]}

    def joined(self) -> bytes:
        """Return the answer to `join-queue`."""
        queue = {"epoch": 1, "version": self.version, "updatedAt": datetime.now(UTC)}
        return _frame(wire.event("queue-joined", {"roomId": "r", "data": {"queue": queue}}))

    async def broadcast(self) -> None:
        """Make a version and write its two messages to every phone, as the server does."""
        self.version += 1
        queue = {"status": PADDING, "epoch": 1, "version": self.version, "updatedAt": datetime.now(UTC)}
        public = {
            "reason": "entry_moved",
            "doctorId": DOCTOR,
            "date": "2026-01-01",
            "epoch": 1,
            "version": self.version,
        }
        packet = _frame(wire.event("queue-update", {"data": {"queue": queue}}))
        await self._write(packet + _frame(wire.event("queue-broadcast", {**public, "nowServing": None})))

    async def beat(self) -> None:
        """Send everybody a heartbeat now and then, until cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self._write(_frame(wire.HEARTBEAT))

    async def _write(self, data: bytes) -> None:
        for count, phone in enumerate(list(self.phones), start=1):
            phone.write(data)
            if count % CHUNK == 0:
                await asyncio.sleep(0)


class Link(asyncio.Protocol):
    """One connection, plain HTTP until it is upgraded."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._transport: asyncio.Transport | None = None
        self._is_upgraded = False
        self._kept = b""

    def write(self, data: bytes) -> None:
        """Write frames to a phone."""
        if self._transport is not None:
            self._transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the phone."""
        self._stand_in.phones.discard(self)

    def data_received(self, data: bytes) -> None:
        """Answer: HTTP with JSON, CONNECT with CONNECT, whatever is longer with `queue-joined`."""
        if not self._is_upgraded:
            self._http(data)
        elif data[0] & 0x0F == wire.TEXT and len(data) == len(wire.frame(wire.TEXT, b"40")):
            self.write(_frame(b'40{"sid":"s"}'))
        elif len(data) > SHORTEST_JOIN:
            self.write(self._stand_in.joined())
            self._stand_in.phones.add(self)

    def _http(self, data: bytes) -> None:
        head, end, body = (self._kept + data).partition(b"\r\n\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
        if not end or len(body) < int(headers.get(b"content-length", b"0")):
            self._kept += data
            return
        self._kept = b""
        if (key := headers.get(b"sec-websocket-key")) is not None:
            self._is_upgraded = True
            accept = b64encode(sha1(key + wire.GUID).digest())
            answer = b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            self.write(answer + accept + b"\r\n\r\n" + _frame(OPEN))
            return
        told = msgspec.json.encode({"data": self._stand_in.answer(head.split(b" ")[1].decode())})
        self.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told))


def _frame(packet: bytes) -> bytes:
    size = len(packet)
    return bytes((0x81, size)) + packet if size < 126 else bytes((0x81, 126)) + size.to_bytes(2) + packet


# ---- the run -------------------------------------------------------------------------------------------------------


async def measure(phones: int, seconds: float) -> dict[str, Any]:
    """Return what one Locust process with so many phones costs, idle and reading updates."""
    stand_in = StandIn()
    server = await asyncio.get_running_loop().create_server(lambda: Link(stand_in), "127.0.0.1", 0, backlog=4096)
    beating = asyncio.create_task(stand_in.beat())
    port: int = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "figures"
        locust = await _locust(port, phones, report)
        try:
            empty = await _resident(locust.pid, stand_in, 1)
            full = await _resident(locust.pid, stand_in, phones)
            idle = await _working(locust.pid, seconds, asyncio.sleep(seconds))
            half = await _updates(stand_in, locust.pid, seconds, share=0.5, per_update=60e-6)
            most = await _updates(stand_in, locust.pid, seconds, share=0.85, per_update=half["cpu_us"] / 1e6)
        finally:
            with suppress(ProcessLookupError):
                locust.terminate()
            await locust.wait()
            beating.cancel()
            server.close()
        lateness = _own_lateness(report.with_suffix(".json"))
    return {
        "phones": phones,
        "kb_per_phone": round((full - empty) / max(1, phones - 1), 1),
        "idle_core": round(idle, 3),
        "half": half,
        "most": most,
        "saturated_updates_per_s": round(1e6 / most["cpu_us"]),
        "own_lateness_ms": lateness,
    }


async def _locust(port: int, phones: int, report: Path) -> asyncio.subprocess.Process:
    command = [
        sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--host", f"http://127.0.0.1:{port}", "--headless",
        "--only-summary", "--json-file", str(report), "--users", str(phones), "--spawn-rate", str(SPAWN_RATE),
        "--desks", "0", "--line", "0", "--password", "any", "--loglevel", "ERROR", "TrackerUser",
    ]  # fmt: skip
    return await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0) | {(os.cpu_count() or 1) - 1})}),
    )


async def _resident(pid: int, stand_in: StandIn, phones: int) -> float:
    """Wait until so many phones have joined and return Locust's resident memory in kB."""
    async with asyncio.timeout(JOIN_SECONDS):
        while len(stand_in.phones) < phones:  # noqa: ASYNC110 – bounded, and waited for three times a run
            await asyncio.sleep(0.01)
    status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
    return float(status.partition("VmRSS:")[2].split()[0])


async def _updates(stand_in: StandIn, pid: int, seconds: float, *, share: float, per_update: float) -> dict[str, Any]:
    """Send as many updates as should keep Locust at work for `share` of the time, and return what they have cost."""
    phones = len(stand_in.phones)
    pause = phones * per_update / share
    before = stand_in.version

    async def send() -> None:
        end = monotonic() + seconds
        due = monotonic()
        while (now := monotonic()) < end:
            await stand_in.broadcast()
            due += pause
            await asyncio.sleep(max(0.0, due - now))

    busy = await _working(pid, seconds, send())
    updates = (stand_in.version - before) * phones
    return {
        "updates_per_s": round(updates / seconds),
        "core": round(busy, 3),
        "cpu_us": round(busy * seconds / updates * 1e6, 1),
    }


async def _working(pid: int, seconds: float, meanwhile: Any) -> float:
    """Return the share of a core that a process uses while something is done that takes so many seconds."""
    before, began = await _cpu_seconds(pid), monotonic()
    await meanwhile
    await asyncio.sleep(max(0.0, began + seconds - monotonic()))
    return (await _cpu_seconds(pid) - before) / (monotonic() - began)


async def _cpu_seconds(pid: int) -> float:
    stat = await asyncio.to_thread(Path(f"/proc/{pid}/stat").read_text)
    fields = stat.rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _own_lateness(report: Path) -> dict[str, Any]:
    for row in json.loads(report.read_text()):
        if row["name"] == "own lateness":
            buckets = sorted((float(ms), count) for ms, count in row["response_times"].items())
            return {"p50": _quantile(buckets, 0.5), "p99": _quantile(buckets, 0.99)}
    return {}


def _quantile(buckets: list[tuple[float, int]], q: float) -> float:
    left = sum(count for _, count in buckets) * q
    for milliseconds, count in buckets:
        left -= count
        if left <= 0:
            return milliseconds
    return 0.0


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", default="1000,5000", help="how many, separated by commas; each is a run")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each of a run's three parts")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    runs = [asyncio.run(measure(int(phones), options.seconds)) for phones in options.phones.split(",")]
    if options.json:
        print(json.dumps({"runs": runs}))
        return
    for run in runs:
        print("  ".join(f"{name}: {value}" for name, value in run.items()))


if __name__ == "__main__":
    main()
