"""What an attack does to the server: its memory, its log, the honest phones' delays; and how the attack ended."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from time import monotonic

import msgspec

from loadtests.attacks.clients import LEFT_OPEN, Peer
from loadtests.attacks.ground import HOST, Target
from loadtests.house import quantile

SHORTEST_SECONDS = 0.4
"""Of what is counted as during an attack: many are over before anything else can have been sent."""
SAMPLE_SECONDS = 0.05
CALM_SECONDS = 12.0
"""So long the server may take to forget the attackers."""


class Report(msgspec.Struct, frozen=True):
    """How the server answered: for each attacking connection, or request, what ended it or came back."""

    connections: int
    """Attacking connections at the same time, at most."""
    answers: Counter[str]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one attack. Times in milliseconds, memory in bytes."""

    name: str
    seconds: float
    connections: int
    answers: dict[str, int]
    memory_peak: int
    """More than before, at most."""
    memory_left: int
    """More than before, when the attackers are gone."""
    p50_before: float
    p99_before: float
    p50_during: float
    p99_during: float
    moves: int
    """Measured during the attack."""
    still_open: int
    """Connections of attackers that the server still counts afterwards."""
    log: tuple[str, ...]

    @property
    def memory_each(self) -> int:
        """Return the most that one attacking connection has cost."""
        return self.memory_peak // max(1, self.connections)


class Attacker:
    """Somebody at one address."""

    _addresses = count(1)

    def __init__(self, target: Target) -> None:
        self.target = target
        number = next(self._addresses)
        self.source = f"127.9.{number // 250}.{number % 250 + 1}"

    async def open(self, *, receive_buffer: int | None = None) -> Peer:
        """Connect by TCP. Raises `OSError`."""
        return await Peer.open(HOST, self.target.port, self.source, receive_buffer=receive_buffer)

    async def websocket(self, *, receive_buffer: int | None = None) -> Peer:
        """Open a session over a websocket, greeted by the server. Raises `OSError` for a refusal."""
        peer = await self.open(receive_buffer=receive_buffer)
        status = await peer.websocket()
        if status != 101:
            peer.cut()
            raise ConnectionRefusedError(status)
        await peer.packet()
        return peer

    async def client(self, *, receive_buffer: int | None = None) -> Peer:
        """Open a websocket and connect it as a patient's. Raises `OSError`."""
        peer = await self.websocket(receive_buffer=receive_buffer)
        if not (await peer.connected()).startswith(b"40"):
            raise ConnectionRefusedError
        return peer

    async def all_at_once(self, connections: int, one: Callable[[], Awaitable[str]]) -> Report:
        """Have so many attack at the same time, and report how each ended."""
        ends = await asyncio.gather(*(_ended(one) for _ in range(connections)))
        return Report(connections, Counter(ends))


Attack = Callable[[Attacker], Awaitable[Report]]


async def _ended(one: Callable[[], Awaitable[str]]) -> str:
    try:
        return await one()
    except TimeoutError:
        return LEFT_OPEN
    except OSError as error:
        return f"refused: {error}"


async def measured(name: str, attack: Attack, target: Target, *, calm: float = 2.0) -> Outcome:
    """Attack after so many calm seconds, and return the figures.

    Raises `TimeoutError` when the honest clients are not heard of afterwards.
    """
    start = monotonic()
    await asyncio.sleep(calm)
    start_of_log = target.log.stat().st_size
    others = (await asyncio.to_thread(target.figures))["socket_connections"]
    before = target.memory()
    peak = asyncio.create_task(_peak(target))
    began = monotonic()
    report = await attack(Attacker(target))
    seconds = round(monotonic() - began, 2)
    ended = began + max(seconds, SHORTEST_SECONDS)
    still_open = await _calm(target, others)
    peak.cancel()
    highest = await peak
    await _heard_of(target, ended)
    quiet, busy = target.measured(start, began), target.measured(began, ended)
    return Outcome(
        name=name,
        seconds=seconds,
        connections=report.connections,
        answers=dict(report.answers.most_common()),
        memory_peak=max(0, highest - before),
        memory_left=max(0, target.memory() - before),
        p50_before=_ms(quiet, 0.5),
        p99_before=_ms(quiet, 0.99),
        p50_during=_ms(busy, 0.5),
        p99_during=_ms(busy, 0.99),
        moves=len(busy),
        still_open=still_open,
        log=tuple(target.log_lines(start_of_log)),
    )


def _ms(delays: list[float], q: float) -> float:
    return round(quantile(delays, q) * 1000, 1)


async def _peak(target: Target) -> int:
    highest = 0
    with suppress(asyncio.CancelledError):
        while True:
            highest = max(highest, target.memory())
            await asyncio.sleep(SAMPLE_SECONDS)
    return highest


async def _calm(target: Target, others: float) -> int:
    end = monotonic() + CALM_SECONDS
    while True:
        left = (await asyncio.to_thread(target.figures))["socket_connections"] - others
        if left <= 0 or monotonic() > end:
            return max(0, int(left))
        await asyncio.sleep(0.1)


async def _heard_of(target: Target, moment: float) -> None:
    """Wait for a move sent after `moment` to have been seen."""
    async with asyncio.timeout(15):
        while not target.measured(moment, monotonic()):  # noqa: ASYNC110 – another process sets no event
            await asyncio.sleep(0.05)
