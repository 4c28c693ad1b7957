"""The script on a Redis Cluster, each call on the node that holds its keys."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import NoScriptError

from queue_server.rate_limits.patience import PATIENCE_SECONDS, patience
from queue_server.rate_limits.script import AWAY, CONNECT_SECONDS, DIGEST, SCRIPT, ScriptLink


class Cluster(ScriptLink):
    """Follows the cluster's map of slots. One node that is late opens the circuit for all of them."""

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        super().__init__(patience_seconds=patience_seconds)
        self._url = url
        self._client: RedisCluster | None = None
        self._broken = asyncio.Event()

    async def ask(self, keys: Sequence[str], arguments: Sequence[int]) -> list[int] | None:
        """Run the script; None when there is no answer in time. All keys must be of one hash slot."""
        client = self._client
        if client is None or self._broken.is_set():
            return None
        call: tuple[str | int, ...] = (len(keys), *keys, *arguments)
        try:
            async with patience(self._patience):
                try:
                    answer = await client.execute_command("EVALSHA", DIGEST, *call)
                except NoScriptError:  # a node that joined since, or was restarted
                    answer = await client.execute_command("EVAL", SCRIPT, *call)
        except AWAY:
            self._broken.set()
            return None
        return [int(one) for one in answer]

    async def _carry(self) -> None:
        client: RedisCluster = RedisCluster.from_url(self._url, socket_connect_timeout=CONNECT_SECONDS)
        try:
            async with asyncio.timeout(2 * CONNECT_SECONDS):
                await client.initialize()
                for node in client.get_primaries():
                    await client.execute_command("SCRIPT LOAD", SCRIPT, target_nodes=node)
            # As quick as callers will want it, or not at all.
            for node in client.get_primaries():
                async with patience(self._patience):
                    await client.execute_command("PING", target_nodes=node)
            self._client = client
            self._broken.clear()
            self._connected()
            await self._broken.wait()
            raise TimeoutError("a node did not answer in time")
        finally:
            self._client = None
            with suppress(*AWAY):
                async with asyncio.timeout(1):
                    await client.aclose()
