"""`watch-waitlist`: phones that follow what their patients wait for, from the first message to the last."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

import structlog
from msgspec.structs import replace

from queue_server.application.views.sockets import SocketError
from queue_server.application.waitlist.followers import Followed, WaitlistFollowers
from queue_server.application.waitlist.live import WaitlistChanges
from queue_server.application.waitlist.live_views import OwnWaitlistEntry, OwnWaitlistUpdate, OwnWaitlistWatching
from queue_server.realtime.errors import TokenExpired, socket_error
from queue_server.realtime.messages import WatchWaitlist
from queue_server.realtime.socket import Socket
from queue_server.realtime.statistics import Statistics
from scheduling_core.errors import DomainError, InvalidValue, Unavailable
from scheduling_core.ids import EntryId, PatientId, TenantId, WaitlistId

log = structlog.stdlib.get_logger("waitlist")

CHECKED_SECONDS = 60.0
"""How often it is asked whether an account is still good, or a tracking link was not withdrawn."""
LONG_AGO = float("-inf")
READ_AT_ONCE = 20
"""Phones that are looked after in one second: told what they may have missed, or looked at again."""
LOOKED_THROUGH = 5_000
LOOKS = 3
"""Who begins to follow while much happens is told how things are after so many looks at most, and then again."""

Ask = Callable[[], Awaitable[Followed]]


class OwnWatch:
    """A socket that follows entries."""

    def __init__(self, socket: Socket, kind: str, followed: Followed, ask: Ask, statistics: Statistics) -> None:
        self.socket = socket
        self.kind = kind
        self.followed = followed
        self.ask = ask
        self.checked_at = monotonic()
        self.is_on = True
        self.is_entering = True
        """It has not been told yet how its entries are at present."""
        self.is_behind = False
        """It was not told of something."""
        self.is_busy = False
        self._told: dict[UUID, OwnWaitlistEntry] = {}
        self._statistics = statistics

    @property
    def patients(self) -> Collection[PatientId]:
        """Whose entries."""
        return self.followed.patients

    @property
    def entry(self) -> WaitlistId | None:
        """Or which one."""
        return self.followed.entry

    def shown(self, found: Collection[OwnWaitlistEntry]) -> tuple[OwnWaitlistEntry, ...]:
        """Return entries as they are shown, and remember them."""
        shown = tuple(self._shown(one) for one in found)
        self._told = {one.entry.id: one for one in shown}
        return shown

    def tell(self, told: OwnWaitlistEntry) -> None:
        """Tell of an entry that has changed."""
        known = self._told.get(told.entry.id)
        if known is not None and known.entry.version > told.entry.version:
            return
        if self._may_be_told():
            shown = self._told[told.entry.id] = self._shown(told)
            self.socket.send("waitlist-update", OwnWaitlistUpdate(data=shown))

    def moved(self, places: Mapping[UUID, int]) -> None:
        """Tell of entries that have another place now."""
        for id, known in list(self._told.items()):
            place = places.get(id)
            if place is None or place == known.entry.position or not self._may_be_told():
                continue
            shown = self._told[id] = replace(known, entry=replace(known.entry, position=place))
            self.socket.send("waitlist-update", OwnWaitlistUpdate(data=shown))

    def may_have_missed(self) -> None:
        """Have it look again, soon."""
        self.is_behind = True

    def again(self, found: Collection[OwnWaitlistEntry]) -> None:
        """Tell of all entries that are not as they were told."""
        for one in found:
            known = self._told.get(one.entry.id)
            if known is None or _face(known) != _face(one):
                self.tell(one)

    def _may_be_told(self) -> bool:
        if self.is_entering or not self.is_on:
            self.is_behind = True
            return False
        if self.socket.is_congested:
            self.is_behind = True
            self._statistics.withheld += 1
            return False
        return True

    def _shown(self, told: OwnWaitlistEntry) -> OwnWaitlistEntry:
        if self.followed.sees_words:
            return told
        return replace(told, entry=replace(told.entry, notes="", metadata={}))


class OwnWatching:
    """Who follows what at this server."""

    def __init__(self, changes: WaitlistChanges, followers: WaitlistFollowers, statistics: Statistics) -> None:
        self._changes = changes
        self._followers = followers
        self._statistics = statistics
        self._watches: dict[str, dict[str, OwnWatch]] = {}
        """By socket, and by what it is allowed with."""
        self._by_appointment: dict[tuple[TenantId, EntryId], set[OwnWatch]] = {}
        self._swept = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def watchers(self) -> int:
        """How many sockets follow something."""
        return len(self._watches)

    def follows(self, socket: Socket) -> bool:
        """Whether the socket follows something."""
        return socket.id in self._watches

    async def watch(self, socket: Socket, wanted: WatchWaitlist) -> OwnWaitlistWatching | None:
        """Let the socket follow, and return how its entries are; None when it is gone meanwhile.

        A second one by the same kind of token takes the place of the first. Raises `InvalidValue` unless it names one
        token, what `WaitlistFollowers` raises for a bad one, `Unavailable` when Postgres is away.
        """
        kind, ask = self._asking(wanted)
        followed = await ask()
        if not socket.is_open:
            return None
        watch = self._enter(socket, kind, followed, ask)
        try:
            answer = OwnWaitlistWatching(watching=True, entries=watch.shown(await self._current(watch)))
        except BaseException:
            self._leave(watch)
            raise
        if not watch.is_on:
            return OwnWaitlistWatching(watching=self.follows(socket)) if watch.socket.is_open else None
        watch.is_entering = False
        # For clients that ask for no acknowledgement: from here on nothing happens that they are not told.
        socket.send("waitlist-watched", answer)
        return answer

    def unwatch(self, socket: Socket) -> OwnWaitlistWatching:
        """Let the socket follow nothing any more."""
        self.disconnected(socket)
        return OwnWaitlistWatching(watching=False)

    def disconnected(self, socket: Socket) -> None:
        """Forget the socket."""
        for watch in list(self._watches.get(socket.id, {}).values()):
            self._leave(watch)

    def on_revoked(self, tenant: TenantId, appointment: EntryId) -> None:
        """Tracking links were withdrawn: look at those that somebody follows by."""
        for watch in self._by_appointment.get((tenant, appointment), ()):
            watch.checked_at = LONG_AGO

    def on_gap(self) -> None:
        """A withdrawal may have been missed."""
        for watches in self._by_appointment.values():
            for watch in watches:
                watch.checked_at = LONG_AGO

    def sweep(self) -> list[Socket]:
        """Tell those who missed something, look again at what allows them to follow, end what has ended; returns
        whose last watch that was."""
        now, at, left = datetime.now(UTC), monotonic(), []
        budget = READ_AT_ONCE
        for watch in self._next(LOOKED_THROUGH):
            if now >= watch.followed.ends_at:
                self._end(watch, TokenExpired("What you follow by has ended; send a new one."))
                left.append(watch.socket)
            elif budget and not watch.is_busy and not watch.is_entering and self._is_due(watch, at):
                budget -= 1
                self._spawn(watch)
        return [socket for socket in left if not self.follows(socket)]

    def stop(self) -> None:
        """End every watch."""
        for task in self._tasks:
            task.cancel()
        for watch in self._next(sum(map(len, self._watches.values()))):
            self._leave(watch)

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _asking(self, wanted: WatchWaitlist) -> tuple[str, Ask]:
        given = {
            "waitlistToken": wanted.waitlist_token,
            "trackingToken": wanted.tracking_token,
            "accessToken": wanted.access_token,
        }
        named = [(kind, token) for kind, token in given.items() if token is not None]
        if len(named) != 1:
            raise InvalidValue("Name one of waitlistToken, trackingToken and accessToken.", field="waitlistToken")
        (kind, token) = named[0]

        async def ask() -> Followed:
            match kind:
                case "waitlistToken":
                    return await self._followers.of_link(token)
                case "trackingToken":
                    return await self._followers.of_tracking(token)
                case _:
                    return await self._followers.of_account(token, wanted.tenant_id)

        return kind, ask

    def _enter(self, socket: Socket, kind: str, followed: Followed, ask: Ask) -> OwnWatch:
        """Put the socket among who follows; there is no await in here, and from here on nothing is missed."""
        if (known := self._watches.get(socket.id, {}).get(kind)) is not None:
            self._leave(known)
        watch = OwnWatch(socket, kind, followed, ask, self._statistics)
        self._watches.setdefault(socket.id, {})[kind] = watch
        if followed.appointment is not None:
            self._by_appointment.setdefault((followed.tenant, followed.appointment), set()).add(watch)
        self._changes.watch_own(followed.tenant, watch)
        return watch

    async def _current(self, watch: OwnWatch) -> list[OwnWaitlistEntry]:
        looks = 0
        while True:
            looks += 1
            watch.is_behind = False
            found = await self._changes.own(watch.followed.tenant, watch)
            if looks == LOOKS or not watch.is_behind or not watch.is_on:
                return found

    def _leave(self, watch: OwnWatch) -> None:
        if not watch.is_on:
            return
        watch.is_on = False
        followed, mine = watch.followed, self._watches[watch.socket.id]
        del mine[watch.kind]
        if not mine:
            del self._watches[watch.socket.id]
        if followed.appointment is not None:
            key = (followed.tenant, followed.appointment)
            self._by_appointment[key].discard(watch)
            if not self._by_appointment[key]:
                del self._by_appointment[key]
        self._changes.unwatch_own(followed.tenant, watch)

    def _end(self, watch: OwnWatch, error: DomainError) -> None:
        """End a watch that has lost its ground; the socket stays."""
        self._leave(watch)
        told = socket_error(error)
        is_over = isinstance(error, TokenExpired)
        watch.socket.send("error", SocketError(code=told.code, message=told.message, retryable=is_over))

    @staticmethod
    def _is_due(watch: OwnWatch, at: float) -> bool:
        is_unchecked = watch.kind != "waitlistToken" and at - watch.checked_at > CHECKED_SECONDS
        return is_unchecked or (watch.is_behind and not watch.socket.is_congested)

    def _spawn(self, watch: OwnWatch) -> None:
        watch.is_busy = True
        task = asyncio.get_running_loop().create_task(self._look_after(watch))
        self._tasks.add(task)

        def done(finished: asyncio.Task[None]) -> None:
            self._tasks.discard(finished)
            watch.is_busy = False
            if not finished.cancelled() and (error := finished.exception()) is not None:
                log.error("watch_failed", exc_info=error)

        task.add_done_callback(done)

    async def _look_after(self, watch: OwnWatch) -> None:
        is_behind, watch.is_behind = watch.is_behind, False
        try:
            if watch.kind != "waitlistToken" and monotonic() - watch.checked_at > CHECKED_SECONDS:
                watch.checked_at = monotonic()
                await watch.ask()
            if is_behind:
                watch.again(await self._changes.own(watch.followed.tenant, watch))
        except Unavailable:
            watch.is_behind = True
        except DomainError as error:
            if watch.is_on:
                self._end(watch, error)

    def _next(self, most: int) -> list[OwnWatch]:
        """Return the next watches to look at; in the end each has its turn."""
        sockets = list(self._watches)
        if self._swept >= len(sockets):
            self._swept = 0
        chosen = sockets[self._swept : self._swept + most]
        self._swept += most
        return [watch for socket in chosen for watch in self._watches[socket].values()]


def _face(told: OwnWaitlistEntry) -> tuple[object, ...]:
    """What of an entry its patient sees change; points grow all the time."""
    entry = told.entry
    return entry.version, entry.position, entry.status, entry.invite
