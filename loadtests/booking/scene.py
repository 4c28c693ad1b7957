"""Where benchmarks of booking are played: a fresh house, its server on a core of its own where there are two."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import perf_counter

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.booking.caller import Caller
from loadtests.house import Ground, ground
from loadtests.processes import cores, cpu_seconds, pin, waited_seconds
from loadtests.slots.ground import children
from loadtests.stage import console
from queue_server import logs
from queue_server.operations.house import CLI


class Scene(msgspec.Struct, frozen=True):
    """A running house and where to say how far a run is."""

    at: Ground
    progress: Progress

    @property
    def url(self) -> str:
        """Where the first server answers."""
        return self.at.house.urls[0]

    def bar(self, what: str, total: int) -> Callable[[int], None]:
        """Show a bar; what is returned moves it on."""
        task = self.progress.add_task(what, total=total)
        return lambda step: self.progress.advance(task, step)

    def spent(self) -> "Spent":
        """Return what server, Postgres and this process have used of the cores, and waited for them, until now."""
        server, postgres = self.at.house.pid("server-1"), self.at.house.pid("postgres")
        groups = ([server], [postgres, *children([postgres])] if postgres is not None else [], [os.getpid()])
        spent = [_spent([pid for pid in group if pid is not None]) for group in groups]
        used, waited = [used for used, _ in spent], sum(waited for _, waited in spent)
        return Spent(used[0], used[1], used[2], waited, perf_counter())

    async def callers(self, count: int) -> list[Caller]:
        """Return so many connections to the first server, all open."""
        made = [Caller(self.url) for _ in range(count)]
        for caller in made:
            await caller.open()
        return made


class Spent(msgspec.Struct, frozen=True):
    """Seconds on cores, and seconds that they were somebody else's while there was work; since the processes began."""

    server: float
    postgres: float
    client: float
    waited: float
    at: float

    def since(self, before: "Spent", calls: int) -> dict[str, float]:
        """Return what each call has cost since `before` in milliseconds, and for how much of the time somebody waited
        for a core: near 0 on a machine with nothing else to do, 3 when all three waited all the time."""
        each = 1000 / max(1, calls)
        return {
            "server_cpu_ms": round((self.server - before.server) * each, 2),
            "postgres_cpu_ms": round((self.postgres - before.postgres) * each, 2),
            "client_cpu_ms": round((self.client - before.client) * each, 2),
            "waited_for_core_share": round((self.waited - before.waited) / (self.at - before.at), 2),
        }


def _spent(pids: Sequence[int]) -> tuple[float, float]:
    """Return the seconds that processes have used, and waited; those that are gone by now count for nothing."""
    used = waited = 0.0
    for pid in pids:
        with suppress(OSError):
            used += cpu_seconds(pid)
            waited += waited_seconds(pid)
    return used, waited


@asynccontextmanager
async def scene(
    *,
    doctors: int,
    servers: int = 1,
    worker: bool = False,
    pinned: bool = True,
    module: str = CLI,
    environment: Mapping[str, str] | None = None,
    zone: str = "UTC",
) -> AsyncIterator[Scene]:
    """Start a house, yield, and leave nothing behind. Its processes run `module`, the product unless another is named.

    If `pinned`, one server has the first core for itself; Postgres, Redis and the clients share the others, as a
    database on another machine would leave the server alone.
    """
    logs.configure("ERROR", "console", sys.stderr)  # standard output is for results
    own, others = cores()
    before = os.sched_getaffinity(0)
    if pinned:
        pin(os.getpid(), others)  # inherited by everything that is started from here on
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console(), transient=True, refresh_per_second=4) as progress:
            waiting = progress.add_task("Starting Postgres, Redis, a server", total=None)
            async with ground(
                servers=servers, doctors=doctors, worker=worker, module=module, environment=environment, zone=zone
            ) as at:
                progress.remove_task(waiting)
                if pinned and servers and (pid := at.house.pid("server-1")) is not None:
                    pin(pid, own)
                yield Scene(at, progress)
    finally:
        if pinned:
            pin(os.getpid(), before)
