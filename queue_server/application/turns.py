"""Turns at queues: how many commands of one queue this process lets have a connection at the same time.

Commands of one queue wait for each other in Postgres, each with a connection in hand. Whatever held a single row
could so take every connection of the pool, and with them all other queues. Hence all but a few wait here, without.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from scheduling_core.errors import Unavailable

AT_ONCE = 2
"""One that holds the row, one that already waits for it, so that no round trip is lost between two commands."""
LONGEST_WAIT = 5.0
"""Seconds, like the wait for the row itself (`store/db.py`)."""


class TakeTurns(Exception):
    """Said within a transaction: these places are taken, so let go of the connection, wait, and begin again."""

    def __init__(self, places: Collection[Any]) -> None:
        super().__init__("taken")
        self.places = frozenset(places)


class Turns:
    """A few places for each name; a name nobody uses costs nothing."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._gates: dict[Any, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def waited_for(self, names: Collection[Any], until: float) -> AsyncIterator["Held"]:
        """Wait for a place at each name, in one order for all; raises `Unavailable` at `until` (the loop's time)."""
        async with AsyncExitStack() as stack:
            held = Held(self, stack)
            if names:
                try:
                    async with asyncio.timeout_at(until):
                        for name in sorted(names, key=str):
                            await held.enter(name)
                except TimeoutError as error:
                    raise Unavailable("Others are still at work on this queue; try again.", retry_after=1) from error
            yield held

    def is_full(self, name: Any) -> bool:
        """Return whether whoever came now would have to wait."""
        known = self._gates.get(name)
        return known is not None and known[0].locked()

    async def take(self, name: Any) -> None:
        """Wait for a place; without waiting when there is one."""
        gate, users = self._gates.get(name) or (asyncio.Semaphore(self._at_once), 0)
        self._gates[name] = (gate, users + 1)
        try:
            await gate.acquire()
        except BaseException:
            self._forget(name)
            raise

    def give_back(self, name: Any) -> None:
        """Let the next one in."""
        self._gates[name][0].release()
        self._forget(name)

    def _forget(self, name: Any) -> None:
        gate, users = self._gates[name]
        if users > 1:
            self._gates[name] = (gate, users - 1)
        else:
            del self._gates[name]


class Held:
    """The places that one command has."""

    def __init__(self, turns: Turns, stack: AsyncExitStack) -> None:
        self._turns = turns
        self._stack = stack
        self._names: set[Any] = set()

    async def enter(self, name: Any) -> None:
        """Wait for a place and keep it to the end."""
        await self._turns.take(name)
        self._names.add(name)
        self._stack.callback(self._turns.give_back, name)

    async def enter_all_or_leave(self, names: Collection[Any]) -> None:
        """Take a place at each name where that needs no waiting; raises `TakeTurns` otherwise."""
        missing = set(names) - self._names
        if any(self._turns.is_full(name) for name in missing):
            raise TakeTurns(self._names | missing)
        for name in sorted(missing, key=str):
            await self.enter(name)
