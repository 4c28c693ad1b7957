"""What is kept of a client: its messages until they are handled, how many are being handled, its user session."""

import asyncio
import sys
from collections import deque
from typing import Any

from queue_server.realtime.engine.session import Reason

MOST_PENDING = 1_000
"""Messages of one client that wait for the handler of those before them, until no more are read from its websocket."""
LEAST_HELD = 1_000_000
"""Bytes that they may take in memory until then; a larger `max_payload` takes its place."""
MOST_POLLED = 50_000
"""Messages that a client that cannot be held up, as on long-polling, may have waiting; with more it is shown out."""
HELD_POLLED = 8
"""Times the bytes of a websocket, for the same: text of one message takes up to four times its length."""
MOST_RUNNING = 1_000
"""Handlers of one client that run at the same time; what it says next waits for one of them to end."""


class Owner:
    """A client's messages in order, and its user session."""

    __slots__ = ("_bound", "_ended", "_held", "_inbox", "clients", "is_held_up", "running", "user_session", "worker")

    def __init__(self, max_payload: int = 0) -> None:
        self._inbox: deque[Any] = deque()
        self._held = 0
        self._bound = max(LEAST_HELD, max_payload)
        self._ended: asyncio.Future[None] | None = None
        self.is_held_up = False
        """Whether no more is read of its websocket."""
        self.running = 0
        """Handlers that have not ended."""
        self.worker: asyncio.Task[None] | None = None
        self.user_session: dict[str, Any] | None = None
        self.clients: Any = None
        """Of the layer above: what this client is in each namespace."""

    def add(self, data: str | bytes | Reason) -> None:
        """Queue a message, or the end."""
        self._inbox.append(data)
        self._held += sys.getsizeof(data)

    def take(self) -> str | bytes | Reason:
        """Return the next."""
        data: str | bytes | Reason = self._inbox.popleft()
        self._held -= sys.getsizeof(data)
        return data

    def drop(self) -> None:
        """Forget the messages, but not that the client has gone."""
        kept = [one for one in self._inbox if isinstance(one, Reason)]
        self._inbox.clear()
        self._held = 0
        for one in kept:
            self.add(one)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._inbox

    @property
    def is_full(self) -> bool:
        """Whether no more should be read."""
        return len(self._inbox) >= MOST_PENDING or self._held >= self._bound

    @property
    def is_flooded(self) -> bool:
        """Whether more waits than may."""
        return len(self._inbox) > MOST_POLLED or self._held > HELD_POLLED * self._bound

    @property
    def has_caught_up(self) -> bool:
        """Whether half of what stopped the reading has been handled."""
        return len(self._inbox) <= MOST_PENDING // 2 and self._held <= self._bound // 2

    # ---- handlers at the same time ----------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether another handler has to wait for one of those that run."""
        return self.running >= MOST_RUNNING

    async def one_ends(self) -> None:
        """Wait until a handler ends, or the session does."""
        self._ended = asyncio.get_running_loop().create_future()
        await self._ended

    def began(self) -> None:
        """A handler runs."""
        self.running += 1

    def ended(self) -> None:
        """It does no longer."""
        self.running -= 1
        self.wake()

    def wake(self) -> None:
        """Let whoever waits for a handler's end look again."""
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)
