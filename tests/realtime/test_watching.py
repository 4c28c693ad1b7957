"""Watches of sockets that are slow, that come while much happens, or that have had their day."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.slots.changes import CurrentSlots, Watched
from queue_server.application.slots.news import SlotNewsKind
from queue_server.application.slots.telling import Told, look_again
from queue_server.application.slots.views import PlacesView, SlotStateView, SlotStatus
from queue_server.realtime.availability.room import MOST_MESSAGES, Room
from queue_server.realtime.availability.watching import REMINDED_AT_ONCE, Watching
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.messages import UnwatchAvailability, WatchAvailability
from queue_server.realtime.patients.namespace import Patients
from queue_server.realtime.statistics import Statistics
from queue_server.realtime.waitlist.own import OwnWatching
from scheduling_core.errors import NotFound, Unavailable
from scheduling_core.ids import DoctorId, TenantId

TENANT, DOCTOR = TenantId(uuid4()), DoctorId(uuid4())
TODAY = datetime.now(UTC).date()


def told(day: date = TODAY, doctor: DoctorId = DOCTOR) -> Told:
    """Return the news of a hold on a date."""
    view = SlotStateView(
        slot_id=uuid4(),
        doctor_id=doctor,
        clinic_id=UUID(int=1),
        start=datetime.now(UTC),
        date=day.isoformat(),
        status=SlotStatus.HELD,
        remaining=PlacesView(in_person=0, tele=0),
        version=2,
    )
    return Told(SlotNewsKind.HOLD_CREATED, doctor, day, day, view)


class Phone:
    """A socket that remembers what it was sent; `websocket` is what the engine looks for first."""

    def __init__(self) -> None:
        self.id = uuid4().hex
        self.state: Any = None
        self.is_wanted = False
        self.is_open = True
        self.is_congested = False
        self.websocket = None
        self.heard: list[tuple[str, Any]] = []
        self.own: list[str] = []
        self.connection = SimpleNamespace(session=self)

    def put(self, message: Message) -> bool:
        """Take a message."""
        name, payload = msgspec.json.decode(message.text[1:])
        self.heard.append((name, payload))
        return True

    def send(self, name: str, payload: object) -> bool:
        """Take an event of its own."""
        self.own.append(name)
        return True


class Changes:
    """Stands for what happens; `meanwhile` is done while somebody reads what there is."""

    def __init__(self) -> None:
        self.rooms: dict[Watched, Room] = {}
        self.reads = 0
        self.is_shown = True
        self.fault: Exception | None = None
        self.meanwhile: Callable[[], Any] | None = None

    def watch(self, watched: Watched, room: Room) -> None:
        """Remember the room."""
        self.rooms[watched] = room

    def unwatch(self, watched: Watched, room: Room) -> None:
        """Forget it."""
        assert self.rooms.pop(watched) is room

    async def current(self, watched: Watched, first: date, last: date) -> CurrentSlots:
        """Return that nothing is free."""
        assert watched in self.rooms, "nobody watches it"
        self.reads += 1
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.fault is not None:
            raise self.fault
        return CurrentSlots(is_shown=self.is_shown, slots=(), more=False)

    async def happens(self, *news: Told) -> None:
        """Tell everybody."""
        for room in list(self.rooms.values()):
            await room.tell(news)


class Scene:
    """Who watches, and what happens."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.statistics = Statistics()
        self.watching = Watching(cast(Any, self.changes), cast(Any, None), self.statistics)

    async def watches(self, phone: Phone, *, days: int = 7, doctor: DoctorId | None = DOCTOR, since: int = 0) -> Any:
        """Let a phone watch for some days."""
        first = TODAY + timedelta(days=since)
        wanted = WatchAvailability(
            doctor_id=doctor,
            tenant_id=TENANT,
            from_=first.isoformat(),
            to=(first + timedelta(days=days)).isoformat(),
        )
        return await self.watching.watch(cast(Any, phone), wanted)


@pytest.fixture
def scene() -> Scene:
    """Nobody watches yet."""
    return Scene()


async def test_a_slow_client_is_spared_and_then_told_where_to_look(scene: Scene) -> None:
    slow, quick = Phone(), Phone()
    await scene.watches(slow)
    await scene.watches(quick, days=2)
    slow.is_congested = True
    await scene.changes.happens(told(), told())
    assert (len(slow.heard), len(quick.heard)) == (0, 2)
    assert scene.statistics.withheld == 2
    scene.watching.sweep()
    assert slow.heard == []
    slow.is_congested = False
    scene.watching.sweep()
    scene.watching.sweep()
    whole = {"doctorId": str(DOCTOR), "from": TODAY.isoformat(), "to": (TODAY + timedelta(days=7)).isoformat()}
    assert slow.heard == [("slot_availability_changed", whole)]
    assert len(quick.heard) == 2


async def test_what_happens_while_somebody_begins_is_in_what_they_are_shown(scene: Scene) -> None:
    phone, happened = Phone(), asyncio.Event()

    async def once() -> None:
        if not happened.is_set():
            happened.set()
            await scene.changes.happens(told())

    scene.changes.meanwhile = once
    assert (await scene.watches(phone)).watching
    assert (scene.changes.reads, phone.own) == (2, ["availability-watched"])
    scene.watching.sweep()
    assert phone.heard == []
    await scene.changes.happens(told())
    assert len(phone.heard) == 1


