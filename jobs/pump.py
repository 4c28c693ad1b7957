"""The pump: asks Postgres what is due, starts it, and waits for what comes next, about a second at a time."""

import asyncio
import contextlib
from time import monotonic

import structlog

from queue_server.application.due_work import DueWork
from scheduling_core.errors import Unavailable

log = structlog.stdlib.get_logger(__name__)

PUMP_SECONDS = 1.0
"""How long one run takes. Timers known before are started at their moment, new ones at the next look at the latest."""
LOOK_SECONDS = 0.5
"""Longest pause between two looks: a job may have come in that is due at once."""
SHORTEST_PAUSE = 0.01
HELD_PAUSE = 0.2


class Pump:
    """Runs one second of due work at a time, however many ask for it."""

    def __init__(self, due: DueWork) -> None:
        self._due = due
        self._turn = asyncio.Lock()
        self._waiting = 0
        self.last_run = float("-inf")
        """When it last was at work (monotonic)."""

    async def second(self, stopping: asyncio.Event | None = None) -> None:
        """Start what is due for about a second. While one run goes on one more waits for its turn; others end."""
        if self._waiting:
            return
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            await self._run(stopping or asyncio.Event())
        finally:
            self._turn.release()

    async def _run(self, stopping: asyncio.Event) -> None:
        until = monotonic() + PUMP_SECONDS
        while not stopping.is_set():
            self.last_run = monotonic()
            pause = LOOK_SECONDS
            try:
                # Claimed and not started would have to wait for the lease: nobody may interrupt between the two.
                started = await asyncio.shield(self._due.start_due())
                if (seconds := await self._due.seconds_to_next()) is not None:
                    # Due, but not for us: another worker is at it, longer than its lease.
                    is_held = seconds <= 0 and not started
                    pause = HELD_PAUSE if is_held else min(max(seconds, SHORTEST_PAUSE), LOOK_SECONDS)
            except Unavailable:
                log.warning("postgres_away")
            remaining = until - monotonic()
            if remaining <= 0:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), min(pause, remaining))
