"""Socket.IO: how clients connect to namespaces and leave them, and what happens to those that never do."""

import asyncio
import json
from time import monotonic
from typing import Any

import pytest
import socketio

from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, mirror, mirror_server, socket_server
from tests.realtime.protocol.wire import (
    SEPARATOR,
    Door,
    Hung,
    WebSocket,
    connected_as,
    content,
    event,
    packet,
    packets,
    prefix,
)

NAMESPACES = pytest.mark.parametrize("namespace", ["/", "/custom"])
MOST_TRIES = 100
"""Of what must not put off an end that comes in less than a second."""


async def asked(door: Door, connect: str) -> WebSocket:
    socket, _ = await door.websocket_session()
    socket.send(connect)
    return socket


@NAMESPACES
async def test_a_client_that_connects_is_given_an_id(mirrored: Door, namespace: str) -> None:
    socket, handshake = await mirrored.websocket_session()
    socket.send(f"40{prefix(namespace)}")
    sid = connected_as(await packet(socket), namespace)
    assert sid
    assert sid != handshake.sid


@NAMESPACES
async def test_what_a_client_proves_itself_with_reaches_the_application(mirrored: Door, namespace: str) -> None:
    socket, _ = await mirrored.connected(namespace, {"token": "123"})
    assert await packet(socket) == event("auth", {"token": "123"}, namespace=namespace)


@NAMESPACES
async def test_a_client_may_connect_without_proof(mirrored: Door, namespace: str) -> None:
    socket, _ = await mirrored.connected(namespace)
    assert await packet(socket) == event("auth", {}, namespace=namespace)


async def test_a_namespace_may_be_named_without_a_comma(mirrored: Door) -> None:
    socket = await asked(mirrored, "40/custom")
    connected_as(await packet(socket), "/custom")


async def test_a_client_may_be_in_several_namespaces_at_once(mirrored: Door) -> None:
    socket, first = await mirrored.connected()
    await packet(socket)
    socket.send("40/custom,")
    second = connected_as(await packet(socket), "/custom")
    await packet(socket)
    assert first != second
    socket.send(event("message", 1))
    socket.send(event("message", 2, namespace="/custom"))
    assert await packets(socket, 2) == [event("message-back", 1), event("message-back", 2, namespace="/custom")]


async def test_a_client_may_connect_to_a_namespace_without_the_main_one(mirrored: Door) -> None:
    socket, _ = await mirrored.connected("/custom")
    await packet(socket)
    socket.send(event("message", 1, namespace="/custom"))
    assert await packet(socket) == event("message-back", 1, namespace="/custom")


@pytest.mark.parametrize("connect", ["40/random", "40/random,", '40/random,{"token":"x"}'])
async def test_an_unknown_namespace_is_answered_with_a_message(mirrored: Door, connect: str) -> None:
    socket = await asked(mirrored, connect)
    assert await packet(socket) == '44/random,{"message":"Invalid namespace"}'


async def test_a_client_refused_by_one_namespace_may_connect_to_another(mirrored: Door) -> None:
    socket = await asked(mirrored, "40/random,")
    await packet(socket)
    socket.send("40")
    connected_as(await packet(socket))


async def test_nothing_is_sent_before_the_connect_packet(mirrored: Door) -> None:
    # The application emits from within its connect handler, before the client knows that it is connected.
    socket, _ = await mirrored.websocket_session()
    for namespace in ("/", "/custom"):
        socket.send(f"40{prefix(namespace)}")
        connected_as(await packet(socket), namespace)
        assert await packet(socket) == event("auth", {}, namespace=namespace)


async def test_rooms_entered_while_connecting_are_heard_only_once_connected(serve: Serve) -> None:
    sio, entered, go = socket_server(), asyncio.Event(), asyncio.Event()

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        await sio.enter_room(sid, "room")
        entered.set()
        await go.wait()

    sio.on("connect", connect)
    socket = await asked(await serve(sio), "40")
    await entered.wait()
    await sio.emit("early", room="room")
    await sio.emit("early")
    go.set()
    connected_as(await packet(socket))
    await sio.emit("late", room="room")
    told = [await packet(socket)]
    while told[-1] != event("late"):
        told.append(await packet(socket))
    assert set(told) <= {event("early"), event("late")}