async def test_who_begins_while_much_happens_is_told_to_look_again(scene: Scene) -> None:
    phone = Phone()
    scene.changes.meanwhile = lambda: scene.changes.happens(told())
    assert (await scene.watches(phone)).watching
    assert (scene.changes.reads, phone.heard) == (3, [])
    scene.watching.sweep()
    assert [name for name, _ in phone.heard] == ["slot_availability_changed"]


async def test_after_a_gap_all_look_again_so_many_a_second(scene: Scene) -> None:
    phones = [Phone() for _ in range(REMINDED_AT_ONCE + 3)]
    for phone in phones:
        await scene.watches(phone)
    for room in scene.changes.rooms.values():
        room.may_have_missed()
    scene.watching.sweep()
    assert sum(len(phone.heard) for phone in phones) == REMINDED_AT_ONCE
    scene.watching.sweep()
    assert {len(phone.heard) for phone in phones} == {1}


async def test_who_watches_all_doctors_is_told_much_in_one_message(scene: Scene) -> None:
    phone = Phone()
    await scene.watches(phone, doctor=None)
    news = [told(TODAY + timedelta(days=1 + number % 2), DoctorId(uuid4())) for number in range(MOST_MESSAGES + 1)]
    await scene.changes.happens(*news[:MOST_MESSAGES])
    assert len(phone.heard) == MOST_MESSAGES
    phone.heard.clear()
    await scene.changes.happens(*news)
    first, last = (TODAY + timedelta(days=days) for days in (1, 2))
    whole = {"doctorId": None, "from": first.isoformat(), "to": last.isoformat()}
    assert phone.heard == [("slot_availability_changed", whole)]


async def test_a_watch_ends_when_its_days_are_over(scene: Scene) -> None:
    over, goes_on = Phone(), Phone()
    await scene.watches(over, since=-10, days=8)
    await scene.watches(goes_on, since=-10, days=9)
    assert [socket.id for socket in scene.watching.sweep()] == [over.id]
    assert (scene.watching.follows(cast(Any, over)), scene.watching.follows(cast(Any, goes_on))) == (False, True)
    await scene.changes.happens(look_again(DOCTOR))
    assert (len(over.heard), len(goes_on.heard)) == (0, 1)


@pytest.mark.parametrize("fault", [Unavailable(), None])
async def test_a_watch_that_cannot_begin_leaves_nothing_behind(scene: Scene, fault: Exception | None) -> None:
    phone = Phone()
    scene.changes.fault, scene.changes.is_shown = fault, False
    with pytest.raises(Unavailable if fault else NotFound):
        await scene.watches(phone)
    assert (scene.watching.watchers, scene.watching.rooms, scene.changes.rooms, phone.own) == (0, 0, {}, [])


async def test_a_socket_that_hangs_up_while_it_begins_leaves_nothing_behind(scene: Scene) -> None:
    phone = Phone()

    async def hang_up() -> None:
        phone.is_open = False
        scene.watching.disconnected(cast(Any, phone))

    scene.changes.meanwhile = hang_up
    await scene.watches(phone)
    assert (scene.watching.watchers, scene.watching.rooms, scene.changes.rooms) == (0, 0, {})


@pytest.mark.parametrize("is_gone", [True, False])
async def test_who_goes_while_much_happens_is_looked_for_no_more(scene: Scene, is_gone: bool) -> None:
    phone = Phone()

    async def goes() -> None:
        await scene.changes.happens(told())
        phone.is_open = not is_gone
        await scene.watching.unwatch(cast(Any, phone), UnwatchAvailability())

    scene.changes.meanwhile = goes
    ack = await scene.watches(phone)
    assert (ack is None) if is_gone else not ack.watching
    assert (scene.changes.reads, phone.own, scene.changes.rooms) == (1, [], {})


async def test_a_socket_is_wanted_as_long_as_it_watches_anything(scene: Scene) -> None:
    waiting = OwnWatching(cast(Any, None), cast(Any, None), scene.statistics)
    patients = Patients(cast(Any, None), cast(Any, None), cast(Any, None), scene.watching, waiting)
    phone = Phone()
    socket: Any = phone
    days = {"tenantId": str(TENANT), "from": TODAY.isoformat(), "to": TODAY.isoformat()}
    await patients.handle(socket, "watch-availability", days | {"doctorId": str(DOCTOR)})
    await patients.handle(socket, "watch-availability", days)
    assert socket.is_wanted
    await patients.handle(socket, "leave-queue", {})
    await patients.handle(socket, "unwatch-availability", {"doctorId": str(DOCTOR)})
    assert socket.is_wanted
    assert not (await scene.watching.unwatch(socket, UnwatchAvailability())).watching
    await patients.handle(socket, "unwatch-availability", {})
    assert not socket.is_wanted
    scene.changes.is_shown = False
    with pytest.raises(NotFound):
        await patients.handle(socket, "watch-availability", days)
    assert not socket.is_wanted
