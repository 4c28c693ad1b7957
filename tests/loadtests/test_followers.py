"""Light phones and desks against a Socket.IO server made of the stock libraries."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import socketio
import uvicorn

from loadtests.desk_to_phone import Move, last_screens
from loadtests.followers import Crowd, Phone
from loadtests.soak import slope_per_second, sparkline
from loadtests.staff_socket import Refused, StaffSocket


class StandIn:
    """A server that shows every phone the version it is told to, and takes moves of desks."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncServer(async_mode="asgi")
        self.sio.on("join-queue", self._join)
        self.sio.on("connect", self._sign_in, namespace="/staff")
        self.sio.on("move", self._move, namespace="/staff")
        config = uvicorn.Config(socketio.ASGIApp(self.sio), port=0, log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        self._running = asyncio.create_task(self._server.serve())
        self.version = 5
        self.claims: list[tuple[int, int]] = []
        self.refuses_joins: list[dict[str, object]] = []

    async def ready(self) -> str:
        """Return the address once it answers."""
        while not self._server.started:
            await asyncio.sleep(0.005)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = self._server.force_exit = True
        await self._running

    async def show(self, version: int) -> None:
        """Show everybody a version."""
        self.version = version
        await self.sio.emit("queue-broadcast", {"reason": "move", "epoch": 1, "version": version})

    async def _join(self, sid: str, wanted: dict[str, Any]) -> None:
        if self.refuses_joins:
            await self.sio.emit("error", self.refuses_joins.pop(), to=sid)
            return
        self.claims.append((wanted.get("epoch", 0), wanted.get("version", 0)))
        queue = {"epoch": 1, "version": self.version}
        await self.sio.emit("queue-joined", {"recovered": False, "data": {"queue": queue}}, to=sid)

    async def _sign_in(self, sid: str, environ: object, auth: dict[str, str]) -> None:
        if auth.get("token") != "good":
            raise socketio.exceptions.ConnectionRefusedError("no")

    async def _move(self, sid: str, wanted: dict[str, Any]) -> dict[str, object]:
        if wanted["newPosition"] > 40:
            return {"ok": False, "problem": {"code": "position_out_of_range", "title": "?"}}
        queue = {"doctorId": str(uuid4()), "version": 6, "line": [wanted["appointmentId"]], "entries": []}
        return {"ok": True, "version": 6, "result": {"queue": queue, "version": 6}}


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    """A stand-in that runs."""
    running = StandIn()
    yield running
    await running.stop()


async def crowd_of(server: StandIn, count: int) -> Crowd:
    """Return phones that have joined."""
    crowd = Crowd(await server.ready(), [Phone(f"token {number}", 0) for number in range(count)])
    await crowd.join()
    return crowd


async def seen_by_all(crowd: Crowd, version: int) -> None:
    """Wait until every phone holds the version."""
    async with asyncio.timeout(60):
        while crowd.behind([(1, version)]):
            await asyncio.sleep(0.005)


async def test_everybody_joins_and_is_shown_what_comes(server: StandIn) -> None:
    crowd = await crowd_of(server, 20)
    assert crowd.joined == 20
    crowd.is_recording = True
    await server.show(6)
    await seen_by_all(crowd, 6)
    assert all(phone.versions == [6] for phone in crowd.phones)
    await crowd.leave()


async def test_an_older_version_counts_as_backwards_and_changes_nothing(server: StandIn) -> None:
    crowd = await crowd_of(server, 2)
    await server.show(4)
    async with asyncio.timeout(60):
        while crowd.backwards < 2:
            await asyncio.sleep(0.005)
    assert [phone.seen for phone in crowd.phones] == [(1, 5), (1, 5)]
    await crowd.leave()


async def test_who_was_cut_off_comes_back_and_claims_what_they_saw(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loadtests.followers.FIRST_DELAY", 0.01)
    crowd = await crowd_of(server, 5)
    server.claims.clear()
    crowd.cut()
    async with asyncio.timeout(60):
        while crowd.losses < 5:
            await asyncio.sleep(0.005)
    crowd.let_return()
    await crowd.everybody_in(60)
    assert server.claims == [(1, 5)] * 5
    await crowd.leave()


async def test_a_refusal_for_now_is_asked_again_and_counted(server: StandIn) -> None:
    server.refuses_joins = [{"code": "unavailable", "message": "…", "retryable": True}]
    crowd = await crowd_of(server, 1)
    assert crowd.joined == 1
    assert crowd.faults["unavailable"] == 1
    await crowd.leave()


async def test_a_refusal_for_good_fails_the_joining(server: StandIn) -> None:
    server.refuses_joins = [{"code": "revoked", "message": "…", "retryable": False}]
    with pytest.raises(TimeoutError, match="revoked"):
        await crowd_of(server, 1)


async def test_a_desk_gives_commands_and_is_shown_the_queue(server: StandIn) -> None:
    desk = StaffSocket(await server.ready(), "good")
    await desk.sign_in()
    entry = uuid4()
    shown = await desk.move(entry, 3)
    assert (shown.version, shown.line) == (6, [entry])
    with pytest.raises(Refused, match="position_out_of_range"):
        await desk.move(uuid4(), 41)
    desk.hang_up()


async def test_a_desk_with_a_bad_token_is_refused(server: StandIn) -> None:
    with pytest.raises(Refused):
        await StaffSocket(await server.ready(), "bad").sign_in()


def test_a_move_lasts_until_the_last_phone_of_its_queue_has_it_or_something_newer() -> None:
    quick, slow, other = Phone("a", 0), Phone("b", 0), Phone("c", 1)
    quick.versions, quick.times = [6, 7], [1.2, 1.3]
    slow.versions, slow.times = [7], [1.5]
    delays, unseen = last_screens([Move(0, 6, 1.0, 1.1), Move(1, 9, 1.0, 1.1)], [quick, slow, other])
    assert delays == [0.5]
    assert unseen == 1


def test_the_slope_of_samples_on_a_line_is_the_lines() -> None:
    assert slope_per_second([(float(at), 100 + 3 * at) for at in range(10)]) == pytest.approx(3.0)
    assert slope_per_second([(1.0, 7)]) == 0.0


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert len(sparkline(range(1, 361), width=60)) == 60
