"""Starting one child through the shim, and looking at processes without touching them."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .users import ServiceUser

SHIM = Path(__file__).with_name("shim.py")


async def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    user: ServiceUser | None = None,
    output: Path | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> asyncio.subprocess.Process:
    """Start `argv` (its first item an absolute path) in a session of its own.

    The child gets `death_signal` when this process dies, runs as `user` when given, and appends its output to the
    file `output` (or shares ours). Call it from a thread that lives as long as the child should: that is what Linux
    ties the signal to.
    """
    uid, gid = (user.uid, user.gid) if user else (-1, -1)
    shim = [sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), str(uid), str(gid), str(int(death_signal))]
    log = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if output else None
    try:
        return await asyncio.create_subprocess_exec(
            *shim,
            *argv,
            env=dict(env),
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        if log is not None:
            os.close(log)


def command_line(pid: int) -> tuple[str, ...]:
    """The command line of a process; empty when there is none (ended, a kernel thread, or not ours to see)."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ()
    return tuple(part.decode(errors="replace") for part in raw.rstrip(b"\0").split(b"\0")) if raw else ()


def every_process() -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every process that can be seen now, with its command line."""
    for entry in os.scandir("/proc") if os.path.isdir("/proc") else ():
        if entry.name.isdigit() and (command := command_line(int(entry.name))):
            yield int(entry.name), command
