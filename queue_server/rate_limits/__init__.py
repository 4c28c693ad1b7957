"""How often something may be done: GCRA, shared between processes through Redis, or kept in this process without it."""

from typing import Protocol

import msgspec

from queue_server.rate_limits.gcra import Draw, Verdict


class Limiter(Protocol):
    """Draws on budgets."""

    @property
    def readings(self) -> "Readings":
        """What was counted where."""
        ...

    async def start(self) -> None:
        """Begin to connect, in the background."""
        ...

    async def stop(self) -> None:
        """Close the connections."""
        ...

    async def take(self, *draws: Draw) -> Verdict:
        """Draw once on every budget, or on none when one of them is used up. Never raises, never waits long."""
        ...

    def refused(self, *draws: Draw) -> Verdict | None:
        """Return the refusal that `take` would give, where that is known without asking anybody; else None."""
        ...


class Readings(msgspec.Struct):
    """What a limiter has done so far."""

    shared: int = 0
    """Requests that were counted in Redis."""
    in_process: int = 0
    """Requests that were counted here only, because there was no Redis or no answer in time."""
    known: int = 0
    """Requests refused from memory, without asking Redis."""
