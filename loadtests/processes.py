"""Processes as the kernel sees them: which cores they may use, how much time and memory they have used."""

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic

_TICKS = os.sysconf("SC_CLK_TCK")


def cores() -> tuple[set[int], set[int]]:
    """Return the core for the server and the cores for everything else; the same one where there is no other."""
    first, *rest = sorted(os.sched_getaffinity(0))
    return {first}, set(rest) or {first}


def pin(pid: int, where: set[int]) -> None:
    """Keep a process, all of its threads included, on these cores; what it starts later inherits them."""
    for thread in list(Path(f"/proc/{pid}/task").iterdir()):
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), where)


def cpu_seconds(pid: int) -> float:
    """Return the time the process has spent on any core since it started, in user and kernel mode."""
    # The name in brackets may hold anything; the fields begin after its last bracket.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """Return the memory the process holds that no other does: unlike the resident size, without shared libraries."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) * 1024
    raise OSError("the kernel does not tell of anonymous memory")


def waited_seconds(pid: int) -> float:
    """Return how long the process was ready to run while others had its core: what a busy machine has cost it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


class Usage:
    """Share of one core that a process uses from here on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._cpu, self._at = cpu_seconds(pid), monotonic()

    def share(self) -> float:
        """Return the mean since this was made, 1.0 for a whole core."""
        return (cpu_seconds(self._pid) - self._cpu) / max(1e-9, monotonic() - self._at)
