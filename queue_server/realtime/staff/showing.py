"""What desks and displays are shown: states, patches, and now and then all anew."""

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from time import monotonic

from queue_server.application.reading import QueueReading
from queue_server.application.snapshots.state import NOTHING, Order, RoomKey, RoomState
from queue_server.application.unit import QueueKey
from queue_server.application.views.desk import (
    AbsentResult,
    NoShowResult,
    QueueCommandResult,
    StaffQueue,
    TransferResult,
    WalkInResult,
)
from queue_server.application.views.display import DisplayQueue
from queue_server.realtime import wire
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.hub import Hub, Room
from queue_server.realtime.patches import patch
from queue_server.realtime.socket import frame
from queue_server.realtime.staff.desk import Desk
from scheduling_core.errors import DomainError
from scheduling_core.ids import DoctorId

CLOCK_SECONDS = 30.0
"""How often queues are shown anew although nothing was done: windows open, estimates move."""
VIEWS_KEPT = 8


class Showing:
    """Shows desks and displays their queues: the whole of one first, then what leads from one version to the next."""

    def __init__(self, hub: Hub, reading: QueueReading) -> None:
        self._hub = hub
        self._reading = reading
        self._shown_at = monotonic()

    async def show(self, desk: Desk, key: RoomKey) -> StaffQueue | DisplayQueue:
        """Send a desk the whole queue, and return it."""
        state = await self._reading.room(key.tenant, QueueKey(key.doctor, key.date))
        room = desk.rooms.get(key)
        # A queue that nobody is in yet has no version that patches could start from.
        if room is not None and state.version > 0:
            if room.state is None or state.order > room.state.order:
                room.take(state)
                if room.patients or len(room.desks) > 1:
                    self._hub.deliver(room)
            state = room.state or state
        view = await self._view(room, state, names=desk.sees_names)
        if room is not None and desk.rooms.get(key) is room and desk.orders[key] <= state.order:
            desk.orders[key] = state.order
            desk.socket.send("queue-state", view)
        return view

    async def _view(
        self, room: Room | None, state: RoomState, *, names: bool, anew: bool = False
    ) -> StaffQueue | DisplayQueue:
        """Return the view of a state; for one version always the same, so that patches fit, until made `anew`."""
        kept = room.staff_views[names] if room is not None else OrderedDict()
        if not anew and state.order in kept:
            return kept[state.order]
        view = await self._reading.shown(state.tenant, state, names=names)
        if not anew and state.order in kept:
            return kept[state.order]  # made by somebody else meanwhile
        kept[state.order] = view
        while len(kept) > VIEWS_KEPT:
            kept.popitem(last=False)
        return view

    def take(self, desk: Desk, result: object) -> None:
        """Take over the views that a desk's command was answered with: nobody has to make them again for the others.

        The change is delivered by a task that begins after this; where one was under way, it has made its own.
        """
        for view in _views_in(result):
            room = desk.rooms.get(RoomKey(desk.actor.tenant, DoctorId(view.doctor_id), view.date))
            order = (view.epoch, view.version)
            if room is not None and order > max(room.staff_views[True], default=NOTHING):
                room.staff_views[True][order] = view

    async def deliver(self, room: Room) -> None:
        """Send each desk what leads from what it was last shown to the newest state."""
        for names in (True, False):
            desks = [desk for desk in room.desks.values() if desk.sees_names is names]
            if desks:
                await self._deliver(room, desks, names=names)

    async def _deliver(self, room: Room, desks: list[Desk], *, names: bool, anew: bool = False) -> None:
        state = room.state
        assert state is not None
        before = dict(room.staff_views[names])
        view = await self._view(room, state, names=names, anew=anew)
        now, packets = datetime.now(UTC), dict[Order, Message | None]()
        for desk in desks:
            order = desk.orders.get(room.key)
            if order is None or order > state.order or (order == state.order and not anew):
                continue
            if desk.is_given_up(now):
                continue
            if desk.socket.is_congested:
                self._hub.statistics.withheld += 1
                continue
            if order not in packets:
                packets[order] = self._packet(before.get(order), view)
            packet = packets[order]
            if packet is None or desk.socket.put(packet):
                desk.orders[room.key] = state.order
        self._forget_views(room, names=names)

    @staticmethod
    def _forget_views(room: Room, *, names: bool) -> None:
        """Keep the newest view and those that some desk's next patch starts from."""
        kept = room.staff_views[names]
        held = {desk.orders.get(room.key) for desk in room.desks.values()}
        newest = max(kept, default=NOTHING)
        for order in [order for order in kept if order != newest and order not in held]:
            del kept[order]

    @staticmethod
    def _packet(before: StaffQueue | DisplayQueue | None, view: StaffQueue | DisplayQueue) -> Message | None:
        if before is None or before.epoch != view.epoch:
            return frame(wire.STAFF, "queue-state", view)
        found = patch(before, view)
        return frame(wire.STAFF, "queue-patch", found) if found is not None else None

    async def show_anew(self) -> None:
        """Show queues that could not be shown yet, and now and then all of them, as the clock moves."""
        is_time = monotonic() - self._shown_at > CLOCK_SECONDS
        if is_time:
            self._shown_at = monotonic()
        for room in self._hub.rooms:
            if not room.desks or room.state is None:
                continue
            if any(desk.orders.get(room.key, NOTHING) < room.state.order for desk in room.desks.values()):
                self._hub.deliver(room)
            elif is_time:
                for names in (True, False):
                    desks = [desk for desk in room.desks.values() if desk.sees_names is names]
                    if desks:
                        try:
                            await self._deliver(room, desks, names=names, anew=True)
                        except DomainError:
                            return  # names cannot be read at present; the next time will do
                await asyncio.sleep(0)


def _views_in(result: object) -> tuple[StaffQueue, ...]:
    match result:
        case TransferResult(queue=left, target=taken):
            return left, taken
        case QueueCommandResult() | NoShowResult() | AbsentResult() | WalkInResult():
            return (result.queue,)
        case _:
            return ()
