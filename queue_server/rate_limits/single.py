"""The script on one Redis server, over one connection."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio.connection import ConnectionPool
from redis.exceptions import NoScriptError

from queue_server.rate_limits.patience import PATIENCE_SECONDS, patience
from queue_server.rate_limits.script import AWAY, CONNECT_SECONDS, DIGEST, SCRIPT, ScriptLink

MOST_WAITING = 2_000
"""Beyond, callers count in their own process: who asks so much faster than Redis answers would wait too long."""
LARGEST_BATCH = 200
IDLE_SECONDS = 5.0

Command = tuple[str | int, ...]
Answer = asyncio.Future[list[int] | None]


class SingleServer(ScriptLink):
    """Sends what is asked while an answer is awaited as one batch: one round trip, however many ask."""

    def __init__(self, url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        super().__init__(patience_seconds=patience_seconds)
        # A unix socket has no keepalive, and redis-py refuses to be told about one.
        keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
        self._pool = ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_SECONDS, **keepalive)
        self._waiting: list[tuple[Command, Answer]] = []
        self._something_waits = asyncio.Event()

    async def ask(self, keys: Sequence[str], arguments: Sequence[int]) -> list[int] | None:
        """Run the script; None when there is no answer in time."""
        if not self.is_connected or len(self._waiting) >= MOST_WAITING:
            return None
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting.append((("EVALSHA", DIGEST, len(keys), *keys, *arguments), answer))
        self._something_waits.set()
        return await answer

    async def _carry(self) -> None:
        connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        under_way: list[tuple[Command, Answer]] = []
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.connect()
                await _load(connection)
            # As quick as callers will want it, or not at all.
            await _ping(connection, self._patience)
            self._connected()
            while True:
                if not await self._is_asked():
                    await _ping(connection, self._patience)
                    continue
                under_way, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
                if not self._waiting:
                    self._something_waits.clear()
                async with patience(self._patience):
                    answers = await _run(connection, [command for command, _ in under_way])
                _resolve(under_way, answers)
                under_way = []
        finally:
            self.is_connected = False
            left, self._waiting = [*under_way, *self._waiting], []
            self._something_waits.clear()
            _resolve(left, [None] * len(left))
            with suppress(*AWAY):
                await connection.disconnect(nowait=True)

    async def _is_asked(self) -> bool:
        """Wait until somebody asks; False when nobody did for a while, in which Redis may have gone."""
        if self._something_waits.is_set():
            return True
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                return await self._something_waits.wait()
        except TimeoutError:
            return False


def _resolve(asked: Sequence[tuple[Command, Answer]], answers: Sequence[list[int] | None]) -> None:
    for (_, future), answer in zip(asked, answers, strict=True):
        if not future.done():  # whoever asked may have gone
            future.set_result(answer)


async def _run(connection: Any, commands: Sequence[Command]) -> list[list[int]]:
    """Return the script's answers; loads it first where Redis has forgotten it (SCRIPT FLUSH)."""
    answers = await _exchange(connection, commands)
    missed = [place for place, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
    if missed:
        await _load(connection)
        again = await _exchange(connection, [commands[place] for place in missed])
        for place, answer in zip(missed, again, strict=True):
            answers[place] = answer
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


async def _ping(connection: Any, patience_seconds: float) -> None:
    async with patience(patience_seconds):
        await _exchange(connection, [("PING",)])


async def _load(connection: Any) -> None:
    (answer,) = await _exchange(connection, [("SCRIPT", "LOAD", SCRIPT)])
    if isinstance(answer, Exception):
        raise answer


async def _exchange(connection: Any, commands: Sequence[Command]) -> list[Any]:
    """Send commands at once and return their answers, refusals as exceptions among them."""
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
    answers: list[Any] = []
    for _ in commands:
        try:
            answers.append(await connection.read_response(disconnect_on_error=False))
        except NoScriptError as error:
            answers.append(error)
    return answers
