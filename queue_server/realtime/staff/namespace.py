"""The namespace `/staff`: who comes in, what they ask for, who works on which lane."""

from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from queue_server.application import decoding
from queue_server.application.access import AccessService, Session
from queue_server.application.desk_bodies import DESK_COMMANDS, DeskCommand
from queue_server.application.directory import checked_day
from queue_server.application.problems import internal_problem, problem_of
from queue_server.application.queue import QueueService
from queue_server.application.reading import QueueReading
from queue_server.application.snapshots.state import NOTHING, RoomKey
from queue_server.application.views.desk import StaffQueue
from queue_server.application.views.display import DisplayQueue
from queue_server.application.views.sockets import Acknowledgement, Connected, QueueWatchers, SocketError
from queue_server.broker import Broker
from queue_server.metrics import Metrics
from queue_server.realtime import wire
from queue_server.realtime.errors import TokenExpired, UnknownEvent
from queue_server.realtime.hub import Hub, Room
from queue_server.realtime.messages import (
    DeskFocus,
    DeskName,
    DeskPresence,
    DisplaySubscribed,
    StaffAck,
    StaffAuth,
    Subscribe,
    Subscribed,
    SubscribeWaitlist,
)
from queue_server.realtime.presence import Lane, Presence
from queue_server.realtime.socket import Socket
from queue_server.realtime.staff.commands import read_command
from queue_server.realtime.staff.desk import Desk
from queue_server.realtime.staff.showing import Showing
from queue_server.realtime.waitlist.lists import ListsFollowed
from queue_server.realtime.watchers import Watchers
from scheduling_core.errors import DomainError, InvalidValue, MalformedRequest, NotFound, Unauthenticated, Unavailable
from scheduling_core.permissions import Permission

STANDING_SECONDS = 30.0
"""How often it is asked whether an account may still be here."""
COMMANDS_PER_SECOND, COMMAND_BURST, LONGEST_COMMAND = 100.0, 500.0, 65_536
"""What staff may send; `SOCKET_MAX_MESSAGE_BYTES` bounds it, too."""


