"""Rooms and who is in them. A room is watched while somebody is in it; a burst of changes becomes one delivery."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, Protocol

from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.snapshots.state import Order, RoomKey, RoomState
from queue_server.application.views.desk import StaffQueue
from queue_server.application.views.display import DisplayQueue
from queue_server.realtime.statistics import Statistics
from queue_server.ticker import Ticker


class Audience(Protocol):
    """A kind of members, with a way of its own to tell them of a change."""

    name: str

    def is_in(self, room: "Room") -> bool:
        """Whether the room has members of this kind."""
        ...

    async def deliver(self, room: "Room") -> None:
        """Tell the members of the room's newest state."""
        ...

    def changed(self, room: "Room") -> None:
        """The room has a newer state: say what cannot wait for a tick. Must neither block nor raise."""
        ...


class Room:
    """One queue with those who follow it here."""

    def __init__(self, key: RoomKey, state: RoomState | None) -> None:
        self.key = key
        self.state = state
        self.patients: dict[str, Any] = {}
        """Followers of an entry, by socket."""
        self.desks: dict[str, Any] = {}
        """Staff and displays, by socket."""
        self.announced: set[Any] = set()
        """Broadcasts that everybody in the room has been told of."""
        self.staff_views: dict[bool, OrderedDict[Order, StaffQueue | DisplayQueue]] = {
            True: OrderedDict(),
            False: OrderedDict(),
        }
        """What was shown of late, to staff with names and to displays, for patches to start from."""
        self.tickers: list[Ticker] = []

    @property
    def name(self) -> str:
        """What clients know the room by."""
        return self.key.channel

    @property
    def is_empty(self) -> bool:
        """Whether nobody is here."""
        return not self.patients and not self.desks

    def take(self, state: RoomState) -> bool:
        """Make `state` the room's if it is not older than what the room has; whether it is newer."""
        if self.state is not None and state.order < self.state.order:
            return False
        is_newer = self.state is None or state.order > self.state.order
        self.state = state
        return is_newer


class Hub:
    """All rooms of this process that somebody is in."""

    def __init__(self, snapshots: QueueSnapshots, statistics: Statistics) -> None:
        self._snapshots = snapshots
        self.statistics = statistics
        self._audiences: list[Audience] = []
        self._member_callbacks: list[Callable[[Room], None]] = []
        self._rooms: dict[RoomKey, tuple[Room, Callable[[RoomState], None]]] = {}

    def add(self, audience: Audience) -> None:
        """Tell `audience` of changes."""
        self._audiences.append(audience)

    def on_members(self, callback: Callable[[Room], None]) -> None:
        """Have `callback` called after each follower of an entry that comes or goes; it must be quick."""
        self._member_callbacks.append(callback)

    def members_changed(self, room: Room) -> None:
        """A follower of an entry has come into the room or left it."""
        for callback in self._member_callbacks:
            callback(room)

    def find(self, key: RoomKey) -> Room | None:
        """Return the room if somebody is in it."""
        known = self._rooms.get(key)
        return known[0] if known is not None else None

    @property
    def rooms(self) -> list[Room]:
        """Every room that somebody is in."""
        return [room for room, _ in self._rooms.values()]

    def room(self, key: RoomKey) -> Room:
        """Return the room, which is watched from now on; follow it with an entry in it or `close_if_empty`."""
        known = self._rooms.get(key)
        if known is not None:
            return known[0]
        room = Room(key, self._snapshots.newest(key))
        for audience in self._audiences:
            room.tickers.append(Ticker(self._delivery(audience, room)))

        def changed(state: RoomState) -> None:
            self._changed(room, state)

        self._rooms[key] = (room, changed)
        self._snapshots.watch(key, changed)
        return room

    def close_if_empty(self, room: Room) -> None:
        """Stop watching a room that nobody is in."""
        if not room.is_empty or room.key not in self._rooms:
            return
        _, changed = self._rooms.pop(room.key)
        self._snapshots.unwatch(room.key, changed)
        for ticker in room.tickers:
            ticker.cancel()
        room.tickers.clear()  # they know the room, and would keep it until the garbage collector comes by

    def deliver(self, room: Room) -> None:
        """Have every audience told of the room's newest state."""
        for ticker in room.tickers:
            ticker.poke()

    def stop(self) -> None:
        """Leave every room."""
        for room in self.rooms:
            room.patients.clear()
            room.desks.clear()
            self.close_if_empty(room)

    def _changed(self, room: Room, state: RoomState) -> None:
        room.take(state)
        for audience in self._audiences:
            audience.changed(room)
        if any(ticker.is_due for ticker in room.tickers):
            self.statistics.conflated += 1
        self.deliver(room)

    def _delivery(self, audience: Audience, room: Room) -> Callable[[], Awaitable[None]]:
        durations = self.statistics.broadcasts[audience.name]

        async def deliver() -> None:
            if audience.is_in(room) and room.state is not None:
                started = perf_counter()
                await audience.deliver(room)
                durations.add(perf_counter() - started)

        return deliver
