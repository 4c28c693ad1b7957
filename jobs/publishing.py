"""How what a timer did reaches phones: by the pointer in its commit, and sooner through the broker."""

from typing import Protocol

import msgspec

from queue_server.application.snapshots.state import RoomKey, Snapshot
from queue_server.application.unit import Publisher
from queue_server.broker import Broker
from queue_server.broker.redis import RedisBroker
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


class ThroughBroker:
    """Publishes each state to the servers that watch its room."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def start(self) -> None:
        """Begin to connect, in the background."""
        await self._broker.start()

    async def stop(self) -> None:
        """Close the connection."""
        await self._broker.stop()

    def committed(self, tenant: TenantId, queue: Queue, epoch: int, state: bytes, reason: str) -> None:
        """Publish the state; while the broker is away it is dropped, and the pointer does."""
        snapshot = Snapshot(epoch, queue.version, reason, state)
        self._broker.publish(RoomKey(tenant, queue.doctor, queue.date).channel, msgspec.msgpack.encode(snapshot))


def open_publisher(settings: Settings) -> WorkerPublisher:
    """Return the way in which this worker tells of commits."""
    urls = settings.redis_pubsub_urls or ((settings.redis_url,) if settings.redis_url else ())
    return ThroughBroker(RedisBroker(urls, pool_size=settings.redis_pool_size)) if urls else PointersOnly()
