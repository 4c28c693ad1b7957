"""How much one Locust process can take before it measures itself: phones it holds, updates a second it reads.

    python -m loadtests.locust_capacity [--phones 1000,5000] [--seconds 12] [--json]

Locust runs as always, on the last core, against a stand-in on the first that costs next to nothing: it answers what the
users ask at the start and then writes prepared frames to every phone, more and more of them a second. Measured are
Locust's CPU time and how long phones take to answer a heartbeat meanwhile: where that grows, Locust is the bottleneck.
"""

import argparse
import asyncio
import itertools
import json
import os
import sys
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any, cast
from uuid import UUID

import msgspec

from loadtests import wire
from loadtests.house import milliseconds

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
DOCTOR, ENTRY = str(UUID(int=1)), str(UUID(int=2))
OPEN = b'0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
PADDING = "x" * 330
"""Makes a `queue-update` as long as the server's."""
HEARTBEAT_SECONDS = 25.0
PROBE_SECONDS = 0.02
"""How often some phone is sent a heartbeat whose answer is timed."""
SHARES = (0.25, 0.5, 0.75, 1.0, 1.25)
"""Of what a core could do, by what an update costs in the first part; for the first part by a guess."""
GUESS_SECONDS = 35e-6
PROMPT_MS = 20.0
"""Median answer up to which Locust counts as prompt."""
SPAWN_RATE = 250
CHUNK = 250
SHORTEST_JOIN = 24
"""Bytes of a frame; heartbeats' answers and closes are shorter."""
JOIN_SECONDS = 120.0


class StandIn:
    """What Locust talks to: a clinic of one queue, whose versions follow each other as fast as they are asked for."""

    def __init__(self) -> None:
        self.phones: dict[Link, None] = {}
        self.version = 1
        self.answers: list[float] = []
        """Seconds that phones took to answer a heartbeat."""

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

    async def probe(self) -> None:
        """Send one phone after the other a heartbeat, a few a second, until cancelled."""
        for phone in itertools.cycle(list(self.phones)):
            phone.probe()
            await asyncio.sleep(PROBE_SECONDS)

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
        self._probed: float | None = None

    def write(self, data: bytes) -> None:
        """Write frames to a phone."""
        if self._transport is not None:
            self._transport.write(data)

    def probe(self) -> None:
        """Send a heartbeat whose answer is timed, unless one is under way."""
        if self._probed is None:
            self._probed = perf_counter()
            self.write(_frame(wire.HEARTBEAT))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the phone."""
        self._stand_in.phones.pop(self, None)

    def data_received(self, data: bytes) -> None:
        """Answer: HTTP with JSON, CONNECT with CONNECT, whatever is longer with `queue-joined`."""
        if not self._is_upgraded:
            self._http(data)
        elif data[0] & 0x0F == wire.TEXT and len(data) == len(wire.frame(wire.TEXT, b"40")):
            self.write(_frame(b'40{"sid":"s"}'))
        elif len(data) > SHORTEST_JOIN:
            self.write(self._stand_in.joined())
            self._stand_in.phones[self] = None
        elif self._probed is not None:
            self._stand_in.answers.append(perf_counter() - self._probed)
            self._probed = None

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
    locust = await _locust(server.sockets[0].getsockname()[1], phones)
    try:
        empty = await _resident(locust.pid, stand_in, 1)
        full = await _resident(locust.pid, stand_in, phones)
        idle = await _working(locust.pid, seconds, asyncio.sleep(seconds))
        steps: list[dict[str, Any]] = []
        for share in SHARES:
            cost = steps[0]["cpu_us"] / 1e6 if steps else GUESS_SECONDS
            steps.append(await _updates(stand_in, locust.pid, seconds, share / (phones * cost)))
    finally:
        with suppress(ProcessLookupError):
            locust.terminate()
        await locust.wait()
        beating.cancel()
        server.close()
    prompt = [step["updates_per_s"] for step in steps if step["answer"]["p50_ms"] <= PROMPT_MS]
    return {
        "phones": phones,
        "kb_per_phone": round((full - empty) / max(1, phones - 1), 1),
        "idle_core": round(idle, 3),
        "prompt_updates_per_s": max(prompt, default=None),
        "steps": steps,
    }


async def _locust(port: int, phones: int) -> asyncio.subprocess.Process:
    command = [
        sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--host", f"http://127.0.0.1:{port}", "--headless",
        "--only-summary", "--users", str(phones), "--spawn-rate", str(SPAWN_RATE), "--desks", "0", "--line", "0",
        "--password", "any", "--loglevel", "ERROR", "TrackerUser",
    ]  # fmt: skip
    core = max(range(os.cpu_count() or 1))
    return await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


async def _resident(pid: int, stand_in: StandIn, phones: int) -> float:
    """Wait until so many phones have joined and return Locust's resident memory in kB."""
    async with asyncio.timeout(JOIN_SECONDS):
        while len(stand_in.phones) < phones:  # noqa: ASYNC110 – bounded, and waited for three times a run
            await asyncio.sleep(0.01)
    status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
    return float(status.partition("VmRSS:")[2].split()[0])


async def _updates(stand_in: StandIn, pid: int, seconds: float, rate: float) -> dict[str, Any]:
    """Make so many versions a second, and return what reading them has cost Locust."""
    phones, before = len(stand_in.phones), stand_in.version
    stand_in.answers.clear()

    async def send() -> None:
        began = monotonic()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(began + number / rate - monotonic())
            if monotonic() > began + seconds:
                return  # the stand-in cannot keep up with so much
            await stand_in.broadcast()

    probing = asyncio.create_task(stand_in.probe())
    busy = await _working(pid, seconds, send())
    probing.cancel()
    updates = (stand_in.version - before) * phones
    return {
        "updates_per_s": round(updates / seconds),
        "core": round(busy, 3),
        "cpu_us": round(busy * seconds / updates * 1e6, 1),
        "answer": milliseconds(stand_in.answers),
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


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", default="1000,5000", help="how many, separated by commas; each is a run")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each of a run's steps")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    runs = [asyncio.run(measure(int(phones), options.seconds)) for phones in options.phones.split(",")]
    if options.json:
        print(json.dumps({"runs": runs}))
        return
    for run in runs:
        steps = run.pop("steps")
        print("  ".join(f"{name}: {value}" for name, value in run.items()))
        for step in steps:
            print("    " + "  ".join(f"{name}: {value}" for name, value in step.items()))


if __name__ == "__main__":
    main()
