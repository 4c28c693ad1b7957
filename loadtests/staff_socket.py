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


class Answer(msgspec.Struct):
    """What a command was acknowledged with, without the queue."""

    ok: bool
    version: int | None = None
    problem: _Problem | None = None


_answer = msgspec.json.Decoder(tuple[Answer])


class StaffSocket(Connection):
    """A desk's connection: `sign_in`, then commands; many may be under way at the same time."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(urlsplit(url).netloc)
        self._url = url
        self._token = token
        self._signed_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked: dict[int, asyncio.Future[Answer]] = {}
        self._next = 0
        self.events = 0
        """Events received: states, patches, presence."""

    async def sign_in(self) -> None:
        """Connect; raises `OSError`, `TimeoutError`, or `Refused` when the token is not taken."""
        await self.open(self._url)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._signed_in

    async def follow(self, doctors: list[UUID]) -> None:
        """Follow these doctors' queues of today, and no others."""
        await self.ask("subscribe", {"doctorIds": doctors})

    async def move(self, entry: UUID, place: int) -> int | None:
        """Move a patient to a place in line; returns the queue's version after it. Raises `Refused`."""
        return (await self.ask("move", {"appointmentId": entry, "newPosition": place})).version

    async def ask(self, name: str, payload: dict[str, Any]) -> Answer:
        """Send an event and return its acknowledgement; raises `Refused`, `TimeoutError` or `ConnectionError`."""
        if self.transport is None:
            raise ConnectionResetError
        number, self._next = self._next, self._next + 1
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
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
