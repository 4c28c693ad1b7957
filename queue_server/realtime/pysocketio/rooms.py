"""The rooms of a namespace; whoever sends to one finds a list that stands ready."""

from collections.abc import Hashable, Iterable
from typing import Any

from queue_server.realtime.engine.session import Session
from queue_server.realtime.pysocketio.client import Client
from queue_server.realtime.pysocketio.turns import Turns


class Room:
    """Clients under one name."""

    __slots__ = ("_ready", "clients", "connecting")

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.connecting: dict[str, Client] = {}
        """Members whose connection is not answered yet."""
        self._ready: tuple[Session, ...] | None = None

    def add(self, client: Client) -> None:
        """Take a client in."""
        self.clients[client.sid] = client
        self.changed(client)

    def remove(self, client: Client) -> None:
        """Let a client go."""
        self.clients.pop(client.sid, None)
        self.connecting.pop(client.sid, None)
        self._ready = None

    def changed(self, client: Client) -> None:
        """A member has become connected, or is about to go."""
        if client.waiting is not None and client.sid in self.clients:
            self.connecting[client.sid] = client
        else:
            self.connecting.pop(client.sid, None)
        self._ready = None

    @property
    def ready(self) -> tuple[Session, ...]:
        """The connected members' sessions, made anew only after somebody came or went."""
        if self._ready is None:
            self._ready = tuple(client.session for client in self.clients.values() if client.is_ready)
        return self._ready


class Namespace:
    """The clients and rooms of a namespace, and the order in which they are sent to."""

    __slots__ = ("all", "rooms", "turns")

    def __init__(self) -> None:
        self.all = Room()
        self.rooms: dict[Hashable, Room] = {}
        self.turns = Turns()

    def targets(self, room: Any) -> list[Room]:
        """Return the rooms by a name, several names, or None for everybody; every client is a room of its own."""
        if room is None:
            return [self.all]
        return [found for name in names(room) if (found := self._room(name)) is not None]

    def _room(self, name: Any) -> Room | None:
        room = self.rooms.get(name)
        if room is None and name in self.all.clients:
            room = Room()
            room.add(self.all.clients[name])
        return room


def names(room: Any) -> Iterable[Any]:
    """Return the names of one or several rooms; several are what has a length and is no string, as python-socketio has
    it."""
    if hasattr(room, "__len__") and not isinstance(room, str):
        several: Iterable[Any] = room
        return several
    return (room,)


def sessions_of(rooms: Iterable[Room], skip: frozenset[str]) -> tuple[Session, ...]:
    """Return the connected members of several rooms, each once."""
    chosen = {client.sid: client for room in rooms for client in room.clients.values() if client.is_ready}
    return tuple(client.session for sid, client in chosen.items() if sid not in skip)


def connecting_of(rooms: Iterable[Room], skip: frozenset[str]) -> list[Client]:
    """Return the members of several rooms whose connection is not answered yet, each once."""
    chosen = {sid: client for room in rooms for sid, client in room.connecting.items()}
    return [client for sid, client in chosen.items() if sid not in skip]
