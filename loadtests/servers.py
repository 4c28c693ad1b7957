"""Several servers under load while their Redis is killed -9 and started again, or they themselves are, one by one.

    python -m loadtests.servers [--servers 3] [--redis 2] [--minutes 5] [--json]

Phones and desks on every server note everything they are told. In the end each must show what it would show if it were
opened now, and nothing that came may have gone back, come twice or been left out unnoticed.
"""

import argparse
import asyncio
import itertools
import os
import random
import re
import shutil
import sys
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import msgspec
import structlog

from loadtests.desks import Acknowledged, Desks
from loadtests.house import Clinic, enrol, link_token, milliseconds, new_clinic, still_today
from loadtests.redis_node import RedisNode
from loadtests.report import report
from loadtests.witnesses import DeskWitness, PatientWitness
from queue_server.embedded.ports import free_port
from queue_server.operations.house import House, running_house
from queue_server.wiring import Services, open_services
from scheduling_core.ids import DoctorId, EntryId

PATIENTS = 12
"""In line with each doctor."""
HTTP_DESKS, COMMANDS_PER_SECOND = 4, 20.0
LAST_SECONDS = 1.5
SETTLE_SECONDS = 5.0
"""So long clients may take to show the last version, after the last command."""
UNLIMITED = {
    "PUBLIC_REQUESTS_PER_MINUTE": "10000000",
    "ADDRESS_WRITES_PER_MINUTE": "10000000",
    "GUEST_HOLDS_PER_MINUTE": "1000000",
    "USER_WRITES_PER_MINUTE": "10000000",
    "USER_READS_PER_MINUTE": "10000000",
    "TENANT_READS_PER_MINUTE": "10000000",
    "TENANT_WRITES_PER_MINUTE": "10000000",
    "SOCKET_CONNECTS_PER_MINUTE": "1000000",
    "SOCKET_CONNECTIONS_PER_ADDRESS": "100000",
}


class Site(msgspec.Struct, frozen=True):
    """Servers with their Redis nodes, and a clinic on them."""

    house: House
    services: Services
    clinic: Clinic
    redis: tuple[RedisNode, ...]
    entries: dict[DoctorId, list[EntryId]]


@asynccontextmanager
async def site(
    *, servers: int, redis: int, queues: int, environment: dict[str, str] | None = None
) -> AsyncIterator[Site]:
    """Start everything in a folder of its own, on free ports; nothing is left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-servers-"))
    os.chmod(folder, 0o711)  # services run as another user
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        nodes = tuple(RedisNode() for _ in range(redis))
        for node in nodes:
            stack.push_async_callback(node.remove)
            await node.start()
        given = {
            "DATA_DIR": str(folder / "data"),
            "PORT": str(free_port(servers)),
            "LOG_LEVEL": "ERROR",
            **({"REDIS_URL": nodes[0].url} if nodes else {}),
            **({"REDIS_PUBSUB_URLS": ",".join(node.url for node in nodes)} if len(nodes) > 1 else {}),
            **UNLIMITED,
            **(environment or {}),
        }
        house = await stack.enter_async_context(running_house(given, servers=servers, worker=False, redis=False))
        if house.services is not None:
            stack.push_async_callback(house.services.stop, erase=True)
        services = await stack.enter_async_context(open_services(house.settings, application="load-test"))
        clinic = await new_clinic(services, queues)
        first = still_today(timedelta(hours=1), PATIENTS, timedelta(minutes=1))
        entries = {
            doctor: await enrol(services, clinic, doctor, (first + timedelta(minutes=i) for i in range(PATIENTS)))
            for doctor in clinic.doctors
        }
        yield Site(house, services, clinic, nodes, entries)


class Witnesses(msgspec.Struct, frozen=True):
    """Everybody who watches."""

    phones: list[PatientWitness]
    desks: list[DeskWitness]

    @property
    def all(self) -> Sequence[PatientWitness | DeskWitness]:
        """Phones and desks."""
        return [*self.phones, *self.desks]

    async def close(self) -> None:
        """Disconnect everybody."""
        await asyncio.gather(*(witness.close() for witness in self.all))

    async def disagreements(self, url: str, seconds: float = SETTLE_SECONDS) -> list[str]:
        """Return what clients show otherwise than if they were opened now; waits so long for there to be nothing."""
        deadline = monotonic() + seconds
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            while True:
                found = []
                for witness in self.all:
                    name = f"{type(witness).__name__} ({witness.transport})"
                    found += [f"{name}: {what}" for what in await witness.differs(http, url)]
                if not found or monotonic() > deadline:
                    return found
                await asyncio.sleep(0.2)


@asynccontextmanager
async def watched(at: Site, urls: Sequence[str], *, phones_each: int) -> AsyncIterator[Witnesses]:
    """Connect, to each address, phones on every queue (every fourth only polls) and one desk that follows all."""
    phones: list[PatientWitness] = []
    desks: list[DeskWitness] = []
    for url in urls:
        for number, doctor in itertools.product(range(phones_each), at.clinic.doctors):
            token = link_token(at.services, at.clinic, at.entries[doctor][number % PATIENTS], doctor)
            kinds = (("websocket",), ("polling", "websocket"), ("websocket",), ("polling",))
            phones.append(PatientWitness(url, token, doctor, kinds[len(phones) % len(kinds)]))
        desks.append(DeskWitness(url, at.clinic.token, at.clinic.doctors))
    found = Witnesses(phones, desks)
    try:
        await asyncio.gather(*(witness.connect() for witness in found.all))
        yield found
    finally:
        await found.close()


async def run(
    *, servers: int, redis: int = 1, seconds: float, kills: int = 3, queues: int = 4, phones_each: int = 2
) -> dict[str, Any]:
    """Run commands while Redis is killed so often, and once more at the end; `faults` lists broken promises.

    The first kills are spread over `seconds`; in between Redis stays away for about half of the time.
    """
    async with (
        site(servers=servers, redis=redis, queues=queues) as at,
        watched(at, at.house.urls, phones_each=phones_each) as witnesses,
    ):
        urls = at.house.urls
        desks = Desks(at.clinic, urls, at.entries)
        work = asyncio.create_task(desks.work(HTTP_DESKS, pause=HTTP_DESKS / COMMANDS_PER_SECOND))
        try:
            absences = await _kill_in_turn(at.redis, seconds, kills)
            # The last time they stay away until everything else is over: no later command may hide what was lost.
            gone = monotonic()
            await asyncio.gather(*(node.kill() for node in at.redis))
            await asyncio.sleep(LAST_SECONDS)
        finally:
            desks.stop()
            await asyncio.wait_for(work, 120)
        disagreements = await witnesses.disagreements(urls[0])
        await asyncio.gather(*(node.start() for node in at.redis))
        absences.append((gone, monotonic()))
        await asyncio.sleep(LAST_SECONDS)
        disagreements += await witnesses.disagreements(urls[-1])
        reads = await _reads(urls)
        figures = figures_of(desks.acknowledged, witnesses, absences)
        figures |= {"servers": servers, "redis_nodes": redis, "redis_kills": len(absences), "seconds": seconds}
        figures["snapshot_reads"] = reads
        figures["retries"] = dict(desks.retries)
        figures["faults"] = faults_of(figures, disagreements, desks)
        return figures


async def _kill_in_turn(nodes: Sequence[RedisNode], seconds: float, kills: int) -> list[tuple[float, float]]:
    """Kill nodes in turn, spread over the time given; return from when until when one was away."""
    chance, absences, began = random.Random(kills), [], monotonic()
    period = seconds / (kills + 1)
    for number in range(kills):
        await asyncio.sleep(max(0.0, began + period * (number + 0.75) - monotonic()))
        node = nodes[number % len(nodes)]
        gone = monotonic()
        await node.kill()
        await asyncio.sleep(period * chance.uniform(0.3, 0.7))
        await node.start()
        absences.append((gone, monotonic()))
    await asyncio.sleep(max(0.0, began + seconds - monotonic()))
    return absences


async def _reads(urls: Sequence[str]) -> list[int]:
    """Return how often each server has read a room from Postgres."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        pages = [(await http.get(f"{url}/metrics")).text for url in urls]
    return [
        sum(int(float(value)) for value in re.findall(r"^\S*snapshots_reads\S* (\S+)$", page, re.M)) for page in pages
    ]


