"""Work that follows a burst of changes once, and soon."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from scheduling_core.errors import DomainError

log = structlog.stdlib.get_logger("ticker")

TICK_SECONDS = 0.02
"""The first change is delivered at once, those within this time after it together."""
RETRY_SECONDS = 0.5


class Ticker:
    """Runs `work` when poked: at once, then at most once in `every` seconds, never twice at the same time."""

    def __init__(self, work: Callable[[], Awaitable[None]], every: float = TICK_SECONDS) -> None:
        self._work = work
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self._is_due = False
        self._last = 0.0

    @property
    def is_due(self) -> bool:
        """Whether there is work that has not begun."""
        return self._is_due

    def poke(self) -> None:
        """Have the work done for what has changed by now."""
        self._is_due = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self) -> None:
        """Stop; nothing is done any more."""
        self._is_due = False
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._is_due:
                wait = self._last + self._every - loop.time()
                if wait > 0:
                    await asyncio.sleep(wait)
                self._is_due = False
                self._last = loop.time()
                try:
                    await self._work()
                except DomainError:
                    # Something needed is away (names, while Postgres is): what is due stays due.
                    self._is_due = True
                    await asyncio.sleep(RETRY_SECONDS)
                except Exception:
                    log.exception("delivery_failed")
        finally:
            self._task = None
