"""Eight desks on one queue: how many commands a second, how long they take, and that none is lost.

    python -m loadtests.contention [--desks 8] [--commands 200] [--in-flight 1] [--json]

Three passes over a fresh queue each: straight on the write path, over HTTP, and over HTTP with `If-Match`, where a desk
that loses a race looks again and repeats. Afterwards the event store is held to what was acknowledged.
"""

import argparse
import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from msgspec.structs import replace

from loadtests.house import Clinic, Ground, enrol, ground, milliseconds
from queue_server.application import desk_bodies as bodies
from queue_server.application.queue import QueueService
from queue_server.application.unit import WritePath
from queue_server.store import event_store
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.estimates.waits import RecentMean
from scheduling_core.ids import DoctorId, EntryId, StreamId, TenantId, queue_stream
from scheduling_core.live_queue import codec

OWN_ENTRIES = 4
"""Patients that only one lane of a desk triages: what it did last must be what is kept."""


class Tally(msgspec.Struct, kw_only=True):
    """What one pass saw."""

    seconds: list[float] = msgspec.field(default_factory=list)
    acknowledged: dict[str, int] = msgspec.field(default_factory=dict)
    """Version by request id."""
    wanted: dict[EntryId, int] = msgspec.field(default_factory=dict)
    """The triage each entry was given last."""
    conflicts: int = 0


Send = Callable[[str, EntryId, int, Tally], Awaitable[None]]
"""Triage an entry under a request id, until it is acknowledged."""


