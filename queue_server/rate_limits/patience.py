"""A deadline of a few milliseconds that measures the other side and not ourselves."""

from asyncio import get_running_loop, timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TURNS, TURN_SECONDS = 5, 0.002
PATIENCE_SECONDS = TURNS * TURN_SECONDS


@asynccontextmanager
async def patience(seconds: float = PATIENCE_SECONDS) -> AsyncIterator[None]:
    """Raise `TimeoutError` in the block when it takes longer than `seconds`.

    They are counted in turns of the loop. When the loop itself stood still for long (collecting garbage, sending a
    large broadcast), that costs one turn, and what has arrived meanwhile is still looked at.
    """
    loop = get_running_loop()
    async with timeout(None) as limit:
        timer = loop.call_later(seconds / TURNS, lambda: turn(TURNS - 1))

        def turn(left: int) -> None:
            nonlocal timer
            if left:
                timer = loop.call_later(seconds / TURNS, turn, left - 1)
            else:
                limit.reschedule(loop.time())

        try:
            yield
        finally:
            timer.cancel()
