"""A light desk on the staff namespace: follows its queues and gives commands, as the web desk does."""

import asyncio
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from loadtests import wire
from loadtests.connection import Connection

STAFF = "/staff"
ANSWER_SECONDS = 30.0
_CONNECTED, _ACK, _REFUSED = b"0/staff,", b"3/staff,", b"4/staff,"


class Refused(Exception):
    """The server refused a command; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Problem(msgspec.Struct):
    code: str


class Shown(msgspec.Struct, rename="camel"):
    """A queue as a desk is shown it, as far as it matters here."""

    doctor_id: UUID
    version: int
    line: list[UUID]


class _Result(msgspec.Struct):
    queue: Shown


class _Answer(msgspec.Struct):
    ok: bool
    problem: _Problem | None = None
    result: _Result | None = None
    queues: tuple[Shown, ...] = ()


_answer = msgspec.json.Decoder(tuple[_Answer])


class StaffSocket(Connection):
    """A desk's connection: `sign_in`, then commands; many may be under way at the same time."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(urlsplit(url).netloc)
        self._url = url
        self._token = token
        self._signed_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked: dict[int, asyncio.Future[_Answer]] = {}
        self._next = 0
        self.events = 0
        """Events received: states, patches, presence."""

    async def sign_in(self) -> None:
        """Connect; raises `OSError`, `TimeoutError`, or `Refused` when the token is not taken."""
        await self.open(self._url)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._signed_in

    async def follow(self, doctors: list[UUID]) -> tuple[Shown, ...]:
        """Follow these doctors' queues of today, and no others; returns them."""
        return (await self._ask("subscribe", {"doctorIds": doctors})).queues

    async def move(self, entry: UUID, place: int) -> Shown:
        """Move a patient to a place in line and return the queue after it.

        Raises `Refused`, `TimeoutError`, or `ConnectionError` when the connection has ended.
        """
        answer = await self._ask("move", {"appointmentId": entry, "newPosition": place})
        assert answer.result is not None
        return answer.result.queue

    async def _ask(self, name: str, payload: dict[str, Any]) -> _Answer:
        if self.transport is None:
            raise ConnectionResetError
        number, self._next = self._next, self._next + 1
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self.send(wire.event(name, payload, namespace=STAFF, ack=number))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await answer
        finally:
            self._asked.pop(number, None)
        if not found.ok:
            raise Refused(found.problem.code if found.problem is not None else "refused")
        return found

    def opened(self) -> None:
        """Connect to the namespace of staff."""
        self.send(wire.connect(STAFF, {"token": self._token}))

    def packet(self, packet: bytes) -> None:
        """Hand acknowledgements to those who wait for them; count the rest."""
        if packet.startswith(_ACK):
            number, bracket, rest = packet[len(_ACK) :].partition(b"[")
            waiting = self._asked.get(int(number))
            if waiting is not None and not waiting.done():
                waiting.set_result(_answer.decode(bracket + rest)[0])
        elif packet.startswith(_CONNECTED):
            if not self._signed_in.done():
                self._signed_in.set_result(None)
        elif packet.startswith(_REFUSED):
            if not self._signed_in.done():
                self._signed_in.set_exception(Refused(packet.decode()))
        else:
            self.events += 1

    def ended(self) -> None:
        """Fail what waits."""
        lost = ConnectionResetError("the server hung up")
        if not self._signed_in.done():
            self._signed_in.set_exception(lost)
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(lost)