async def test_requests_for_an_acknowledgement_are_not_sent_before_the_connect_packet_either(serve: Serve) -> None:
    sio = socket_server()

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        await sio.emit("first", to=sid)
        await sio.emit("ask", to=sid, callback=lambda *arguments: None)
        await sio.emit("last", to=sid)

    sio.on("connect", connect)
    socket = await asked(await serve(sio), "40")
    connected_as(await packet(socket))
    assert [content(said)[0] for said in await packets(socket, 3)] == ["first", "ask", "last"]


async def test_all_that_is_emitted_while_connecting_arrives_in_order(serve: Serve) -> None:
    sio = socket_server()

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        for number in range(300):
            await sio.emit("early", number, to=sid)

    sio.on("connect", connect)
    socket = await asked(await serve(sio), "40")
    connected_as(await packet(socket))
    assert [content(said)[1] for said in await packets(socket, 300)] == list(range(300))


async def test_a_client_that_more_waits_for_than_can_be_kept_is_closed_rather_than_told_half(serve: Serve) -> None:
    sio = socket_server()

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        for number in range(5_000):
            await sio.emit("early", number, to=sid)

    sio.on("connect", connect)
    socket = await asked(await serve(sio), "40")
    await socket.closing()


async def test_an_acknowledgement_does_not_overtake_what_was_emitted_before(mirrored: Door) -> None:
    socket, _ = await mirrored.connected()
    socket.send(event("message-with-ack", "quick", id=7))
    assert await packets(socket, 2) == [event("auth", {}), '437["quick"]']


async def test_events_before_the_connect_packet_close_the_connection(mirrored: Door) -> None:
    socket = await asked(mirrored, event("message", 1))
    await socket.closing()


async def test_events_sent_right_behind_the_connect_packet_are_heard(mirrored: Door) -> None:
    # JavaScript clients wait for the answer; others need not, and nothing says that the handler is quick.
    socket, _ = await mirrored.websocket_session()
    socket.send("40")
    connected_as(await packet(socket))
    assert await packet(socket) == event("auth", {})
    socket.send(event("message", 1))
    assert await packet(socket) == event("message-back", 1)


@pytest.mark.parametrize("said", ['2/custom,["message",1]', "3/custom,1[]", '51-/custom,["message"]', '2/random,["x"]'])
async def test_packets_for_a_namespace_that_was_not_connected_to_close_the_connection(
    mirrored: Door, said: str
) -> None:
    socket, _ = await mirrored.connected()
    socket.send(f"4{said}")
    await socket.closing()
    assert await socket.is_cut()


MALFORMED = [
    "4abc",
    "4",
    "4 0",
    '40"text"',
    "40[]",
    "40[1]",
    "40123",
    "40{",
    '40/custom,{"token"',
    "407",
    "4-1",
    "47",
    "49",
]


@pytest.mark.parametrize("said", MALFORMED)
async def test_a_malformed_connect_packet_closes_the_connection(mirrored: Door, said: str) -> None:
    socket = await asked(mirrored, said)
    await socket.closing()
    assert await socket.is_cut()


async def test_a_malformed_connect_packet_closes_a_polling_session(mirrored: Door) -> None:
    polling = await mirrored.polling_session()
    await polling.post("4abc")
    assert await polling.is_closed()


async def test_a_client_that_never_connects_is_closed_in_time(serve: Serve) -> None:
    begun = monotonic()
    socket, _ = await (await serve(mirror_server(connect_timeout=0.3))).websocket_session()
    await socket.closing()
    assert monotonic() - begun >= 0.25
    assert await socket.is_cut()


async def test_a_client_that_never_connects_is_closed_in_time_when_it_polls_too(serve: Serve) -> None:
    sio = mirror_server(connect_timeout=0.3)
    polling = await (await serve(sio)).polling_session()
    await polling.get()
    assert await polling.is_closed()
    assert len(sio.eio.sockets) == 0


async def test_heartbeats_do_not_put_off_the_time_to_connect(serve: Serve) -> None:
    socket, _ = await (await serve(mirror_server(connect_timeout=0.5, ping_interval=0.1))).websocket_session()
    beats = [await _beat(socket)]
    while beats[-1] is not None and len(beats) < MOST_TRIES:
        beats.append(await _beat(socket))
    assert beats[0] == "2"
    assert beats[-1] is None  # what would be put off by each of them would never come


