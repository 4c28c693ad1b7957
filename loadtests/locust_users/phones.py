"""Patients' phones: most follow their link by websocket, some poll."""

import random
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPException
from time import monotonic, perf_counter, time

import gevent
from locust import User, task
from locust.env import Environment

from loadtests import wire
from loadtests.locust_users.api import Api
from loadtests.locust_users.crowd import crowd_of
from loadtests.locust_users.session import EVENT, Dismissed, Lost, Packet, Session

JOIN_SECONDS = 20.0
LONGEST_PAUSE = 5.0
"""Seconds between attempts of a phone that is turned away again and again."""
UPDATED_AT = b'"updatedAt":"'
NOTHING = (0, 0)
"""Epoch and version of a phone that has not been shown anything."""


class WentBack(Exception):
    """A phone was shown an older version than it has already."""


class TrackerUser(User):
    """A phone that follows a link; when it is cut it comes back with what it has seen last."""

    weight = 9

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._crowd = crowd_of(environment)
        self._link = self._crowd.clinic.link()
        self._source = self._crowd.source()
        self._session: Session | None = None
        self._order = NOTHING
        """Epoch and version that were shown last."""
        self._is_cut = False
        """The connection ends because we cut it, or because the server has said that it is about to stop."""
        self._failures = 0
        """Attempts in a row that came to nothing."""

    @task
    def follow(self) -> None:
        """Connect, join and listen until the connection is lost."""
        if self._failures:
            gevent.sleep(random.uniform(0.5, 1) * min(0.5 * 2**self._failures, LONGEST_PAUSE))
        elif self._order != NOTHING:
            gevent.sleep(random.uniform(0, self._crowd.options.jitter))
        try:
            session = self._session = self._join()
        except Lost:
            self._failures += 1
            return
        self._failures, self._is_cut = 0, False
        self._crowd.is_back(self)
        self._crowd.phones.add(self)
        try:
            self._listen(session)
        except Lost as lost:
            if not self._is_cut:
                self._crowd.report("phone", "connection", 0, error=lost)
        finally:
            self._let_go()

    def cut(self) -> None:
        """Cut the wire, as when a network goes away; called from outside."""
        if self._session is not None:
            self._is_cut = True
            self._session.cut()

    def check(self) -> None:
        """Hang up when the server has been silent for too long; called from outside."""
        if self._session is not None and self._session.is_silent:
            self._session.cut()

    def on_stop(self) -> None:
        """Hang up."""
        self._let_go()

    def _let_go(self) -> None:
        self._crowd.phones.discard(self)
        if self._session is not None:
            self._crowd.messages += self._session.packets
            self._session.close()
            self._session = None

    def _join(self) -> Session:
        """Return a session that has joined the queue; raises `Lost`, which is reported."""
        began = perf_counter()
        session = self._timed("connect", lambda: Session(self._crowd.address, source=self._source))
        wanted: dict[str, object] = {"token": self._link.token}
        if self._order == NOTHING:
            name, since = "join-queue", perf_counter()
        else:
            name, since = "resume", began
            wanted |= {"epoch": self._order[0], "version": self._order[1]}
        try:
            session.emit("join-queue", wanted)
            order = self._joined(session)
            if order < self._order:
                raise Lost("the server is behind what was shown before")
        except BaseException as error:
            session.close()
            if isinstance(error, Lost):
                self._crowd.report("phone", name, perf_counter() - since, error=error)
            raise
        self._order = order
        self._crowd.report("phone", name, perf_counter() - since, size=session.bytes)
        return session

    def _timed(self, name: str, work: Callable[[], Session]) -> Session:
        began = perf_counter()
        try:
            session = work()
        except Lost as error:
            self._crowd.report("phone", name, perf_counter() - began, error=error)
            raise
        self._crowd.report("phone", name, perf_counter() - began)
        return session

    @staticmethod
    def _joined(session: Session) -> tuple[int, int]:
        until = monotonic() + JOIN_SECONDS
        while (packet := session.receive(until)) is not None:
            if packet.body.startswith(b'["queue-joined"') and (order := wire.order(packet.body)) is not None:
                return order
            if packet.body.startswith(b'["error"'):
                raise Lost(f"refused: {_code(packet.body)}")
        raise Lost("no answer to join-queue")

    def _listen(self, session: Session) -> None:
        """Take what comes; raises `Lost` in the end."""
        while True:
            packet = session.receive()
            assert packet is not None
            order = wire.order(packet.body)
            if order is None:
                self._told(packet)
            elif order > self._order:
                self._shown(order, packet.body)
            elif order < self._order:
                self._older(order, packet)

    def _shown(self, order: tuple[int, int], body: bytes) -> None:
        before, self._order = self._order, order
        if order[0] != before[0]:
            return
        if self._crowd.options.desks:
            late = self._crowd.lateness.shown(self._link.doctor, before[1], order[1], perf_counter())
            for seconds in late:
                self._crowd.report("phone", "queue-update lateness", seconds, size=len(body))
        elif (at := body.find(UPDATED_AT)) >= 0:
            # No desk is one of ours: all that is known is the server's own clock, which is ours on one machine only.
            start = at + len(UPDATED_AT)
            updated = datetime.fromisoformat(body[start : body.index(b'"', start)].decode())
            self._crowd.report("phone", "queue-update age", time() - updated.timestamp(), size=len(body))

    def _older(self, order: tuple[int, int], packet: Packet) -> None:
        if packet.body.startswith(b'["queue-joined"'):
            self._order = order  # transferred to another queue, which counts its own versions
        else:
            self._crowd.report("phone", "queue-update lateness", 0, error=WentBack("an older version was shown"))

    def _told(self, packet: Packet) -> None:
        if packet.kind == EVENT and packet.body.startswith(b'["error"'):
            raise Dismissed(f"told of an error: {_code(packet.body)}")
        if packet.body.startswith(b'["server-restarting"'):
            self._is_cut = True


class PollingUser(User):
    """A phone without sockets: it asks every few seconds, and mostly hears that nothing has changed."""

    weight = 1

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._crowd = crowd_of(environment)
        self._path = f"/api/appointments/track/{self._crowd.clinic.link().token}"
        self._api = Api(self._crowd.address, self._crowd.source())
        self._etag = ""

    def wait_time(self) -> float:
        """Return the seconds until the next look."""
        return random.uniform(0.5, 1.5) * float(self._crowd.options.poll_every)

    @task
    def look(self) -> None:
        """Ask for the place in the queue."""
        began = perf_counter()
        try:
            answer = self._api.request("GET", self._path, **({"If_None_Match": self._etag} if self._etag else {}))
        except (OSError, HTTPException) as error:
            self._crowd.report("poll", "track", perf_counter() - began, error=type(error).__name__)
            return
        name = "track, unchanged" if answer.status == 304 else "track"
        fault = None if answer.status in (200, 304) else f"status {answer.status}"
        self._crowd.report("poll", name, perf_counter() - began, error=fault, size=len(answer.body))
        self._etag = answer.headers.get("etag", self._etag)

    def on_stop(self) -> None:
        """Hang up."""
        self._api.close()


def _code(body: bytes) -> str:
    """Return the stable word of an `error` event."""
    _, _, rest = body.partition(b'"code":"')
    return rest.partition(b'"')[0].decode()
