"""Sending may end the socket that is sent to: nobody else may miss anything for it, and nothing may stay behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from queue_server.application.snapshots.state import NOTHING, RoomKey, RoomState
from queue_server.broker.in_process import Bus, InProcessBroker
from queue_server.realtime import presence
from queue_server.realtime.availability.watching import Watching
from queue_server.realtime.hub import Hub, Room
from queue_server.realtime.patients.member import Member
from queue_server.realtime.patients.namespace import Patients
from queue_server.realtime.presence import Lane, Presence
from queue_server.realtime.staff.desk import Desk
from queue_server.realtime.staff.namespace import Staff
from queue_server.realtime.statistics import Statistics
from queue_server.realtime.waitlist.lists import ListsFollowed
from queue_server.realtime.waitlist.own import OwnWatching
from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.permissions import Role

KEY = RoomKey(TenantId(uuid4()), DoctorId(uuid4()), "2025-03-03")
LANE: Lane = (KEY.tenant, KEY.doctor)
ALARM = SimpleNamespace(
    id=uuid4(),
    text=uuid4(),
    until=datetime.now(UTC) + timedelta(hours=1),
    priority="high",
    estimated_delay=None,
    issued_at=datetime.now(UTC),
)


class Phone:
    """A socket that hears, after which something may happen at once."""

    def __init__(self, then: Callable[["Phone"], None] = lambda phone: None) -> None:
        self.id = str(uuid4())
        self.state: Any = None
        self.is_wanted = False
        self.is_open = True
        self.is_congested = False
        self.heard: list[Any] = []
        self._then = then

    def send(self, name: str, payload: object) -> bool:
        """Take an event."""
        return self.put(name)

    def put(self, message: object) -> bool:
        """Take a message."""
        if not self.is_open:
            return False
        self.heard.append(message)
        self._then(self)
        return True


class Waiting:
    """A queue with an alarm in force, and what patients are shown of it."""

    def __init__(self) -> None:
        queue = SimpleNamespace(notices=[ALARM], entries={})
        self.state = cast(RoomState, SimpleNamespace(queue=queue, texts={ALARM.text: "Fire"}, order=(1, 1), key=KEY))
        self.hub = Hub(cast(Any, self), Statistics())
        watching = Watching(cast(Any, self), cast(Any, self), self.hub.statistics)
        waiting = OwnWatching(cast(Any, self), cast(Any, self), self.hub.statistics)
        self.patients = Patients(self.hub, cast(Any, self), cast(Any, self), watching, waiting)

    def newest(self, key: RoomKey) -> RoomState | None:
        """Nothing is known of the queue yet."""
        return None

    def watch(self, key: RoomKey, watcher: Any) -> None:
        """Nothing will happen."""

    def unwatch(self, key: RoomKey, watcher: Any) -> None:
        """Nothing happened."""

    def queue_view(self, appointment: Any, state: RoomState) -> Any:
        """Show nothing in particular."""
        return SimpleNamespace(state="waiting", notices=[])

    def enter(self, phone: Phone, state: RoomState) -> None:
        """Have a phone follow an entry of its own."""
        appointment = SimpleNamespace(tenant=KEY.tenant, entry=uuid4(), view=lambda state: None)
        self.patients._enter(cast(Any, phone), "token", cast(Any, appointment), state)

    def end(self, phone: Phone) -> None:
        """End a phone, as the engine does."""
        phone.is_open = False
        self.patients.disconnected(cast(Any, phone))

    def room_of(self, *phones: Phone) -> Room:
        """Return a room that these are in, of a state without alarms."""
        quiet = SimpleNamespace(queue=SimpleNamespace(notices=[], entries={}), texts={}, order=(1, 0), key=KEY)
        for phone in phones:
            self.enter(phone, cast(RoomState, quiet))
            phone.heard.clear()
        room = self.hub.find(KEY)
        assert room is not None
        return room


def refuse(phone: Phone) -> None:
    """Fail once the phone follows something."""
    if phone.state is not None and phone.state.told is not None:
        raise RuntimeError("this phone's fault")


@pytest.fixture
def waiting() -> Waiting:
    """A queue with an alarm in force."""
    return Waiting()


async def test_an_alarm_reaches_all_others_when_one_ends_and_one_fails(waiting: Waiting) -> None:
    ending, failing, last = Phone(), Phone(), Phone()
    room = waiting.room_of(ending, failing, last)
    ending._then, failing._then = waiting.end, refuse
    room.state = waiting.state
    with capture_logs() as lines:
        waiting.patients.changed(room)
        waiting.patients.changed(room)
    assert [len(phone.heard) for phone in (ending, failing, last)] == [1, 1, 1]
    assert list(room.patients) == [failing.id, last.id]
    assert [line["event"] for line in lines] == ["broadcast_failed"]


async def test_a_phone_that_ends_with_what_it_is_shown_first_is_forgotten(waiting: Waiting) -> None:
    waiting.enter(Phone(waiting.end), waiting.state)
    assert waiting.hub.rooms == []
    assert waiting.patients.members == 0


async def test_a_room_stays_open_for_one_that_enters_while_all_others_end(waiting: Waiting) -> None:
    ending, entering = Phone(), Phone()
    waiting.room_of(ending)
    ending._then = waiting.end
    waiting.enter(entering, waiting.state)
    room = waiting.hub.find(KEY)
    assert room is not None
    assert list(room.patients) == [entering.id]
    assert entering.heard == ["queue-joined"]
    member: Member = entering.state
    assert member.order == waiting.state.order


async def test_a_lane_that_is_left_while_it_is_told_keeps_no_other_from_being_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus, told = Bus(), list[Lane]()
    other: Lane = (KEY.tenant, DoctorId(uuid4()))

    def leave(lane: Lane) -> None:
        told.append(lane)
        here.look_away(lane)

    here, there = Presence(InProcessBroker(bus), lambda lane: None), Presence(InProcessBroker(bus), lambda lane: None)
    for lane in (LANE, other):
        here.look(lane)
        there.enter(lane, "desk", "Somebody")
    here._changed = leave
    monkeypatch.setattr(presence, "FORGET_SECONDS", -1.0)
    here.sweep()
    assert told == [LANE, other]


async def test_a_desk_that_ends_while_it_changes_its_lane_works_on_none() -> None:
    hub = Waiting().hub
    nothing = cast(Any, None)
    staff = Staff(
        hub, nothing, nothing, nothing, InProcessBroker(), nothing, ListsFollowed(nothing, nothing, hub.statistics)
    )
    actor = SimpleNamespace(role=Role.RECEPTIONIST, name="Somebody")
    phone = Phone()
    desk = Desk(cast(Any, phone), nothing, cast(Any, SimpleNamespace(actor=actor)))
    room = hub.room(KEY)
    room.desks[phone.id] = desk
    desk.rooms[KEY], desk.orders[KEY] = room, NOTHING
    staff.connected(cast(Any, SimpleNamespace(id=phone.id, state=desk, send=lambda name, payload: True)))
    staff._presence.look(LANE)
    staff._focus(desk, LANE)

    def end(phone: Phone) -> None:
        phone.is_open = False
        staff.disconnected(cast(Any, phone))

    phone._then = end
    other: Lane = (KEY.tenant, DoctorId(uuid4()))
    staff._focus(desk, other)
    assert staff._presence.others(other, "nobody") == ()
    assert staff._presence.others(LANE, "nobody") == ()
    assert (staff.desks, hub.rooms) == (0, [])
