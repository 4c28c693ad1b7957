"""A broker over Redis pub/sub. Redis may be slow, hang or be gone at any moment: nobody here ever waits for it."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from hashlib import blake2b
from time import monotonic
from typing import Any

import structlog
from redis.asyncio.connection import ConnectionPool
from redis.exceptions import RedisError

from queue_server.background import BackgroundTask
from queue_server.broker import Receiver

log = structlog.stdlib.get_logger("broker")

MOST_WAITING = 2_000
"""Messages kept for a connection that is busy; the oldest go first, for newer snapshots say more."""
ANSWER_SECONDS = 2.0
"""A server that answers nothing for so long hangs."""
PING_SECONDS = 2.0
FIRST_BACKOFF, LONGEST_BACKOFF = 0.05, 1.0
"""Seconds between attempts to connect; short, because an attempt at a dead address costs next to nothing."""

CONNECTIONS_NEEDED = 2
"""To each server: one that publishes, one that listens."""

AWAY = (RedisError, OSError, TimeoutError, EOFError)


def responsible(channel: str, servers: Sequence[str]) -> int:
    """Return the index of the server that carries `channel`, by highest random weight.

    Every process that has the same list chooses the same server, in whatever order the list is, and one that joins
    or leaves moves only the channels it gains or had.
    """
    return max(range(len(servers)), key=lambda i: blake2b(f"{servers[i]}\0{channel}".encode(), digest_size=8).digest())


class RedisBroker:
    """Channels spread over one or more Redis servers, or nodes of a cluster; `pool_size` connections to each at most.

    A cluster passes what is published on to all of its nodes; all processes meet at the same node nevertheless.
    """

    def __init__(self, urls: Sequence[str], *, pool_size: int = CONNECTIONS_NEEDED) -> None:
        if not urls:
            raise ValueError("at least one address")
        if pool_size < CONNECTIONS_NEEDED:
            raise ValueError(f"at least {CONNECTIONS_NEEDED} connections")
        self._urls = tuple(urls)
        self._gap_callbacks: list[Callable[[], None]] = []
        self._links = [_Link(url, self._gap, pool_size) for url in self._urls]

    @property
    def is_connected(self) -> bool:
        """Whether every server answers."""
        return all(link.is_connected for link in self._links)

    def carries(self, channel: str) -> bool:
        """Return whether the server of this channel answers."""
        return self._link(channel).is_connected

    @property
    def dropped(self) -> int:
        """How many messages were not sent, because their server was away or too slow."""
        return sum(link.dropped for link in self._links)

    def on_gap(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after each reconnect."""
        self._gap_callbacks.append(callback)

    async def start(self) -> None:
        """Begin to connect to every server, in the background."""
        for link in self._links:
            link.start()

    async def stop(self) -> None:
        """Stop and forget all subscriptions."""
        for link in self._links:
            await link.stop()

    def publish(self, channel: str, payload: bytes) -> None:
        """Send without waiting; dropped when the channel's server is away."""
        self._link(channel).publish(channel, payload)

    def subscribe(self, channel: str, receive: Receiver) -> None:
        """Give `receive` what is published on `channel` from now on, again after each reconnect."""
        self._link(channel).subscribe(channel, receive)

    def unsubscribe(self, channel: str) -> None:
        """Stop receiving from `channel`."""
        self._link(channel).unsubscribe(channel)

    def _link(self, channel: str) -> "_Link":
        return self._links[responsible(channel, self._urls) if len(self._urls) > 1 else 0]

    def _gap(self) -> None:
        for callback in self._gap_callbacks:
            try:
                callback()
            except Exception:
                # Neither the others nor what comes over this link may miss out on it.
                log.exception("gap_callback_failed")


