"""Everybody at this server who watches one doctor, or all doctors of a tenant."""

import asyncio
from collections.abc import Sequence
from datetime import date
from time import perf_counter

from queue_server.application.slots.changes import Watched
from queue_server.application.slots.telling import Told, look_again
from queue_server.realtime import wire
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.engine.session import broadcast
from queue_server.realtime.socket import Socket, frame
from queue_server.realtime.statistics import Statistics

AT_ONCE = 500
"""Members who are told in one go; others get their turn in between."""
MOST_MESSAGES = 20
"""Told in one go to those who watch all doctors; of more, only that there is something to see."""
NAME = "availability"


class Watch:
    """A socket that watches a room, and the dates it cares for."""

    __slots__ = ("first", "has_missed", "is_behind", "is_entering", "last", "room", "socket")

    def __init__(self, socket: Socket, room: "Room", first: date, last: date) -> None:
        self.socket = socket
        self.room = room
        self.first = first
        self.last = last
        self.is_entering = True
        """It has not been told yet what there is at present."""
        self.has_missed = False
        """Something happened meanwhile."""
        self.is_behind = False
        """It was not told of something, and has to look again."""

    @property
    def is_on(self) -> bool:
        """Whether it goes on: neither ended nor followed by another one of the same socket."""
        return self.room.members.get(self.socket.id) is self

    @property
    def dates(self) -> tuple[date, date]:
        """From when to when it cares."""
        return self.first, self.last

    def cares_for(self, told: Told) -> bool:
        """Whether this concerns one of the dates."""
        return self.first <= told.last and self.last >= told.first


class Room:
    """A doctor, or all of a tenant's, with those who watch; told of by `SlotChanges`."""

    def __init__(self, watched: Watched, statistics: Statistics) -> None:
        self.watched = watched
        self.members: dict[str, Watch] = {}
        """By socket."""
        self._statistics = statistics

    async def tell(self, told: Sequence[Told]) -> None:
        """Tell everybody whose dates it concerns, all of them the same bytes."""
        started = perf_counter()
        if self.watched[1] is None and len(told) > MOST_MESSAGES:
            told = [_in_short(told)]
        for one in told:
            message = frame(wire.PATIENTS, one.event.value, one.view)
            concerned = [watch for watch in self.members.values() if watch.cares_for(one)]
            for place in range(0, len(concerned), AT_ONCE):
                if place:
                    await asyncio.sleep(0)
                some = concerned[place : place + AT_ONCE]
                self._send([watch for watch in some if self._may_be_told(watch)], message)
        self._statistics.broadcasts[NAME].add(perf_counter() - started)

    def may_have_missed(self) -> None:
        """Have everybody look again, a few at a time."""
        for watch in self.members.values():
            if watch.is_entering:
                watch.has_missed = True
            else:
                watch.is_behind = True

    def _may_be_told(self, watch: Watch) -> bool:
        if watch.is_entering:
            watch.has_missed = True
        elif watch.socket.is_congested:
            watch.is_behind = True
            self._statistics.withheld += 1
        else:
            return watch.socket.is_open
        return False

    def _send(self, watches: Sequence[Watch], message: Message) -> None:
        broadcast([watch.socket.connection.session for watch in watches], message)
        self._statistics.count_sent(len(watches))


def _in_short(told: Sequence[Told]) -> Told:
    return look_again(None, min(one.first for one in told), max(one.last for one in told))
