"""The engine by itself, with an application that misbehaves and clients that do."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from queue_server.realtime.engine import engine as engines
from queue_server.realtime.engine.engine import Engine, Scope
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.engine.session import Polling, Reason, Session, broadcast
from queue_server.realtime.engine.websocket import MOST_BUFFERED, WebSocketProtocol
from tests.own_redis import until


class Application:
    """Remembers what it was told; fails where it is asked to."""

    def __init__(self) -> None:
        self.open: list[Session] = []
        self.heard: list[str | bytes] = []
        self.ended: list[Reason] = []
        self.fails_at_end = self.fails_at_message = False

    async def admit(self, session: Session, scope: Scope) -> None:
        """Everybody."""

    def opened(self, session: Session) -> None:
        """Remember."""
        self.open.append(session)

    def received(self, session: Session, data: str | bytes) -> None:
        """Remember, or fail."""
        if self.fails_at_message:
            raise RuntimeError
        self.heard.append(data)

    def closed(self, session: Session, reason: Reason) -> None:
        """Remember, and fail."""
        self.open.remove(session)
        self.ended.append(reason)
        if self.fails_at_end:
            raise RuntimeError

    def is_joined(self, session: Session) -> bool:
        """Always."""
        return True


@asynccontextmanager
async def served(application: Application, **options: Any) -> AsyncIterator[str]:
    """Serve an engine; the address with everything but the transport."""
    numbers = itertools.count()
    engine = Engine(application, generate_id=lambda: f"session{next(numbers)}", **options)
    server = uvicorn.Server(
        uvicorn.Config(engine, host="127.0.0.1", port=0, ws=WebSocketProtocol, lifespan="off", log_config=None)
    )
    task = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    try:
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/?EIO=4&transport="
    finally:
        server.should_exit = server.force_exit = True
        await task


@asynccontextmanager
async def websocket(address: str) -> AsyncIterator[ClientConnection]:
    """Open a session over a websocket."""
    async with connect(f"ws://{address}websocket") as opened:
        await opened.recv()
        yield opened


async def polling(client: httpx.AsyncClient, address: str) -> str:
    """Open a session over long-polling; the address of its requests."""
    opened = json.loads((await client.get(f"http://{address}polling")).text[1:])
    return f"http://{address}polling&sid={opened['sid']}"


async def test_a_failing_end_of_one_client_does_not_stop_the_clock_of_the_others() -> None:
    application = Application()
    async with served(application, ping_interval=0.1, ping_timeout=1.5) as address:
        application.fails_at_end = True
        async with websocket(address):  # never answers
            await until(lambda: application.ended == [Reason.PING_TIMEOUT])
        async with websocket(address) as living:
            for _ in range(3):
                assert await asyncio.wait_for(living.recv(), 60) == "2"
                await living.send("3")


async def test_a_message_over_which_the_application_fails_ends_its_session_alone() -> None:
    application = Application()
    async with served(application) as address, websocket(address) as other, websocket(address) as one:
        application.fails_at_message = True
        await one.send("4x")
        with pytest.raises(ConnectionClosed) as ended:
            await asyncio.wait_for(one.recv(), 60)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1011
        application.fails_at_message = False
        await other.send("4y")
        await until(lambda: application.heard == ["y"])


async def test_who_does_not_read_is_ended_after_the_broadcast_and_not_within_it() -> None:
    application = Application()
    async with served(application) as address, httpx.AsyncClient() as client, websocket(address) as other:
        await polling(client, address)
        other_session, hoarder = application.open
        assert isinstance(hoarder.polling, Polling)
        hoarder.polling.size = MOST_BUFFERED + 1
        broadcast([hoarder, other_session], Message(b"x"))
        assert application.ended == []
        assert await other.recv() == "4x"
        await until(lambda: application.ended == [Reason.NOT_READING])


async def test_last_words_for_polling_clients_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MOST_LAST_WORDS", 250_000)
    application = Application()
    async with served(application) as address, httpx.AsyncClient() as client:
        sessions = [await polling(client, address) for _ in range(4)]
        for session in list(application.open):
            session.put(Message(b"x" * 100_000))
            session.close()
        answers = [await client.get(session) for session in sessions]
        assert [answer.status_code for answer in answers] == [200, 200, 400, 400]
        assert answers[0].text == "4" + "x" * 100_000 + "\x1e1"


async def test_frames_are_bounded_from_the_first_on() -> None:
    application = Application()
    async with served(application, frame_rate=(1.0, 20)) as address, websocket(address) as client:
        for _ in range(30):
            await client.send("4x")
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 10)
        assert len(application.heard) <= 21
        assert application.ended == [Reason.FLOOD]
