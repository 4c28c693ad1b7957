"""In which order clients hear what is sent to rooms, to them, and to each its own."""

import asyncio
from typing import Any

import pytest

from queue_server.broker.in_process import Bus, InProcessBroker
from queue_server.realtime.pysocketio import manager
from tests.realtime.protocol.conftest import Serve, mirror_server
from tests.realtime.protocol.wire import WebSocket, content, event, packet, packets


@pytest.fixture
def in_chunks_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every broadcast to more than one member takes several turns of the loop."""
    monkeypatch.setattr(manager, "CHUNK", 1)


class Crowd:
    """Clients in the room `a`, the last of which is in the room `b`, too."""

    def __init__(self, sio: Any, clients: list[tuple[WebSocket, str]]) -> None:
        self.sio = sio
        self.sockets = [socket for socket, _ in clients]
        self.sids = [sid for _, sid in clients]
        self.last = self.sids[-1]

    async def broadcasting(self) -> "asyncio.Task[None]":
        """Return a broadcast of `one` that has reached some, but not the last."""
        task = asyncio.create_task(self.sio.emit("one", room="a"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not task.done()
        return task

    async def heard(self, count: int) -> list[str]:
        """Return the names of the events that the last client hears next."""
        return [content(said)[0] for said in await packets(self.sockets[-1], count)]


@pytest.fixture
async def crowd(serve: Serve, in_chunks_of_one: None) -> Crowd:
    """Five clients."""
    sio = mirror_server()
    door = await serve(sio)
    clients = [await door.connected() for _ in range(5)]
    for socket, sid in clients:
        await packet(socket)
        await sio.enter_room(sid, "a")
    await sio.enter_room(clients[-1][1], "b")
    return Crowd(sio, clients)


async def test_an_event_to_several_rooms_does_not_overtake_one_to_the_second_of_them(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    await crowd.sio.emit("two", room=["b", "a"], skip_sid=crowd.sids[:-1])
    await first
    assert await crowd.heard(2) == ["one", "two"]


async def test_an_event_to_another_room_does_not_overtake_it_either(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    await crowd.sio.emit("two", room="b")
    await first
    assert await crowd.heard(2) == ["one", "two"]


async def test_an_event_to_everybody_does_not_overtake_one_to_a_room(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    await crowd.sio.emit("two", skip_sid=crowd.sids[:-1])
    await first
    assert await crowd.heard(2) == ["one", "two"]


async def test_an_event_to_one_client_does_not_overtake_one_to_its_room(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    await crowd.sio.emit("two", to=crowd.last)
    await first
    assert await crowd.heard(2) == ["one", "two"]


async def test_an_event_to_be_acknowledged_does_not_overtake_one_to_its_room(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    asking = asyncio.create_task(crowd.sio.call("two", to=crowd.last, timeout=60))
    assert [str(said)[2:] for said in await packets(crowd.sockets[-1], 2)] == ['["one"]', '1["two"]']
    crowd.sockets[-1].send('431["answer"]')
    assert await asking == "answer"
    await first


async def test_what_is_each_clients_own_does_not_overtake_an_event_to_its_room(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    await crowd.sio.emit_each("two", {crowd.last: 2})
    await first
    assert await crowd.heard(2) == ["one", "two"]


async def test_an_event_does_not_overtake_what_is_each_clients_own(crowd: Crowd) -> None:
    first = asyncio.create_task(crowd.sio.emit_each("one", dict.fromkeys(crowd.sids, 1)))
    await asyncio.sleep(0)
    await crowd.sio.emit("two", to=crowd.last)
    await first
    assert await crowd.heard(2) == ["one", "two"]


async def test_an_event_right_behind_a_broadcast_does_not_overtake_one_that_waits(crowd: Crowd) -> None:
    async def one_and_three() -> None:
        await crowd.sio.emit("one", room="a")
        await crowd.sio.emit("three", room="a", skip_sid=crowd.sids[:-1])

    first = asyncio.create_task(one_and_three())
    await asyncio.sleep(0)
    second = asyncio.create_task(crowd.sio.emit("two", room="a"))
    await asyncio.gather(first, second)
    assert await crowd.heard(3) == ["one", "two", "three"]


async def test_a_broadcast_reaches_all_when_nobody_waits_for_its_end(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    first.cancel()
    await crowd.sio.emit("two", room="a")
    assert await crowd.heard(2) == ["one", "two"]


async def test_what_cannot_be_written_fails_where_it_was_sent_and_holds_up_nothing(crowd: Crowd) -> None:
    first = await crowd.broadcasting()
    failing = asyncio.create_task(crowd.sio.emit_each("own", {crowd.last: object()}))
    await asyncio.sleep(0)
    await crowd.sio.emit("two", room="a")
    with pytest.raises(TypeError):
        await failing
    await first
    assert await crowd.heard(2) == ["one", "two"]


async def test_an_event_to_a_small_room_goes_out_at_once(serve: Serve) -> None:
    sio = mirror_server()
    socket, sid = await (await serve(sio)).connected()
    await packet(socket)
    await sio.enter_room(sid, "a")
    with pytest.raises(StopIteration):
        sio.emit("one", room="a").send(None)
    assert await packet(socket) == event("one")


async def test_events_of_another_server_come_in_the_order_in_which_they_were_sent(serve: Serve) -> None:
    bus = Bus()
    ours, theirs = mirror_server(broker=InProcessBroker(bus)), mirror_server(broker=InProcessBroker(bus))
    door = await serve(ours)
    clients = [await door.connected() for _ in range(2)]
    for socket, sid in clients:
        await packet(socket)
        await ours.enter_room(sid, "a")
    skipped = [None, "somebody", "somebody", None, "somebody"]
    for number, skip_sid in enumerate(skipped):
        await theirs.emit("news", number, room="a", skip_sid=skip_sid)
    assert await packets(clients[-1][0], 5) == [event("news", number) for number in range(5)]


async def test_rooms_of_several_namespaces_are_not_taken_for_each_other_between_servers(serve: Serve) -> None:
    bus = Bus()
    ours, theirs = (mirror_server(broker=InProcessBroker(bus), namespaces="*") for _ in range(2))
    socket, sid = await (await serve(ours)).connected("/a:b")
    await ours.enter_room(sid, "c", namespace="/a:b")
    other, sid = await (await serve(ours)).connected("/a")
    await ours.enter_room(sid, "b:c", namespace="/a")
    for namespace, room in (("/a", "b:c"), ("/a:b", "c")):
        await theirs.emit("news", room, room=room, namespace=namespace)
        await theirs.emit("end", room=room, namespace=namespace)
    for one, namespace, room in ((socket, "/a:b", "c"), (other, "/a", "b:c")):
        told = [event("news", room, namespace=namespace), event("end", namespace=namespace)]
        assert await packets(one, 2) == told


@pytest.mark.parametrize("room", [42, 0, b"bytes", 1.5, ("pair",)], ids=repr)
async def test_rooms_have_names_of_any_kind(serve: Serve, room: Any) -> None:
    bus = Bus()
    ours, theirs = mirror_server(broker=InProcessBroker(bus)), mirror_server(broker=InProcessBroker(bus))
    socket, sid = await (await serve(ours)).connected()
    await packet(socket)
    await ours.enter_room(sid, room)
    among = [room] if hasattr(room, "__len__") else room  # what has a length is several rooms, in python-socketio too
    await ours.emit("ours", to=among)
    await theirs.emit("theirs", room=among)
    assert await packets(socket, 2) == [event("ours"), event("theirs")]
    assert set(ours.rooms(sid)) == {sid, room}
