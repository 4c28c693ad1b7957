"""Engine.IO: from polling to a websocket without a packet lost, doubled or out of order."""

import asyncio

import pytest

from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, echo_server
from tests.realtime.protocol.wire import Door, Polling, Refused


async def test_a_probe_is_answered(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"


async def test_a_poll_that_is_pending_at_the_probe_is_ended_with_a_noop(echo: Door) -> None:
    polling = await echo.polling_session()
    poll = await polling.pending()
    socket = await echo.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    assert (await poll).text == "6"


async def test_a_poll_that_comes_after_the_probe_is_ended_with_a_noop(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    assert await polling.poll() == ["6"]
    socket.send("5")
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_polls_are_ended_however_many_come_during_the_probe(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    for _ in range(3):
        assert await polling.poll() == ["6"]


async def test_no_noop_strays_onto_the_websocket(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await polling.upgraded()
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_the_probe_and_the_confirmation_may_come_at_once(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    for packet in ("2probe", "5", "4hello"):
        socket.send(packet)
    assert [await socket.message(), await socket.message()] == ["3probe", "4hello"]


async def test_posts_are_heard_until_the_upgrade_is_confirmed(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    await polling.send("4by post")
    socket.send("5")
    assert await socket.message() == "4by post"


async def test_what_waited_for_a_poll_is_sent_over_the_websocket(serve: Serve) -> None:
    sio = echo_server()
    polling = await (await serve(sio)).polling_session()
    for number in range(5):
        await sio.eio.send(polling.sid, f"{number}")
    socket = await polling.upgraded()
    await sio.eio.send(polling.sid, b"last")
    assert [await socket.message() for _ in range(6)] == ["40", "41", "42", "43", "44", b"last"]


async def test_an_upgraded_session_takes_no_more_requests(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await polling.upgraded()
    assert (await polling.get()).status_code == 400
    assert (await polling.post("4sneaked in")).status_code == 400
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_a_poll_still_pending_at_the_upgrade_is_ended(echo: Door) -> None:
    polling = await echo.polling_session()
    poll = await polling.pending()
    socket = await polling.upgraded()
    assert (await poll).text == "6"
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_a_second_websocket_for_an_upgraded_session_is_accepted_then_closed(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await polling.upgraded()
    second = await echo.websocket(polling.sid)
    await second.closing()
    assert await second.is_cut()
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_a_second_websocket_for_a_session_that_began_as_one_is_accepted_then_closed(echo: Door) -> None:
    socket, handshake = await echo.websocket_session()
    second = await echo.websocket(handshake.sid)
    await second.closing()
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_of_two_websockets_that_probe_one_is_closed_and_one_completes(echo: Door) -> None:
    polling = await echo.polling_session()
    first, second = await echo.websocket(polling.sid), await echo.websocket(polling.sid)
    await second.closing()
    first.send("2probe")
    assert await first.message() == "3probe"
    first.send("5")
    first.send("4hello")
    assert await first.message() == "4hello"


@pytest.mark.parametrize("first", ["4hello", "5", "2", "2prob", "3probe", "abc", "", b"\x02"])
async def test_a_websocket_that_does_not_probe_first_is_closed_and_the_session_goes_on(
    echo: Door, first: str | bytes
) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    socket.send(first)
    await socket.closing()
    await polling.send("4still polling")
    assert await polling.poll() == ["4still polling"]


async def test_an_upgrade_that_breaks_off_leaves_the_session_polling(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    socket.hang_up()
    await until(lambda: _is_polling(polling))


async def _is_polling(polling: Polling) -> bool:
    await polling.send("4hello")
    return "4hello" in await polling.poll()


async def test_an_upgrade_can_be_tried_again(echo: Door) -> None:
    polling = await echo.polling_session()
    socket = await echo.websocket(polling.sid)
    socket.hang_up()
    await until(lambda: polling.known.offer is None)
    again = await polling.upgraded()
    again.send("4hello")
    assert await again.message() == "4hello"


async def test_an_upgrade_for_a_session_that_has_ended_is_refused(echo: Door) -> None:
    polling = await echo.polling_session()
    await polling.post("1")
    with pytest.raises(Refused) as caught:
        await echo.websocket(polling.sid)
    assert caught.value.answer.status == 400


async def test_a_session_that_ends_during_the_probe_takes_its_websocket_along(serve: Serve) -> None:
    sio = echo_server()
    polling = await (await serve(sio)).polling_session()
    socket = await polling.door.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    await sio.eio.disconnect(polling.sid)
    await socket.closing()
    assert len(sio.eio.sockets) == 0


async def test_the_heartbeat_goes_on_over_the_websocket(serve: Serve) -> None:
    polling = await (await serve(echo_server(ping_interval=0.15, ping_timeout=60))).polling_session()
    socket = await polling.upgraded()
    for _ in range(3):
        assert await socket.message() == "2"
        socket.send("3")


async def test_an_upgraded_client_that_stops_answering_is_closed(serve: Serve) -> None:
    polling = await (await serve(echo_server(ping_interval=0.5, ping_timeout=0.5))).polling_session()
    socket = await polling.upgraded()
    assert await socket.message() == "2"
    await socket.closing()


async def test_what_the_server_sends_during_an_upgrade_arrives_once_and_in_order(serve: Serve) -> None:
    sio = echo_server()
    door = await serve(sio)
    for _ in range(10):
        await _upgrade_under_fire(sio, await door.polling_session())


async def _upgrade_under_fire(sio: object, polling: Polling, count: int = 100) -> None:
    heard: list[str] = []

    async def send() -> None:
        for number in range(count):
            await sio.eio.send(polling.sid, f"{number}")  # type: ignore[attr-defined]
            await asyncio.sleep(0)

    async def poll() -> None:
        while (packets := await polling.poll()) != ["6"]:
            heard.extend(packet for packet in packets if packet != "6")

    sending, polls = asyncio.create_task(send()), asyncio.create_task(poll())
    await until(lambda: len(heard) > 5)
    socket = await polling.door.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    await polls  # clients pause their polls before they confirm
    socket.send("5")
    await sending
    while len(heard) < count:
        heard.append(str(await socket.message()))
    assert heard == [f"4{number}" for number in range(count)]
    socket.hang_up()


async def test_what_a_client_sends_during_an_upgrade_is_heard_once_and_in_order(serve: Serve) -> None:
    heard: list[str] = []
    sio = echo_server()
    sio.eio.on("message", lambda sid, message: heard.append(message))
    polling = await (await serve(sio)).polling_session()
    await polling.send(*(f"4{number}" for number in range(10)))
    socket = await polling.door.websocket(polling.sid)
    socket.send("2probe")
    assert await socket.message() == "3probe"
    await polling.send(*(f"4{number}" for number in range(10, 20)))
    socket.send("5")
    for number in range(20, 30):
        socket.send(f"4{number}")
    await until(lambda: len(heard) == 30)
    assert heard == [str(number) for number in range(30)]
