"""How times and memory become figures."""

import gc
from collections.abc import Iterable, Sequence
from contextlib import suppress

from loadtests.house import quantile
from loadtests.processes import waited_seconds


def milliseconds(seconds: Sequence[float], q: float) -> float:
    """Return the quantile `q` of seconds in milliseconds."""
    return round(quantile(seconds, q) * 1000, 2)


def slope(values: Sequence[float]) -> float:
    """Return by how much values grow from one to the next, by least squares, the first quarter left out."""
    late = values[len(values) // 4 :]
    middle, mean = (len(late) - 1) / 2, sum(late) / len(late)
    spread = sum((place - middle) ** 2 for place in range(len(late)))
    return sum((place - middle) * (value - mean) for place, value in enumerate(late)) / spread if spread else 0.0


def freeze() -> None:
    """Take what is alive out of the collector's looks, as a server does."""
    gc.collect()
    gc.freeze()


def seconds_waited(processes: Iterable[int]) -> float:
    """Return for how many seconds these were ready to run while others had their cores."""
    total = 0.0
    for pid in processes:
        with suppress(OSError):  # a session that has ended
            total += waited_seconds(pid)
    return total