def figures_of(
    acknowledged: Sequence[Acknowledged], witnesses: Witnesses, absences: Sequence[tuple[float, float]]
) -> dict[str, Any]:
    """Return what happened in figures; lateness is from a command's answer to a phone's screen."""
    late: dict[bool, list[float]] = {True: [], False: []}
    never = 0
    for phone in witnesses.phones:
        versions = [version for version, _ in phone.receipts]
        for command in acknowledged:
            if command.doctor != phone.doctor:
                continue
            place = bisect_left(versions, command.version)
            if place == len(versions):
                never += 1
                continue
            was_away = any(gone <= command.answered <= back for gone, back in absences)
            late[was_away].append(max(0.0, phone.receipts[place][1] - command.answered))
    away = [seconds for witness in witnesses.all for seconds in witness.away]
    faults: Counter[str] = sum((witness.faults for witness in witnesses.all), Counter())
    return {
        "commands": len(acknowledged),
        "phones": len(witnesses.phones),
        "desks": len(witnesses.desks),
        "updates": sum(len(phone.receipts) for phone in witnesses.phones),
        "patches": sum(desk.patches for desk in witnesses.desks),
        "late_with_redis": {"count": len(late[False]), **milliseconds(late[False])},
        "late_without_redis": {"count": len(late[True]), **milliseconds(late[True])},
        "gaps": never + sum(desk.refetches for desk in witnesses.desks),
        "never_shown": never,
        "refetches": sum(desk.refetches for desk in witnesses.desks),
        "backwards": sum(count for name, count in faults.items() if "backwards" in name),
        "client_faults": dict(faults),
        "away": {"count": len(away), **milliseconds(away)},
        "warned": sum(witness.warned for witness in witnesses.all),
        "sent_away": sum(witness.sent_away for witness in witnesses.all),
    }


def faults_of(figures: dict[str, Any], disagreements: Sequence[str], desks: Desks) -> list[str]:
    """Return every promise that was broken."""
    complaints = {
        f"{figures['never_shown']} versions never came": figures["never_shown"],
        f"clients were told wrongly: {figures['client_faults']}": figures["client_faults"],
        f"{len(disagreements)} differ in the end, like {', '.join(disagreements[:3])}": disagreements,
        f"{desks.unanswered} commands were never answered": desks.unanswered,
        f"commands were refused: {dict(desks.refused)}": desks.refused,
    }
    return [complaint for complaint, broken in complaints.items() if broken]


def main() -> None:
    """Run and print; exits with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--redis", type=int, default=2, help="nodes that the rooms are spread over")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--kills", type=int, help="of Redis; four a minute if not given")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    # What the house logs is no result.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    kills = max(3, int(4 * options.minutes)) if options.kills is None else options.kills
    figures = asyncio.run(run(servers=options.servers, redis=options.redis, seconds=60 * options.minutes, kills=kills))
    report(figures, as_json=options.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
