"""All attacks, one after the other, against a fresh server, with figures.

python -m loadtests.attacks [--quick] [--json] [--only NAME …]
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from loadtests.attacks import floods, rubbish, sessions, slow
from loadtests.attacks.figures import Attack, Outcome, measured
from loadtests.attacks.ground import attacked
from queue_server import logs
from queue_server.operations.house import running_house

ATTACKS: Mapping[str, Attack] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": attack
    for module in (floods, slow, rubbish, sessions)
    for name, attack in vars(module).items()
    if asyncio.iscoroutinefunction(attack) and attack.__module__ == module.__name__ and not name.startswith("_")
}
QUICK = (
    "floods.connections",
    "floods.events",
    "floods.pings",
    "floods.joins",
    "slow.unfinished_heads",
    "slow.deaf",
    "slow.hoarders",
    "rubbish.garbage_requests",
    "rubbish.garbage_packets",
)


def _played(environment: Mapping[str, str], folder: Path, names: Sequence[str], calm: float) -> list[Outcome]:
    console = Console(stderr=True)
    with attacked(environment, folder) as target:
        outcomes = []
        for name in names:
            outcome = asyncio.run(measured(name, ATTACKS[name], target, calm=calm))
            console.print(f"{name}: {outcome.seconds} s, {outcome.answers}, {len(outcome.log)} log lines")
            outcomes.append(outcome)
        return outcomes


async def run(names: Sequence[str], *, calm: float = 2.0) -> list[Outcome]:
    """Play these attacks on a house of their own, after so many calm seconds each, and return their figures."""
    logs.configure("WARNING", "console", sys.stderr)  # standard output is for results
    folder = Path(tempfile.mkdtemp(prefix="cqs-attacks-"))
    os.chmod(folder, 0o711)  # services run as another user
    try:
        async with running_house({"DATA_DIR": str(folder / "data")}, servers=0, worker=False) as house:
            try:
                return await asyncio.to_thread(_played, house.environment, folder, names, calm)
            finally:
                if house.services is not None:
                    await house.services.stop(erase=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def table(outcomes: Sequence[Outcome]) -> Table:
    """Return the figures for people."""
    found = Table("attack", "connections", "ended or answered", "kB each", "kB left", "p50/p99 before", "during", "log")
    for one in outcomes:
        found.add_row(
            one.name,
            str(one.connections),
            ", ".join(f"{number} × {answer}" for answer, number in one.answers.items()),
            str(one.memory_each // 1024),
            str(one.memory_left // 1024),
            f"{one.p50_before:.0f}/{one.p99_before:.0f} ms",
            f"{one.p50_during:.0f}/{one.p99_during:.0f} ms",
            str(len(one.log)),
        )
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--quick", action="store_true", help="some of the attacks, within fifty seconds")
    parser.add_argument("--only", nargs="+", choices=sorted(ATTACKS), help="these attacks")
    given = parser.parse_args()
    names = given.only or (QUICK if given.quick else tuple(ATTACKS))
    outcomes = asyncio.run(run(names, calm=1.0 if given.quick else 2.0))
    if given.json:
        print(json.dumps({"attacks": msgspec.to_builtins(outcomes)}))
    else:
        Console(width=180).print(table(outcomes))


if __name__ == "__main__":
    main()
