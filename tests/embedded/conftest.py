"""Data directories that services may enter, and looking at real processes."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HOLD = Path(__file__).with_name("hold.py")
ROOT = Path(__file__).parents[2]


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not collected yet (a zombie) does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] not in ("Z", "X")


def processes_naming(text: str) -> list[int]:
    """The processes whose command line contains `text`."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and text.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path below which an unprivileged user may work; pytest's own folders are closed to others."""
    path = Path(tempfile.mkdtemp(prefix="cqs-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


class Holder:
    """Another process that runs services or children (see hold.py) and tells their pids."""

    def __init__(self, process: asyncio.subprocess.Process, told: dict[str, Any]) -> None:
        self.process = process
        self.told = told

    @property
    def pids(self) -> list[int]:
        return list(self.told["pids"].values())

    async def end(self, number: signal.Signals) -> int:
        """Signal the process and wait for its exit code."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 60)


@pytest.fixture
async def hold() -> AsyncIterator[Callable[..., Any]]:
    """Starts `hold.py WHAT ARGUMENTS…` and waits until it is ready."""
    started: list[asyncio.subprocess.Process] = []

    async def start(*arguments: str) -> Holder:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HOLD),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        started.append(process)
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 90)
        return Holder(process, json.loads(line))

    yield start
    for process in started:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 60)
