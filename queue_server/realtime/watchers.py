"""How many phones follow each queue, over all servers: asked for where a desk looks, forgotten soon, needed by nothing.

A server whose desks look at rooms says so every quarter of a minute, on one channel that every server listens to. The
others tell what they know of those rooms, each room on a channel of its own: when they are asked, and when somebody
comes or goes. However many come at once, a room is counted and told once a second, and a room that no desk looks at is
neither counted nor told.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from time import monotonic
from uuid import UUID, uuid4

import msgspec

from queue_server.application.snapshots.state import RoomKey
from queue_server.application.views.sockets import QueueWatchers
from queue_server.broker import Broker
from queue_server.realtime.hub import Hub, Room
from queue_server.ticker import Ticker

REPEAT_SECONDS = 15.0
FORGET_SECONDS = 40.0
COUNT_SECONDS = 1.0
"""A room is counted and told once in so many seconds."""
MOST_ENTRIES = 500
"""With more of them at a room, it is no longer told which they are."""
MOST_COUNTED = 2_000
"""Connections of a room that are looked at one by one; with more, it is not told which entries they follow."""
MOST_WANTED = 20_000
"""Rooms that other servers may ask for."""
ROOMS_AT_ONCE = 20
ROOMS_A_MESSAGE = 200

CHANNEL = "watchers"


class Wanted(msgspec.Struct, frozen=True, array_like=True):
    """The rooms that desks of a server look at; `asks` has the other servers say theirs, which it may have missed."""

    server: UUID
    rooms: tuple[RoomKey, ...]
    asks: bool = False


class Told(msgspec.Struct, frozen=True, array_like=True):
    """Who follows one room at one server; None for entries that are too many to tell."""

    server: UUID
    phones: int
    entries: tuple[UUID, ...] | None


_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_decode_wanted = msgspec.msgpack.Decoder(Wanted).decode
_decode_told = msgspec.msgpack.Decoder(Told).decode


class Watchers:
    """Counts of the rooms that a desk looks at, here or elsewhere."""

    def __init__(self, hub: Hub, broker: Broker, changed: Callable[[RoomKey, QueueWatchers], None]) -> None:
        self._hub = hub
        self._broker = broker
        self._changed = changed
        self._server = uuid4()
        self._looked_at: dict[RoomKey, QueueWatchers | None] = {}
        """What desks here were told last."""
        self._elsewhere: dict[RoomKey, dict[UUID, tuple[float, Told]]] = {}
        self._wanted: dict[RoomKey, float] = {}
        """Rooms that desks of other servers look at, until when."""
        self._told: set[RoomKey] = set()
        """Rooms that other servers believe phones are in here."""
        self._due: set[RoomKey] = set()
        self._ticker = Ticker(self._tell_due, COUNT_SECONDS)
        self._asked_at = monotonic()
        self._is_known = False
        """Whether other servers were asked what they want, since this one can hear them."""
        broker.subscribe(CHANNEL, self._asked)
        broker.on_gap(self._reconnected)
        hub.on_members(self._came_or_went)

    def look(self, key: RoomKey) -> None:
        """A desk here looks at the room: learn who follows it on other servers."""
        if key not in self._looked_at:
            self._looked_at[key] = None
            self._broker.subscribe(_channel(key), partial(self._heard, key))
            self._ask([key])

    def look_away(self, key: RoomKey) -> None:
        """None does any more."""
        if key in self._looked_at:
            del self._looked_at[key]
            self._elsewhere.pop(key, None)
            self._broker.unsubscribe(_channel(key))

    def at(self, key: RoomKey) -> QueueWatchers:
        """Return who follows the room on all servers heard of. A phone with two tabs is two phones and one entry."""
        tellings = [self._here(key), *(telling for _, telling in self._elsewhere.get(key, {}).values())]
        entries: set[UUID] = set()
        for telling in tellings:
            entries.update(telling.entries or ())
        is_whole = len(entries) <= MOST_ENTRIES and all(telling.entries is not None for telling in tellings)
        return QueueWatchers(
            doctor_id=key.doctor,
            date=key.date,
            phones=sum(telling.phones for telling in tellings),
            # In an order, so that the same are equal; UUIDs compare several times slower than their numbers.
            entries=tuple(sorted(entries, key=attrgetter("int"))) if is_whole else None,
        )

    def sweep(self) -> None:
        """Ask again now and then; forget servers that were not heard of for long, and rooms nobody asks for."""
        now = monotonic()
        for key, servers in self._elsewhere.items():
            gone = [server for server, (at, _) in servers.items() if now - at > FORGET_SECONDS]
            for server in gone:
                del servers[server]
            if gone:
                self._count(key)
        if not self._is_known and self._broker.carries(CHANNEL):
            self._is_known = True
            self._broker.publish(CHANNEL, _encode(Wanted(self._server, (), asks=True)))
        if now - self._asked_at > REPEAT_SECONDS:
            self._wanted = {key: until for key, until in self._wanted.items() if until > now}
            self._ask_again()

    def leave(self) -> None:
        """This server goes: have the others forget its phones at once."""
        nobody = _encode(Told(self._server, 0, ()))
        for key in self._told:
            self._broker.publish(_channel(key), nobody)
        self._told.clear()
        self._wanted.clear()
        self._broker.unsubscribe(CHANNEL)
        self._ticker.cancel()

    # ---- asking -------------------------------------------------------------------------------------------------

    def _reconnected(self) -> None:
        self._is_known = False
        self._ask_again()

    def _ask_again(self) -> None:
        self._asked_at = monotonic()
        self._ask(list(self._looked_at))

    def _ask(self, keys: list[RoomKey]) -> None:
        for start in range(0, len(keys), ROOMS_A_MESSAGE):
            rooms = tuple(keys[start : start + ROOMS_A_MESSAGE])
            self._broker.publish(CHANNEL, _encode(Wanted(self._server, rooms)))

    def _asked(self, payload: bytes) -> None:
        try:
            wanted = _decode_wanted(payload)
        except msgspec.MsgspecError:
            return
        if wanted.server == self._server:
            return
        if wanted.asks:
            self._asked_at = -REPEAT_SECONDS  # with the next sweep: many servers may ask at once
        until = monotonic() + FORGET_SECONDS
        for key in wanted.rooms:
            if key in self._wanted or len(self._wanted) < MOST_WANTED:
                self._wanted[key] = until
                if (room := self._hub.find(key)) is not None and room.patients:
                    self._count(key)

    # ---- telling ------------------------------------------------------------------------------------------------

    def _came_or_went(self, room: Room) -> None:
        if room.key in self._looked_at or room.key in self._wanted:
            self._count(room.key)

    def _heard(self, key: RoomKey, payload: bytes) -> None:
        try:
            told = _decode_told(payload)
        except msgspec.MsgspecError:
            return
        if told.server == self._server or key not in self._looked_at:
            return
        servers = self._elsewhere.setdefault(key, {})
        if told.phones:
            servers[told.server] = (monotonic(), told)
        else:
            servers.pop(told.server, None)
        self._count(key)

    def _count(self, key: RoomKey) -> None:
        self._due.add(key)
        self._ticker.poke()

    async def _tell_due(self) -> None:
        due, self._due = self._due, set()
        for count, key in enumerate(due, start=1):
            if key in self._wanted:
                self._tell(key)
            if key in self._looked_at and (found := self.at(key)) != self._looked_at[key]:
                self._looked_at[key] = found
                self._changed(key, found)
            if count % ROOMS_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _tell(self, key: RoomKey) -> None:
        here = self._here(key)
        self._broker.publish(_channel(key), _encode(here))
        if here.phones:
            self._told.add(key)
        else:
            self._told.discard(key)

    def _here(self, key: RoomKey) -> Told:
        room = self._hub.find(key)
        members = room.patients if room is not None else {}
        if len(members) > MOST_COUNTED:
            return Told(self._server, len(members), None)
        entries = {member.appointment.entry for member in members.values()}
        if len(entries) > MOST_ENTRIES:
            return Told(self._server, len(members), None)
        return Told(self._server, len(members), tuple(entries))


def _channel(key: RoomKey) -> str:
    return f"watchers:{key.channel}"
