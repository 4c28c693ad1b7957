"""Clears away the `postmaster.pid` of a Postgres that did not end cleanly – and only then.

Postgres itself handles a pid that is dead. It gives up on an empty or garbled file, and on a pid that meanwhile
belongs to somebody else; those are ours to judge, by the command lines of the processes that run.
"""

import asyncio
import itertools
from pathlib import Path

import structlog

from .errors import EmbeddedError
from .processes import command_line, every_process

log = structlog.stdlib.get_logger(__name__)

ORPHAN_PATIENCE = 15.0  # seconds; an orphan got SIGQUIT from the kernel when its parent died, and is on its way out


async def clear_stale_pid_file(cluster: Path) -> None:
    """Make sure that no Postgres serves `cluster` and that no file says so.

    Waits for an orphan to end; raises `EmbeddedError` naming it if it does not. Never signals anything.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + ORPHAN_PATIENCE
    while (orphan := _postmaster_of(cluster)) is not None:
        if loop.time() > deadline:
            raise EmbeddedError(f"Another Postgres (process {orphan}) still serves {cluster}; stop it and start again.")
        await asyncio.sleep(0.1)
    file = cluster / "postmaster.pid"
    pid = _pid_in(file)
    if pid is None or command_line(pid):  # garbled, or alive and – as just seen – not serving this cluster
        log.warning("stale_pid_file_removed", file=file.name, pid=pid)
        file.unlink(missing_ok=True)


def _pid_in(file: Path) -> int | None:
    """The pid on the first line; None when there is none to read. A missing file counts as a pid of nobody."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return 0
    # Postgres wants eight lines; with fewer it may already trip over the missing ones.
    complete = len(lines) >= 7 and lines[0].strip().isdigit()
    return int(lines[0]) if complete else None


def _postmaster_of(cluster: Path) -> int | None:
    """The process that was started as `postgres -D cluster`, if one runs."""
    wanted = str(cluster.resolve())
    for pid, command in every_process():
        if Path(command[0]).name != "postgres":
            continue
        folders = (after for flag, after in itertools.pairwise(command) if flag == "-D")
        if any(str(Path(folder).resolve()) == wanted for folder in folders):
            return pid
    return None
