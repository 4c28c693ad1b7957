"""kill -9 of whatever part of a house, at random."""

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from time import monotonic
from typing import Protocol

TARGETS = ("server-1", "server-2", "postgres", "redis", "worker", "postgres")
"""Postgres twice: most of what could be lost is lost there."""
BACK_SECONDS = 60.0


class Parts(Protocol):
    """What is made of parts that come back by themselves when they die."""

    def pid(self, name: str) -> int | None:
        """Return the process id of a part; None while it is down."""
        ...


class Killer:
    """Kills parts of a house; each comes back before the next one goes."""

    def __init__(self, house: Parts, chance: random.Random, targets: tuple[str, ...] = TARGETS) -> None:
        self._house = house
        self._chance = chance
        self._targets = targets
        self.kills: Counter[str] = Counter()

    async def kill_until(self, until: float, *, gap: tuple[float, float] = (1.0, 5.0)) -> None:
        """Kill part after part, as many seconds after one is back as `gap` says, until then (monotonic)."""
        while monotonic() < until:
            await asyncio.sleep(self._chance.uniform(*gap))
            await self.kill(self._chance.choice(self._targets))

    async def kill(self, name: str) -> None:
        """Kill a part and wait until it is back; does nothing when there is no such part."""
        pid = self._house.pid(name)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.kills[name] += 1
        await self._back(name, pid)

    async def all_back(self) -> None:
        """Wait until every part that was ever killed is there."""
        for name in self.kills:
            await self._back(name, 0)

    async def _back(self, name: str, old: int) -> None:
        end = monotonic() + BACK_SECONDS
        while self._house.pid(name) in (None, old):
            if monotonic() > end:
                raise RuntimeError(f"{name} did not come back")
            await asyncio.sleep(0.02)
