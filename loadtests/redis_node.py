"""A Redis of a run's own, to be killed and started again."""

import asyncio
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from queue_server.embedded.redis import redis_binary
from queue_server.embedded.users import service_user


class RedisNode:
    """One server on a unix socket; `url` stays the same over all its lives."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="cqs-redis-"))
        self._socket = self._folder / "redis.sock"
        self._process: asyncio.subprocess.Process | None = None
        self.url = f"unix://{self._socket}"

    @staticmethod
    def is_possible() -> bool:
        """Return whether this machine has a Redis to run."""
        return redis_binary(service_user()) is not None

    async def start(self) -> None:
        """Start it and wait until it answers; raises `RuntimeError` when there is no Redis, or it does not answer."""
        binary = redis_binary(service_user())
        if binary is None:
            raise RuntimeError("no redis-server on this machine")
        self._process = await asyncio.create_subprocess_exec(
            str(binary), "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no",
            cwd=self._folder, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(500):
            if await self._answers():
                return
            await asyncio.sleep(0.02)
        raise RuntimeError("Redis does not answer")

    async def kill(self) -> None:
        """Kill it with -9."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        self._socket.unlink(missing_ok=True)

    async def remove(self) -> None:
        """Kill it for good."""
        await self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _answers(self) -> bool:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_unix_connection(str(self._socket))
                writer.write(b"PING\r\n")
                answer = await reader.readline()
                writer.close()
                return answer == b"+PONG\r\n"
        return False
