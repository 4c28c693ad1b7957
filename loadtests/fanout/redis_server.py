"""A Redis of the run's own, on a loopback port, away from the server's core."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import redis

from loadtests.fanout.process import pinned_to
from queue_server.embedded.ports import free_port
from queue_server.embedded.redis import redis_binary

START_SECONDS = 10.0


class RedisMissing(Exception):
    """There is no Redis here; the message is a sentence for the report."""


class RedisServer:
    """A running Redis; a context manager that kills it at the end."""

    def __init__(self, core: int) -> None:
        binary = redis_binary(None)
        if binary is None:
            raise RedisMissing("There is no redis-server here, so the rows with Redis are empty.")
        self._folder = Path(tempfile.mkdtemp(prefix="fanout-redis-"))
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}"
        arguments = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with pinned_to(core):
            self._process = subprocess.Popen(
                arguments, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        self._client: Any = redis.Redis(port=port)  # its types are those of the asynchronous client as well
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def version(self) -> str:
        """Return what the server says it is."""
        return str(self._client.info("server")["redis_version"])

    def received_bytes(self) -> int:
        """Return all that clients have sent so far."""
        return int(self._client.info("stats")["total_net_input_bytes"])

    def published(self) -> int:
        """Return how many times something was published so far."""
        commands = self._client.info("commandstats")
        return sum(commands.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("publish", "spublish"))

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self._client.ping()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
        self.__exit__()
        raise RedisMissing("Redis did not start, so the rows with Redis are empty.")
