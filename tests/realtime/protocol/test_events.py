"""Socket.IO: events, acknowledgements, rooms; and packets that are none."""

import asyncio
from typing import Any

import pytest
import socketio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, mirror_server, socket_server
from tests.realtime.protocol.wire import (
    CLOSE,
    TEXT,
    Door,
    WebSocket,
    close_payload,
    connected_as,
    content,
    event,
    frame,
    packet,
    packets,
)

NAMESPACES = pytest.mark.parametrize("namespace", ["/", "/custom"])


async def ready(door: Door, namespace: str = "/") -> tuple[WebSocket, str]:
    """Connect to a mirror, and skip what it says of the proof."""
    socket, sid = await door.connected(namespace)
    assert await packet(socket) == event("auth", {}, namespace=namespace)
    return socket, sid


# ---- events ----------------------------------------------------------------------------------------------------------

ARGUMENTS: dict[str, list[Any]] = {
    "none": [],
    "of each type": [1, "2", {"3": [True]}, None, 1.5, []],
    "text beyond ASCII": ["€ 𝄞 é", "\x1e", "\0", "a,b", '"quoted"'],
    "a list": [[1, 2]],
    "looking like an attachment's place": [{"_placeholder": True, "num": 0}],
}


@NAMESPACES
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
async def test_events_come_back_with_their_arguments(mirrored: Door, namespace: str, arguments: list[Any]) -> None:
    socket, _ = await ready(mirrored, namespace)
    socket.send(event("message", *arguments, namespace=namespace))
    assert content(await packet(socket)) == ["message-back", *arguments]


