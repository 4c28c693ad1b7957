"""`watch-availability`: the watches of each socket, from the first message to the last."""

from datetime import UTC, date, datetime, timedelta

from queue_server.application.directory import Directory
from queue_server.application.slots.availability import LONGEST_RANGE, day_given
from queue_server.application.slots.changes import CurrentSlots, SlotChanges, Watched
from queue_server.application.slots.telling import look_again
from queue_server.application.slots.views import WatchingView
from queue_server.realtime import wire
from queue_server.realtime.availability.room import Room, Watch
from queue_server.realtime.messages import UnwatchAvailability, WatchAvailability
from queue_server.realtime.socket import Socket, frame
from queue_server.realtime.statistics import Statistics
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import DoctorId, TenantId

MOST_WATCHES = 10
"""Of one socket."""
LOOKS = 3
"""Who begins to watch while much happens is told what there is after so many looks at most, and then to look again."""
REMINDED_AT_ONCE = 500
"""Sockets that are told to look again in one second."""
LOOKED_THROUGH = 5_000
"""Watches that are looked at in one second."""


class Watching:
    """Who watches what at this server."""

    def __init__(self, changes: SlotChanges, directory: Directory, statistics: Statistics) -> None:
        self._changes = changes
        self._directory = directory
        self._statistics = statistics
        self._rooms: dict[Watched, Room] = {}
        self._watches: dict[str, dict[Watched, Watch]] = {}
        """By socket."""
        self._swept = 0

    @property
    def watchers(self) -> int:
        """How many sockets watch something."""
        return len(self._watches)

    @property
    def rooms(self) -> int:
        """How many doctors, or whole tenants, are watched."""
        return len(self._rooms)

    def follows(self, socket: Socket) -> bool:
        """Whether the socket watches something."""
        return socket.id in self._watches

    async def watch(self, socket: Socket, wanted: WatchAvailability) -> WatchingView | None:
        """Let the socket watch, and return what it is acknowledged with; None when it is gone meanwhile.

        Raises `InvalidValue` for dates that make no sense, `NotFound` for a doctor the public does not know, `Conflict`
        when the socket watches too much already, `Unavailable` when Postgres is away.
        """
        first, last = _dates(wanted)
        watched = await self._watched(wanted)
        if not socket.is_open:
            return None
        watch = self._enter(socket, watched, first, last)
        try:
            current = await self._current(watch)
        except BaseException:
            self._leave(watch)
            raise
        if not watch.is_on:
            return WatchingView(watching=self.follows(socket)) if watch.socket.is_open else None
        if not current.is_shown:
            self._leave(watch)
            raise NotFound("There is no such doctor." if watched[1] is not None else "There is nothing to watch here.")
        watch.is_entering = False
        watch.is_behind, watch.has_missed = watch.has_missed, False
        # For clients that ask for no acknowledgement: from here on nothing happens that they are not told.
        socket.send("availability-watched", look_again(watched[1], first, last).view)
        if watched[1] is None:
            return WatchingView(watching=True)
        return WatchingView(watching=True, slots=current.slots, more=current.more)

    async def unwatch(self, socket: Socket, wanted: UnwatchAvailability) -> WatchingView:
        """Let the socket watch this doctor no longer, without one nothing at all; says whether it watches others."""
        for watched, watch in list(self._watches.get(socket.id, {}).items()):
            if wanted.doctor_id in (None, watched[1]):
                self._leave(watch)
        return WatchingView(watching=self.follows(socket))

    def disconnected(self, socket: Socket) -> None:
        """Forget the socket."""
        for watch in list(self._watches.get(socket.id, {}).values()):
            self._leave(watch)

    def sweep(self) -> list[Socket]:
        """Tell those who missed something to look again; end what has passed, and return whose last watch that was."""
        chosen = self._next(LOOKED_THROUGH)
        behind = [watch for watch in chosen if watch.is_behind and not watch.socket.is_congested]
        for watch in behind[:REMINDED_AT_ONCE]:
            watch.is_behind = False
            told = look_again(watch.room.watched[1], *watch.dates)
            watch.socket.put(frame(wire.PATIENTS, told.event.value, told.view))
        today = datetime.now(UTC).date()
        over = [watch for watch in chosen if watch.last < today - timedelta(days=1)]
        for watch in over:
            self._leave(watch)
        return [watch.socket for watch in over if not self.follows(watch.socket)]

    def stop(self) -> None:
        """End every watch."""
        for watch in self._next(sum(map(len, self._watches.values()))):
            self._leave(watch)

    # ---- inside -----------------------------------------------------------------------------------------------------

    async def _watched(self, wanted: WatchAvailability) -> Watched:
        doctor = DoctorId(wanted.doctor_id) if wanted.doctor_id is not None else None
        if wanted.tenant_id is not None:
            return TenantId(wanted.tenant_id), doctor
        if doctor is None:
            raise InvalidValue("Say whose times you ask for.", field="tenantId")
        return await self._directory.tenant_of(doctor), doctor

    def _enter(self, socket: Socket, watched: Watched, first: date, last: date) -> Watch:
        """Put the socket into the room; there is no await in here, and from here on nothing is missed."""
        mine = self._watches.get(socket.id, {})
        if (known := mine.get(watched)) is not None:
            self._leave(known)
        elif len(mine) >= MOST_WATCHES:
            raise Conflict(f"At most {MOST_WATCHES} things can be watched at once; unwatch one first.")
        room = self._rooms.get(watched)
        if room is None:
            room = self._rooms[watched] = Room(watched, self._statistics)
            self._changes.watch(watched, room)
        watch = Watch(socket, room, first, last)
        room.members[socket.id] = self._watches.setdefault(socket.id, {})[watched] = watch
        return watch

    async def _current(self, watch: Watch) -> CurrentSlots:
        looks = 0
        while True:
            looks += 1
            watch.has_missed = False
            current = await self._changes.current(watch.room.watched, *watch.dates)
            if looks == LOOKS or not watch.has_missed or not watch.is_on:
                return current

    def _leave(self, watch: Watch) -> None:
        room, socket = watch.room, watch.socket
        if not watch.is_on:
            return
        del room.members[socket.id]
        del self._watches[socket.id][room.watched]
        if not self._watches[socket.id]:
            del self._watches[socket.id]
        if not room.members:
            del self._rooms[room.watched]
            self._changes.unwatch(room.watched, room)

    def _next(self, most: int) -> list[Watch]:
        """Return the next watches to look at; in the end each has its turn."""
        sockets = list(self._watches)
        if self._swept >= len(sockets):
            self._swept = 0
        chosen = sockets[self._swept : self._swept + most]
        self._swept += most
        return [watch for socket in chosen for watch in self._watches[socket].values()]


def _dates(wanted: WatchAvailability) -> tuple[date, date]:
    first, last = day_given(wanted.from_, "from"), day_given(wanted.to, "to")
    if last < first:
        raise InvalidValue("The last day is before the first.", field="to")
    if last - first >= LONGEST_RANGE:
        raise InvalidValue(f"At most {LONGEST_RANGE.days} days are watched at a time.", field="to")
    return first, last
