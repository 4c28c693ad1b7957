"""Where a run takes place: its cores, what they are called, and which core does what."""

import importlib.metadata
import os
import platform
import resource
import time
from pathlib import Path
from typing import Any

import msgspec

PACKAGES = ("python-socketio", "python-engineio", "uvicorn", "uvloop", "websockets", "msgspec", "redis")


class Cores(msgspec.Struct, frozen=True):
    """Which core the server has, which the client, which Redis."""

    server: int
    client: int
    redis: int

    @property
    def apart(self) -> bool:
        """Whether server and client disturb each other no more than they must."""
        return self.server != self.client


def cores() -> Cores:
    """Choose among the cores this process may use: server and client never two threads of one core, if avoidable."""
    allowed = sorted(os.sched_getaffinity(0))
    server = allowed[0]
    siblings = _siblings(server)
    others = [core for core in allowed if core not in siblings] or allowed[1:] or allowed
    return Cores(server=server, client=others[0], redis=others[1] if len(others) > 1 else others[0])


def _siblings(core: int) -> set[int]:
    """The hardware threads of a core, itself among them."""
    listed = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    found = {core}
    for part in listed.read_text().strip().split(",") if listed.is_file() else ():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def describe(chosen: Cores) -> dict[str, Any]:
    """Return the machine and the versions of what Python runs, as the figures' context."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "pinned": msgspec.to_builtins(chosen) if chosen.apart else "one core only: server and client share it",
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_average_before": round(os.getloadavg()[0], 2),
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in PACKAGES},
        },
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


class OtherWork:
    """How much else the machine did meanwhile: figures made beside much of it mean little."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._busy, self._stolen = _machine_seconds()
        self._own = _own_seconds()

    def shares(self) -> dict[str, float]:
        """Return how many cores, on average so far, others kept busy, and how many the hypervisor kept back.

        The servers of the run must have ended: only then does their time count as the run's.
        """
        elapsed = time.monotonic() - self._started
        busy, stolen = _machine_seconds()
        others = busy - self._busy - (_own_seconds() - self._own)
        return {
            "other_work_cores": round(max(0.0, others / elapsed), 2),
            "stolen_cores": round((stolen - self._stolen) / elapsed, 2),
        }


def _machine_seconds() -> tuple[float, float]:
    """All cores' busy and stolen time since the machine started."""
    user, nice, system, _, _, irq, softirq, stolen = map(int, Path("/proc/stat").read_text().split()[1:9])
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + irq + softirq) / ticks, stolen / ticks


def _own_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def raise_file_limit() -> int:
    """Allow this process, and what it starts, as many open files as the machine permits; returns how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
