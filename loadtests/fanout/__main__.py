"""Fan-out compared: ours, Node's Socket.IO, stock python-socketio + uvicorn, and a bare loop of `send`.

    python -m loadtests.fanout [--json] [--quick] [--picture test-results/fanout.svg]

Every server is started afresh on a core of its own, the members are one process on another core, servers take turns,
figures are medians. A row counts only if every member got every message. `--quick` takes at most 50 seconds.
"""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.fanout import benchmark
from loadtests.fanout.machine import OtherWork, cores, describe, raise_file_limit
from loadtests.fanout.node_packages import Node, NodeMissing, node_with_packages, package_versions
from loadtests.fanout.picture import draw
from loadtests.fanout.plan import FULL, QUICK, SCENARIOS, SERVERS, Scenario, visits
from loadtests.fanout.redis_server import RedisMissing, RedisServer
from loadtests.fanout.results import Results
from loadtests.fanout.table import table
from loadtests.fanout.visit import Setting

PICTURE = Path("test-results/fanout.svg")
SPARE_FILES = 200


def main() -> None:
    """Run, print, and exit with 1 when a row is invalid."""
    started = time.monotonic()
    options = _options()
    console = Console(stderr=True)
    results = Results()
    context = _run(options, results, started, console)
    if options.json:
        print(json.dumps(results.report(context)))
        if options.picture is not None:
            _draw(results, context, options.picture)
    else:
        _show(results, context, options.picture or PICTURE)
    sys.exit(bool(results.invalid))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one line of JSON, and no table")
    parser.add_argument("--quick", action="store_true", help="one short round; at most 50 seconds")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison")
    parser.add_argument("--picture", type=Path, help=f"where to write the SVG; default: {PICTURE}, none with --json")
    parser.add_argument("--node", type=Path, help="the Node.js to compare with; default: the machine's")
    parser.add_argument("--scenarios", type=_names(SCENARIOS), default=list(SCENARIOS), help=", ".join(SCENARIOS))
    parser.add_argument("--servers", type=_names(SERVERS), default=list(SERVERS), help=", ".join(SERVERS))
    return parser.parse_args()


def _names(known: Any) -> Any:
    def split(words: str) -> list[str]:
        found = words.split(",")
        if not set(found) <= set(known):
            raise argparse.ArgumentTypeError(f"choose among {', '.join(known)}")
        return found

    return split


def _run(options: argparse.Namespace, results: Results, started: float, console: Console) -> dict[str, Any]:
    """Measure into `results`; returns the run's context: machine, versions, seconds."""
    pace = QUICK if options.quick else FULL
    if options.rounds:
        pace = msgspec.structs.replace(pace, rounds=options.rounds)
    chosen = cores()
    if not chosen.apart:
        results.note("There is one core only: server and client share it, so figures by the clock mean little.")
    machine = describe(chosen)
    other_work = OtherWork()
    scenarios = _possible([SCENARIOS[name] for name in options.scenarios], results)
    before = os.sched_getaffinity(0)
    with ExitStack() as stack:
        node = _node(options, results)
        redis = _redis(chosen.redis, results, stack)
        os.sched_setaffinity(0, {chosen.client})
        stack.callback(os.sched_setaffinity, 0, before)
        progress = stack.enter_context(
            Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console,
                     auto_refresh=False, disable=not console.is_terminal)
        )  # fmt: skip
        task = progress.add_task("")

        def tell(done: int, total: int, what: str) -> None:
            # Drawn between measurements only: the client's core is to be the client's.
            progress.update(task, completed=done, total=total, description=what, refresh=True)

        setting = Setting(pace, chosen, node, redis)
        planned = visits(pace, scenarios, options.servers)
        benchmark.run(setting, planned, results, started=started, progress=tell)
        machine["versions"].update(results.versions, redis_server=redis.version if redis else None)
    machine.update(other_work.shares())
    machine["versions"].update(package_versions() if node else {})
    return {"machine": machine, "quick": options.quick, "rounds_planned": pace.rounds,
            "seconds": round(time.monotonic() - started, 1)}  # fmt: skip


def _possible(scenarios: list[Scenario], results: Results) -> list[Scenario]:
    allowed = raise_file_limit()
    for scenario in scenarios:
        if scenario.members + SPARE_FILES > allowed:
            results.note(f"{scenario.name} needs more open files than the {allowed} allowed (ulimit -n).")
    return [scenario for scenario in scenarios if scenario.members + SPARE_FILES <= allowed]


def _node(options: argparse.Namespace, results: Results) -> Node | None:
    if "node" not in options.servers:
        return None
    try:
        return node_with_packages(options.node)
    except NodeMissing as error:
        results.note(str(error))
        return None


def _redis(core: int, results: Results, stack: ExitStack) -> RedisServer | None:
    try:
        return stack.enter_context(RedisServer(core))
    except RedisMissing as error:
        results.note(str(error))
        return None


def _show(results: Results, context: dict[str, Any], picture: Path) -> None:
    console = Console()
    console.print(table(results))
    for row, servers in results.invalid.items():
        for server, reasons in servers.items():
            console.print(f"{row}, {server}: {' '.join(reasons)}", markup=False)
    for note in results.notes:
        console.print(note, markup=False)
    caption = _draw(results, context, picture)
    console.print(f"{caption}\n{context['seconds']} s; picture: {picture}", markup=False)


def _draw(results: Results, context: dict[str, Any], picture: Path) -> str:
    """Write the picture and return its caption."""
    machine = context["machine"]
    versions = machine["versions"]
    caption = (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['kernel']}; Python {versions['python']}, "
        f"Node {versions.get('node', '–')}, socket.io {versions.get('npm socket.io', '–')}; "
        f"medians of {context['rounds_planned']}; other work: {machine['other_work_cores']} cores"
    )
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(draw(results, caption))
    return caption


if __name__ == "__main__":
    main()
