"""One server with its members: what is measured on them, row by row."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Literal

import msgspec

from loadtests.fanout import payload
from loadtests.fanout.crowd import Arrivals, Crowd
from loadtests.fanout.process import Server
from loadtests.house import quantile

WINDOW_MESSAGES = 6_000
"""How many messages a server may be ahead of the members; at least two broadcasts."""
NAP_SECONDS = 0.001
SILENCE_SECONDS = 10.0
QUIET_SECONDS = 0.05
"""After the last message: nothing more may come, and what the server still does counts as its work."""

Kind = Literal["shared", "personal"]


class RowInvalid(Exception):
    """A figure would not mean what it says; the message says why."""


class Stretch(msgspec.Struct, frozen=True):
    """Messages delivered from the first order to the last arrival, and the server's CPU time for them."""

    messages: int
    seconds: float
    cpu_seconds: float
    writes: int

    @property
    def cpu_us_per_message(self) -> float:
        """The server's CPU time for one message, in microseconds."""
        return round(self.cpu_seconds / self.messages * 1e6, 2)

    @property
    def messages_per_core_s(self) -> int:
        """Messages for a second of the server's CPU time."""
        return round(self.messages / self.cpu_seconds)


class Throughput(msgspec.Struct, frozen=True):
    """The same load twice: the client asleep until something comes, and looking once in a while."""

    prompt: Stretch
    leisurely: Stretch | None = None

    @property
    def figures(self) -> dict[str, float]:
        """Return messages/s delivered, the CPU µs of each, messages per second of CPU, and how busy the core was."""
        figures = {
            "messages_per_s": round(self.prompt.messages / self.prompt.seconds),
            "cpu_us_per_message": self.prompt.cpu_us_per_message,
            "messages_per_core_s": self.prompt.messages_per_core_s,
            "server_busy": round(self.prompt.cpu_seconds / self.prompt.seconds, 2),
            # Below 1, a server put several messages into one write; at 0 it uses `send`, which is not counted.
            "writes_per_message": round(self.prompt.writes / self.prompt.messages, 2),
        }
        if self.leisurely is not None:
            figures["no_wakeups_cpu_us_per_message"] = self.leisurely.cpu_us_per_message
            figures["no_wakeups_messages_per_core_s"] = self.leisurely.messages_per_core_s
        return figures


