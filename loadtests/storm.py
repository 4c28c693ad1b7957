"""Everybody comes back at once: 10,000 phones after a server was killed, and after all connections were cut.

    python -m loadtests.storm [--quick] [--json] [--queues 250] [--patients 40] [--idle-seconds 30]

First all phones follow their queues while nothing happens, which gives the server's share of a core with idle clients.
Then four times they lose their connections and come back as the official client does, after 0.5 to 1.5 seconds, with
doubling delays while nobody answers, each claiming the version it saw last: twice the server is killed (-9) and started
again, twice it lives and only the connections die; each time once with nothing done meanwhile, and once with commands
committed in every queue while everybody was away. Counted are the seconds from the loss, or from the last of those
commands, until the last phone follows its queue again,
phones that hold less than the newest version or were shown an older one than they had seen, and what the server asked
of Postgres for it.
"""

import argparse
import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from math import inf
from time import perf_counter
from typing import Any

import msgspec
import uvloop

from loadtests.followers import Crowd
from loadtests.processes import Usage, resident_bytes, waited_seconds
from loadtests.report import report
from loadtests.stage import Stage, joined, pause, stage, until
from queue_server.application import desk_bodies as bodies
from scheduling_core.ids import DoctorId

RESUME_SECONDS = 120.0
SETTLE_SECONDS = 10.0
COMMANDS_AT_ONCE = 4
READS, TRANSACTIONS = "snapshots_reads_total", "db_pool_transactions_total"


class Storm(msgspec.Struct, frozen=True):
    """One way to lose everybody, and what is committed before they are back."""

    name: str
    lose: Callable[[Stage, Crowd], Awaitable[None]]
    command: str | None = None
    """What is committed in every queue while everybody is away."""


async def kill(ready: Stage, crowd: Crowd) -> None:
    """Kill the server and wait for the process that takes its place, not until it answers."""
    old = ready.server
    os.kill(old, signal.SIGKILL)
    await ready.server_other_than(old)


async def cut(ready: Stage, crowd: Crowd) -> None:
    """End every connection from the phones' side, without a word."""
    crowd.cut()


STORMS = (
    Storm("restart", kill),
    Storm("restart_with_commands", kill, command="pause"),
    Storm("cut", cut),
    Storm("cut_with_commands", cut, command="resume"),
)


async def run(*, queues: int, patients: int, idle_seconds: float) -> dict[str, Any]:
    """Play everything on a stage of its own and return the figures."""
    async with stage(queues=queues, patients=patients) as ready:
        empty = resident_bytes(ready.server)
        crowd, join_seconds = await joined(ready)
        memory = resident_bytes(ready.server) - empty
        idle = await _idle(ready, idle_seconds)
        storms = {storm.name: await _weather(ready, crowd, storm) for storm in STORMS}
        await crowd.leave()
        return {
            "resumed_s": max(one["resumed_s"] for one in storms.values()),
            "gaps": sum(one["gaps"] for one in storms.values()),
            "reads_per_room": max(one["reads_per_room"] for one in storms.values()),
            "idle_core_percent": idle["core_percent"],
            "patients": len(crowd.phones),
            "queues": queues,
            "idle": idle,
            "storms": storms,
            "joins_per_s": round(len(crowd.phones) / join_seconds),
            "memory_per_phone_kB": round(memory / len(crowd.phones) / 1000, 1),
        }


async def _idle(ready: Stage, seconds: float) -> dict[str, Any]:
    usage, waited = Usage(ready.server), waited_seconds(ready.server)
    await pause(ready, "Doing nothing", seconds)
    return {
        "seconds": seconds,
        "core_percent": round(usage.share() * 100, 2),
        "waited_for_core_s": round(waited_seconds(ready.server) - waited, 2),
    }


async def _weather(ready: Stage, crowd: Crowd, storm: Storm) -> dict[str, Any]:
    old, before = ready.server, await _asked(ready)
    crowd.returns = storm.command is None
    faults, claimed = crowd.faults.copy(), [phone.seen for phone in crowd.phones]
    recovered, backwards_before, losses = crowd.recovered, crowd.backwards, crowd.losses + len(crowd.phones)
    started, crowd.first_join = perf_counter(), inf
    await storm.lose(ready, crowd)
    # Nobody counts as back who has not noticed the loss yet.
    if not await until(lambda: crowd.losses >= losses, RESUME_SECONDS):
        raise TimeoutError(f"{losses - crowd.losses} phones still hold their connection")
    if storm.command is not None:
        await _command_everywhere(ready, storm.command)
        started = perf_counter()
        crowd.let_return()
    bar = ready.progress.add_task(f"Coming back ({storm.name})", total=len(crowd.phones), completed=crowd.joined)
    crowd.on_join = lambda: ready.progress.update(bar, completed=crowd.joined)
    await crowd.everybody_in(RESUME_SECONDS)
    seconds = perf_counter() - started
    crowd.on_join = lambda: None
    newest = await ready.newest()
    await until(lambda: not crowd.behind(newest), SETTLE_SECONDS)
    behind = crowd.behind(newest)
    after = await _asked(ready)
    if ready.server != old:
        before = dict.fromkeys(before, 0.0)  # a new process counts from nothing
    rooms, backwards = len(ready.queues), crowd.backwards - backwards_before
    lost = sum(phone.seen < had for phone, had in zip(crowd.phones, claimed, strict=True))
    return {
        "resumed_s": round(seconds, 2),
        "first_back_s": round(crowd.first_join - started, 2),
        "gaps": behind + backwards + lost,
        "recovered": crowd.recovered - recovered,
        "reads_per_room": round((after[READS] - before[READS]) / rooms, 2),
        "transactions_per_room": round((after[TRANSACTIONS] - before[TRANSACTIONS]) / rooms, 2),
        "faults": dict(crowd.faults - faults),
    }


async def _asked(ready: Stage) -> dict[str, float]:
    return {name: await ready.metric(name) for name in (READS, TRANSACTIONS)}


async def _command_everywhere(ready: Stage, command: str) -> None:
    """Commit a command in every queue, as a desk at another server would."""
    gate = asyncio.Semaphore(COMMANDS_AT_ONCE)
    receptionist = ready.at.clinic.receptionist

    async def one(doctor: DoctorId) -> None:
        async with gate:
            await ready.at.services.queue.run(receptionist, command, doctor, bodies.DayBody())

    await asyncio.gather(*(one(queue.doctor) for queue in ready.queues))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="at most 50 seconds: 75 queues, idle for 3 s")
    parser.add_argument("--queues", type=int, default=250)
    parser.add_argument("--patients", type=int, default=40, help="in each queue")
    parser.add_argument("--idle-seconds", type=float, default=30.0)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    queues, idle = (75, 3.0) if options.quick else (options.queues, options.idle_seconds)
    figures = uvloop.run(run(queues=queues, patients=options.patients, idle_seconds=idle))
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
