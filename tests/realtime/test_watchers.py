"""How many phones follow a queue: counted over all servers, told to desks, seldom, and forgotten with a server."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.snapshots.state import RoomKey, RoomState
from queue_server.application.views.sockets import QueueWatchers
from queue_server.broker.in_process import Bus, InProcessBroker
from queue_server.realtime import watchers
from queue_server.realtime.hub import Hub
from queue_server.realtime.statistics import Statistics
from queue_server.realtime.watchers import Watchers
from queue_server.settings import Settings
from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.permissions import Role
from tests.http.world import World
from tests.realtime.conftest import Client, Node, OwnRedis, serving, until, with_settings

Connect = Callable[..., Awaitable[Client]]

ROOM = RoomKey(TenantId(uuid4()), DoctorId(uuid4()), "2025-03-03")


def told(desk: Client) -> tuple[int, set[str]]:
    """Return what a desk was told last."""
    last = desk.heard.of("queue-watchers")[-1]
    return last["phones"], set(last["entries"])


async def looking(desk: Client, world: World) -> None:
    """Have a desk follow the doctor of the world."""
    assert (await desk.call("subscribe", {"doctorIds": [str(world.doctor)]}))["ok"] is True


async def following(connect: Connect, world: World, index: int, to: Node | None = None) -> Client:
    """Return a phone that follows the entry of this place."""
    phone = await connect(to)
    await phone.call("join-queue", {"token": await world.link(index)})
    return phone


# ---- through whole servers ------------------------------------------------------------------------------------------


async def test_a_desk_is_told_how_many_phones_follow_on_every_server(
    settings: Settings, redis: OwnRedis, world: World, connect: Connect, desk: Connect
) -> None:
    with_redis = with_settings(settings, redis_url=redis.url)
    async with serving(with_redis) as near, serving(with_redis) as far:
        one, two, *_ = (str(entry) for entry in world.entries)
        await following(connect, world, 0, far)
        reception = await desk(to=near)
        await looking(reception, world)
        await until(lambda: told(reception) == (1, {one}))
        here = await following(connect, world, 1, near)
        await until(lambda: told(reception) == (2, {one, two}))
        there = await following(connect, world, 1, far)
        await until(lambda: told(reception) == (3, {one, two}))
        await here.socket.disconnect()
        await until(lambda: told(reception) == (2, {one, two}))
        await there.call("leave-queue", {})
        await until(lambda: told(reception) == (1, {one}))


async def test_phones_of_a_server_that_stops_are_forgotten_at_once(
    settings: Settings, redis: OwnRedis, world: World, connect: Connect, desk: Connect
) -> None:
    with_redis = with_settings(settings, redis_url=redis.url)
    async with serving(with_redis) as near:
        reception = await desk(to=near)
        await looking(reception, world)
        async with serving(with_redis) as far:
            # Started after the desk has asked: it has to find out that somebody wants to know.
            await following(connect, world, 0, far)
            await until(lambda: told(reception)[0] == 1)
        await until(lambda: told(reception) == (0, set()))


async def test_what_changed_while_redis_was_away_is_told_when_it_is_back(
    settings: Settings, redis: OwnRedis, world: World, connect: Connect, desk: Connect
) -> None:
    with_redis = with_settings(settings, redis_url=redis.url)
    async with serving(with_redis) as near, serving(with_redis) as far:
        reception = await desk(to=near)
        await looking(reception, world)
        leaving = await following(connect, world, 0, far)
        await until(lambda: told(reception)[0] == 1)
        await redis.kill()
        await until(lambda: not (near.services.broker.is_connected or far.services.broker.is_connected))
        await leaving.socket.disconnect()
        await following(connect, world, 1, far)
        await following(connect, world, 2, far)
        assert told(reception)[0] == 1
        await redis.start()
        await until(lambda: told(reception) == (2, {str(entry) for entry in world.entries[1:3]}))


async def test_without_redis_a_desk_is_told_of_the_phones_of_its_own_server(
    settings: Settings, world: World, connect: Connect, desk: Connect
) -> None:
    async with serving(with_settings(settings, redis_url=None)) as alone:
        reception = await desk(to=alone)
        await looking(reception, world)
        assert told(reception) == (0, set())
        phone = await following(connect, world, 2, alone)
        await until(lambda: told(reception) == (1, {str(world.entries[2])}))
        await phone.call("join-queue", {"token": await world.link(3)})
        await until(lambda: told(reception) == (1, {str(world.entries[3])}))


async def test_a_desk_that_comes_later_is_told_at_once(world: World, connect: Connect, desk: Connect) -> None:
    await following(connect, world, 0)
    reception = await desk()
    await looking(reception, world)
    assert (await reception.heard.next("queue-watchers"))["phones"] == 1


async def test_a_display_is_not_told_who_watches(world: World, connect: Connect, desk: Connect) -> None:
    display, reception = await desk(Role.DISPLAY), await desk()
    await looking(display, world)
    await looking(reception, world)
    await following(connect, world, 0)
    await until(lambda: told(reception)[0] == 1)
    assert display.heard.of("queue-watchers") == []


# ---- one server's counting ------------------------------------------------------------------------------------------


class Server:
    """The counting of one server, with rooms that tests fill."""

    def __init__(self, bus: Bus) -> None:
        self.broker = InProcessBroker(bus)
        self.hub = Hub(cast(QueueSnapshots, Quiet()), Statistics())
        self.changes: list[QueueWatchers] = []
        self.watchers = Watchers(self.hub, self.broker, lambda _, told: self.changes.append(told))

    def look(self) -> None:
        """Have a desk look at the room."""
        self.hub.room(ROOM).desks["desk"] = object()
        self.watchers.look(ROOM)

    def join(self, phone: str, entry: UUID) -> None:
        """Have a phone follow an entry."""
        room = self.hub.room(ROOM)
        room.patients[phone] = SimpleNamespace(appointment=SimpleNamespace(entry=entry))
        self.hub.members_changed(room)

    def leave(self, phone: str) -> None:
        """Have it follow no longer."""
        room = self.hub.room(ROOM)
        del room.patients[phone]
        self.hub.members_changed(room)
        self.hub.close_if_empty(room)

    @property
    def phones(self) -> int:
        """What is known of the room."""
        return self.watchers.at(ROOM).phones


class Quiet:
    """Snapshots of queues in which nothing happens."""

    def newest(self, key: RoomKey) -> RoomState | None:
        """Nothing is known."""
        return None

    def watch(self, key: RoomKey, watcher: Any) -> None:
        """Nothing will happen."""

    def unwatch(self, key: RoomKey, watcher: Any) -> None:
        """Nothing happened."""


class Wiretap:
    """Counts what is published on the room's channel."""

    def __init__(self, bus: Bus) -> None:
        self.payloads: list[bytes] = []
        broker = InProcessBroker(bus)
        broker.subscribe(f"watchers:{ROOM.channel}", self.payloads.append)


