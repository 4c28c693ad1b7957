"""A session within one namespace: what it is sent, and who waits for its answers."""

from collections.abc import Callable, Hashable
from typing import Any

from queue_server.realtime.engine.packets import Message
from queue_server.realtime.engine.session import Reason, Session

MOST_WAITING = 1_000
"""Messages kept for a client whose connection is not answered yet; with more it is shown out, for none may be lost."""
MOST_CALLBACKS = 10_000
"""Acknowledgements awaited of one client; whoever waits for an older one waits in vain."""


class Client:
    """A session within one namespace."""

    __slots__ = ("_asked", "_callbacks", "is_connected", "namespace", "rooms", "session", "sid", "waiting")

    def __init__(self, sid: str, namespace: str, session: Session) -> None:
        self.sid = sid
        self.namespace = namespace
        self.session = session
        self.is_connected = False
        """Between the answer to CONNECT and the beginning of the end."""
        self.waiting: list[Message] | None = []
        """What was sent before that answer, which has to be the first that the client hears; None from then on."""
        self.rooms: tuple[Hashable, ...] = ()
        self._callbacks: dict[int, Callable[..., Any]] | None = None
        self._asked = 0

    def put(self, message: Message) -> None:
        """Send a message, now or when the client is connected; to a session that has ended, none."""
        if self.waiting is None:
            if self.is_connected:
                self.session.put(message)
        elif not self.session.is_closed:
            self.waiting.append(message)
            if len(self.waiting) > MOST_WAITING:
                self.session.close(Reason.NOT_READING)

    @property
    def is_ready(self) -> bool:
        """Whether a message can be written to its session at once."""
        return self.is_connected and self.waiting is None

    def release(self) -> None:
        """Send what has waited."""
        waiting, self.waiting = self.waiting, None
        for message in waiting or ():
            self.put(message)

    def ask(self, callback: Callable[..., Any]) -> int:
        """Return the number under which the client shall acknowledge, which calls back."""
        if self._callbacks is None:
            self._callbacks = {}
        self._asked += 1
        self._callbacks[self._asked] = callback
        self._callbacks.pop(self._asked - MOST_CALLBACKS, None)
        return self._asked

    def answer(self, number: int) -> Callable[..., Any] | None:
        """Return, once, who waits for this acknowledgement; None if nobody does."""
        return self._callbacks.pop(number, None) if self._callbacks is not None else None
