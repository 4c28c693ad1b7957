"""A Redis of its own for a test that may hurt it, and waiting for what comes of it."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from queue_server.embedded.redis import redis_binary
from queue_server.embedded.users import service_user

PATIENCE = 60.0
"""Seconds to wait for what usually comes in milliseconds: a machine that does much else may take its time."""


async def until(look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Return what `look` finds as soon as it is true; fails when it is not in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = look()
            result: Any = await found if isinstance(found, Awaitable) else found
            if result:
                return result
            await asyncio.sleep(0.005)


class OwnRedis:
    """A Redis of one test, which may be killed, frozen and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        binary = redis_binary(service_user())
        if binary is None:
            pytest.skip("no Redis on this machine")
        self._process = await asyncio.create_subprocess_exec(
            str(binary), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no",
            cwd=self._folder, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        client = Redis(unix_socket_path=str(self.socket))
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        await client.ping()
                    except Exception:
                        await asyncio.sleep(0.02)
                    else:
                        break
        finally:
            await client.aclose()

    async def kill(self) -> None:
        """Kill it."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        self.socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it answer nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


@asynccontextmanager
async def own_redis() -> AsyncIterator[OwnRedis]:
    """Run a Redis for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="cqr-"))
    own = OwnRedis(folder)
    try:
        await own.start()
        yield own
    finally:
        await own.kill()
        shutil.rmtree(folder, ignore_errors=True)
