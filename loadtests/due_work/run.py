"""One run: timers are armed, everything is killed while they are due, and what happened is held to what was to."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from loadtests.booking.kills import Killer
from loadtests.booking.practice import open_times
from loadtests.booking.scene import Scene, scene
from loadtests.due_work.arming import ANSWER, EXPIRY, HOLD, SETTLE, TICK, Armed, Arming, counts_of, slots_for
from loadtests.due_work.hurried import MODULE
from loadtests.due_work.judging import Effect, Verdict, by_kind, judge
from loadtests.due_work.recipients import Recipients, deliveries, recipients
from loadtests.house import Ground, noon_zone
from queue_server.embedded.supervisor import Child, Supervisor
from queue_server.operations.house import House
from queue_server.store.db import Row
from scheduling_core.errors import Unavailable

SLOTS_OF_DOCTOR = 60
"""In two days."""
TICKS_OF_DOCTOR = 40
SECOND, FLUSH = "worker-2", "flushall"
TARGETS = ("worker", SECOND, "worker", SECOND, "redis", "postgres", FLUSH)
KILL_PAUSE = (1.0, 3.0)
"""Seconds: long enough for a worker to start and take something, so that there is something to take from it."""
BREATHER_SECONDS = 8.0
"""How long the next kill waits at most for something to have been done since the last one: workers that are killed
before they have started keep nothing but themselves."""
IDLE_SECONDS, MOST_SECONDS = 45.0, 600.0
"""After how long without any news what has not happened is lost: far longer than leases and pauses are. And after how
long in any case."""
EFFECTS = {
    "entry_marked_no_show": (TICK, "entry"),
    "hold_expired": (HOLD, "hold"),
    "waitlist_invite_ended": (ANSWER, "invite"),
    "waitlist_expired": (EXPIRY, None),
    "payment_cancelled": (SETTLE, None),
}
"""By type of event: the kind of timer, and what of the event names its subject; its stream, if nothing does."""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    timers: int
    poisoned: int
    """Of each sort."""
    seconds: float
    """Over which the timers are due."""
    arming: float
    """Seconds until the first is due: so long it takes to arm them."""


FULL = Sizes(timers=3_000, poisoned=25, seconds=120, arming=60)
QUICK = Sizes(timers=240, poisoned=5, seconds=12, arming=5)
TINY = Sizes(timers=60, poisoned=2, seconds=4, arming=2)


class Parts:
    """A house with a second worker."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._second = Supervisor()
        self._second.add(
            Child(
                name=SECOND,
                argv=[sys.executable, "-m", MODULE, "worker"],
                env={**os.environ, **house.environment},
            )
        )

    def pid(self, name: str) -> int | None:
        """Return the process id of a part; None while it is down."""
        return self._second.pid(name) if name == SECOND else self._house.pid(name)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Parts"]:
        """Run the second worker until the block ends."""
        async with self._second:
            yield self


