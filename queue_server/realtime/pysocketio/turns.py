"""Order between what is sent: a broadcast in chunks is overtaken by nothing that was sent after it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Sending = Callable[[], Awaitable[None]]


class Turns:
    """What is sent in a namespace one after the other, each whole; empty while all goes out at once.

    One queue for all rooms of a namespace, for a client may be in several of them and is told in one order.
    """

    __slots__ = ("_pending", "_task")

    def __init__(self) -> None:
        self._pending: deque[tuple[Sending, asyncio.Future[None]]] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent, or waits; what is sent now has to wait its turn."""
        return self._task is not None

    def add(self, send: Sending) -> asyncio.Future[None]:
        """Have something sent after all that was added before; done when it is. It is sent if nobody waits, too."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._pending.append((send, done))
        if self._task is None:
            self._task = loop.create_task(self._send_all())
        return done

    async def _send_all(self) -> None:
        try:
            while self._pending:
                await _sent(*self._pending.popleft())
        finally:
            self._task = None


async def _sent(send: Sending, done: asyncio.Future[None]) -> None:
    try:
        await send()
    except Exception as error:
        if not done.done():
            done.set_exception(error)
    else:
        if not done.done():
            done.set_result(None)