class Session:
    """Orders to a server, and whether each member got what it was due."""

    def __init__(self, server: Server, crowd: Crowd, rooms: int) -> None:
        self._server, self._crowd, self._rooms = server, crowd, rooms
        self._next = payload.FIRST_SEQUENCE
        self._due: Counter[int] = Counter()
        """Broadcasts by room."""

    @property
    def _broadcasts(self) -> int:
        return self._next - payload.FIRST_SEQUENCE

    def check_members(self) -> None:
        """Raise `RowInvalid` unless the server has seen every member connect."""
        seen = self._server.ask({"do": "members"})["members"]
        if seen != len(self._crowd.sockets):
            raise RowInvalid(f"The server saw {seen} of {len(self._crowd.sockets)} members.")

    def throughput(
        self,
        kind: Kind,
        *,
        warm_seconds: float,
        seconds: float,
        leisurely_seconds: float = 0,
        settle: Callable[[int], None] = lambda _: None,
    ) -> Throughput:
        """Send as fast as the members keep up. Raises `RowInvalid` unless every member got every message.

        `settle` waits for what else so many broadcasts bring about (Redis), before CPU time is looked at.
        """
        self._check_content(kind)
        self._flow(kind, warm_seconds)
        settle(self._broadcasts)
        prompt = self._stretch(kind, seconds, settle)
        # Whoever writes to a socket pays for waking its sleeping reader: a slow server each time, a quick one hardly
        # ever, because its reader is still busy. A reader elsewhere in the network costs neither of them anything.
        leisurely = None
        if leisurely_seconds:
            leisurely = self._stretch(kind, leisurely_seconds, settle, nap_seconds=NAP_SECONDS)
        self._check_complete()
        return Throughput(prompt, leisurely)

    def _stretch(self, kind: Kind, seconds: float, settle: Callable[[int], None], *, nap_seconds: float = 0) -> Stretch:
        cpu, writes = self._server.cpu_seconds(), self._server.writes()
        messages, elapsed = self._flow(kind, seconds, nap_seconds)
        settle(self._broadcasts)
        self._check_quiet()
        return Stretch(messages, elapsed, self._server.cpu_seconds() - cpu, self._server.writes() - writes)

    def latency(self, *, warm_seconds: float, seconds: float, per_second: int) -> dict[str, float]:
        """Pace broadcasts to random rooms; returns p50 and p99, ms, from just before emit to first and last member."""
        chance = random.Random(17)
        self._paced(chance, round(warm_seconds * per_second), per_second)
        first = self._next
        arrivals = self._paced(chance, round(seconds * per_second), per_second)
        sent = self._server.ask({"do": "sent"})["sent"][first - self._next :]
        self._check_complete()
        pairs = [(arrivals[first + number], start) for number, start in enumerate(sent)]
        firsts = [(arrival.first - start) / 1e6 for arrival, start in pairs]
        lasts = [(arrival.last - start) / 1e6 for arrival, start in pairs]
        return {
            "first_p50_ms": round(quantile(firsts, 0.5), 3),
            "first_p99_ms": round(quantile(firsts, 0.99), 3),
            "last_p50_ms": round(quantile(lasts, 0.5), 3),
            "last_p99_ms": round(quantile(lasts, 0.99), 3),
            "broadcasts": len(lasts),
        }

    def idle(self, seconds: float) -> dict[str, float]:
        """Let the members only answer pings; returns the share of a core the server takes, in percent."""
        cpu, started, pings = self._server.cpu_seconds(), time.monotonic(), self._crowd.pings
        while (elapsed := time.monotonic() - started) < seconds:
            self._crowd.receive(0.2)
        spent = self._server.cpu_seconds() - cpu
        return {
            "core_percent": round(100 * spent / elapsed, 2),
            "seconds": round(elapsed, 1),
            "pings": self._crowd.pings - pings,
        }

    def _flow(self, kind: Kind, seconds: float, nap_seconds: float = 0) -> tuple[int, float]:
        """Keep the window full for so long, then take the rest; returns messages and seconds."""
        members = len(self._crowd.sockets) // self._rooms
        broadcast_bytes = members * payload.FRAME_BYTES
        window = max(2, WINDOW_MESSAGES // members)
        batch = max(1, window // 4)
        ordered = received = 0
        started = now = last = time.monotonic()
        while now - started < seconds or received < ordered * broadcast_bytes:
            while now - started < seconds and ordered - received // broadcast_bytes <= window - batch:
                self._order(kind, batch)
                ordered += batch
            time.sleep(nap_seconds)
            got = self._crowd.receive(0 if nap_seconds else 0.5)
            received += got
            now = time.monotonic()
            last = now if got else last
            self._check_alive(now - last)
        return ordered * members, now - started

    def _order(self, kind: Kind, count: int) -> None:
        self._server.tell({"do": kind, "first": self._next, "count": count})
        self._due.update(sequence % self._rooms for sequence in range(self._next, self._next + count))
        self._next += count

    def _paced(self, chance: random.Random, count: int, per_second: int) -> dict[int, Arrivals]:
        members = len(self._crowd.sockets) // self._rooms
        arrivals: dict[int, Arrivals] = {}
        started = time.monotonic()
        for number in range(count):
            while (wait := started + number / per_second - time.monotonic()) > 0:
                self._crowd.receive_timed(wait, arrivals)
            room = chance.randrange(self._rooms)
            self._server.tell({"do": "paced", "first": self._next, "room": room})
            self._due[room] += 1
            self._next += 1
        ended = time.monotonic()
        while sum(arrival.members for arrival in arrivals.values()) < count * members:
            self._crowd.receive_timed(0.2, arrivals)
            self._check_alive(time.monotonic() - ended)
        return arrivals

    def _check_content(self, kind: Kind) -> None:
        """One broadcast to each room, looked at in full. Raises `RowInvalid` where a member got anything else."""
        first, members = self._next, len(self._crowd.sockets)
        self._order(kind, self._rooms)
        frames = self._crowd.take_frames(SILENCE_SECONDS, members)
        for member in range(members):
            # Broadcast `sequence` goes to room `sequence % rooms`, member m is in room m % rooms.
            sequence = first + (member - first) % self._rooms
            told = payload.shared(sequence) if kind == "shared" else payload.personal(sequence, member)
            wanted = payload.frame(payload.packet(told))
            if frames.get(member) != wanted:
                raise RowInvalid(f"Member {member} got {frames.get(member)!r} instead of {wanted!r}."[:600])

    def _check_quiet(self) -> None:
        ended = time.monotonic()
        while time.monotonic() - ended < QUIET_SECONDS:
            if self._crowd.receive(QUIET_SECONDS):
                raise RowInvalid("More came than was sent.")

    def _check_complete(self) -> None:
        self._check_quiet()
        for member in range(len(self._crowd.sockets)):
            got, due = self._crowd.messages(member), self._due[member % self._rooms]
            if got != due:
                raise RowInvalid(f"Member {member} got {got:g} of {due} messages.")

    def _check_alive(self, silent_seconds: float) -> None:
        if silent_seconds > 1:
            self._server.check()
        if silent_seconds > SILENCE_SECONDS:
            raise RowInvalid(f"Nothing came for {SILENCE_SECONDS:.0f} s, though messages were due.")