async def run(sizes: Sizes, *, seed: int = 11, kills: bool = True) -> dict[str, Any]:
    """Run on a house of its own and return the figures; `faults` lists broken promises."""
    counts = counts_of(sizes.timers)
    ticking, sitting = -(-counts[TICK] // TICKS_OF_DOCTOR), -(-slots_for(counts) // SLOTS_OF_DOCTOR)
    async with (
        recipients(seed) as taking,
        scene(
            doctors=ticking + sitting,
            servers=0,
            worker=True,
            pinned=False,
            module=MODULE,
            environment=taking.environment,
            zone=noon_zone(),
        ) as at,
        Parts(at.at.house).running() as parts,
    ):
        doctors = at.at.clinic.doctors
        slots = await open_times(at.at, doctors[ticking:], days=2)
        first = datetime.now(UTC) + timedelta(seconds=sizes.arming)
        spread = timedelta(seconds=sizes.seconds)
        arming = Arming(at.at, slots, doctors[:ticking])
        step = at.bar("Arming timers", sum(counts.values()))
        armed = await arming.arm(counts, sizes.poisoned, first, spread, step)
        attacked = Counter[str]()
        if kills:
            attacked = await _attack(at, parts, max(timer.due_at for timer in armed.timers), Random(seed))
        await _ended(at, taking, armed)
        effects, again = await _effects(at.at, taking)
        dead = await _dead(at.at, armed)
        return figures(armed, effects, again, dead, attacked)


# ---- attacks -------------------------------------------------------------------------------------------------------


async def _attack(at: Scene, parts: Parts, until: datetime, chance: Random) -> Counter[str]:
    """Kill one part after the other until the last timer is due, and empty Redis at times; returns what was done."""
    killer, done = Killer(parts, chance), Counter[str]()
    targets, deck = [name for name in TARGETS if name == FLUSH or parts.pid(name) is not None], list[str]()
    seconds = round((until - datetime.now(UTC)).total_seconds())
    step = at.bar("Killing and waiting", max(1, seconds))
    last, finished = monotonic(), 0
    while datetime.now(UTC) < until:
        await asyncio.sleep(chance.uniform(*KILL_PAUSE))
        # As from a deck of cards: everything has its turn before anything comes again.
        deck = deck or chance.sample(targets, len(targets))
        name = deck.pop()
        if name != FLUSH:
            await killer.kill(name)
        elif await _flush(at.at.house.settings.redis_url):
            done[FLUSH] += 1
        finished = await _breather(at.at, finished)
        step(round(monotonic() - last))
        last = monotonic()
    await killer.all_back()
    return done + killer.kills


async def _breather(at: Ground, finished: int) -> int:
    """Wait until more jobs are done than that, none is due, or it takes too long; returns how many are done."""
    until, now = monotonic() + BREATHER_SECONDS, finished
    while monotonic() < until:
        with suppress(Unavailable):
            async with at.services.db.tenant(at.clinic.tenant) as tx:
                row = await tx.row(
                    "SELECT count(*) FILTER (WHERE state <> 'ready')::integer AS finished,"
                    " count(*) FILTER (WHERE state = 'ready' AND due_at < clock_timestamp())::integer AS due"
                    " FROM job WHERE tenant_id = $1",
                    tx.tenant,
                )
            assert row is not None
            now = row["finished"]
            if now > finished or not row["due"]:
                break
        await asyncio.sleep(0.2)
    return now


async def _flush(url: str | None) -> bool:
    """Empty Redis, if it is there; returns whether that was done."""
    if url is None:
        return False
    redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        await redis.flushall()
    except (RedisError, OSError):
        return False
    finally:
        with suppress(RedisError, OSError):
            await redis.aclose()
    return True


# ---- what happened -------------------------------------------------------------------------------------------------


async def _ended(at: Scene, taking: Recipients, armed: Armed) -> None:
    """Wait until everything has happened and what cannot was put aside, or nothing happens any more."""
    last = max((timer.due_at for timer in armed.timers), default=datetime.now(UTC))
    step = at.bar("Waiting for the rest", len(armed.timers) + len(armed.poisoned))
    due = monotonic() + (last - datetime.now(UTC)).total_seconds()
    news_at, seen = max(due, monotonic()), 0
    while monotonic() < min(news_at + IDLE_SECONDS, due + MOST_SECONDS):
        with suppress(Unavailable):
            effects, _ = await _effects(at.at, taking)
            dead = await _dead(at.at, armed)
            done = len(armed.timers) - judge(armed.timers, effects).lost + len(dead)
            if done > seen:
                step(done - seen)
                seen, news_at = done, max(news_at, monotonic())
            if done == len(armed.timers) + len(armed.poisoned):
                return
        await asyncio.sleep(0.5)


async def _effects(at: Ground, taking: Recipients) -> tuple[list[Effect], int]:
    """Return everything that has happened, and how many messages came again."""
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        rows = await tx.rows(
            "SELECT type, stream_id, data, occurred_at FROM event_store"
            " WHERE tenant_id = $1 AND type = ANY ($2::text[])",
            tx.tenant,
            list(EFFECTS),
        )
    told, again = deliveries(taking.received)
    return [*map(_effect, rows), *told], again


def _effect(row: Row) -> Effect:
    kind, field = EFFECTS[row["type"]]
    subject = msgspec.json.decode(row["data"])[field] if field is not None else UUID(int=row["stream_id"].int)
    return Effect(kind, str(subject), row["occurred_at"])


async def _dead(at: Ground, armed: Armed) -> set[tuple[str, str]]:
    """Return which of the jobs that are poison were put aside, with their messages where they have one."""
    kinds, keys = [kind for kind, _ in armed.poisoned], [key for _, key in armed.poisoned]
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        rows = await tx.rows(
            "SELECT j.kind, j.key FROM job j JOIN unnest($2::text[], $3::text[]) AS p (kind, key) USING (kind, key)"
            " LEFT JOIN message m ON m.tenant_id = j.tenant_id AND m.message_id::text = j.key"
            " WHERE j.tenant_id = $1 AND j.state = 'dead' AND j.last_error <> ''"
            " AND coalesce(m.state, 'dead') = 'dead'",
            tx.tenant,
            kinds,
            keys,
        )
    return {(row["kind"], row["key"]) for row in rows}


def figures(
    armed: Armed, effects: Sequence[Effect], again: int, dead: set[tuple[str, str]], attacked: Counter[str]
) -> dict[str, Any]:
    """Return what a run came to; `faults` lists broken promises."""
    verdict: Verdict = judge(armed.timers, effects)
    share = len(dead & set(armed.poisoned)) / len(armed.poisoned) if armed.poisoned else 1.0
    complaints = {
        f"{verdict.lost} timers had no effect": verdict.lost,
        f"{verdict.early} timers were early": verdict.early,
        f"{verdict.twice} timers had their effect twice": verdict.twice,
        f"{verdict.strays} effects belong to no timer": verdict.strays,
        f"only {share:.0%} of what can never be done were put aside": share < 1,
    }
    return {
        "lost": verdict.lost,
        "early": verdict.early,
        "twice": verdict.twice,
        "lateness_p99_s": verdict.figures()["lateness_p99_s"],
        **verdict.figures(),
        "messages_handed_over_again": again,
        "poisoned": len(armed.poisoned),
        "dead_lettered": round(share, 4),
        "attacks": dict(attacked),
        "kinds": {kind: found.figures() for kind, found in by_kind(armed.timers, effects).items()},
        "faults": [complaint for complaint, broken in complaints.items() if broken],
    }