async def _beat(socket: WebSocket) -> str | bytes | None:
    try:
        said = await socket.message()
    except Hung:
        return None
    socket.send("3")
    return said


async def test_a_refused_connect_does_not_put_off_the_time_to_connect(serve: Serve) -> None:
    socket = await asked(await serve(mirror_server(connect_timeout=0.3)), "40/random,")
    for number in range(MOST_TRIES):
        socket.send(f"40/random{number},")
        try:
            await packet(socket)
        except Hung:
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("it was put off by each of them")


async def test_a_client_that_has_connected_stays(serve: Serve) -> None:
    socket, _ = await (await serve(mirror_server(connect_timeout=1.0))).connected()
    await packet(socket)
    await asyncio.sleep(1.15)
    socket.send(event("message", 1))
    assert await packet(socket) == event("message-back", 1)


@NAMESPACES
@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (socketio.exceptions.ConnectionRefusedError("not today"), {"message": "not today"}),
        (socketio.exceptions.ConnectionRefusedError("no", {"code": 7}), {"message": "no", "data": {"code": 7}}),
    ],
    ids=["with a message", "with data"],
)
async def test_a_client_is_told_why_it_was_refused(
    serve: Serve, namespace: str, refusal: Exception, told: dict[str, Any]
) -> None:
    sio = socket_server()

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        raise refusal

    sio.on("connect", connect, namespace=namespace)
    socket = await asked(await serve(sio), f"40{prefix(namespace)}")
    said = await packet(socket)
    assert isinstance(said, str)
    start = f"44{prefix(namespace)}"
    assert said.startswith(start)
    assert json.loads(said.removeprefix(start)) == told


async def test_a_handler_that_returns_false_refuses_with_a_message(serve: Serve) -> None:
    sio = socket_server()
    sio.on("connect", lambda sid, environ, auth: False)
    socket = await asked(await serve(sio), "40")
    said = await packet(socket)
    assert isinstance(said, str)
    assert said.startswith("44{")
    assert isinstance(json.loads(said[2:])["message"], str)


async def fail(*_: Any) -> None:
    raise KeyError("token")


