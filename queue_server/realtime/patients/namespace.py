"""The namespace `/`: who follows which entry or watches which times, and how each is told."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog

from queue_server.application import decoding
from queue_server.application.slots.views import WatchingView
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.snapshots.state import Order, RoomState
from queue_server.application.tracking import TrackedAppointment, Tracking
from queue_server.application.views.sockets import Connected, QueueJoined, QueueStatus, QueueUpdate, QueueUpdateData
from queue_server.application.views.tracking import NoticeView, QueueView, TrackedView
from queue_server.application.waitlist.live_views import OwnWaitlistWatching
from queue_server.realtime import wire
from queue_server.realtime.availability.watching import Watching
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.errors import UnknownEvent, socket_error
from queue_server.realtime.hub import Hub, Room
from queue_server.realtime.messages import (
    GetQueueStatus,
    HeartbeatAck,
    JoinQueue,
    Left,
    UnwatchAvailability,
    WatchAvailability,
    WatchWaitlist,
)
from queue_server.realtime.patients.member import Member
from queue_server.realtime.patients.news import broadcast_of, face, has_moved
from queue_server.realtime.socket import Socket, frame
from queue_server.realtime.waitlist.own import OwnWatching
from queue_server.ticker import RETRY_SECONDS
from scheduling_core.errors import DomainError, MalformedRequest, Unavailable
from scheduling_core.ids import EntryId, TenantId

log = structlog.stdlib.get_logger("patients")

CHUNK = 200
"""Members told in one go; others get their turn in between."""
RECHECK_SECONDS = 600.0
"""How often a link is looked at again, should the message that it was withdrawn have been missed."""
RECHECKS_AT_ONCE = 50


class Patients:
    """Namespace `/`, and the audience of those who follow an entry."""

    name = wire.PATIENTS

    def __init__(
        self, hub: Hub, tracking: Tracking, snapshots: QueueSnapshots, watching: Watching, waiting: OwnWatching
    ) -> None:
        self._hub = hub
        self._watching = watching
        self._waiting = waiting
        self._tracking = tracking
        self._snapshots = snapshots
        self._by_entry: dict[tuple[TenantId, EntryId], set[Member]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def members(self) -> int:
        """How many follow an entry."""
        return sum(map(len, self._by_entry.values()))

    # ---- the namespace ------------------------------------------------------------------------------------------

    async def connect(self, socket: Socket, auth: Mapping[str, Any] | None) -> None:
        """Everybody may connect; what counts is the token of each link."""

    def connected(self, socket: Socket) -> None:
        """Greet the client."""
        socket.send("connected", Connected(client_id=socket.id, server_time=datetime.now(UTC)))

    async def handle(self, socket: Socket, event: str, payload: Any) -> object:
        """Do what the event asks; see `contracts` for what each is answered with."""
        match event:
            case "join-queue":
                return await self._join(socket, decoding.convert(_object(payload), JoinQueue))
            case "leave-queue":
                self._leave(socket)
                return Left(left=True)
            case "get-queue-status":
                return await self._status(socket, decoding.convert(_object(payload), GetQueueStatus))
            case "watch-availability":
                return await self._watch(socket, decoding.convert(_object(payload), WatchAvailability))
            case "unwatch-availability":
                return await self._unwatch(socket, decoding.convert(_object(payload), UnwatchAvailability))
            case "watch-waitlist":
                return await self._watch_waitlist(socket, decoding.convert(_object(payload), WatchWaitlist))
            case "unwatch-waitlist":
                return self._unwatch_waitlist(socket)
            case "heartbeat":
                answer = HeartbeatAck(server_time=datetime.now(UTC))
                socket.send("heartbeat-ack", answer)
                return answer
            case _:
                raise UnknownEvent

    def refusal(self, socket: Socket, event: str, error: DomainError | None) -> object:
        """Tell the client with an `error` event, and in the acknowledgement."""
        told = socket_error(error)
        socket.send("error", told)
        return told

    def disconnected(self, socket: Socket) -> None:
        """Forget the client."""
        self._leave(socket)
        self._watching.disconnected(socket)
        self._waiting.disconnected(socket)

    async def _watch(self, socket: Socket, wanted: WatchAvailability) -> WatchingView | None:
        try:
            return await self._watching.watch(socket, wanted)
        finally:
            self._settle(socket)

    async def _unwatch(self, socket: Socket, wanted: UnwatchAvailability) -> WatchingView:
        left = await self._watching.unwatch(socket, wanted)
        self._settle(socket)
        return left

    async def _watch_waitlist(self, socket: Socket, wanted: WatchWaitlist) -> OwnWaitlistWatching | None:
        try:
            return await self._waiting.watch(socket, wanted)
        finally:
            self._settle(socket)

    def _unwatch_waitlist(self, socket: Socket) -> OwnWaitlistWatching:
        left = self._waiting.unwatch(socket)
        self._settle(socket)
        return left

    def _settle(self, socket: Socket) -> None:
        """Something has begun or ended: say whether the socket still follows anything."""
        follows = self._watching.follows(socket) or self._waiting.follows(socket)
        socket.is_wanted = socket.state is not None or follows

    async def _join(self, socket: Socket, wanted: JoinQueue) -> object:
        appointment, state = await self._tracking.locate(wanted.token)
        claimed = (wanted.epoch, wanted.version) if wanted.epoch is not None and wanted.version is not None else None
        if claimed is not None and claimed > state.order:
            # The client has seen more than we know: another server was ahead.
            newer = await self._snapshots.get(*state.key, at_least=claimed)
            if newer is not None and newer.order > state.order and appointment.entry in newer.queue.entries:
                state = newer
        if not socket.is_open:
            return None
        return self._enter(socket, wanted.token, appointment, state, claimed)

    async def _status(self, socket: Socket, wanted: GetQueueStatus) -> object:
        tracked = await self._tracking.track(wanted.token)
        status = QueueStatus(data=tracked.view)
        socket.send("queue-status", status)
        return status

    # ---- members ------------------------------------------------------------------------------------------------

    def _enter(
        self,
        socket: Socket,
        token: str,
        appointment: TrackedAppointment,
        state: RoomState,
        claimed: Order | None = None,
    ) -> QueueJoined:
        """Put the socket into the room and tell it; there is no await in here, so no change can slip through."""
        self._leave(socket)
        room = self._hub.room(state.key)
        if room.state is not None and room.state.order > state.order and appointment.entry in room.state.queue.entries:
            state = room.state
        elif room.take(state):
            self._hub.deliver(room)
        view = self._tracking.queue_view(appointment, state)
        member = Member(socket, token, appointment, room)
        # A member before anything is sent: sending may end sockets, this one and whoever else is in the room, and
        # what has ended must be found and forgotten, while the room must not be closed under the one that enters.
        socket.state, socket.is_wanted = member, True
        room.patients[socket.id] = member
        self._by_entry[appointment.tenant, appointment.entry].add(member)
        self._hub.members_changed(room)
        self.changed(room)
        member.order, member.told = state.order, view
        joined = QueueJoined(
            room_id=room.name,
            recovered=claimed == state.order and not state.stale,
            data=TrackedView(appointment=appointment.view(view.state), queue=view),
        )
        socket.send("queue-joined", joined)
        for notice in view.notices:
            if notice.message:
                socket.send("emergency-notification", notice)
        return joined

    def _leave(self, socket: Socket) -> None:
        member: Member | None = socket.state
        if member is None:
            return
        socket.state = None
        self._settle(socket)
        entry = (member.appointment.tenant, member.appointment.entry)
        self._by_entry[entry].discard(member)
        if not self._by_entry[entry]:
            del self._by_entry[entry]
        member.room.patients.pop(socket.id, None)
        self._hub.members_changed(member.room)
        self._hub.close_if_empty(member.room)

    def _expel(self, member: Member, error: DomainError) -> None:
        """End a membership that has lost its ground; the socket stays."""
        if member.socket.state is member:
            self._leave(member.socket)
            member.socket.send("error", socket_error(error))

    # ---- telling them -------------------------------------------------------------------------------------------

    def changed(self, room: Room) -> None:
        """Tell everybody at once of broadcasts they have not been told of."""
        state = room.state
        if state is None:
            return
        now = datetime.now(UTC)
        for notice in state.queue.notices:
            message = state.texts.get(notice.text)
            # Without its words (still being loaded, or erased) an alarm says nothing.
            if notice.id in room.announced or not message or notice.until <= now:
                continue
            room.announced.add(notice.id)
            view = NoticeView(
                broadcast_id=notice.id,
                message=message,
                priority=notice.priority,
                estimated_delay=notice.estimated_delay,
                issued_at=notice.issued_at,
                until=notice.until,
            )
            self._announce(room, frame(self.name, "emergency-notification", view))

    @staticmethod
    def _announce(room: Room, packet: Message) -> None:
        """Send everybody a broadcast; those who are just entering find it in what they are shown first."""
        for member in list(room.patients.values()):  # sending may end a socket, which then leaves the room
            if member.told is None:
                continue
            try:
                member.socket.put(packet)
            except Exception:
                log.exception("broadcast_failed")  # one member's fault; the others still have to hear

    def is_in(self, room: Room) -> bool:
        """Whether somebody follows an entry in the room."""
        return bool(room.patients)

    async def deliver(self, room: Room) -> None:
        """Tell each member what has changed for them, and everybody that the queue has."""
        state = room.state
        assert state is not None
        view_of = self._tracking.queue_views(state)
        broadcast = frame(self.name, "queue-broadcast", broadcast_of(state))
        for count, member in enumerate(list(room.patients.values()), start=1):
            if member.order < state.order and member.socket.state is member:
                self._tell(member, state, view_of, broadcast)
            if count % CHUNK == 0:
                await asyncio.sleep(0)

    def _tell(self, member: Member, state: RoomState, view_of: Any, broadcast: Message) -> None:
        if member.appointment.entry not in state.queue.entries:
            self._spawn(member, self._follow(member))
            return
        if member.socket.is_congested:
            self._hub.statistics.withheld += 1
            return  # told of the newest state when it has read what waits; see `sweep`
        view: QueueView = view_of(member.appointment)
        member.order = state.order
        if member.told is None or face(view) != face(member.told):
            member.told = view
            member.socket.send("queue-update", QueueUpdate(data=QueueUpdateData(queue=view)))
        member.socket.put(broadcast)

    async def show_anew(self) -> None:
        """Tell members what time alone has changed: a delay or a broadcast that is over, estimates that have moved."""
        for room in self._hub.rooms:
            state = room.state
            if state is None or not room.patients:
                continue
            view_of = self._tracking.queue_views(state)
            for count, member in enumerate(list(room.patients.values()), start=1):
                if member.order == state.order and member.socket.state is member and not member.socket.is_congested:
                    view = view_of(member.appointment)
                    if member.told is None or has_moved(member.told, view):
                        member.told = view
                        member.socket.send("queue-update", QueueUpdate(data=QueueUpdateData(queue=view)))
                if count % CHUNK == 0:
                    await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def _follow(self, member: Member) -> None:
        """Move a member to the room its entry was transferred to."""
        while member.socket.state is member:
            try:
                appointment, state = await self._tracking.locate(member.token, fresh=True)
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            except DomainError as error:
                self._expel(member, error)
                return
            if member.socket.state is not member or not member.socket.is_open:
                return
            joined = self._enter(member.socket, member.token, appointment, state)
            # For clients that listen to nothing but updates.
            update = QueueUpdate(data=QueueUpdateData(queue=joined.data.queue))
            member.socket.send("queue-update", update)
            return

    def on_moved(self, tenant: TenantId, entry: EntryId) -> None:
        """An appointment was given another time: those who follow it here are shown that."""
        self.on_revoked(tenant, entry)

    def on_revoked(self, tenant: TenantId, entry: EntryId) -> None:
        """The links of an appointment were withdrawn: look at those that are followed here."""
        self._tracking.forget(tenant, entry)
        self._waiting.on_revoked(tenant, entry)
        for member in list(self._by_entry.get((tenant, entry), ())):
            self._spawn(member, self._recheck(member))

    def on_gap(self) -> None:
        """A withdrawal may have been missed: look at every link again, a few at a time."""
        self._waiting.on_gap()
        for members in self._by_entry.values():
            for member in members:
                member.checked_at = 0.0

    async def _recheck(self, member: Member) -> None:
        member.checked_at = monotonic()
        try:
            appointment = await self._tracking.resolve(member.token)
        except Unavailable:
            member.checked_at = 0.0
        except DomainError as error:
            self._expel(member, error)
        else:
            if appointment != member.appointment:
                await self._follow(member)

    def sweep(self) -> None:
        """Tell those who could not be told, look again at links that were not looked at for long."""
        for socket in (*self._watching.sweep(), *self._waiting.sweep()):
            self._settle(socket)
        now, checks = monotonic(), 0
        for room in self._hub.rooms:
            state, is_behind = room.state, False
            for member in list(room.patients.values()):
                is_behind = is_behind or (state is not None and member.order < state.order)
                if now - member.checked_at > RECHECK_SECONDS and checks < RECHECKS_AT_ONCE and not member.is_busy:
                    checks += 1
                    if member.checked_at == 0.0:
                        self._tracking.forget(member.appointment.tenant, member.appointment.entry)
                    self._spawn(member, self._recheck(member))
            if is_behind:
                self._hub.deliver(room)

    def _spawn(self, member: Member, work: Any) -> None:
        if member.is_busy:
            work.close()
            return
        member.is_busy = True
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

        def done(finished: asyncio.Task[None]) -> None:
            self._tasks.discard(finished)
            member.is_busy = False
            if not finished.cancelled() and (error := finished.exception()) is not None:
                log.error("member_task_failed", exc_info=error)

        task.add_done_callback(done)

    def stop(self) -> None:
        """Drop what is under way."""
        self._watching.stop()
        self._waiting.stop()
        for task in self._tasks:
            task.cancel()


def _object(payload: Any) -> Any:
    """What came with an event; an event without anything counts as an empty object."""
    if payload is None:
        return {}
    if not isinstance(payload, dict):
        raise MalformedRequest("Send one object with the event.")
    return payload
