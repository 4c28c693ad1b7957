"""Where benchmarks of the live queue are played: a fresh house with one server on a core of its own, doctors' queues
full of people, and a phone for each of them."""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import perf_counter
from uuid import uuid4

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.followers import Crowd, Order, Phone
from loadtests.house import Ground, ground, link_token, still_today
from loadtests.processes import cores, pin
from queue_server import logs
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Visit
from scheduling_core.ids import DoctorId, EntryId, PatientId, queue_stream

DOCTORS_AT_ONCE = 10
"""Queues filled by one transaction: few enough to show progress, enough to share its cost."""
BACK_SECONDS = 60.0


class Queue(msgspec.Struct, frozen=True):
    """A doctor's queue and who is in it, in the order of booking."""

    doctor: DoctorId
    entries: tuple[EntryId, ...]


class Stage(msgspec.Struct, frozen=True):
    """A house with people in its queues."""

    at: Ground
    queues: tuple[Queue, ...]
    progress: Progress
    import_seconds: float

    @property
    def url(self) -> str:
        """Where the server answers."""
        return self.at.house.urls[0]

    @property
    def server(self) -> int:
        """The server's process id; raises `RuntimeError` while it is down."""
        pid = self.at.house.pid("server-1")
        if pid is None:
            raise RuntimeError("the server is down")
        return pid

    def crowd(self) -> Crowd:
        """Return a phone for each patient, with the link each of them was sent; nobody is connected yet."""
        links = self.at.services, self.at.clinic
        phones = [
            Phone(link_token(*links, entry, queue.doctor), number)
            for number, queue in enumerate(self.queues)
            for entry in queue.entries
        ]
        return Crowd(self.url, phones)

    async def newest(self) -> list[Order]:
        """Return the newest version of every queue, as Postgres has it."""
        clinic = self.at.clinic
        streams = [queue_stream(clinic.tenant, queue.doctor, clinic.date) for queue in self.queues]
        async with self.at.services.db.tenant(clinic.tenant) as tx:
            rows = await tx.rows(
                "SELECT stream_id, version, (SELECT epoch FROM deployment) AS epoch FROM stream"
                " WHERE tenant_id = $1 AND stream_id = ANY ($2::uuid[])",
                clinic.tenant,
                streams,
            )
        found = {row["stream_id"]: (row["epoch"], row["version"]) for row in rows}
        return [found[stream] for stream in streams]

    async def metric(self, name: str) -> float:
        """Return the sum of one of the server's metrics over its labels; 0 when it has none of that name."""
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            page = (await client.get(f"{self.url}/metrics")).text
        lines = (line for line in page.splitlines() if line.startswith((name + " ", name + "{")))
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    async def server_other_than(self, old: int) -> int:
        """Wait for the process that takes the place of a killed one, and keep it on its core; returns its id."""
        if not await until(lambda: self.at.house.pid("server-1") not in (None, old), BACK_SECONDS):
            raise RuntimeError("the server did not come back")
        pin(self.server, cores()[0])
        return self.server


async def until(look: Callable[[], bool], seconds: float) -> bool:
    """Look every few milliseconds; returns True as soon as it is so, False when it was not in time."""
    end = perf_counter() + seconds
    while not (found := look()) and perf_counter() < end:  # noqa: ASYNC110 – the kernel and Postgres set no event
        await asyncio.sleep(0.01)
    return found


def console() -> Console:
    """Return the console for everything that is no result."""
    return Console(stderr=True)


@asynccontextmanager
async def stage(*, queues: int, patients: int, worker: bool = False) -> AsyncIterator[Stage]:
    """Start a house, fill so many queues with so many patients each, yield, and leave nothing behind.

    The server has the first core for itself; Postgres, Redis and the clients share the others, as a database on
    another machine would leave the server alone.
    """
    logs.configure("WARNING", "console", sys.stderr)  # standard output is for results
    own, others = cores()
    before = os.sched_getaffinity(0)
    pin(os.getpid(), others)  # inherited by everything that is started from here on
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console(), transient=True, refresh_per_second=4) as progress:
            waiting = progress.add_task("Starting Postgres, Redis, a server", total=None)
            async with ground(servers=1, doctors=queues, worker=worker) as at:
                progress.remove_task(waiting)
                started = perf_counter()
                filled = await _fill(at, patients, _bar(progress, "Enrolling patients", queues * patients))
                ready = Stage(at, tuple(filled), progress, perf_counter() - started)
                pin(ready.server, own)
                yield ready
    finally:
        pin(os.getpid(), before)


async def joined(ready: Stage) -> tuple[Crowd, float]:
    """Return a crowd of which everybody follows their queue, and the seconds that took."""
    crowd = ready.crowd()
    step = _bar(ready.progress, "Phones joining", len(crowd.phones))
    crowd.on_join = lambda: step(1)
    seconds = await crowd.join()
    crowd.on_join = lambda: None
    # What stands by now stays: nothing of it is to be looked through while something is measured.
    gc.collect()
    gc.freeze()
    return crowd, seconds


async def pause(ready: Stage, what: str, seconds: float) -> None:
    """Let so much time pass, and show it."""
    step = _bar(ready.progress, what, round(seconds))
    for _ in range(round(seconds)):
        await asyncio.sleep(1)
        step(1)


def _bar(progress: Progress, what: str, total: int) -> Callable[[int], None]:
    task = progress.add_task(what, total=total)
    return lambda count: progress.advance(task, count)


async def _fill(at: Ground, patients: int, step: Callable[[int], None]) -> list[Queue]:
    """Enrol patients with every doctor of the clinic, through the product's own write path."""
    first = still_today(timedelta(hours=2), patients, timedelta(minutes=5))
    filled: list[Queue] = []
    doctors = at.clinic.doctors
    for start in range(0, len(doctors), DOCTORS_AT_ONCE):
        batch = doctors[start : start + DOCTORS_AT_ONCE]
        visits = {doctor: [_visit(at, doctor, first, place) for place in range(patients)] for doctor in batch}
        await at.services.enrolment.enrol(at.clinic.receptionist, [v for own in visits.values() for v in own])
        filled += [Queue(doctor, tuple(visit.id for visit in own)) for doctor, own in visits.items()]
        step(len(batch) * patients)
    return filled


def _visit(at: Ground, doctor: DoctorId, first: datetime, place: int) -> Visit:
    return Visit(
        id=EntryId(uuid4()),
        doctor=doctor,
        date=at.clinic.date,
        start=first + timedelta(minutes=5 * place),
        patient_id=PatientId(uuid4()),
        patient=PatientBody(name=f"Asha Rao {place + 1}"),
        booked_at=first - timedelta(days=2),
    )