async def test_a_handler_that_raises_refuses_with_a_message_and_one_line_in_the_log(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    sio = socket_server()
    sio.on("connect", fail)
    socket = await asked(await serve(sio), "40")
    assert await packet(socket) == '44{"message":"Connection rejected by server"}'
    assert list(sio.manager.get_participants("/", None)) == []
    assert [record.getMessage() for record in caplog.records if record.name == "socketio.server"] == [
        "The handler of connect failed in the namespace '/': KeyError('token')"
    ]
    sio.on("connect", lambda sid, environ, auth: None)
    socket.send("40")
    connected_as(await packet(socket))


async def test_a_handler_that_raises_ends_a_connection_that_was_answered_before(serve: Serve) -> None:
    sio = socket_server(always_connect=True)
    sio.on("connect", fail)
    socket = await asked(await serve(sio), "40")
    connected_as(await packet(socket))
    assert await packet(socket) == "41"
    assert list(sio.manager.get_participants("/", None)) == []


async def test_a_client_refused_by_a_handler_that_raises_is_closed_in_time(serve: Serve) -> None:
    sio = socket_server(connect_timeout=0.2)
    sio.on("connect", fail)
    socket = await asked(await serve(sio), "40")
    await packet(socket)
    assert await socket.closing() == 1008


async def test_a_handler_of_disconnect_that_raises_keeps_nothing_of_the_client(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    sio, ends = mirror_server(), list[str]()
    sio.on("disconnect", fail)
    sio.on("disconnect", lambda sid, reason: ends.append(reason), namespace="/custom")
    socket, _ = await (await serve(sio)).connected()
    await packet(socket)
    socket.send("40/custom,")
    await packets(socket, 2)
    socket.hang_up()
    await until(lambda: ends)
    await until(lambda: not sio.environ)
    assert list(sio.manager.get_namespaces()) == []
    # The application's own fault is traced, unlike a client's.
    assert any(record.exc_info for record in caplog.records)
    caplog.clear()


async def test_what_was_emitted_to_a_client_that_is_then_refused_is_not_sent(serve: Serve) -> None:
    sio = socket_server()

    async def connect(sid: str, environ: Any, auth: Any) -> bool:
        await sio.emit("secret", to=sid)
        return False

    sio.on("connect", connect)
    socket = await asked(await serve(sio), "40")
    said = await packet(socket)
    assert isinstance(said, str)
    assert said.startswith("44")


async def test_handlers_without_auth_are_called_too(serve: Serve) -> None:
    sio, seen = socket_server(), list[str]()
    sio.on("connect", lambda sid, environ: seen.append(environ["QUERY_STRING"]))
    await (await serve(sio)).connected()
    assert seen == ["EIO=4&transport=websocket"]


async def test_a_namespace_may_be_left_while_the_connection_stays(mirrored: Door) -> None:
    socket, _ = await mirrored.connected()
    socket.send("40/custom,")
    await packets(socket, 3)
    socket.send("41/custom,")
    socket.send(event("message", "still here"))
    assert await packet(socket) == event("message-back", "still here")


async def test_the_last_namespace_may_be_left_while_the_connection_stays(serve: Serve) -> None:
    socket, _ = await (await serve(mirror_server(ping_interval=0.1))).connected()
    await packet(socket)
    socket.send("41")
    assert await socket.message() == "2"


async def test_a_namespace_may_be_entered_again(mirrored: Door) -> None:
    socket, first = await mirrored.connected()
    await packet(socket)
    socket.send("41")
    socket.send("40")
    second = connected_as(await packet(socket))
    assert first != second
    assert await packet(socket) == event("auth", {})


async def test_packets_for_a_namespace_that_was_left_close_the_connection(mirrored: Door) -> None:
    socket, _ = await mirrored.connected()
    socket.send("41")
    socket.send(event("message", 1))
    assert await packet(socket) == event("auth", {})
    await socket.closing()


async def test_the_application_is_told_once_of_each_namespace_that_a_client_leaves(serve: Serve) -> None:
    sio, told = mirror_server(), list[tuple[str, str]]()
    for namespace in ("/", "/custom"):
        sio.on(
            "disconnect", lambda sid, reason, namespace=namespace: told.append((namespace, reason)), namespace=namespace
        )
    socket, _ = await (await serve(sio)).connected()
    socket.send("40/custom,")
    await packets(socket, 3)
    socket.send("41/custom,")
    await until(lambda: told == [("/custom", sio.reason.CLIENT_DISCONNECT)])
    socket.hang_up()
    await until(lambda: [namespace for namespace, _ in told] == ["/custom", "/"])


async def test_a_client_that_the_application_disconnects_is_told(serve: Serve) -> None:
    sio, told = mirror_server(), list[str]()
    sio.on("disconnect", lambda sid, reason: told.append(reason))
    socket, sid = await (await serve(sio)).connected()
    await packet(socket)
    await sio.disconnect(sid)
    assert await packet(socket) == "41"
    assert told == [sio.reason.SERVER_DISCONNECT]


async def test_nothing_is_kept_of_clients_that_have_gone(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    for number in range(10):
        socket, sid = await door.connected()
        await sio.enter_room(sid, f"room {number}")
        socket.hang_up()
    await until(lambda: len(sio.eio.sockets) == 0)
    await until(lambda: len(sio.environ) == 0)
    assert not any(True for _ in sio.manager.get_participants("/", None))


async def test_a_client_may_connect_by_polling(mirrored: Door) -> None:
    polling = await mirrored.polling_session()
    await polling.send('40{"token":"123"}')
    told: list[str] = []
    while len(told) < 2:
        told += await polling.poll()
    connected_as(told[0])
    assert told[1] == event("auth", {"token": "123"})


async def test_namespaces_added_while_serving_are_known(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    mirror(sio, "/later")
    await door.connected("/later")


async def test_connect_and_event_may_share_a_payload(mirrored: Door) -> None:
    polling = await mirrored.polling_session()
    await polling.send(SEPARATOR.join(("40", "40/custom,")))
    told: list[str] = []
    while len(told) < 4:
        told += await polling.poll()
    connected_as(told[0])
