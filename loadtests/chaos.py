"""Kills -9 servers, worker, Redis and Postgres in turn under load, then holds what is kept to what was promised.

    python -m loadtests.chaos [--quick] [--rounds 4] [--redis-away 60] [--json]

Desks repeat every command with its key until they know its outcome; phones come back by themselves; patients who do not
come are released by timers meanwhile. Then Redis is kept dead, and then hung, while phones must keep moving.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import signal
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from loadtests.desks import Acknowledged, Desks
from loadtests.house import Ground, enrol, ground, link_token, milliseconds, noon_zone
from loadtests.phones import Phone
from loadtests.report import report
from queue_server.application.rebuild import replay
from queue_server.operations.house import House
from queue_server.store import event_store
from queue_server.store.db import Database, Row
from scheduling_core.ids import DoctorId, EntryId, queue_stream

SERVERS = 2
BUSY_DOCTORS, TIMER_DOCTORS = 2, 2
PATIENTS = 16
"""In line with each busy doctor."""
DESKS, PHONES = 6, 8
TARGETS = ("server-1", "worker", "redis", "server-2", "postgres")
BACK_SECONDS = 60.0


async def run(*, rounds: int, gap: float, redis_away: float) -> dict[str, Any]:
    """Run everything on a house of its own and return the figures; `faults` lists broken promises."""
    # It is about noon there: whoever is released soon was to come twenty minutes ago, which must be today.
    async with ground(servers=SERVERS, doctors=BUSY_DOCTORS + TIMER_DOCTORS, zone=noon_zone()) as at:
        busy = at.clinic.doctors[:BUSY_DOCTORS]
        now = datetime.now(UTC)
        entries = {
            doctor: await enrol(
                at.services, at.clinic, doctor, (now + timedelta(hours=1, minutes=i) for i in range(PATIENTS))
            )
            for doctor in busy
        }
        phones = await _phones(at, entries)
        desks = Desks(at.clinic, at.house.urls, entries)
        work = asyncio.create_task(desks.work(DESKS))
        await asyncio.sleep(2)
        timers = await _arm_timers(at, rounds * len(_targets(at.house)) * gap)
        kills = await _kill_in_turn(at.house, desks, rounds, gap)
        delays: dict[str, Any] = {}
        has_redis = at.house.pid("redis") is not None
        if redis_away and has_redis:
            await asyncio.sleep(5)
            delays["with_redis"] = await _delays(desks, phones, min(redis_away, 15))
            keeper = asyncio.create_task(_keep_dead(at.house, "redis"))
            await asyncio.sleep(0.5)
            delays["redis_dead"] = await _delays(desks, phones, redis_away)
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await _back(at.house, "redis", 0)
            await asyncio.sleep(3)
            delays["redis_hung"] = await _while_hung(at.house, _delays(desks, phones, redis_away / 2))
        await _timers_done(at, timers)
        desks.stop()
        await asyncio.wait_for(work, BACK_SECONDS + 60)
        await asyncio.sleep(2)
        figures = {
            "kills": dict(Counter(name for name, *_ in kills)),
            "back_s": {name: max(round(back, 2) for n, back, _ in kills if n == name) for name, *_ in kills},
            "silence_s": {name: max(round(gap, 2) for n, _, gap in kills if n == name) for name, *_ in kills},
            "acknowledged": len(desks.acknowledged),
            "of_those_repeated": sum(a.attempts > 1 for a in desks.acknowledged),
            "retries": dict(desks.retries),
            "refused": dict(desks.refused),
            "timers": await _check_timers(at, timers),
            "phones": {
                "count": len(phones),
                "joins": sum(phone.joins for phone in phones),
                "backwards": sum(phone.backwards for phone in phones),
                "behind_at_the_end": await _behind(at, phones),
            },
            "delays": delays,
        }
        figures["faults"] = await _faults(at, desks, phones, figures)
        for phone in phones:
            await phone.close()
        return figures


# ---- clients and timers --------------------------------------------------------------------------------------------


async def _phones(at: Ground, entries: dict[DoctorId, list[EntryId]]) -> list[Phone]:
    phones = []
    for number in range(PHONES):
        doctor = list(entries)[number % len(entries)]
        token = link_token(at.services, at.clinic, entries[doctor][number], doctor)
        phones.append(Phone(at.house.urls[number % SERVERS], token, doctor))
    await asyncio.gather(*(phone.connect() for phone in phones))
    return phones


async def _arm_timers(at: Ground, seconds: float) -> dict[EntryId, datetime]:
    """Enrol patients who will not come, so that one is released about every second; returns when each is due."""
    count = max(8, int(seconds * 0.9))
    armed: dict[EntryId, datetime] = {}
    for number, doctor in enumerate(at.clinic.doctors[BUSY_DOCTORS:]):
        releases = [
            datetime.now(UTC) + timedelta(seconds=3 + seconds * (i + number / TIMER_DOCTORS) / count)
            for i in range(count)
        ]
        starts = (release - timedelta(minutes=20) for release in releases)
        armed |= dict(zip(await enrol(at.services, at.clinic, doctor, starts), releases, strict=True))
    return armed


async def _timers_done(at: Ground, timers: dict[EntryId, datetime]) -> None:
    """Wait until the last timer is due and some time after."""
    left = (max(timers.values()) - datetime.now(UTC)).total_seconds() + 1
    if left > 0:
        await asyncio.sleep(left)
    for _ in range(60):
        if len(await _releases(at)) >= len(timers):
            return
        await asyncio.sleep(0.5)


async def _releases(at: Ground) -> list[Row]:
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        return list(
            await tx.rows(
                "SELECT (data ->> 'entry')::uuid AS entry, occurred_at FROM event_store"
                " WHERE type = 'entry_marked_no_show' AND tenant_id = $1",
                at.clinic.tenant,
            )
        )


async def _check_timers(at: Ground, timers: dict[EntryId, datetime]) -> dict[str, Any]:
    fired: dict[EntryId, list[datetime]] = defaultdict(list)
    for row in await _releases(at):
        fired[row["entry"]].append(row["occurred_at"])
    late = [(at_[0] - timers[entry]).total_seconds() for entry, at_ in fired.items() if entry in timers]
    return {
        "armed": len(timers),
        "fired": sum(entry in fired for entry in timers),
        "twice": sum(len(times) > 1 for times in fired.values()),
        "early": sum(seconds < 0 for seconds in late),
        "late": milliseconds(late),
    }


# ---- kills ---------------------------------------------------------------------------------------------------------


def _targets(house: House) -> list[str]:
    return [name for name in TARGETS if house.pid(name) is not None]


async def _kill_in_turn(house: House, desks: Desks, rounds: int, gap: float) -> list[tuple[str, float, float]]:
    """Kill each part in turn; returns its name, after how long it was back, and the longest silence that followed."""
    kills = []
    for _ in range(rounds):
        for name in _targets(house):
            pid = house.pid(name)
            if pid is None:
                continue
            killed = monotonic()
            os.kill(pid, signal.SIGKILL)
            back = await _back(house, name, pid)
            await asyncio.sleep(max(0.0, gap - back))
            kills.append((name, back, _longest_silence(desks.acknowledged, killed)))
    return kills


async def _back(house: House, name: str, old: int) -> float:
    started = monotonic()
    while monotonic() - started < BACK_SECONDS:
        pid = house.pid(name)
        if pid is not None and pid != old:
            return monotonic() - started
        await asyncio.sleep(0.02)
    raise RuntimeError(f"{name} did not come back")


def _longest_silence(acknowledged: list[Acknowledged], since: float) -> float:
    """Return the longest time without any acknowledgement since then."""
    moments = [since, *(a.answered for a in acknowledged if a.answered >= since)]
    return max((after - before for before, after in itertools.pairwise(moments)), default=0.0)


async def _keep_dead(house: House, name: str) -> None:
    """Kill a part each time it comes back."""
    while True:
        if (pid := house.pid(name)) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.01)


async def _while_hung(house: House, work: Any) -> dict[str, Any]:
    pid = house.pid("redis")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        found: dict[str, Any] = await work
        return found
    finally:
        os.kill(pid, signal.SIGCONT)


# ---- what is measured and held to its promise ----------------------------------------------------------------------


async def _delays(desks: Desks, phones: list[Phone], seconds: float) -> dict[str, Any]:
    """Return how much later than its acknowledgement a command shows on phones, over some time."""
    first = len(desks.acknowledged)
    await asyncio.sleep(seconds)
    given = desks.acknowledged[first:]
    await asyncio.sleep(2)
    delays = []
    for phone in phones:
        commits = [(a.version, a.answered) for a in given if a.doctor == phone.doctor]
        delays += phone.delays(commits)
    expected = sum(sum(a.doctor == phone.doctor for phone in phones) for a in given)
    took = [a.answered - a.sent for a in given]
    return {
        "seconds": seconds,
        "commands": len(given),
        "never_shown": expected - len(delays),
        "phone": milliseconds(delays),
        "command": milliseconds(took),
    }


async def _behind(at: Ground, phones: list[Phone]) -> int:
    """Return how many phones do not show the newest version in the end."""
    behind = 0
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        for phone in phones:
            row = await event_store.read_stream(tx, queue_stream(at.clinic.tenant, phone.doctor, at.clinic.date))
            behind += row is None or phone.seen[1] < row["version"]
    return behind


async def _faults(at: Ground, desks: Desks, phones: list[Phone], figures: dict[str, Any]) -> list[str]:
    """Return every promise that was broken."""
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        rows = await tx.rows(
            "SELECT stream_id, version, request_id, type, command, (data -> 'entry' ->> 'id') AS entry FROM event_store"
            " WHERE tenant_id = $1 AND request_id IS NOT NULL",
            at.clinic.tenant,
        )
    kept: dict[str, set[tuple[Any, int]]] = defaultdict(set)
    for row in rows:
        kept[row["request_id"]].add((row["stream_id"], row["version"]))
    walked_in = Counter(row["entry"] for row in rows if row["type"] == "entry_walked_in")
    lost = wrong = 0
    for given in desks.acknowledged:
        stream = queue_stream(at.clinic.tenant, given.doctor, at.clinic.date)
        if kept[given.request]:
            wrong += kept[given.request] != {(stream, given.version)}
        else:
            # A move to where the patient stands already changes nothing and makes no version.
            lost += given.command != "move"
        if given.command == "walk-in":
            lost += walked_in[str(given.entry)] != 1
    owner = Database(at.house.settings.owner_url(), pool_size=2, application="chaos-replay")
    await owner.open()
    rebuilt = await replay(owner)
    await owner.close()
    timers = figures["timers"]
    complaints = {
        f"{lost} acknowledged commands are lost": lost,
        f"{wrong} commands were done twice or at another version": wrong,
        f"{sum(walked_in.values()) - len(walked_in)} walk-ins are double": sum(walked_in.values()) != len(walked_in),
        f"{desks.unanswered} commands were never answered": desks.unanswered,
        f"server errors: {figures['refused']}": any(code.startswith("5") for code in desks.refused),
        f"{rebuilt.differing} rows are not what their events say": rebuilt.differing,
        f"{timers['armed'] - timers['fired']} timers did not fire": timers["armed"] - timers["fired"],
        f"{timers['twice']} timers fired twice": timers["twice"],
        f"{timers['early']} timers fired early": timers["early"],
        "phones went back in time": figures["phones"]["backwards"],
        f"{figures['phones']['behind_at_the_end']} phones are behind": figures["phones"]["behind_at_the_end"],
    }
    return [complaint for complaint, broken in complaints.items() if broken]


def main() -> None:
    """Run and print; exits with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round, Redis away for ten seconds")
    parser.add_argument("--rounds", type=int, default=4, help="how often each part is killed")
    parser.add_argument("--gap", type=float, default=8.0, help="seconds between kills")
    parser.add_argument("--redis-away", type=float, default=60.0, help="seconds; 0 leaves it out")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    rounds, gap, away = (1, 6.0, 10.0) if options.quick else (options.rounds, options.gap, options.redis_away)
    figures = asyncio.run(run(rounds=rounds, gap=gap, redis_away=away))
    report(figures, as_json=options.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
