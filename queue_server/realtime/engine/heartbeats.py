"""What happens to all sessions in time: pings, and ends for those that do not answer, never join or never read.

Every deadline of a kind is the same span after it was set, so the oldest is always the next: three queues and one
timer do for any number of sessions.
"""

import asyncio
from collections import deque

from queue_server.realtime.engine.packets import PING
from queue_server.realtime.engine.session import Reason, Session

FINEST, COARSEST = 0.005, 0.1
"""Seconds between two looks, at least and at most."""


class Heartbeats:
    """The clock of an engine's sessions. All spans are in seconds.

    `slow` are the sessions that wait for their clients, with the moment since when.
    """

    def __init__(
        self,
        slow: dict[Session, float],
        *,
        ping_interval: float,
        ping_timeout: float,
        connect_timeout: float | None,
        stall_timeout: float,
    ) -> None:
        self._slow = slow
        self.ping_interval = ping_interval
        self.ping_timeout = ping_timeout
        self._connect_timeout = connect_timeout
        self._stall_timeout = stall_timeout
        self._pings: deque[Session] = deque()
        self._pongs: deque[tuple[float, Session]] = deque()
        self._joins: deque[tuple[float, Session]] = deque()
        shortest = min(ping_interval, ping_timeout, connect_timeout or ping_interval, stall_timeout)
        self._every = max(FINEST, min(COARSEST, shortest / 20))
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, session: Session) -> None:
        """Look after a new session."""
        now = asyncio.get_running_loop().time()
        session.ping_due = now + self.ping_interval
        self._pings.append(session)
        if self._connect_timeout is not None:
            self._joins.append((now + self._connect_timeout, session))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._look)

    def pong(self, session: Session) -> None:
        """The client has answered: its next ping is due an interval from now."""
        if session.awaiting_pong:
            session.awaiting_pong = 0.0
            session.ping_due = asyncio.get_running_loop().time() + self.ping_interval
            self._pings.append(session)

    def check(self, session: Session) -> None:
        """Close a session whose time is over and who asks before the clock has found out."""
        if self._is_overdue(session, asyncio.get_running_loop().time()):
            session.close(Reason.PING_TIMEOUT)

    def _is_overdue(self, session: Session, now: float) -> bool:
        return bool(session.awaiting_pong) and session.awaiting_pong + self.ping_timeout <= now

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        try:
            self._send_pings(now)
            self._end_silent(now)
            self._end_strangers(now)
            self._end_stalled(now)
        finally:
            is_needed = bool(self._pings or self._pongs or self._joins)
            self._timer = loop.call_later(self._every, self._look) if is_needed else None

    def _send_pings(self, now: float) -> None:
        pings = self._pings
        while pings and pings[0].ping_due <= now:
            session = pings.popleft()
            if not session.is_closed:
                # Counted from when it was due, as clients count; long delays of a busy loop are not the client's.
                session.awaiting_pong = max(session.ping_due, now - self.ping_timeout / 4)
                self._pongs.append((session.awaiting_pong + self.ping_timeout, session))
                session.put_packet(PING)

    def _end_silent(self, now: float) -> None:
        pongs = self._pongs
        while pongs and pongs[0][0] <= now:
            due, session = pongs.popleft()
            # A pong may have come, and another ping may have gone out, since this deadline was set.
            if self._is_overdue(session, due):
                session.close(Reason.PING_TIMEOUT)

    def _end_strangers(self, now: float) -> None:
        joins = self._joins
        while joins and joins[0][0] <= now:
            session = joins.popleft()[1]
            if not session.is_joined and not session.is_closed and not session.engine.application.is_joined(session):
                session.close(Reason.NOT_CONNECTED)

    def _end_stalled(self, now: float) -> None:
        if self._slow:
            for session in [one for one, since in self._slow.items() if now - since > self._stall_timeout]:
                self._slow.pop(session, None)
                session.close(Reason.NOT_READING, abort=True)
