"""What `create_socket_server` takes of python-socketio's options, and what handlers may ask of a client."""

import json
from typing import Any

import pytest
import socketio

from queue_server.realtime import create_socket_server
from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, mirror_server, socket_server
from tests.realtime.protocol.wire import Hung, event, packet

REFUSED: dict[str, Any] = {
    "client_manager": socketio.AsyncManager(),
    "max_http_buffer_size": 1_000,
    "transports": ["websocket"],
    "allow_upgrades": False,
    "cookie": "io",
    "http_compression": True,
    "compression_threshold": 1,
    "serializer": "msgpack",
    "json": json,
    "monitor_clients": True,
    "no_such_option": 1,
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_option_that_is_not_honoured_is_refused_by_name(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        create_socket_server(**{name: REFUSED[name]})


def test_a_limit_in_other_words_is_refused_with_ours() -> None:
    with pytest.raises(TypeError, match="max_payload"):
        create_socket_server(max_http_buffer_size=1_000)


@pytest.mark.parametrize("mode", ["asgi", None])
def test_the_one_async_mode_may_be_named(mode: str | None) -> None:
    assert create_socket_server(async_mode=mode).async_mode == "asgi"


def test_another_async_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="asgi"):
        create_socket_server(async_mode="aiohttp")


def test_a_grace_period_for_pings_is_refused() -> None:
    interval: Any = (25, 5)
    with pytest.raises(TypeError, match="ping_timeout"):
        create_socket_server(ping_interval=interval)


def test_options_that_are_honoured_are_passed_on() -> None:
    sio = create_socket_server(always_connect=True, async_handlers=False, namespaces=["/one"], cors_credentials=False)
    assert (sio.always_connect, sio.async_handlers, sio.namespaces) == (True, False, ["/one"])
    assert sio.eio.cors_credentials is False


def test_the_admin_page_is_refused_in_a_sentence() -> None:
    with pytest.raises(NotImplementedError, match="admin page"):
        create_socket_server().instrument(auth=False)


async def test_a_client_that_sends_more_frames_than_it_may_is_shown_out(serve: Serve) -> None:
    sio, reasons = mirror_server(frame_rate=(1, 20)), list[str]()
    sio.on("disconnect", lambda sid, reason: reasons.append(reason))
    socket, _ = await (await serve(sio)).connected()
    await packet(socket)
    for _ in range(200):
        socket.send(event("nobody listens"))
    with pytest.raises(Hung):
        await packet(socket)
    await until(lambda: reasons)
    assert reasons == ["too many frames"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_handler_of_disconnect_may_ask_what_the_client_was(serve: Serve, transport: str) -> None:
    sio, told = socket_server(), dict[str, Any]()

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        await sio.save_session(sid, {"name": "synthetic"})
        await sio.enter_room(sid, "room")

    async def disconnect(sid: str, reason: str) -> None:
        await sio.save_session(sid, await sio.get_session(sid) | {"seen": True})
        told.update(session=await sio.get_session(sid), rooms=set(sio.rooms(sid)) - {sid}, transport=sio.transport(sid))

    sio.on("connect", connect)
    sio.on("disconnect", disconnect)
    door = await serve(sio)
    if transport == "websocket":
        socket, _ = await door.connected()
        socket.hang_up()
    else:
        polling = await door.polling_session()
        await polling.send("40")
        await polling.poll()
        await polling.send("1")
    await until(lambda: told)
    assert told == {"session": {"name": "synthetic", "seen": True}, "rooms": {"room"}, "transport": transport}


async def test_what_is_asked_of_a_client_that_nobody_knows_raises_a_key_error(serve: Serve) -> None:
    sio = socket_server()
    with pytest.raises(KeyError):
        await sio.eio.get_session("nobody")
    with pytest.raises(KeyError):
        await sio.eio.save_session("nobody", {})
    with pytest.raises(KeyError):
        sio.eio.transport("nobody")


async def test_handlers_may_keep_something_in_the_environment(serve: Serve) -> None:
    sio = socket_server()

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        environ["app.user"] = "synthetic"
        environ.setdefault("app.seen", True)
        del environ["QUERY_STRING"]

    sio.on("connect", connect)
    _, sid = await (await serve(sio)).connected()
    environ = sio.get_environ(sid)
    assert (environ["app.user"], environ["app.seen"]) == ("synthetic", True)
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["asgi.scope"]["path"] == "/socket.io/"
    assert "QUERY_STRING" not in environ
