"""Where benchmarks of booking are played: a fresh house, its server on a core of its own where there are two."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.booking.caller import Caller
from loadtests.house import Ground, ground
from loadtests.processes import cores, pin
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

    async def callers(self, count: int) -> list[Caller]:
        """Return so many connections to the first server, all open."""
        made = [Caller(self.url) for _ in range(count)]
        for caller in made:
            await caller.open()
        return made


@asynccontextmanager
async def scene(
    *,
    doctors: int,
    servers: int = 1,
    worker: bool = False,
    pinned: bool = True,
    module: str = CLI,
    environment: Mapping[str, str] | None = None,
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
                servers=servers, doctors=doctors, worker=worker, module=module, environment=environment
            ) as at:
                progress.remove_task(waiting)
                if pinned and (pid := at.house.pid("server-1")) is not None:
                    pin(pid, own)
                yield Scene(at, progress)
    finally:
        if pinned:
            pin(os.getpid(), before)
