"""Which desks work on which lane, across servers. Told over the broker and forgotten soon: nothing depends on it."""

from collections.abc import Callable
from functools import partial
from time import monotonic
from uuid import UUID, uuid4

import msgspec

from queue_server.broker import Broker
from scheduling_core.ids import DoctorId, TenantId

REPEAT_SECONDS = 15.0
FORGET_SECONDS = 40.0
MOST_DESKS = 50

Lane = tuple[TenantId, DoctorId]


class Told(msgspec.Struct, frozen=True, array_like=True):
    """The desks of one server at one lane; `asks` has the other servers tell theirs."""

    server: UUID
    desks: tuple[str, ...]
    asks: bool = False


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Told).decode


class Presence:
    """Names of the desks at each lane that somebody here looks at."""

    def __init__(self, broker: Broker, changed: Callable[[Lane], None]) -> None:
        self._broker = broker
        self._changed = changed
        self._server = uuid4()
        self._here: dict[Lane, dict[str, str]] = {}
        self._elsewhere: dict[Lane, dict[UUID, tuple[float, tuple[str, ...]]]] = {}
        self._looked_at: dict[Lane, int] = {}
        self._repeated_at = monotonic()

    def look(self, lane: Lane) -> None:
        """Somebody here looks at the lane: learn who works on it on other servers."""
        self._looked_at[lane] = self._looked_at.get(lane, 0) + 1
        if self._looked_at[lane] == 1:
            self._broker.subscribe(_channel(lane), partial(self._received, lane))
            self._tell(lane, asks=True)

    def look_away(self, lane: Lane) -> None:
        """Undo one `look`."""
        left = self._looked_at.get(lane, 0) - 1
        if left > 0:
            self._looked_at[lane] = left
        elif self._looked_at.pop(lane, None) is not None:
            self._broker.unsubscribe(_channel(lane))
            self._elsewhere.pop(lane, None)

    def enter(self, lane: Lane, socket: str, name: str) -> None:
        """The desk behind `socket` works on the lane now."""
        self._here.setdefault(lane, {})[socket] = name
        self._tell(lane)
        self._changed(lane)

    def leave(self, lane: Lane, socket: str) -> None:
        """It does no longer."""
        desks = self._here.get(lane)
        if desks is None or desks.pop(socket, None) is None:
            return
        if not desks:
            del self._here[lane]
        self._tell(lane)
        self._changed(lane)

    def others(self, lane: Lane, socket: str) -> tuple[str, ...]:
        """Return the names of the desks at the lane, but for the one behind `socket`."""
        here = [name for desk, name in self._here.get(lane, {}).items() if desk != socket]
        away = [name for _, names in self._elsewhere.get(lane, {}).values() for name in names]
        return tuple(sorted(here + away)[:MOST_DESKS])

    def sweep(self) -> None:
        """Repeat what is so, forget servers that were not heard of for long."""
        now = monotonic()
        # Telling of a change may end sockets, with which lanes are left.
        for lane, servers in list(self._elsewhere.items()):
            gone = [server for server, (at, _) in servers.items() if now - at > FORGET_SECONDS]
            for server in gone:
                del servers[server]
            if gone:
                self._changed(lane)
        if now - self._repeated_at > REPEAT_SECONDS:
            self._repeated_at = now
            for lane in list(self._here):
                self._tell(lane)

    def _tell(self, lane: Lane, *, asks: bool = False) -> None:
        desks = tuple(self._here.get(lane, {}).values())[:MOST_DESKS]
        self._broker.publish(_channel(lane), _encode(Told(self._server, desks, asks)))

    def _received(self, lane: Lane, payload: bytes) -> None:
        try:
            told = _decode(payload)
        except msgspec.MsgspecError:
            return
        if told.server == self._server:
            return
        if told.asks and lane in self._here:
            self._tell(lane)
        servers = self._elsewhere.setdefault(lane, {})
        before = servers.get(told.server, (0.0, ()))[1]
        if told.desks:
            servers[told.server] = (monotonic(), told.desks)
        else:
            servers.pop(told.server, None)
        if before != told.desks:
            self._changed(lane)


def _channel(lane: Lane) -> str:
    return f"desks:{lane[0]}:{lane[1]}"