async def run_pass(
    at: Ground, doctor: DoctorId, send: Send, *, desks: int, commands: int, in_flight: int
) -> dict[str, Any]:
    """Let every desk give its commands, check what is kept, and return the figures."""
    lanes = desks * in_flight
    now = datetime.now(UTC)
    entries = await enrol(
        at.services, at.clinic, doctor, (now + timedelta(minutes=i) for i in range(lanes * OWN_ENTRIES))
    )
    before = await _version(at, doctor)
    tally = Tally()

    async def lane(number: int) -> None:
        own = itertools.cycle(entries[number * OWN_ENTRIES : (number + 1) * OWN_ENTRIES])
        for count in range(commands // in_flight):
            entry = next(own)
            triage = 1 + (tally.wanted.get(entry, 4) % 5)
            request, started = f"{number}-{count}-{uuid4().hex[:8]}", perf_counter()
            await send(request, entry, triage, tally)
            tally.seconds.append(perf_counter() - started)
            tally.wanted[entry] = triage

    started = perf_counter()
    await asyncio.gather(*(lane(number) for number in range(lanes)))
    elapsed = perf_counter() - started
    faults = await _check(at, doctor, before, tally)
    done = len(tally.acknowledged)
    return {
        "commands": done,
        "in_line": len(entries),
        "commands_per_second": round(done / elapsed),
        **milliseconds(tally.seconds),
        "conflicts_412": tally.conflicts,
        "faults": faults,
    }


async def _check(at: Ground, doctor: DoctorId, before: int, tally: Tally) -> list[str]:
    """Hold the event store and the state to what was acknowledged; returns what is wrong."""
    stream = _stream(at.clinic, doctor)
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        rows = await event_store.events_until(tx, stream, datetime.now(UTC) + timedelta(hours=1))
        kept = await event_store.read_stream(tx, stream)
    assert kept is not None
    faults = []
    versions = sorted({row["version"] for row in rows})
    if versions != list(range(1, kept["version"] + 1)):
        faults.append("the versions have gaps")
    if kept["version"] - before != len(tally.acknowledged):
        faults.append(f"{kept['version'] - before} commits for {len(tally.acknowledged)} commands")
    committed = {row["request_id"]: row["version"] for row in rows if row["version"] > before}
    wrong = [request for request, version in tally.acknowledged.items() if committed.get(request) != version]
    if wrong:
        faults.append(f"{len(wrong)} acknowledged commands are not at their version")
    queue = codec.decode_state(kept["state"])
    lost = [entry for entry, triage in tally.wanted.items() if queue.entries[entry].triage != triage]
    if lost:
        faults.append(f"{len(lost)} updates were lost")
    return faults


async def _version(at: Ground, doctor: DoctorId) -> int:
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        row = await event_store.read_stream(tx, _stream(at.clinic, doctor))
    return row["version"] if row is not None else 0


def _stream(clinic: Clinic, doctor: DoctorId) -> StreamId:
    return queue_stream(clinic.tenant, doctor, clinic.date)


# ---- straight on the write path ------------------------------------------------------------------------------------


class Counting(Transaction):
    """A transaction that counts its round trips."""

    count = 0

    async def rows(self, query: str, *arguments: object) -> Any:
        """Count and pass on."""
        Counting.count += 1
        return await super().rows(query, *arguments)

    async def row(self, query: str, *arguments: object) -> Row | None:
        """Count and pass on."""
        Counting.count += 1
        return await super().row(query, *arguments)

    async def run(self, query: str, *arguments: object) -> str:
        """Count and pass on."""
        Counting.count += 1
        return await super().run(query, *arguments)


class CountingDatabase(Database):
    """A database whose transactions count; each has two round trips more, to begin and to commit."""

    @asynccontextmanager
    async def tenant(
        self, tenant: TenantId, *, snapshot: bool = False, generic_plans: bool = False
    ) -> AsyncIterator[Transaction]:
        """Open a transaction that counts."""
        async with super().tenant(tenant, snapshot=snapshot, generic_plans=generic_plans) as tx:
            Counting.count += 2
            yield Counting(tx._connection, tx.tenant)


@asynccontextmanager
async def write_path(at: Ground, connections: int) -> AsyncIterator[Send]:
    """Give commands to the application in this process."""
    db = CountingDatabase(at.house.settings.database_url, pool_size=connections, application="contention")
    await db.open()
    services = at.services
    writes = WritePath(db, services.snapshots)
    queue = QueueService(db, writes, services.directory, services.people, services.links, RecentMean(), 15)

    async def send(request: str, entry: EntryId, triage: int, tally: Tally) -> None:
        actor = replace(at.clinic.receptionist, request_id=request)
        answer = await queue.run(actor, "triage", entry, bodies.TriageBody(triage=triage))
        assert answer.version is not None
        tally.acknowledged[request] = answer.version

    Counting.count = 0
    try:
        yield send
    finally:
        await db.close()


# ---- over HTTP -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def over_http(at: Ground, doctor: DoctorId, connections: int, *, if_match: bool) -> AsyncIterator[Send]:
    """Give commands to the house's servers in turn, as desks do."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"Authorization": f"Bearer {at.clinic.token}"}
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False, headers=headers) as client:
        urls = itertools.cycle(at.house.urls)
        seen = {"version": await _version(at, doctor) + 1}

        async def send(request: str, entry: EntryId, triage: int, tally: Tally) -> None:
            url = next(urls)
            while True:
                conditions = {"If-Match": f'"{seen["version"]}"'} if if_match else {}
                response = await client.post(
                    f"{url}/api/appointments/queue/triage/{entry}",
                    json={"triage": triage},
                    headers={"X-Request-Id": request, **conditions},
                )
                if response.status_code == httpx.codes.OK:
                    version = response.json()["data"]["version"]
                    seen["version"] = max(seen["version"], version)
                    tally.acknowledged[request] = version
                    return
                if response.status_code != httpx.codes.PRECONDITION_FAILED:
                    raise RuntimeError(f"{response.status_code} {response.text}")
                tally.conflicts += 1
                state = await client.get(f"{url}/api/appointments/queue/state/{doctor}")
                seen["version"] = max(seen["version"], state.json()["data"]["version"])

        yield send


async def run(*, desks: int, commands: int, in_flight: int, servers: int) -> dict[str, Any]:
    """Run all passes on a house of their own and return the figures."""
    figures: dict[str, Any] = {"desks": desks, "commands_per_desk": commands, "in_flight_per_desk": in_flight}
    load = {"desks": desks, "commands": commands, "in_flight": in_flight}
    connections = desks * in_flight
    async with ground(servers=servers, doctors=3) as at:
        first, second, third = at.clinic.doctors
        async with write_path(at, min(connections, 20)) as send:
            warm = await run_pass(at, first, send, **load)
            warm["round_trips_per_command"] = round(Counting.count / warm["commands"], 2)
            figures["write_path"] = warm
        async with over_http(at, second, connections, if_match=False) as send:
            figures["http"] = await run_pass(at, second, send, **load)
        async with over_http(at, third, connections, if_match=True) as send:
            figures["http_if_match"] = await run_pass(at, third, send, **load)
    return figures


def main() -> None:
    """Run and print; exits with 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--desks", type=int, default=8)
    parser.add_argument("--commands", type=int, default=200, help="by each desk")
    parser.add_argument("--in-flight", type=int, default=1, help="commands a desk has under way at once")
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    figures = asyncio.run(
        run(
            desks=options.desks,
            commands=options.commands,
            in_flight=options.in_flight,
            servers=options.servers,
        )
    )
    passes = {name: value for name, value in figures.items() if isinstance(value, dict)}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in passes.items():
            print(f"{name}: " + ", ".join(f"{k} {v}" for k, v in value.items() if v not in (None, [])))
    sys.exit(any(value["faults"] for value in passes.values()))


if __name__ == "__main__":
    main()
