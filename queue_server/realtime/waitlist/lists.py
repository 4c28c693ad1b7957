"""`subscribe-waitlist`: desks that follow the lists of clinics."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.waitlist.live import ListNews, WaitlistChanges
from queue_server.application.waitlist.live_views import (
    StaffWaitlistEntry,
    StaffWaitlistUpdate,
    WaitlistOrder,
    WaitlistOrderUpdate,
    WaitlistPlace,
    WaitlistSubscribed,
)
from queue_server.application.waitlist.reading import WaitlistReading
from queue_server.realtime import wire
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.socket import frame
from queue_server.realtime.staff.desk import Desk
from queue_server.realtime.statistics import Statistics
from queue_server.store.waitlist import Ranked
from scheduling_core.errors import DomainError
from scheduling_core.ids import ClinicId, DoctorId, TenantId
from scheduling_core.permissions import OWN_DOCTOR_ONLY

MOST_PLACES = 500
"""Of a list, told in its order; the rest is read by pages."""
NAME = "waitlist"

Key = tuple[TenantId, ClinicId]


class ListRoom:
    """The list of a clinic, with the desks that follow it here."""

    def __init__(self, key: Key, statistics: Statistics) -> None:
        self.key = key
        self.desks: dict[str, Desk] = {}
        self.behind: set[str] = set()
        """Sockets that were not told of something."""
        self._order: tuple[UUID, ...] | None = None
        self._statistics = statistics

    def tell(self, news: ListNews) -> None:
        """Tell every desk what is new, those who see the same the same bytes."""
        started, now = perf_counter(), datetime.now(UTC)
        order = tuple(one.id for one in news.line)
        is_reordered = order != self._order or not news.is_whole
        self._order = order
        made: dict[DoctorId | None, list[Message]] = {}
        for desk in list(self.desks.values()):  # sending may end a socket, which then leaves the room
            if desk.is_given_up(now) or desk.socket.is_congested:
                self.behind.add(desk.socket.id)
                self._statistics.withheld += 1
                continue
            scope = scope_of(desk.actor)
            if scope not in made:
                made[scope] = _messages(news, scope, is_reordered=is_reordered)
            for message in made[scope]:
                desk.socket.put(message)
        self._statistics.broadcasts[NAME].add(perf_counter() - started)


class ListsFollowed:
    """The lists that desks follow at this server."""

    def __init__(self, changes: WaitlistChanges, reading: WaitlistReading, statistics: Statistics) -> None:
        self._changes = changes
        self._reading = reading
        self._statistics = statistics
        self._rooms: dict[Key, ListRoom] = {}

    @property
    def rooms(self) -> int:
        """How many lists are followed."""
        return len(self._rooms)

    async def subscribe(self, desk: Desk, clinics: Sequence[UUID]) -> WaitlistSubscribed | None:
        """Follow the lists of these clinics and no others, and return their order; None when the desk is gone.

        Nothing changes when one of them may not be seen: raises `NotFound`, `Forbidden`.
        """
        wanted = await self._reading.followed(desk.actor, clinics)
        if not desk.socket.is_open:
            return None
        # Followed first, read afterwards: what happens in between is told.
        for clinic in [clinic for clinic in desk.lists if clinic not in wanted]:
            self._leave(desk, clinic)
        for clinic in wanted:
            self._enter(desk, clinic)
        found = await self._changes.order(desk.actor.tenant, wanted) if wanted else {}
        scope = scope_of(desk.actor)
        return WaitlistSubscribed(
            ok=True, lists=tuple(order_of(clinic, found[clinic], scope, reread=True) for clinic in wanted)
        )

    def leave(self, desk: Desk) -> None:
        """Follow nothing any more."""
        for clinic in list(desk.lists):
            self._leave(desk, clinic)

    async def recheck(self, desk: Desk) -> None:
        """The desk's account has changed: leave what it may not see any more, and have it read the rest again."""
        for clinic in list(desk.lists):
            try:
                await self._reading.followed(desk.actor, [clinic])
            except DomainError:
                self._leave(desk, clinic)
            else:
                if (room := self._rooms.get((desk.actor.tenant, clinic))) is not None:
                    room.behind.add(desk.socket.id)

    async def catch_up(self) -> None:
        """Tell desks that were not told of something how the lists are."""
        now = datetime.now(UTC)
        for room in list(self._rooms.values()):
            room.behind &= room.desks.keys()
            ready = [
                desk
                for desk in (room.desks[id] for id in room.behind)
                if not desk.socket.is_congested and not desk.is_given_up(now)
            ]
            if not ready:
                continue
            tenant, clinic = room.key
            line = (await self._changes.order(tenant, [clinic]))[clinic]
            for desk in ready:
                room.behind.discard(desk.socket.id)
                order = order_of(clinic, line, scope_of(desk.actor), reread=True)
                desk.socket.send("waitlist-order", WaitlistOrderUpdate(data=order))

    def stop(self) -> None:
        """Follow nothing."""
        for room in list(self._rooms.values()):
            for desk in list(room.desks.values()):
                self._leave(desk, room.key[1])

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _enter(self, desk: Desk, clinic: ClinicId) -> None:
        key = (desk.actor.tenant, clinic)
        room = self._rooms.get(key)
        if room is None:
            room = self._rooms[key] = ListRoom(key, self._statistics)
            self._changes.watch_list(*key, room)
        room.desks[desk.socket.id] = desk
        desk.lists.add(clinic)

    def _leave(self, desk: Desk, clinic: ClinicId) -> None:
        key = (desk.actor.tenant, clinic)
        desk.lists.discard(clinic)
        room = self._rooms.get(key)
        if room is None:
            return
        room.desks.pop(desk.socket.id, None)
        room.behind.discard(desk.socket.id)
        if not room.desks:
            del self._rooms[key]
            self._changes.unwatch_list(*key, room)


def scope_of(actor: Actor) -> DoctorId | None:
    """Return whose list somebody sees: a doctor who waits for them or for anybody, all others everybody's."""
    return actor.doctor if actor.role in OWN_DOCTOR_ONLY else None


def order_of(clinic: ClinicId, line: Collection[Ranked], scope: DoctorId | None, *, reread: bool) -> WaitlistOrder:
    """Return a list in its order, as far as it is seen; places are those of the whole list."""
    seen = [
        WaitlistPlace(id=one.id, position=place, priority_score=round(one.points, 3))
        for place, one in enumerate(line, start=1)
        if scope is None or one.doctor in (None, scope)
    ]
    return WaitlistOrder(
        clinic_id=clinic,
        waiting=len(line),
        places=tuple(seen[:MOST_PLACES]),
        more=len(seen) > MOST_PLACES,
        reread=reread,
    )


def _messages(news: ListNews, scope: DoctorId | None, *, is_reordered: bool) -> list[Message]:
    """Return what is told of news to who sees so much."""
    made = [
        frame(wire.STAFF, "waitlist-update", StaffWaitlistUpdate(data=StaffWaitlistEntry(entry=entry)))
        for entry in news.entries
        if scope is None or entry.doctor_id in (None, scope)
    ]
    if is_reordered:
        order = order_of(news.clinic, news.line, scope, reread=not news.is_whole)
        made.append(frame(wire.STAFF, "waitlist-order", WaitlistOrderUpdate(data=order)))
    return made
