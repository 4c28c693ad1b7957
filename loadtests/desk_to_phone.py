"""From a receptionist's command to the last patient's screen: one server, 250 queues, 10,000 phones, 50 moves a second.

    python -m loadtests.desk_to_phone [--quick] [--json] [--queues 250] [--patients 40] [--rate 50] [--seconds 30]

A move counts from the moment the desk sends it, Postgres' commit included, until the last phone of its queue – whether
its own place has changed or not – has been sent the version that was committed, or a newer one. Moves are sent by the
clock, however long the ones before them take. `gaps` counts phones that in the end do not hold their queue's newest
version, and messages that showed one something older than before.
"""

import argparse
import asyncio
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import msgspec
import uvloop

from loadtests.followers import Crowd, Phone
from loadtests.house import quantile
from loadtests.processes import Usage, resident_bytes, waited_seconds
from loadtests.report import report
from loadtests.staff_socket import Refused, Shown, StaffSocket
from loadtests.stage import Stage, joined, stage, until

DESKS = 10
"""Receptionists; each watches and works on an equal part of the queues."""
SETTLE_SECONDS = 10.0
WARM_UP_SECONDS = 3.0


class Move(msgspec.Struct, frozen=True):
    """A move that was acknowledged."""

    queue: int
    version: int
    sent: float
    answered: float


class Desks:
    """Receptionists who move patients, by the clock."""

    def __init__(self, ready: Stage) -> None:
        self._ready = ready
        self._sockets = [StaffSocket(ready.url, ready.at.clinic.token) for _ in range(DESKS)]
        self._shown: dict[int, Shown] = {}
        """Each queue as its desk was shown it last."""
        self._chance = random.Random(7)
        self.moves: list[Move] = []
        self.refused: Counter[str] = Counter()

    async def sign_in(self) -> None:
        """Connect every desk and have it follow its queues."""
        for number, socket in enumerate(self._sockets):
            await socket.sign_in()
            shown = await socket.follow([queue.doctor for queue in self._ready.queues[number::DESKS]])
            self._shown.update({number + place * DESKS: queue for place, queue in enumerate(shown)})

    async def work(self, rate: float, seconds: float) -> float:
        """Send moves at an even rate, each queue in turn; returns the seconds until the last was answered."""
        count = round(rate * seconds)
        started = perf_counter()
        step = self._ready.progress.add_task("Moving patients", total=count)
        under_way: set[asyncio.Task[None]] = set()
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / rate - perf_counter()))
            queue = number % len(self._ready.queues)
            task = asyncio.create_task(self._move(queue))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            self._ready.progress.advance(step)
        await asyncio.gather(*under_way)
        return perf_counter() - started

    async def _move(self, queue: int) -> None:
        before = self._shown[queue]
        who, place = self._chance.sample(range(len(before.line)), 2)
        sent = perf_counter()
        try:
            after = await self._sockets[queue % DESKS].move(before.line[who], place + 1)
        except (Refused, OSError, TimeoutError) as error:
            self.refused[error.code if isinstance(error, Refused) else type(error).__name__] += 1
            return
        self.moves.append(Move(queue, after.version, sent, perf_counter()))
        if after.version > self._shown[queue].version:
            self._shown[queue] = after

    def close(self) -> None:
        """Hang up."""
        for socket in self._sockets:
            socket.hang_up()


async def run(*, queues: int, patients: int, rate: float, seconds: float) -> dict[str, Any]:
    """Play it on a stage of its own and return the figures."""
    async with stage(queues=queues, patients=patients) as ready:
        empty = resident_bytes(ready.server)
        crowd, join_seconds = await joined(ready)
        memory = resident_bytes(ready.server) - empty
        desks = Desks(ready)
        await desks.sign_in()
        await desks.work(rate, WARM_UP_SECONDS)
        desks.moves.clear()
        crowd.is_recording = True
        usage, before = Usage(ready.server), sum(phone.messages for phone in crowd.phones)
        waited = waited_seconds(ready.server)
        took = await desks.work(rate, seconds)
        waited = waited_seconds(ready.server) - waited
        share, messages = usage.share(), sum(phone.messages for phone in crowd.phones) - before
        behind = await _settled(ready, crowd)
        delays, unseen = last_screens(desks.moves, crowd.phones)
        desks.close()
        await crowd.leave()
        return {
            "p50_ms": _ms(delays, 0.5),
            "p99_ms": _ms(delays, 0.99),
            "patients": len(crowd.phones),
            "queues": queues,
            "moves_per_s": round(len(desks.moves) / took, 1),
            "gaps": behind + crowd.backwards + unseen,
            "max_ms": _ms(delays, 1.0),
            "command_p50_ms": _ms([move.answered - move.sent for move in desks.moves], 0.5),
            "command_p99_ms": _ms([move.answered - move.sent for move in desks.moves], 0.99),
            "moves": len(desks.moves),
            "seconds": seconds,
            "desks": DESKS,
            "behind": behind,
            "backwards": crowd.backwards,
            "refused": dict(desks.refused),
            "faults": {kind: count for kind, count in crowd.faults.items() if count},
            "messages_per_s": round(messages / took),
            "server_core_share": round(share, 3),
            "server_waited_for_core_s": round(waited, 2),
            "import_s": round(ready.import_seconds, 1),
            "joins_per_s": round(len(crowd.phones) / join_seconds),
            "memory_per_phone_kB": round(memory / len(crowd.phones) / 1000, 1),
        }


async def _settled(ready: Stage, crowd: Crowd) -> int:
    """Give the last updates a moment to arrive; returns how many phones are behind nevertheless."""
    newest = await ready.newest()
    await until(lambda: not crowd.behind(newest), SETTLE_SECONDS)
    return crowd.behind(newest)


def last_screens(moves: Sequence[Move], phones: Sequence[Phone]) -> tuple[list[float], int]:
    """Return, for each move, the seconds until the last phone of its queue had it; and how many never had it."""
    followers: dict[int, list[Phone]] = {}
    for phone in phones:
        followers.setdefault(phone.queue, []).append(phone)
    delays, unseen = [], 0
    for move in moves:
        shown = [_shown(phone, move.version) for phone in followers[move.queue]]
        seen = [at for at in shown if at is not None]
        unseen += len(shown) - len(seen)
        if seen:
            delays.append(max(seen) - move.sent)
    return delays, unseen


def _shown(phone: Phone, version: int) -> float | None:
    place = bisect_left(phone.versions, version)
    return phone.times[place] if place < len(phone.versions) else None


def _ms(seconds: Sequence[float], q: float) -> float:
    return round(quantile(seconds, q) * 1000, 1)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="at most 50 seconds: moves for 8 s")
    parser.add_argument("--queues", type=int, default=250)
    parser.add_argument("--patients", type=int, default=40, help="in each queue")
    parser.add_argument("--rate", type=float, default=50.0, help="moves a second over all queues")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    seconds = 8.0 if options.quick else options.seconds
    figures = uvloop.run(run(queues=options.queues, patients=options.patients, rate=options.rate, seconds=seconds))
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
