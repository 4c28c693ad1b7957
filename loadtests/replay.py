"""A year of fifty doctors, replayed: every state and every row of the read models must be what the events lead to.

    python -m loadtests.replay [--doctors 50] [--days 365] [--quick] [--json]

The events are made by the rules themselves (loadtests/year) in a Postgres of the run's own; then all of them are
folded again, as `queue-server replay` does, and all chains of hashes are verified. Exits 1 when anything differs.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.stage import console
from loadtests.year.play import play
from loadtests.year.practice import Practice
from queue_server import logs
from queue_server.application.audit_verify import verify
from queue_server.application.rebuild import replay
from queue_server.embedded.services import EmbeddedServices
from queue_server.store.db import Database
from queue_server.store.migrate import migrate
from queue_server.store.root_copies import RootCopies

QUICK_DOCTORS, QUICK_DAYS = 5, 180


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run found."""

    doctors: int
    days: int
    events: int
    aggregates: dict[str, int]
    rows: int
    made_seconds: float
    seconds: float
    events_per_second: int
    verified_per_second: int
    is_equal: bool
    is_sound: bool


async def run(doctors: int, days: int) -> Figures:
    """Make a year, replay and verify it; leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-replay-"))
    os.chmod(folder, 0o711)  # services run as another user
    try:
        services = await EmbeddedServices.start(folder / "data")
        try:
            await migrate(services.urls["DATABASE_OWNER_URL"])
            return await _measured(services.urls, folder, doctors, days)
        finally:
            await services.stop(erase=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measured(urls: dict[str, str], folder: Path, doctors: int, days: int) -> Figures:
    app = Database(urls["DATABASE_URL"], pool_size=2, application="load-test")
    owner = Database(urls["DATABASE_OWNER_URL"], pool_size=2, application="load-test-owner")
    await app.open()
    await owner.open()
    try:
        started = perf_counter()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console(), transient=True, refresh_per_second=4) as progress:
            task = progress.add_task("Living through the year", total=doctors * days)
            await play(Practice(app, doctors=doctors, days=days), lambda: progress.advance(task))
        made = perf_counter() - started
        report = await replay(owner)
        verified = await verify(owner, RootCopies(folder / "roots"), frozenset())
    finally:
        await app.close()
        await owner.close()
    return Figures(
        doctors=doctors,
        days=days,
        events=report.events,
        aggregates=report.aggregates,
        rows=report.rows,
        made_seconds=round(made, 1),
        seconds=report.seconds,
        events_per_second=report.events_per_second,
        verified_per_second=round(verified.events / verified.seconds) if verified.seconds else 0,
        is_equal=report.is_equal,
        is_sound=verified.is_sound,
    )


def main() -> None:
    """Run and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.replay", description=__doc__)
    parser.add_argument("--doctors", type=int, default=50)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--quick", action="store_true", help="a tenth of the doctors, half of the year")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    logs.configure("WARNING", "console", sys.stderr)  # standard output is for results
    doctors, days = (QUICK_DOCTORS, QUICK_DAYS) if given.quick else (given.doctors, given.days)
    found = asyncio.run(run(doctors, days))
    if given.json:
        print(msgspec.json.encode(found).decode())
    else:
        print(
            f"{found.events:,} events of {found.doctors} doctors in {found.days} days: {found.rows:,} rows,"
            f" {'rebuilt equals live' if found.is_equal else 'REBUILT DIFFERS FROM LIVE'};"
            f" {found.events_per_second:,} events/s folded, {found.verified_per_second:,} verified."
        )
    sys.exit(0 if found.is_equal and found.is_sound else 1)


if __name__ == "__main__":
    main()