async def test_the_main_namespace_may_be_named(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    socket.send('42/,["message",1]')
    assert await packet(socket) == event("message-back", 1)


async def test_events_without_a_handler_are_ignored(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    socket.send(event("nobody listens", 1))
    socket.send(event("message", 2))
    assert await packet(socket) == event("message-back", 2)


async def test_an_error_of_a_handler_does_not_end_the_connection(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    sio = mirror_server()

    async def fail(sid: str) -> None:
        raise ValueError("the application's fault")

    sio.on("fail", fail)
    socket, _ = await ready(await serve(sio))
    socket.send(event("fail"))
    socket.send(event("message", 1))
    assert await packet(socket) == event("message-back", 1)
    await asyncio.sleep(0)
    caplog.clear()


async def test_a_handler_for_all_events_is_told_their_names(serve: Serve) -> None:
    sio, heard = socket_server(), list[Any]()
    sio.on("connect", lambda sid, environ: None)
    sio.on("*", lambda name, sid, *arguments: heard.append((name, arguments)))
    socket, _ = await (await serve(sio)).connected()
    socket.send(event("anything", 1, 2))
    await until(lambda: heard == [("anything", (1, 2))])


@pytest.mark.parametrize(("number", "name"), [("7", "7"), ("0", "0")])
async def test_numbers_are_names_of_events_as_they_are_in_javascript(serve: Serve, number: str, name: str) -> None:
    sio, heard = mirror_server(), list[Any]()
    sio.on(name, lambda sid, *arguments: heard.append(arguments))
    socket, _ = await ready(await serve(sio))
    socket.send(f"42[{number},1]")
    await until(lambda: heard == [(1,)])


async def test_numbers_as_names_hurt_no_namespace_class(serve: Serve) -> None:
    sio = socket_server()
    sio.register_namespace(socketio.AsyncNamespace("/class"))
    socket, _ = await (await serve(sio)).connected("/class")
    socket.send("42/class,[7]")
    socket.send("41/class")
    socket.send("40/class,")
    connected_as(await packet(socket), "/class")


async def test_events_are_echoed_in_order(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    for number in range(500):
        socket.send(event("message", number))
    assert await packets(socket, 500) == [event("message-back", number) for number in range(500)]


# ---- acknowledgements ------------------------------------------------------------------------------------------------


@NAMESPACES
async def test_an_event_with_an_id_is_acknowledged_with_what_the_handler_returns(
    mirrored: Door, namespace: str
) -> None:
    socket, _ = await ready(mirrored, namespace)
    socket.send(event("message-with-ack", 1, "2", {"3": [False]}, namespace=namespace, id=456))
    start = "43" if namespace == "/" else "43/custom,"
    assert await packet(socket) == f'{start}456[1,"2",{{"3":[false]}}]'


@pytest.mark.parametrize(
    ("returned", "told"),
    [(None, []), (1, [1]), ((), []), ((1, 2), [1, 2]), ([1, 2], [[1, 2]]), ("x", ["x"]), ({"a": 1}, [{"a": 1}])],
)
async def test_what_a_handler_returns_becomes_arguments(serve: Serve, returned: Any, told: list[Any]) -> None:
    sio = mirror_server()

    async def answer(sid: str) -> Any:
        return returned

    sio.on("ask", answer)
    socket, _ = await ready(await serve(sio))
    socket.send(event("ask", id=0))
    said = await packet(socket)
    assert str(said).startswith("430[")
    assert content(said) == told


async def test_an_event_without_an_id_is_not_acknowledged(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    socket.send(event("message-with-ack", 1))
    socket.send(event("message", 2))
    assert await packet(socket) == event("message-back", 2)


async def test_acknowledgements_of_clients_reach_who_waits_for_them(serve: Serve) -> None:
    sio = mirror_server()
    socket, sid = await ready(await serve(sio))
    asking = asyncio.create_task(sio.call("ask", {"a": 1}, to=sid, timeout=60))
    asked = await packet(socket)
    assert content(asked) == ["ask", {"a": 1}]
    number = str(asked)[2 : str(asked).index("[")]
    socket.send(f'43{number}["answer"]')
    assert await asking == "answer"


async def test_an_acknowledgement_that_nobody_waits_for_is_ignored(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    for number in (0, 1, 7, 10**14):
        socket.send(f"43{number}[]")
    socket.send(event("message", 1))
    assert await packet(socket) == event("message-back", 1)


async def test_an_acknowledgement_counts_once(serve: Serve) -> None:
    sio, answers = mirror_server(), list[Any]()
    socket, sid = await ready(await serve(sio))
    await sio.emit("ask", to=sid, callback=lambda *arguments: answers.append(arguments))
    asked = str(await packet(socket))
    number = asked[2 : asked.index("[")]
    socket.send(f"43{number}[1]")
    socket.send(f"43{number}[2]")
    socket.send(event("message", 1))
    await packet(socket)
    assert answers == [(1,)]


async def test_a_client_cannot_acknowledge_for_another(serve: Serve) -> None:
    sio, answers = mirror_server(), list[Any]()
    door = await serve(sio)
    (socket, sid), (other, _) = await ready(door), await ready(door)
    await sio.emit("ask", to=sid, callback=lambda *arguments: answers.append(arguments))
    asked = str(await packet(socket))
    number = asked[2 : asked.index("[")]
    other.send(f'43{number}["forged"]')
    other.send(event("message", 1))
    await packet(other)
    socket.send(f'43{number}["mine"]')
    await until(lambda: answers)
    assert answers == [("mine",)]


# ---- malformed packets -----------------------------------------------------------------------------------------------

MALFORMED = {
    "unknown type": "4abc",
    "no type": "4",
    "type beyond the last": '47["message"]',
    "event without arguments": "42",
    "object for an event": "42{}",
    "text for an event": '42"message"',
    "number for an event": "42 1",
    "null for an event": "42null",
    "empty list": "42[]",
    "name that is an object": "42[{}]",
    "name that is null": "42[null]",
    "name that is a list": "42[[]]",
    "name that is true": "42[true]",
    "list without an end": '42["message"',
    "something after the list": '42["message"]x',
    "single quotes": "42['message']",
    "letters for an id": '42abc["message"]',
    "negative id": '42-1["message"]',
    "decimal point in an id": '421.5["message"]',
    "not JSON: NaN": '42["message",NaN]',
    "not JSON: Infinity": '42["message",Infinity]',
    "a comma too many": '42["message",]',
    "acknowledgement without a list": "431{}",
    "acknowledgement without anything": "431",
    "disconnect with something": "41{}",
    "connect error from a client": '44{"message":"x"}',
    "deeply nested": '42["message",' + "[" * 40_000 + "]" * 40_000 + "]",
    "deeply nested without an end": "42" + "[" * 90_000,
    "deeply nested objects": '42["message",' + '{"a":' * 15_000 + "1" + "}" * 15_000 + "]",
    "id of 5,000 digits": "42" + "9" * 5_000 + '["message"]',
    "digits of another script": '42١["message"]',
}


@pytest.mark.parametrize("said", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_packet_closes_the_connection(serve: Serve, said: str) -> None:
    sio = mirror_server()
    socket, _ = await ready(await serve(sio))
    socket.send(said)
    await socket.closing()
    assert await socket.is_cut()
    await until(lambda: len(sio.eio.sockets) == 0)


@pytest.mark.parametrize("name", ["connect", "disconnect", "connect_error", "disconnecting"])
async def test_clients_cannot_call_the_handlers_of_the_connection(serve: Serve, name: str) -> None:
    sio, called = mirror_server(), list[Any]()
    socket, _ = await ready(await serve(sio))
    # Registered after the client has connected: whatever is called now, a client called it.
    for event_name in ("connect", "disconnect", "connect_error", "disconnecting"):
        sio.on(event_name, lambda sid, *arguments: called.append(arguments))
    socket.send(event(name, {"REMOTE_ADDR": "10.0.0.1"}, {"token": "forged"}, id=1))
    await socket.closing()
    called_by_the_end = [arguments for arguments in called if len(arguments) == 1]
    assert called == called_by_the_end


@pytest.mark.parametrize("number", ["9" * 5_000, "1e400", "-" + "9" * 5_000])
async def test_numbers_too_large_to_hold_close_the_connection_or_come_back(mirrored: Door, number: str) -> None:
    socket, _ = await ready(mirrored)
    other, _ = await ready(mirrored)
    socket.send(f'42["message",{number}]')
    socket.send("1")
    await socket.closing()
    other.send(event("message", 1))
    assert await packet(other) == event("message-back", 1)


async def test_the_end_is_told_once_when_a_client_goes_behind_a_malformed_packet(serve: Serve) -> None:
    sio, told = mirror_server(), list[str]()
    sio.on("disconnect", lambda sid, reason: told.append(sid))
    sio.on("never", lambda sid: told.append("never"))
    socket, sid = await ready(await serve(sio))
    spoken = ("42{}", event("never"))
    socket.write(b"".join(frame(TEXT, one.encode()) for one in spoken) + frame(CLOSE, close_payload(1000)))
    await socket.closing()
    await until(lambda: len(sio.environ) == 0)
    assert told == [sid]


async def test_a_malformed_packet_closes_a_polling_session(mirrored: Door) -> None:
    polling = await mirrored.polling_session()
    await polling.send("40")
    await polling.post("42{}")
    assert await polling.is_closed()


async def test_binary_messages_that_nobody_announced_close_the_connection(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    socket.send(b"\x01\x02\x03")
    await socket.closing()


async def test_a_malformed_packet_is_not_logged_with_what_it_held(
    mirrored: Door, caplog: pytest.LogCaptureFixture
) -> None:
    socket, _ = await ready(mirrored)
    before = len(caplog.records)
    socket.send('42{"canary":"synthetic-secret"}')
    await socket.closing()
    await socket.is_cut()
    assert "canary" not in caplog.text
    assert len(caplog.records) - before <= 1


async def test_what_a_client_says_before_it_goes_is_heard(serve: Serve) -> None:
    sio, heard = mirror_server(), list[str]()

    async def last_words(sid: str, text: str) -> None:
        await asyncio.sleep(0)
        heard.append(text)

    sio.on("last words", last_words)
    sio.on("disconnect", lambda sid, reason: heard.append("gone"))
    door = await serve(sio)
    for goodbye in (frame(TEXT, b"41") + frame(TEXT, b"1"), frame(TEXT, b"1"), frame(CLOSE, close_payload(1000))):
        heard.clear()
        socket, _ = await ready(door)
        socket.write(frame(TEXT, event("last words", "said").encode()) + goodbye)
        await until(lambda: "gone" in heard)
        await until(lambda: "said" in heard, 1)


# ---- rooms and everybody ---------------------------------------------------------------------------------------------


async def test_a_broadcast_reaches_everybody_in_the_namespace(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    clients = [(await ready(door))[0] for _ in range(5)]
    elsewhere, _ = await ready(door, "/custom")
    await sio.emit("news", {"n": 1})
    await sio.emit("elsewhere", namespace="/custom")
    for client in clients:
        assert await packet(client) == event("news", {"n": 1})
    assert await packet(elsewhere) == event("elsewhere", namespace="/custom")


async def test_a_room_hears_what_is_meant_for_it(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    (member, first), (former, second), (stranger, _) = [await ready(door) for _ in range(3)]
    for sid in (first, second):
        await sio.enter_room(sid, "room")
    await sio.leave_room(second, "room")
    await sio.emit("inside", 1, room="room")
    await sio.emit("all", 2)
    assert await packets(member, 2) == [event("inside", 1), event("all", 2)]
    assert await packet(former) == event("all", 2)
    assert await packet(stranger) == event("all", 2)


async def test_who_is_in_several_rooms_hears_a_message_to_all_of_them_once(serve: Serve) -> None:
    sio = mirror_server()
    (client, sid) = await ready(await serve(sio))
    for room in ("a", "b"):
        await sio.enter_room(sid, room)
    await sio.emit("both", to=["a", "b"])
    await sio.emit("end", to=sid)
    assert await packets(client, 2) == [event("both"), event("end")]


async def test_who_is_skipped_hears_nothing(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    (first, sid), (second, _) = await ready(door), await ready(door)
    await sio.emit("others", skip_sid=sid)
    await sio.emit("end")
    assert await packet(first) == event("end")
    assert await packets(second, 2) == [event("others"), event("end")]


async def test_a_closed_room_hears_nothing(serve: Serve) -> None:
    sio = mirror_server()
    client, sid = await ready(await serve(sio))
    await sio.enter_room(sid, "room")
    await sio.close_room("room")
    await sio.emit("inside", room="room")
    await sio.emit("end", to=sid)
    assert await packet(client) == event("end")


async def test_several_arguments_are_given_as_a_tuple(serve: Serve) -> None:
    sio = mirror_server()
    client, sid = await ready(await serve(sio))
    for data in ((1, 2), [1, 2], None, (), {"a": "€"}):
        await sio.emit("told", data, to=sid)
    expected = [["told", 1, 2], ["told", [1, 2]], ["told"], ["told"], ["told", {"a": "€"}]]
    assert [content(said) for said in await packets(client, 5)] == expected


async def test_each_client_can_be_given_its_own(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    clients = [await ready(door) for _ in range(4)]
    await sio.emit_each("yours", {sid: {"place": place} for place, (_, sid) in enumerate(clients[:3])})
    await sio.emit("end")
    for place, (client, _) in enumerate(clients[:3]):
        assert await packets(client, 2) == [event("yours", {"place": place}), event("end")]
    assert await packet(clients[3][0]) == event("end")


async def test_giving_each_its_own_skips_those_that_have_gone(serve: Serve) -> None:
    sio = mirror_server()
    client, sid = await ready(await serve(sio))
    await sio.emit_each("yours", {"nobody": 1, sid: 2})
    assert await packet(client) == event("yours", 2)


async def test_broadcasts_reach_polling_clients_too(serve: Serve) -> None:
    sio = mirror_server()
    polling = await (await serve(sio)).polling_session()
    await polling.send("40")
    told: list[str] = []
    while len(told) < 2:
        told += await polling.poll()
    await sio.emit("news", 1)
    await sio.emit("news", 2)
    assert await polling.poll() == [event("news", 1), event("news", 2)]


async def test_a_session_keeps_what_the_application_saves(serve: Serve) -> None:
    sio = mirror_server()
    _, sid = await ready(await serve(sio))
    await sio.save_session(sid, {"name": "synthetic"})
    assert await sio.get_session(sid) == {"name": "synthetic"}
    async with sio.session(sid) as session:
        session["seen"] = True
    assert await sio.get_session(sid) == {"name": "synthetic", "seen": True}


async def test_the_application_may_ask_what_a_client_is(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    _, sid = await ready(door)
    await sio.enter_room(sid, "room")
    assert set(sio.rooms(sid)) == {sid, "room"}
    assert sio.transport(sid) == "websocket"
    assert sio.get_environ(sid)["REMOTE_ADDR"] == "127.0.0.1"


async def test_one_client_that_floods_leaves_others_their_turn(serve: Serve) -> None:
    sio, handled = mirror_server(), 0

    async def count(sid: str) -> None:
        nonlocal handled
        handled += 1

    sio.on("count", count)
    door = await serve(sio)
    (flooding, _), (other, _) = await ready(door), await ready(door)
    flooding.write(frame(TEXT, event("count").encode()) * 20_000)
    await until(lambda: handled)
    other.send(event("message", 1))
    assert await packet(other) == event("message-back", 1)
    assert handled < 20_000
    await until(lambda: handled == 20_000)


SAID = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.binary(max_size=20),
        st.from_regex(
            r"4[0-6](\d{1,2}-)?(/custom,|/,)?\d{0,3}(\[\"message\"(,[0-9]|,null|,\{\})*\]|\{\})?", fullmatch=True
        ),
        st.sampled_from(["40", "41", "40/custom,", "3", "1", event("message", 1), event("message-with-ack", 1, id=1)]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SAID)
async def test_whatever_a_client_says_it_is_understood_or_ends_the_connection(
    mirrored: Door, said: list[str | bytes]
) -> None:
    # That nothing is traced in the log is seen to for all tests of this folder.
    (socket, _), (other, _) = await ready(mirrored), await ready(mirrored)
    for one in said:
        socket.send(one)
    socket.write(frame(CLOSE))
    await socket.closing()
    other.send(event("message", 1))
    assert await packet(other) == event("message-back", 1)
    socket.hang_up()
    other.hang_up()
