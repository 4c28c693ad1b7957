"""A cache in Redis, or in a Redis Cluster: there and quick, or not used at all.

Connecting and trying again are done by a task of the cache's own. Whoever asks waits for one answer, fifty milliseconds
at most; the first that comes late opens the circuit for all until Redis answers again.
"""

import asyncio
import random
from contextlib import suppress
from time import monotonic
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError, ResponseError

from queue_server.background import BackgroundTask

log = structlog.stdlib.get_logger("cache")

PATIENCE_SECONDS = 0.05
CONNECT_SECONDS = 2.0
CHECK_SECONDS = 5.0
FIRST_BACKOFF, LONGEST_BACKOFF = 0.1, 2.0
LARGEST_VALUE = 1_000_000
"""Bytes; what is larger is cheaper to make again than to carry about."""

AWAY = (RedisError, RedisClusterException, OSError, TimeoutError, EOFError)


class RedisCache:
    """Keeps values in Redis; `pool_size` connections at most, to each node of a cluster."""

    def __init__(
        self, url: str, *, cluster: bool = False, pool_size: int = 10, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._url = url
        self._is_cluster = cluster
        self._pool_size = pool_size
        self._patience = patience_seconds
        self._client: Any = None
        self._broken = asyncio.Event()
        self._places = asyncio.Semaphore(pool_size)
        self._task = BackgroundTask("cache", self._run)

    @property
    def is_connected(self) -> bool:
        """Whether Redis is asked at present."""
        return self._is_open()

    def _is_open(self) -> bool:
        return self._client is not None and not self._broken.is_set()

    async def start(self) -> None:
        """Begin to connect, in the background."""
        self._task.start()

    async def stop(self) -> None:
        """Close the connections."""
        await self._task.stop()

    async def get(self, key: str) -> bytes | None:
        """Return what is kept under `key`; None for nothing, no answer, or something that is no string."""
        value = await self._ask("GET", key)
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep `value` for so long, if Redis answers soon and it is not too large."""
        if len(value) <= LARGEST_VALUE:
            await self._ask("SET", key, value, "PX", max(1, int(seconds * 1000)))

    async def claim(self, key: str, seconds: float) -> bool | None:
        """Take `key` for so long unless it is held; None when there is no answer."""
        if not self._is_open():
            return None
        answer = await self._ask("SET", key, b"1", "NX", "PX", max(1, int(seconds * 1000)))
        return answer is not None if self._is_open() else None

    async def release(self, key: str) -> None:
        """Let go of `key`. When another has claimed it since, two may do the same work: a waste, not a fault."""
        await self._ask("DEL", key)

    async def _ask(self, *command: str | bytes | int) -> Any:
        if not self._is_open():
            return None
        is_asking = False
        try:
            async with asyncio.timeout(self._patience), self._places:
                if not self._is_open():
                    return None
                is_asking = True
                return await self._client.execute_command(*command)
        except ResponseError:
            # It answers, and refuses: a key of another type, no memory left, a node that may not be written to.
            return None
        except AWAY:
            # Whoever only waited for a place knows nothing of how Redis is.
            if is_asking:
                self._broken.set()
            return None

    async def _run(self) -> None:
        backoff = FIRST_BACKOFF
        while True:
            began = monotonic()
            try:
                await self._carry()
            except Exception as error:
                # Whatever it is – redis-py has errors of a cluster that are no RedisError – nobody depends on Redis.
                if self._client is not None or not isinstance(error, AWAY):
                    log.warning("cache_away", error_type=type(error).__name__)
            finally:
                client, self._client = self._client, None
                await _close(client)
            if monotonic() - began > CHECK_SECONDS:
                backoff = FIRST_BACKOFF
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))  # noqa: S311 – spreads servers, hides nothing
            backoff = min(2 * backoff, LONGEST_BACKOFF)

    async def _carry(self) -> None:
        """Connect, look now and then whether Redis still answers, and raise when it does not."""
        client = self._connection()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if isinstance(client, RedisCluster):
                    await client.initialize()
                await client.ping()
        except BaseException:
            await _close(client)
            raise
        self._broken.clear()
        self._client = client
        while True:
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._broken.wait()
            except TimeoutError:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await client.ping()
            else:
                raise TimeoutError("no answer in time")

    def _connection(self) -> Any:
        options: dict[str, Any] = {"socket_connect_timeout": CONNECT_SECONDS, "max_connections": self._pool_size + 1}
        if not self._url.startswith("unix:"):
            # A unix socket has no keepalive, and redis-py refuses to be told about one.
            options["socket_keepalive"] = True
        if self._is_cluster:
            return RedisCluster.from_url(self._url, **options)
        return Redis.from_url(self._url, **options)


async def _close(client: Any) -> None:
    if client is None:
        return
    with suppress(*AWAY):
        async with asyncio.timeout(1):
            await client.aclose()
