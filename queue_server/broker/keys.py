"""Keys in Redis, one server or a cluster: small scripts that may fail at any moment and are never waited for long."""

import asyncio
from collections.abc import Sequence
from hashlib import sha1
from time import monotonic
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.exceptions import NoScriptError, RedisClusterException, RedisError, SlotNotCoveredError

log = structlog.stdlib.get_logger("keys")

ANSWER_SECONDS = 0.25
"""A script that has not answered by then is given up: whoever asks is being waited for."""
REST_SECONDS = 1.0
"""So long nobody asks again after a failure, so that a Redis that hangs costs one wait a second and not one each."""

AWAY = (RedisError, RedisClusterException, OSError, TimeoutError, EOFError)


class KeysAway(Exception):
    """Redis did not answer in time; whether the script was done is unknown."""


class Script:
    """A Lua script over one key. One, because in a cluster two keys need not live on the same node."""

    def __init__(self, source: str) -> None:
        self.source = source
        # SHA-1 is how Redis names scripts; nothing is kept secret by it.
        self.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()


class RedisKeys:
    """The keys behind `url`: of one server, or with `cluster` of the cluster that the server belongs to."""

    def __init__(self, url: str, *, cluster: bool = False, pool_size: int = 10) -> None:
        self._client = _cluster(url, pool_size) if cluster else _single(url, pool_size)
        self._is_cluster = cluster
        self._rest_until: dict[str, float] = {}
        """For each node that failed, until when it is left alone."""

    @property
    def is_away(self) -> bool:
        """Whether a script has failed and none on the same node has been done since."""
        return bool(self._rest_until)

    async def run(self, script: Script, key: str, arguments: Sequence[str | int | float] = ()) -> Any:
        """Return what `script` answers for `key`. Raises `KeysAway`, at once while the key's node is given a rest."""
        node = self._node(key)
        if monotonic() < self._rest_until.get(node, 0.0):
            raise KeysAway
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._run(script, key, arguments)
        except AWAY as error:
            if node not in self._rest_until:
                log.warning("redis_keys_away", node=node, error_type=type(error).__name__)
            self._rest_until[node] = monotonic() + REST_SECONDS
            raise KeysAway from error
        if self._rest_until.pop(node, None) is not None:
            log.info("redis_keys_back", node=node)
        return answer

    def _node(self, key: str) -> str:
        """Return the name of the node that the key is on, as far as the cluster is known by now."""
        if not self._is_cluster:
            return ""
        try:
            return str(self._client.get_node_from_key(key).name)
        except SlotNotCoveredError:
            return ""

    async def _run(self, script: Script, key: str, arguments: Sequence[str | int | float]) -> Any:
        try:
            return await self._client.execute_command("EVALSHA", script.digest, 1, key, *arguments)
        except NoScriptError:
            # New here, or restarted, or another node of the cluster: it keeps the script from now on.
            return await self._client.execute_command("EVAL", script.source, 1, key, *arguments)

    async def close(self) -> None:
        """Close the connections."""
        try:
            async with asyncio.timeout(1):
                await self._client.aclose()
        except AWAY:
            log.info("redis_keys_closed_rudely")


def _single(url: str, pool_size: int) -> Any:
    # A unix socket has no keepalive, and redis-py refuses to be told about one.
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=pool_size,
        timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=2 * ANSWER_SECONDS,
        **keepalive,
    )
    return Redis(connection_pool=pool)


def _cluster(url: str, pool_size: int) -> Any:
    return RedisCluster.from_url(
        url,
        max_connections=pool_size,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=2 * ANSWER_SECONDS,
        socket_keepalive=True,
        # Slots that nobody serves at present are no reason to refuse the others.
        require_full_coverage=False,
        # Its own retries sleep longer than anybody here waits.
        cluster_error_retry_attempts=1,
        connection_error_retry_attempts=1,
    )
