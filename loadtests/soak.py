"""An hour of an ordinary day, to see whether the server's memory stays where it is.

    python -m loadtests.soak [--minutes 60] [--clients 2000] [--json]

Phones come and go all the time, some politely and some without a word, and a desk moves patients now and then. The
server's memory is sampled every few seconds; after a warm-up of a sixth of the time a line is laid through the samples
(least squares). Its slope, per hour and in per cent of the level, should be about nothing; the highest and the lowest
sample say how much of that is noise.
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import uvloop

from loadtests.followers import Crowd
from loadtests.processes import Usage, resident_bytes, waited_seconds
from loadtests.report import report
from loadtests.staff_socket import Refused, StaffSocket
from loadtests.stage import Stage, joined, stage, until

PATIENTS = 40
"""In each queue."""
CHANGES_PER_SECOND = 4
"""Phones that leave and come, so that two thousand are others after eight minutes."""
MOVES_PER_SECOND = 1
SAMPLES = 360
"""Over the whole time."""
WARM_UP = 1 / 6
BARS = "▁▂▃▄▅▆▇█"
LONGEST_MINUTES = 24 * 60
SETTLE_SECONDS = 15.0


class Coming:
    """Phones that leave and come back, one after the other."""

    def __init__(self, ready: Stage, crowd: Crowd) -> None:
        self._ready = ready
        self._crowd = crowd
        self._chance = random.Random(11)
        self._tasks: set[asyncio.Task[None]] = set()
        self.count = 0
        self.moves = 0
        self.refused = 0

    async def churn(self, until_then: float) -> None:
        """Have some leave, and come back after a while, until then."""
        while perf_counter() < until_then:
            await asyncio.sleep(1 / CHANGES_PER_SECOND)
            phone = self._chance.choice(self._crowd.phones)
            if phone.connection is None or not phone.is_joined:
                continue
            self.count += 1
            # Coming back is the crowd's business: a second later, as the official client does.
            if self._chance.random() < 0.5:
                phone.connection.hang_up()
            else:
                phone.connection.abort()

    async def move(self, until_then: float) -> None:
        """Move somebody now and then, until then; a desk that loses its connection signs in again."""
        desk: StaffSocket | None = None
        while perf_counter() < until_then:
            await asyncio.sleep(1 / MOVES_PER_SECOND)
            try:
                if desk is None or desk.transport is None:
                    desk = StaffSocket(self._ready.url, self._ready.at.clinic.token)
                    await desk.sign_in()
                    await desk.follow([queue.doctor for queue in self._ready.queues])
                queue = self._chance.choice(self._ready.queues)
                await desk.move(self._chance.choice(queue.entries), self._chance.randint(1, len(queue.entries)))
                self.moves += 1
            except (Refused, OSError, TimeoutError):
                self.refused += 1
        if desk is not None:
            desk.hang_up()


async def run(*, minutes: float, clients: int) -> dict[str, Any]:
    """Play it on a stage of its own and return the figures."""
    seconds = minutes * 60
    async with stage(queues=max(1, clients // PATIENTS), patients=PATIENTS, worker=True) as ready:
        crowd, _ = await joined(ready)
        crowd.let_return()
        coming = Coming(ready, crowd)
        usage, waited = Usage(ready.server), waited_seconds(ready.server)
        end = perf_counter() + seconds
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(coming.churn(end))
            tasks.create_task(coming.move(end))
            sampled = tasks.create_task(_sampled(ready, seconds))
        share, waited = usage.share(), waited_seconds(ready.server) - waited
        await crowd.everybody_in(SETTLE_SECONDS * 2)
        newest = await ready.newest()
        await until(lambda: not crowd.behind(newest), SETTLE_SECONDS)
        behind = crowd.behind(newest)
        await crowd.leave()
        samples = sampled.result()
        settled = samples[round(len(samples) * WARM_UP) :]
        slope = slope_per_second(settled) * 3600
        level = sum(size for _, size in settled) / len(settled)
        return {
            "slope_bytes_per_hour": round(slope),
            "slope_percent_per_hour": round(100 * slope / level, 3),
            "minutes": minutes,
            "clients": len(crowd.phones),
            "changes": coming.count,
            "moves": coming.moves,
            "refused": coming.refused,
            "gaps": behind + crowd.backwards,
            "faults": {kind: count for kind, count in crowd.faults.items() if count},
            "level_MB": round(level / 1e6, 1),
            "lowest_MB": round(min(size for _, size in settled) / 1e6, 1),
            "highest_MB": round(max(size for _, size in settled) / 1e6, 1),
            "server_core_share": round(share, 3),
            "server_waited_for_core_s": round(waited, 1),
            "picture": sparkline([size for _, size in samples]),
            "samples_MB": [round(size / 1e6, 2) for _, size in samples[:: max(1, len(samples) // 60)]],
        }


async def _sampled(ready: Stage, seconds: float) -> list[tuple[float, int]]:
    """Return when, in seconds from now, the server held how much memory."""
    started, samples = perf_counter(), list[tuple[float, int]]()
    bar = ready.progress.add_task("Soaking", total=SAMPLES)
    for number in range(1, SAMPLES + 1):
        await asyncio.sleep(max(0.0, started + seconds * number / SAMPLES - perf_counter()))
        samples.append((perf_counter() - started, resident_bytes(ready.server)))
        ready.progress.advance(bar)
    return samples


def slope_per_second(samples: Sequence[tuple[float, int]]) -> float:
    """Return the slope of the line through the samples that leaves the least squares; 0 for fewer than two."""
    if len(samples) < 2:
        return 0.0
    middle = sum(at for at, _ in samples) / len(samples)
    level = sum(size for _, size in samples) / len(samples)
    return sum((at - middle) * (size - level) for at, size in samples) / sum((at - middle) ** 2 for at, _ in samples)


def sparkline(sizes: Sequence[int], width: int = 60) -> str:
    """Return the samples as a row of bars from the lowest to the highest, at most `width` of them."""
    step = max(1, -(-len(sizes) // width))
    means = [sum(sizes[i : i + step]) / len(sizes[i : i + step]) for i in range(0, len(sizes), step)]
    low, high = min(means), max(means)
    return "".join(BARS[int((mean - low) / (high - low or 1) * (len(BARS) - 1))] for mean in means)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=2_000)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    if not 0 < options.minutes <= LONGEST_MINUTES:
        parser.error(f"--minutes: more than 0, {LONGEST_MINUTES} at most")
    figures = uvloop.run(run(minutes=options.minutes, clients=options.clients))
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
