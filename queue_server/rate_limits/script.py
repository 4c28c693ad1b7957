"""The script in Redis, and a link to it that is either there and quick, or not used at all.

Connecting, waiting and trying again are done by a task of the link's own. Whoever asks is answered at once that there
is no link, or waits for one answer, ten milliseconds at most: the first that comes late opens the circuit for all.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from hashlib import sha1
from importlib.resources import files
from time import monotonic

import structlog
from redis.exceptions import RedisClusterException, RedisError

from queue_server.background import BackgroundTask
from queue_server.rate_limits.patience import PATIENCE_SECONDS

log = structlog.stdlib.get_logger("rate_limits")

SCRIPT = (files(__package__) / "gcra.lua").read_text(encoding="utf-8")
DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
"""How Redis names a script it knows."""

CONNECT_SECONDS = 2.0
FIRST_BACKOFF, LONGEST_BACKOFF = 0.1, 2.0
SETTLED_SECONDS = 10.0
"""A link that held for so long was good: the next attempt is made soon again."""

AWAY = (RedisError, RedisClusterException, OSError, TimeoutError, EOFError)


class ScriptLink(ABC):
    """Runs the script; keeps its connections in the background."""

    def __init__(self, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.is_connected = False
        self._patience = patience_seconds
        self._task = BackgroundTask("rate-limits", self._run)

    @property
    def patience_seconds(self) -> float:
        """How long an answer may take."""
        return self._patience

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._task.start()

    async def stop(self) -> None:
        """Close everything."""
        await self._task.stop()

    @abstractmethod
    async def ask(self, keys: Sequence[str], arguments: Sequence[int]) -> list[int] | None:
        """Run the script; None when there is no answer in time. The keys must be of one hash slot in a cluster."""

    @abstractmethod
    async def _carry(self) -> None:
        """Connect, call `_connected`, serve until something breaks, and raise that."""

    def _connected(self) -> None:
        self.is_connected = True
        log.info("rate_limits_shared")

    async def _run(self) -> None:
        backoff = FIRST_BACKOFF
        while True:
            began = monotonic()
            try:
                await self._carry()
            except Exception as error:
                # Whatever it is – redis-py has errors of a cluster that are no RedisError – nobody depends on Redis.
                if self.is_connected or not isinstance(error, AWAY):
                    log.warning("rate_limits_in_process", error_type=type(error).__name__)
            finally:
                self.is_connected = False
            if monotonic() - began > SETTLED_SECONDS:
                backoff = FIRST_BACKOFF
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))  # noqa: S311 – spreads servers, hides nothing
            backoff = min(2 * backoff, LONGEST_BACKOFF)
