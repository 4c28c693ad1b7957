"""Thousands of light phones in one process: each follows a link, notes the versions it was shown, comes back when cut
off, and claims what it saw last."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from math import inf
from time import perf_counter
from urllib.parse import urlsplit

import msgspec

from loadtests import wire
from loadtests.connection import CONNECT_SECONDS, Connection

Order = tuple[int, int]
FIRST_DELAY, LONGEST_DELAY, SPREAD = 1.0, 5.0, 0.5
"""How the official client comes back: seconds, doubling with each attempt, more or less by this share."""

_NEWS = (b'2["queue-update"', b'2["queue-broadcast"')
_JOINED, _ERROR = b'2["queue-joined"', b'2["error"'
_RECOVERED = b'"recovered":true'


class _Refusal(msgspec.Struct):
    code: str
    retryable: bool


_refusal = msgspec.json.Decoder(tuple[str, _Refusal])


class Phone:
    """What a phone remembers from one connection to the next."""

    __slots__ = (
        "attempts",
        "backwards",
        "connection",
        "is_joined",
        "joins",
        "messages",
        "queue",
        "seen",
        "times",
        "token",
        "versions",
    )

    def __init__(self, token: str, queue: int) -> None:
        self.token = token
        self.queue = queue
        """The number of the queue it follows."""
        self.seen: Order = (0, 0)
        self.versions: list[int] = []
        """Versions in the order they were first seen; `times` has when, by `perf_counter`."""
        self.times: list[float] = []
        self.messages = 0
        self.joins = 0
        self.backwards = 0
        """Messages that showed something older than what had been seen."""
        self.attempts = 0
        self.is_joined = False
        self.connection: Connection | None = None


class Crowd:
    """Phones that follow queues on one server. `returns` says whether they come back by themselves."""

    def __init__(self, url: str, phones: Sequence[Phone]) -> None:
        self.url = url
        self.host = urlsplit(url).netloc
        self.phones = phones
        self.returns = False
        self.is_recording = False
        self.joined = 0
        self.recovered = 0
        """Joins that the server answered with: what you have seen is the newest."""
        self.first_join = inf
        """When, by `perf_counter`, somebody first followed a queue; set to infinity to ask anew."""
        self.losses = 0
        """Phones that followed a queue and lost their connection, so far."""
        self.faults: Counter[str] = Counter()
        """What went wrong on the way, by kind; losing the connection to a server that was killed is none."""
        self.on_join: Callable[[], None] = lambda: None
        self._all_joined = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, *, at_once: int = 200) -> float:
        """Connect everybody and have them follow their queues, so many at a time; returns the seconds it took.

        Raises `TimeoutError` when somebody could not be brought in.
        """
        started, gate = perf_counter(), asyncio.Semaphore(at_once)

        async def one(phone: Phone) -> None:
            async with gate:
                await self.bring_in(phone)

        await asyncio.gather(*(one(phone) for phone in self.phones if not phone.is_joined))
        if not self._all_joined.is_set():
            raise TimeoutError(f"{len(self.phones) - self.joined} phones could not join: {dict(self.faults)}")
        return perf_counter() - started

    async def bring_in(self, phone: Phone) -> None:
        """Connect one phone and wait until it follows its queue, or until it is clear that it does not."""
        follower = Follower(self, phone)
        phone.connection = follower
        try:
            await follower.open(self.url)
            async with asyncio.timeout(CONNECT_SECONDS):
                await follower.outcome
        except (OSError, TimeoutError) as error:
            self.faults[type(error).__name__] += not self.returns or isinstance(error, TimeoutError)
            follower.abort()
            if follower.transport is None:
                self.lost(phone, follower)

    async def everybody_in(self, within: float) -> float:
        """Wait until everybody follows their queue; returns the seconds waited, raises `TimeoutError`."""
        started = perf_counter()
        async with asyncio.timeout(within):
            await self._all_joined.wait()
        return perf_counter() - started

    def let_return(self) -> None:
        """From now on everybody who has lost their connection, or will, comes back."""
        self.returns = True
        for phone in self.phones:
            if phone.connection is None:
                self._try_again(phone)

    def cut(self) -> None:
        """End every connection without a word."""
        for phone in self.phones:
            if phone.connection is not None:
                phone.connection.abort()

    async def leave(self) -> None:
        """Have everybody go for good."""
        self.returns = False
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.cut()

    # ---- told by connections ----------------------------------------------------------------------------------

    def entered(self, phone: Phone) -> None:
        """A phone follows its queue."""
        phone.joins += 1
        phone.attempts = 0
        if not phone.is_joined:
            phone.is_joined = True
            self.joined += 1
            self.first_join = min(self.first_join, perf_counter())
            self.on_join()
            if self.joined == len(self.phones):
                self._all_joined.set()

    def lost(self, phone: Phone, connection: Connection) -> None:
        """A phone has lost its connection: it comes back after a while, as the official client would."""
        if phone.connection is not connection:
            return
        phone.connection = None
        if phone.is_joined:
            phone.is_joined = False
            self.joined -= 1
            self.losses += 1
            self._all_joined.clear()
        if connection.fault is not None:
            self.faults[connection.fault] += 1
        if self.returns:
            self._try_again(phone)

    def _try_again(self, phone: Phone) -> None:
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0**phone.attempts) * random.uniform(1 - SPREAD, 1 + SPREAD)
        phone.attempts += 1
        asyncio.get_running_loop().call_later(delay, self._come_back, phone)

    def _come_back(self, phone: Phone) -> None:
        if self.returns and phone.connection is None:
            task = asyncio.get_running_loop().create_task(self.bring_in(phone))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # ---- what they saw ----------------------------------------------------------------------------------------

    @property
    def backwards(self) -> int:
        """How many messages showed a phone something older than it had seen."""
        return sum(phone.backwards for phone in self.phones)

    def behind(self, newest: Sequence[Order]) -> int:
        """Return how many phones do not hold the newest version of their queue."""
        return sum(phone.seen < newest[phone.queue] for phone in self.phones)


class Follower(Connection):
    """One connection of a phone."""

    def __init__(self, crowd: Crowd, phone: Phone) -> None:
        super().__init__(crowd.host)
        self._crowd = crowd
        self._phone = phone
        self.outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the phone follows its queue, or when the connection has ended before."""

    def opened(self) -> None:
        """Connect to the namespace of patients."""
        self.send(wire.connect())

    def packet(self, packet: bytes) -> None:
        """Note what the phone is shown; join once the namespace has let it in."""
        if packet.startswith(_NEWS):
            self._note(packet)
        elif packet.startswith(_JOINED):
            self._note(packet)
            self._crowd.recovered += _RECOVERED in packet
            self._crowd.entered(self._phone)
            self._finish()
        elif packet.startswith(b"0"):
            self._join()
        elif packet.startswith(_ERROR):
            self._refused(packet)
        elif packet.startswith((b"1", b"4")):
            self._crowd.faults["shown out"] += 1
            self.hang_up()

    def ended(self) -> None:
        """Tell the crowd."""
        self._finish()
        self._crowd.lost(self._phone, self)

    def _join(self) -> None:
        epoch, version = self._phone.seen
        claim = {"epoch": epoch, "version": version} if version else {}
        self.send(wire.event("join-queue", {"token": self._phone.token, **claim}))

    def _refused(self, packet: bytes) -> None:
        _, refusal = _refusal.decode(packet[1:])
        self._crowd.faults[refusal.code] += 1
        if refusal.retryable:
            asyncio.get_running_loop().call_later(random.uniform(0.5, 1.5), self._join)
        else:
            self.hang_up()

    def _note(self, packet: bytes) -> None:
        phone, order = self._phone, wire.order(packet)
        if order is None:
            raise wire.ProtocolFault("an update without a version")
        phone.messages += 1
        if order > phone.seen:
            phone.seen = order
            if self._crowd.is_recording:
                phone.versions.append(order[1])
                phone.times.append(perf_counter())
        elif order < phone.seen:
            phone.backwards += 1

    def _finish(self) -> None:
        if not self.outcome.done():
            self.outcome.set_result(None)
