"""What this process knows of one queue, and who waits for it to change."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from queue_server.application.snapshots.state import NOTHING, Order, RoomState

Watcher = Callable[[RoomState], None]


class KnownRoom:
    """What is known of one queue."""

    __slots__ = ("expected", "fetch", "good_until", "incoming", "overdue", "proven", "state", "texts", "watchers")

    def __init__(self) -> None:
        self.state: RoomState | None = None
        self.incoming: RoomState | None = None
        """A newer state that waits for the words of its notices."""
        self.expected: Order = NOTHING
        """The newest version Postgres has told of."""
        self.good_until = 0.0
        self.proven = -1
        """How many gaps there had been when the last read of it began: only after the last one is it known."""
        self.texts: dict[UUID, str] = {}
        self.watchers: list[Watcher] = []
        self.fetch: asyncio.Task[RoomState | None] | None = None
        self.overdue: asyncio.TimerHandle | None = None

    @property
    def order(self) -> Order:
        """How new the state is that is known."""
        return self.state.order if self.state is not None else NOTHING

    @property
    def lacks_words(self) -> bool:
        """Whether the state has notices whose words could not be loaded."""
        return self.state is not None and any(n.text not in self.state.texts for n in self.state.queue.notices)

    def waiting(self) -> RoomState | None:
        """Return `incoming`, which may have become another during any await."""
        return self.incoming

    @property
    def coming(self) -> Order:
        """How new the state will be as soon as its words are there."""
        return self.incoming.order if self.incoming is not None else self.order
