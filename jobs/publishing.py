"""How what a timer did reaches phones: by the pointer in its commit, and sooner through the broker."""

from typing import Protocol

from queue_server.application.unit import Publisher
from queue_server.settings import Settings
from scheduling_core.ids import TenantId
from scheduling_core.live_queue.state import Queue


class WorkerPublisher(Publisher, Protocol):
    """A publisher that is opened and closed."""

    async def start(self) -> None:
        """Begin to connect."""
        ...

    async def stop(self) -> None:
        """Let go."""
        ...


class PointersOnly:
    """Publishes nothing itself: servers read a state whose pointer they have, 50 ms later."""

    async def start(self) -> None:
        """Have nothing to connect to."""

    async def stop(self) -> None:
        """Have nothing to let go of."""

    def committed(self, tenant: TenantId, queue: Queue, epoch: int, state: bytes, reason: str) -> None:
        """Leave it to the pointer."""


def open_publisher(settings: Settings) -> WorkerPublisher:
    """Return the way in which this worker tells of commits."""
    return PointersOnly()