class Staff:
    """Namespace `/staff`, and the audience of desks and displays."""

    name = wire.STAFF

    def __init__(
        self,
        hub: Hub,
        access: AccessService,
        queue: QueueService,
        reading: QueueReading,
        broker: Broker,
        metrics: Metrics,
        lists: ListsFollowed,
    ) -> None:
        self._hub = hub
        self._lists = lists
        self._access = access
        self._queue = queue
        self._reading = reading
        self._showing = Showing(hub, reading)
        self._metrics = metrics
        self._presence = Presence(broker, self._tell_presence)
        self._watchers = Watchers(hub, broker, self._tell_watchers)
        self._desks: dict[str, Desk] = {}

    @property
    def desks(self) -> int:
        """How many staff sockets there are."""
        return len(self._desks)

    # ---- the namespace ------------------------------------------------------------------------------------------

    async def connect(self, socket: Socket, auth: Mapping[str, Any] | None) -> None:
        """Let in whoever may watch a queue; raises `Unauthenticated` or `Forbidden` for all others."""
        try:
            given = decoding.convert(dict(auth or {}), StaffAuth)
        except InvalidValue:
            raise Unauthenticated from None
        session = await self._session(given)
        session.actor.require(Permission.WATCH_DISPLAY)
        socket.state = Desk(socket, given, session)
        socket.is_wanted = True
        socket.connection.bucket.enlarge(COMMANDS_PER_SECOND, COMMAND_BURST)
        socket.connection.longest = LONGEST_COMMAND

    def connected(self, socket: Socket) -> None:
        """Greet the client."""
        self._desks[socket.id] = socket.state
        socket.send("connected", Connected(client_id=socket.id, server_time=datetime.now(UTC)))

    def disconnected(self, socket: Socket) -> None:
        """Forget the client."""
        desk = self._desks.pop(socket.id, None)
        if desk is not None:
            self._focus(desk, None)
            self._leave(desk, list(desk.rooms))
            self._lists.leave(desk)

    async def handle(self, socket: Socket, event: str, payload: Any) -> object:
        """Do what the event asks and return its acknowledgement."""
        desk: Desk = socket.state
        given = {} if payload is None else payload
        if not isinstance(given, dict):
            raise MalformedRequest("Send one object with the event.")
        if event == "authenticate":
            return await self._authenticate(desk, decoding.convert(given, StaffAuth))
        if desk.has_ended(datetime.now(UTC)):
            self._tell_expired(desk)
            raise TokenExpired
        if event in DESK_COMMANDS:
            return await self._command(desk, DESK_COMMANDS[event], dict(given))
        match event:
            case "subscribe":
                return await self._subscribe(desk, decoding.convert(given, Subscribe))
            case "unsubscribe":
                self._focus(desk, None)
                self._leave(desk, list(desk.rooms))
                return StaffAck(ok=True)
            case "subscribe-waitlist":
                return await self._lists.subscribe(desk, decoding.convert(given, SubscribeWaitlist).clinic_ids)
            case "desk-focus":
                self._focus_on(desk, decoding.convert(given, DeskFocus).doctor_id)
                return StaffAck(ok=True)
            case "heartbeat":
                return StaffAck(ok=True)
            case _:
                raise UnknownEvent

    def refusal(self, socket: Socket, event: str, error: DomainError | None) -> object:
        """Return the refusal for the acknowledgement; what came as no event is answered with an `error` event."""
        problem = problem_of(error) if error is not None else internal_problem()
        if not event:
            socket.send("error", SocketError(code=problem.code, message=problem.detail, retryable=False))
        return Acknowledgement(ok=False, problem=problem)

    # ---- who it is ----------------------------------------------------------------------------------------------

    async def _authenticate(self, desk: Desk, auth: StaffAuth) -> object:
        """Renew the token; raises `Unauthenticated` for a bad one, and for another account's."""
        auth = replace(auth, tenant_id=auth.tenant_id or desk.auth.tenant_id)
        session = await self._session(auth)
        session.actor.require(Permission.WATCH_DISPLAY)
        before = desk.actor
        if (session.actor.tenant, session.actor.account) != (before.tenant, before.account):
            raise Unauthenticated("The new token is another account's.")
        had_ended = desk.is_given_up(datetime.now(UTC))
        desk.auth, desk.session, desk.is_told, desk.checked_at = auth, session, False, monotonic()
        if had_ended or session.actor.role != before.role or session.actor.clinics != before.clinics:
            desk.orders = dict.fromkeys(desk.orders, NOTHING)
            for key, room in list(desk.rooms.items()):
                try:
                    await self._reading.watchable(session.actor, key.doctor)
                except DomainError:
                    self._leave(desk, [key])
                else:
                    self._hub.deliver(room)
            await self._lists.recheck(desk)
        return StaffAck(ok=True)

    async def _session(self, auth: StaffAuth, request_id: str | None = None) -> Session:
        return await self._access.session(auth.token, tenant=auth.tenant_id, request_id=request_id)

    def _tell_expired(self, desk: Desk) -> None:
        if not desk.is_told:
            desk.is_told = True
            error = SocketError(code=TokenExpired.code, message=TokenExpired.title, retryable=True)
            desk.socket.send("error", error)

    # ---- commands -----------------------------------------------------------------------------------------------

    async def _command(self, desk: Desk, command: DeskCommand, given: dict[str, Any]) -> object:
        # Anew for each command: an account that was disabled may not act for as long as its token would last.
        actor = (await self._session(desk.auth, request_id=str(uuid4()))).actor
        try:
            target, body, precondition = read_command(command, given)
            answer = await self._queue.run(actor, command.name, target, body, precondition)
        except DomainError as error:
            self._metrics.command(command.name, error.code)
            raise
        self._metrics.command(command.name, "ok")
        self._showing.take(desk, answer.result)
        return Acknowledgement(ok=True, version=answer.version, result=msgspec.Raw(answer.body))

    # ---- subscriptions ------------------------------------------------------------------------------------------

    async def _subscribe(self, desk: Desk, wanted: Subscribe) -> object:
        """Follow the queues asked for and no others; nothing changes when one of them may not be watched."""
        actor = desk.actor
        keys: dict[RoomKey, None] = {}
        for doctor_id in dict.fromkeys(wanted.doctor_ids):
            doctor = await self._reading.watchable(actor, doctor_id)
            keys[RoomKey(actor.tenant, doctor.id, checked_day(wanted.date, doctor.timezone))] = None
        # Followed first, read afterwards: what happens in between is delivered.
        added = [key for key in keys if key not in desk.rooms]
        self._leave(desk, [key for key in desk.rooms if key not in keys])
        if not desk.socket.is_open:
            return None
        for key in added:
            room = self._hub.room(key)
            room.desks[desk.socket.id] = desk
            desk.rooms[key], desk.orders[key] = room, NOTHING
            self._presence.look((key.tenant, key.doctor))
            self._watchers.look(key)
        if desk.focus is not None and desk.focus[1] not in {key.doctor for key in keys}:
            self._focus(desk, None)
        queues = [await self._showing.show(desk, key) for key in keys]
        for key in added:
            self._send_presence(desk, (key.tenant, key.doctor))
            self._send_watchers(desk, self._watchers.at(key))
        day = next((queue.date for queue in queues), None)
        shown = tuple(queue for queue in queues if isinstance(queue, DisplayQueue))
        if shown:
            return DisplaySubscribed(ok=True, date=day, queues=shown)
        return Subscribed(ok=True, date=day, queues=tuple(q for q in queues if isinstance(q, StaffQueue)))

    def _leave(self, desk: Desk, keys: list[RoomKey]) -> None:
        for key in keys:
            room = desk.rooms.pop(key)
            del desk.orders[key]
            room.desks.pop(desk.socket.id, None)
            self._presence.look_away((key.tenant, key.doctor))
            if not room.desks:
                self._watchers.look_away(key)
            self._hub.close_if_empty(room)

    # ---- telling them -------------------------------------------------------------------------------------------

    def changed(self, room: Room) -> None:
        """Nothing for staff that could not wait for the tick."""

    def is_in(self, room: Room) -> bool:
        """Whether a desk or a display shows the room."""
        return bool(room.desks)

    async def deliver(self, room: Room) -> None:
        """Send each desk what leads from what it was last shown to the newest state."""
        await self._showing.deliver(room)

    # ---- presence -----------------------------------------------------------------------------------------------

    def _focus_on(self, desk: Desk, doctor_id: UUID | None) -> None:
        if doctor_id is None:
            self._focus(desk, None)
            return
        key = next((key for key in desk.rooms if key.doctor == doctor_id), None)
        if key is None:
            raise NotFound("This desk does not follow that doctor.")
        self._focus(desk, (key.tenant, key.doctor))

    def _focus(self, desk: Desk, lane: Lane | None) -> None:
        if desk.focus == lane:
            return
        before, desk.focus = desk.focus, None
        if before is not None:
            self._presence.leave(before, desk.socket.id)
        if lane is not None and desk.socket.is_open:  # telling the others may have ended this one, too
            desk.focus = lane
            self._presence.enter(lane, desk.socket.id, desk.actor.name)

    def _tell_presence(self, lane: Lane) -> None:
        for room in self._hub.rooms:
            if (room.key.tenant, room.key.doctor) == lane:
                for desk in list(room.desks.values()):  # sending may end a socket, which then leaves the room
                    self._send_presence(desk, lane)

    def _send_presence(self, desk: Desk, lane: Lane) -> None:
        if not desk.sees_names:
            return  # a display in the waiting room names nobody, staff included
        desks = tuple(DeskName(name=name) for name in self._presence.others(lane, desk.socket.id))
        desk.socket.send("desk-presence", DeskPresence(doctor_id=lane[1], desks=desks))

    def _tell_watchers(self, key: RoomKey, watchers: QueueWatchers) -> None:
        room = self._hub.find(key)
        for desk in list(room.desks.values()) if room is not None else ():
            self._send_watchers(desk, watchers)

    @staticmethod
    def _send_watchers(desk: Desk, watchers: QueueWatchers) -> None:
        if desk.sees_names:  # what is no business of the waiting room's is not shown there
            desk.socket.send("queue-watchers", watchers)

    # ---- time ---------------------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Tell desks whose tokens have ended, and note which connections are idle for want of a new one."""
        self._presence.sweep()
        self._watchers.sweep()
        now = datetime.now(UTC)
        for desk in list(self._desks.values()):
            if desk.has_ended(now):
                self._tell_expired(desk)
                # No new token for long: the connection is idle from now on.
                desk.socket.is_wanted = not desk.is_given_up(now)
            elif not desk.socket.is_wanted:
                desk.socket.is_wanted = True

    def stop(self) -> None:
        """Have other servers forget what is counted here."""
        self._watchers.leave()

    async def renew(self) -> list[Socket]:
        """Ask whether accounts not asked about for a while may still be here; return who may stay no longer."""
        leaving = []
        for desk in list(self._desks.values()):
            if desk.has_ended(datetime.now(UTC)) or monotonic() - desk.checked_at <= STANDING_SECONDS:
                continue
            auth, desk.checked_at = desk.auth, monotonic()
            try:
                await self._session(auth)
            except Unavailable:
                pass
            except DomainError as error:
                if desk.auth is not auth:
                    continue  # has shown a newer token meanwhile
                desk.socket.send("error", SocketError(code=error.code, message=error.detail, retryable=False))
                leaving.append(desk.socket)
        return leaving

    async def show_anew(self) -> None:
        """Show queues that could not be shown yet, and now and then all of them, as the clock moves."""
        await self._showing.show_anew()