@pytest.fixture
def bus() -> Bus:
    """What connects the servers of a test."""
    return Bus()


async def test_a_storm_of_joins_is_a_message_a_second(bus: Bus) -> None:
    with_desk, with_phones, tap = Server(bus), Server(bus), Wiretap(bus)
    with_desk.look()
    begun = monotonic()
    for number in range(10_000):
        with_phones.join(str(number), uuid4())
        if number % 100 == 0:
            await asyncio.sleep(0)
    await until(lambda: with_desk.changes and with_desk.changes[-1].phones == 10_000)
    # The first at once, the others together.
    most = 2 + (monotonic() - begun) / watchers.COUNT_SECONDS
    assert 2 <= len(tap.payloads) <= most
    assert len(with_desk.changes) <= most
    assert max(map(len, tap.payloads)) < 1_000
    assert with_desk.watchers.at(ROOM).entries is None  # too many to tell


async def test_a_room_that_no_desk_looks_at_is_told_to_nobody(bus: Bus) -> None:
    other, with_phones, tap = Server(bus), Server(bus), Wiretap(bus)
    with_phones.join("phone", uuid4())
    await asyncio.sleep(0.05)
    assert tap.payloads == []
    other.look()
    await until(lambda: other.phones == 1)


async def test_tabs_of_one_phone_are_two_phones_and_one_entry(bus: Bus) -> None:
    here, there = Server(bus), Server(bus)
    here.look()
    entry = uuid4()
    here.join("tab", entry)
    there.join("other tab", entry)
    await until(lambda: here.phones == 2)
    assert here.watchers.at(ROOM).entries == (entry,)


async def test_a_server_that_died_is_forgotten(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    here, dying = Server(bus), Server(bus)
    here.look()
    dying.join("phone", uuid4())
    await until(lambda: here.phones == 1)
    await dying.broker.stop()
    here.watchers.sweep()
    assert here.phones == 1
    now = monotonic()
    monkeypatch.setattr(watchers, "monotonic", lambda: now + watchers.FORGET_SECONDS + 1)
    here.watchers.sweep()
    await until(lambda: here.changes[-1].phones == 0)


async def test_a_server_that_lives_is_asked_again_before_it_is_forgotten(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchers, "COUNT_SECONDS", 0.0)
    here, there = Server(bus), Server(bus)
    here.look()
    there.join("phone", uuid4())
    await until(lambda: here.phones == 1)
    tap, start = Wiretap(bus), monotonic()
    for passed in range(0, 90, 10):
        monkeypatch.setattr(watchers, "monotonic", lambda at=start + passed: at)
        here.watchers.sweep()
        there.watchers.sweep()
        await asyncio.sleep(0.01)
        assert here.phones == 1
    assert 4 <= len(tap.payloads) <= 6


async def test_the_last_phone_that_leaves_is_told(bus: Bus) -> None:
    here, there = Server(bus), Server(bus)
    here.look()
    there.join("phone", uuid4())
    await until(lambda: here.phones == 1)
    there.leave("phone")
    await until(lambda: here.phones == 0)


async def test_what_cannot_be_read_is_passed_over(bus: Bus) -> None:
    here, stranger = Server(bus), InProcessBroker(bus)
    here.look()
    for channel in ("watchers", f"watchers:{ROOM.channel}"):
        for payload in (b"", b"\x00", b"\x93\x01\x02\x03"):
            stranger.publish(channel, payload)
    assert here.phones == 0


async def test_rooms_that_others_may_ask_for_are_bounded(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers, "MOST_WANTED", 10)
    here, there = Server(bus), Server(bus)
    for number in range(50):
        there.watchers.look(RoomKey(ROOM.tenant, ROOM.doctor, f"2025-01-{number}"))
    assert len(here.watchers._wanted) == 10