class _Link:
    """Two connections to one server: one that publishes, one that listens (a subscriber may not publish)."""

    def __init__(self, url: str, on_gap: Callable[[], None], pool_size: int) -> None:
        # A unix socket has no keepalive, and redis-py refuses to be told about one.
        keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
        self._pool = ConnectionPool.from_url(
            url, max_connections=pool_size, socket_connect_timeout=ANSWER_SECONDS, **keepalive
        )
        self._on_gap = on_gap
        self._receivers: dict[bytes, Receiver] = {}
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._something_waits = asyncio.Event()
        self._subscriptions_changed = asyncio.Event()
        self._task = BackgroundTask("broker", self._run)
        self.is_connected = False
        self.dropped = 0

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        await self._task.stop()
        self._receivers.clear()
        self._waiting.clear()

    def publish(self, channel: str, payload: bytes) -> None:
        if not self.is_connected:
            self.dropped += 1
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append((channel, payload))
        self._something_waits.set()

    def subscribe(self, channel: str, receive: Receiver) -> None:
        self._receivers[channel.encode()] = receive
        self._subscriptions_changed.set()

    def unsubscribe(self, channel: str) -> None:
        if self._receivers.pop(channel.encode(), None) is not None:
            self._subscriptions_changed.set()

    async def _run(self) -> None:
        backoff, was_connected, fault = FIRST_BACKOFF, False, ""
        while True:
            connected_at = None
            try:
                async with self._connections() as (publisher, subscriber):
                    connected_at = monotonic()
                    await self._carry(publisher, subscriber, gap=was_connected)
            except AWAY as error:
                if self.is_connected:
                    log.warning("redis_away", error_type=type(error).__name__)
            except Exception as error:
                # A server that talks nonsense, or a fault of ours: no reason to be cut off for good, nor for a line
                # about the same with each attempt.
                if self.is_connected or repr(error) != fault:
                    log.exception("redis_link_failed")
                fault = repr(error)
            finally:
                was_connected = was_connected or self.is_connected
                self.is_connected = False
                self.dropped += len(self._waiting)
                self._waiting.clear()
            # Only after it stood for a while: one that lets in and throws out again must not be run at.
            if connected_at is not None and monotonic() - connected_at > LONGEST_BACKOFF:
                backoff, fault = FIRST_BACKOFF, ""
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))  # noqa: S311 – spreads servers, hides nothing
            backoff = min(2 * backoff, LONGEST_BACKOFF)

    @asynccontextmanager
    async def _connections(self) -> AsyncIterator[tuple[Any, Any]]:
        """Connect one that publishes and one that listens; both are closed in the end."""
        publisher, subscriber = self._connection(), self._connection()
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS):
                await publisher.connect()
                await subscriber.connect()
            yield publisher, subscriber
        finally:
            await _close(publisher)
            await _close(subscriber)
            self._pool.reset()  # type: ignore[no-untyped-call]

    def _connection(self) -> Any:
        return self._pool.get_available_connection()  # type: ignore[no-untyped-call]

    async def _carry(self, publisher: Any, subscriber: Any, *, gap: bool) -> None:
        """Pass messages until something breaks, and raise that."""
        subscribed: set[bytes] = set()
        await self._follow_subscriptions(subscriber, subscribed)
        self.is_connected = True
        if gap:
            log.info("redis_back")
            self._on_gap()
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._publish(publisher),
                self._receive(subscriber),
                self._subscribe(subscriber, subscribed),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _publish(self, connection: Any) -> None:
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._something_waits.wait()
            except TimeoutError:
                await _ask(connection, [("PING",)])
                continue
            self._something_waits.clear()
            batch = [("PUBLISH", *self._waiting.popleft()) for _ in range(min(len(self._waiting), 100))]
            if self._waiting:
                self._something_waits.set()
            if batch:
                await _ask(connection, batch)

    async def _receive(self, connection: Any) -> None:
        while True:
            # Pings come from `_subscribe`; a server that does not even answer those is gone.
            async with asyncio.timeout(PING_SECONDS + ANSWER_SECONDS):
                answer = await connection.read_response(disable_decoding=True, disconnect_on_error=False)
            if isinstance(answer, list) and len(answer) == 3 and answer[0] == b"message":
                self._hand_over(answer[1], answer[2])

    def _hand_over(self, channel: bytes, payload: bytes) -> None:
        receive = self._receivers.get(channel)
        if receive is None:
            return
        try:
            receive(payload)
        except Exception:
            # One message that its receiver cannot take must not end what all the others come through.
            log.exception("receiver_failed")

    async def _subscribe(self, connection: Any, subscribed: set[bytes]) -> None:
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._subscriptions_changed.wait()
            except TimeoutError:
                await connection.send_command("PING", check_health=False)
                continue
            await self._follow_subscriptions(connection, subscribed)

    async def _follow_subscriptions(self, connection: Any, subscribed: set[bytes]) -> None:
        self._subscriptions_changed.clear()
        wanted = set(self._receivers)
        for command, channels in (("SUBSCRIBE", wanted - subscribed), ("UNSUBSCRIBE", subscribed - wanted)):
            if channels:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await connection.send_command(command, *channels, check_health=False)
        subscribed.clear()
        subscribed.update(wanted)


async def _ask(connection: Any, commands: Sequence[tuple[Any, ...]]) -> None:
    """Send commands at once and read their answers."""
    async with asyncio.timeout(ANSWER_SECONDS):
        await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
        for _ in commands:
            await connection.read_response(disconnect_on_error=False)


async def _close(connection: Any) -> None:
    with suppress(*AWAY):
        await connection.disconnect(nowait=True)
