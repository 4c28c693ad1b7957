"""Socket.IO: binary events and their attachments, which are bounded in number and bytes and must keep their word."""

import asyncio
from typing import Any

import pytest

from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, mirror_server
from tests.realtime.protocol.test_events import ready
from tests.realtime.protocol.wire import Door, content, event, packet, packets, placeholders

ONE = '451-["message",{"_placeholder":true,"num":0}]'
TWO = '452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'


async def test_attachments_reach_the_application_and_come_back(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    for part in (TWO, b"\1\2\3", b"\4\5\6"):
        socket.send(part)
    announced, *attached = await packets(socket, 3)
    assert str(announced).startswith("452-[")
    assert content(announced) == ["message-back", *placeholders(2)]
    assert attached == [b"\1\2\3", b"\4\5\6"]


async def test_attachments_may_be_anywhere_within_the_arguments(serve: Serve) -> None:
    sio, heard = mirror_server(), list[Any]()
    sio.on("deep", lambda sid, *arguments: heard.append(arguments))
    socket, _ = await ready(await serve(sio))
    socket.send('452-["deep",{"a":[1,{"_placeholder":true,"num":1}],"b":{"_placeholder":true,"num":0}}]')
    socket.send(b"zero")
    socket.send(b"one")
    await until(lambda: heard == [({"a": [1, b"one"], "b": b"zero"},)])


async def test_attachments_work_in_every_namespace(mirrored: Door) -> None:
    socket, _ = await ready(mirrored, "/custom")
    socket.send('451-/custom,["message",{"_placeholder":true,"num":0}]')
    socket.send(b"\0")
    announced, attached = await packets(socket, 2)
    assert str(announced).startswith("451-/custom,[")
    assert attached == b"\0"


async def test_a_binary_event_is_acknowledged_with_attachments(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    socket.send('452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    socket.send(b"\1\2\3")
    socket.send(b"\4\5\6")
    announced, *attached = await packets(socket, 3)
    assert str(announced).startswith("462-789[")
    assert content(announced) == placeholders(2)
    assert attached == [b"\1\2\3", b"\4\5\6"]


async def test_clients_may_acknowledge_with_attachments(serve: Serve) -> None:
    sio, answers = mirror_server(), list[Any]()
    socket, sid = await ready(await serve(sio))
    await sio.emit("ask", to=sid, callback=lambda *arguments: answers.append(arguments))
    asked = str(await packet(socket))
    number = asked[2 : asked.index("[")]
    socket.send(f'461-{number}["bar",{{"_placeholder":true,"num":0}}]')
    socket.send(b"\1\2")
    await until(lambda: answers == [("bar", b"\1\2")])


async def test_attachments_come_in_base64_by_polling(mirrored: Door) -> None:
    polling = await mirrored.polling_session()
    await polling.send("40")
    told: list[str] = []
    while len(told) < 2:
        told += await polling.poll()
    await polling.send(TWO, "bAQID", "bBAUG")
    told = []
    while len(told) < 3:
        told += await polling.poll()
    assert content(told[0]) == ["message-back", *placeholders(2)]
    assert told[1:] == ["bAQID", "bBAUG"]


async def test_attachments_may_come_in_later_payloads(mirrored: Door) -> None:
    polling = await mirrored.polling_session()
    await polling.send("40")
    told: list[str] = []
    while len(told) < 2:
        told += await polling.poll()
    for part in (TWO, "bAQID", "bBAUG"):
        await polling.send(part)
    told = []
    while len(told) < 3:
        told += await polling.poll()
    assert told[1:] == ["bAQID", "bBAUG"]


async def test_broadcasts_with_attachments_reach_everybody_whole(serve: Serve) -> None:
    sio = mirror_server()
    door = await serve(sio)
    clients = [(await ready(door))[0] for _ in range(3)]
    await sio.emit("picture", {"title": "synthetic", "bytes": b"\1\2"})
    await sio.emit("end")
    for client in clients:
        announced, attached, end = await packets(client, 3)
        assert content(announced) == ["picture", {"title": "synthetic", "bytes": {"_placeholder": True, "num": 0}}]
        assert (attached, end) == (b"\1\2", event("end"))


async def test_events_of_the_server_do_not_come_between_a_binary_event_and_its_attachments(serve: Serve) -> None:
    sio = mirror_server()
    client, sid = await ready(await serve(sio))

    async def pictures() -> None:
        for number in range(50):
            await sio.emit("picture", (number, b"a", b"b"), to=sid)

    async def texts() -> None:
        for number in range(50):
            await sio.emit("text", number)

    await asyncio.gather(pictures(), texts(), pictures())
    seen = 0
    while seen < 150:
        said = await packet(client)
        assert isinstance(said, str)
        seen += 1
        if said.startswith("45"):
            assert await packets(client, 2) == [b"a", b"b"]


# ---- what breaks its word --------------------------------------------------------------------------------------------

MALFORMED: dict[str, list[str | bytes]] = {
    "no number of attachments": ['45["message"]'],
    "no number before the hyphen": ['45-["message"]'],
    "letters for a number": ['45a-["message"]'],
    "negative number": ['45-1-["message"]'],
    "decimal point": ['451.5-["message"]'],
    "no hyphen": ['451["message"]'],
    "an object for arguments": ["451-{}"],
    "no arguments": ["451-"],
    "a place beyond the last attachment": ['451-["message",{"_placeholder":true,"num":1}]', b"x"],
    "a place before the first": ['451-["message",{"_placeholder":true,"num":-1}]', b"x"],
    "a place that is no number": ['451-["message",{"_placeholder":true,"num":"0"}]', b"x"],
    "a place that is true": ['451-["message",{"_placeholder":true,"num":true}]', b"x"],
    "a place between two": ['451-["message",{"_placeholder":true,"num":0.5}]', b"x"],
    "a place without a number": ['451-["message",{"_placeholder":true}]', b"x"],
    "more attachments than announced": [ONE, b"first", b"second"],
    "text between attachments": [TWO, b"first", event("message", "in between"), b"second"],
    "another binary event between attachments": [TWO, b"first", ONE, b"second", b"third"],
    "a disconnect between attachments": [TWO, b"first", "41", b"second"],
    "a name that is an attachment": ['451-[{"_placeholder":true,"num":0}]', b"message"],
}


@pytest.mark.parametrize("said", MALFORMED.values(), ids=MALFORMED)
async def test_attachments_that_break_their_word_close_the_connection(serve: Serve, said: list[str | bytes]) -> None:
    sio = mirror_server()
    socket, _ = await ready(await serve(sio))
    for part in said:
        socket.send(part)
    await socket.closing()
    assert await socket.is_cut()
    await until(lambda: len(sio.eio.sockets) == 0)


@pytest.mark.parametrize("count", ["100", "1000", "999999999", "9" * 400])
async def test_too_many_attachments_are_refused_when_they_are_announced(mirrored: Door, count: str) -> None:
    socket, _ = await ready(mirrored)
    socket.send(f'45{count}-["message",{{"_placeholder":true,"num":0}}]')
    await socket.closing()


async def test_ten_attachments_are_accepted_as_the_official_server_does(mirrored: Door) -> None:
    socket, _ = await ready(mirrored)
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(10))
    socket.send(f'4510-["message",{places}]')
    for number in range(10):
        socket.send(bytes([number]))
    assert (await packets(socket, 11))[1:] == [bytes([number]) for number in range(10)]


async def test_attachments_together_are_bounded_in_bytes(serve: Serve) -> None:
    socket, _ = await ready(await serve(mirror_server(max_payload=10_000)))
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(10))
    socket.send(f'4510-["message",{places}]')
    for _ in range(10):
        socket.send(b"x" * 9_000)
    await socket.closing()


async def test_pings_are_answered_while_attachments_are_awaited(serve: Serve) -> None:
    socket, _ = await ready(await serve(mirror_server(ping_interval=0.1)))
    socket.send(ONE)
    assert await socket.message() == "2"
    socket.send("3")
    socket.send(b"late")
    assert (await packets(socket, 2))[1] == b"late"


async def test_what_a_client_leaves_unfinished_goes_with_it(serve: Serve) -> None:
    sio = mirror_server()
    socket, _ = await ready(await serve(sio))
    socket.send(TWO)
    socket.send(b"first")
    socket.hang_up()
    await until(lambda: len(sio.eio.sockets) == 0)
    assert len(sio._binary_packet) == 0
