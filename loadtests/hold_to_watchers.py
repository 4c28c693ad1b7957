"""From a guest's hold to the screens of everybody who looks at that doctor's times: one server, a thousand watchers.

    python -m loadtests.hold_to_watchers [--quick] [--json] [--watchers 1000] [--rounds 200]

In a house of the run's own, whose server has a core for itself. A guest holds a time over HTTP and gives it up again,
round after round; all watchers are told of both. A message counts from the moment the request goes out, Postgres'
commit included, until it is on the watcher's connection; `last` is the slowest watcher of each round. Exits 1 when
somebody was not told, or not of what happened.
"""

import argparse
import asyncio
import gc
import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import msgspec
import uvloop

from loadtests import wire
from loadtests.booking.people import Guest
from loadtests.booking.practice import Slot, open_times
from loadtests.booking.scene import Scene, scene
from loadtests.connection import CONNECT_SECONDS, Connection
from loadtests.house import milliseconds
from loadtests.report import report

AT_ONCE = 100
WARM_UP_ROUNDS = 10
PATIENCE_SECONDS = 10.0


class Round:
    """One change, and when whom reached the news of it."""

    def __init__(self, event: str, slot: Slot, watchers: int) -> None:
        self._head = b'2["%s",{"slotId":"%s"' % (event.encode(), str(slot.id).encode())
        self._left = watchers
        self.times: list[float] = []
        self.others = 0
        """Messages that were of something else."""
        self.everybody = asyncio.Event()

    def heard(self, packet: bytes) -> None:
        """A watcher was told."""
        if not packet.startswith(self._head):
            self.others += 1
            return
        self.times.append(perf_counter())
        self._left -= 1
        if not self._left:
            self.everybody.set()


class Watcher(Connection):
    """A phone that shows a doctor's times."""

    def __init__(self, crowd: "Crowd", host: str) -> None:
        super().__init__(host)
        self._crowd = crowd
        self.watches: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def opened(self) -> None:
        """Connect to the public namespace."""
        self.send(wire.connect())

    def packet(self, packet: bytes) -> None:
        """Watch once let in; then note what is told."""
        if packet.startswith(b"30"):
            (told,) = msgspec.json.decode(packet[2:])
            if not told.get("watching"):
                self.watches.set_exception(RuntimeError(str(told)))
            else:
                self.watches.set_result(None)
        elif packet.startswith(b"0"):
            self.send(wire.event("watch-availability", self._crowd.asked, ack=0))
        elif self._crowd.round is not None and packet.startswith((b'2["hold_', b'2["slot_')):
            self._crowd.round.heard(packet)

    def ended(self) -> None:
        """The server has hung up."""
        self._crowd.losses += 1
        if not self.watches.done():
            self.watches.set_exception(RuntimeError("the connection was lost"))


class Crowd:
    """Everybody who watches one doctor."""

    def __init__(self, at: Scene, slot: Slot, count: int) -> None:
        today = datetime.now(UTC).date()
        self.asked = {
            "tenantId": str(at.at.clinic.tenant),
            "doctorId": str(slot.doctor),
            "from": today.isoformat(),
            "to": (today + timedelta(days=14)).isoformat(),
        }
        self._url = at.url
        host = urlsplit(at.url).netloc
        self.watchers = [Watcher(self, host) for _ in range(count)]
        self.round: Round | None = None
        self.losses = 0

    async def gather(self, step: Any) -> float:
        """Have everybody watch; returns the seconds that took."""
        started, gate = perf_counter(), asyncio.Semaphore(AT_ONCE)

        async def one(watcher: Watcher) -> None:
            async with gate:
                await watcher.open(self._url)
                async with asyncio.timeout(CONNECT_SECONDS):
                    await watcher.watches
            step(1)

        await asyncio.gather(*map(one, self.watchers))
        return perf_counter() - started

    def leave(self) -> None:
        """Hang up."""
        for watcher in self.watchers:
            watcher.abort()


async def measure(watchers: int, rounds: int) -> dict[str, Any]:
    """Run everything in a house of its own and return the figures; `faults` lists what was not as promised."""
    async with scene(doctors=1) as at:
        slots = await open_times(at.at, list(at.at.clinic.doctors), days=3)
        crowd = Crowd(at, slots[0], watchers)
        joining = await crowd.gather(at.bar("Watchers joining", watchers))
        gc.collect()
        gc.freeze()
        (caller,) = await at.callers(1)
        guest, faults = Guest(at.at.clinic, caller), list[str]()
        each, last, answers = list[float](), list[float](), list[float]()
        step = at.bar("Holds", rounds)
        for number in range(-WARM_UP_ROUNDS, rounds):
            slot = slots[number % len(slots)]
            held, sent, answered = await _told(crowd, Round("hold_created", slot, watchers), guest.hold(slot.id))
            released, _, _ = await _told(crowd, Round("hold_released", slot, watchers), guest.release(slot.id))
            faults += [f"round {number}: {fault}" for fault in (*_faults(held), *_faults(released))]
            if number >= 0 and held.times:
                each += [at - sent for at in held.times]
                last.append(max(held.times) - sent)
                answers.append(answered - sent)
                step(1)
        losses = crowd.losses
        crowd.leave()
    if losses:
        faults.append(f"{losses} connections were lost")
    return {
        "watchers": watchers,
        "rounds": rounds,
        "joined_s": round(joining, 1),
        "answer": milliseconds(answers),
        "message": milliseconds(each),
        "last": milliseconds(last),
        "faults": faults[:10],
    }


async def _told(crowd: Crowd, about: Round, change: Any) -> tuple[Round, float, float]:
    """Make a change and wait until everybody was told; returns when it was asked for, and when it was answered."""
    crowd.round = about
    sent = perf_counter()
    answer = await change
    answered = perf_counter()
    if answer.status >= 300:
        raise RuntimeError(f"refused: {answer.code}")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await about.everybody.wait()
    except TimeoutError:
        pass
    crowd.round = None
    return about, sent, answered


def _faults(about: Round) -> list[str]:
    found = [] if about.everybody.is_set() else [f"{len(about.times)} were told"]
    return found + ([f"{about.others} messages of something else"] if about.others else [])


def main() -> None:
    """Run and print; exits with 1 when somebody was not told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, within half a minute")
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    figures = uvloop.run(measure(given.watchers, given.rounds or (40 if given.quick else 200)))
    report(figures, as_json=given.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
