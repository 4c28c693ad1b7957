"""One run: the list of one clinic under load on a house of the run's own, then a month of it simulated."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.booking.practice import deadlocks, open_times
from loadtests.booking.scene import Scene, scene
from loadtests.house import Ground, milliseconds
from loadtests.stage import console
from loadtests.waitlist_churn.churn import Churn, Pace, churn
from loadtests.waitlist_churn.contest import Round, contest
from loadtests.waitlist_churn.list import opened, standing
from loadtests.waitlist_month.figures import compare
from loadtests.waitlist_month.orders import ORDERS
from loadtests.waitlist_month.people import month
from loadtests.waitlist_month.picture import draw

TOO_MUCH = frozenset({"unavailable", "no_answer"})
"""What is answered at a rate that the machine cannot bear: slowness, which is no fault."""
P99_MS = 30.0
"""Target for joins on a machine of the run's own."""
CONNECTIONS = 200
WARM_UP = Pace(joins=60, promotions=0, seconds=3)
BEARABLE = 0.6
"""Which part of the rate that came about is asked for when what was wanted was too much."""
REST_SECONDS = 30.0
SLOTS_OF_DOCTOR = 30


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    joins: float
    promotions: float
    seconds: float
    admins: int
    rounds: int
    entries: int
    openings: int


FULL = Sizes(joins=500, promotions=20, seconds=20, admins=50, rounds=20, entries=10_000, openings=2_000)
QUICK = Sizes(joins=500, promotions=20, seconds=3, admins=50, rounds=5, entries=1_500, openings=300)
TINY = Sizes(joins=20, promotions=5, seconds=1, admins=10, rounds=2, entries=300, openings=60)


async def run(sizes: Sizes, picture: Path | None = None) -> dict[str, Any]:
    """Run everything and return the figures; `faults` lists broken promises, `missed_targets` what was too slow.

    The month is drawn into `picture`.
    """
    at_pace, bearable, rounds, wrong, checks = await _on_the_list(sizes)
    simulated = await asyncio.to_thread(_month, sizes, picture)
    return _figures(sizes, at_pace, bearable, rounds, wrong, checks, simulated)


async def _on_the_list(sizes: Sizes) -> tuple[Churn, Churn | None, list[Round], list[str], dict[str, int]]:
    needed = int(sizes.promotions * sizes.seconds) * 2 + sizes.rounds
    async with scene(doctors=max(4, -(-2 * needed // SLOTS_OF_DOCTOR))) as at:
        slots = await open_times(at.at, at.at.clinic.doctors, days=1)
        line = await opened(at, sizes.admins)
        callers = await at.callers(CONNECTIONS)
        warm_up = msgspec.structs.replace(WARM_UP, seconds=max(WARM_UP.seconds, needed / WARM_UP.joins + 1))
        before = await deadlocks(at.at)
        first = await churn(at, line, warm_up, callers, (), ())
        # The last times first: whoever is promoted without one named finds a time for every part of the day.
        waiting, free = list(first.joined), list(reversed(slots))
        wanted = int(sizes.promotions * sizes.seconds)
        pace = Pace(joins=sizes.joins, promotions=sizes.promotions, seconds=sizes.seconds)
        at_pace = await churn(at, line, pace, callers, waiting[:wanted], free[:wanted])
        bearable = await _bearable(
            at,
            sizes,
            at_pace,
            lambda p: churn(at, line, p, callers, waiting[wanted : 2 * wanted], free[wanted : 2 * wanted]),
        )
        rest = waiting[2 * wanted : 2 * wanted + sizes.rounds]
        step = at.bar(f"{sizes.admins} administrators on one entry", len(rest))
        rounds, wrong = await contest(line, rest, callers[: sizes.admins], step)
        churns = [first, at_pace, *([bearable] if bearable is not None else [])]
        wrong += [fault for one in churns for fault in one.wrong]
        joined = [entry for one in churns for entry in one.joined]
        found = await standing(at.at, joined)
        await asyncio.sleep(1.5)  # Postgres counts what its sessions tell it, which they do about once a second
        checks = {
            "lost_joins": len(joined) - len(found.appointments),
            "miscounted": abs(found.waiting - found.counted),
            "deadlocks": await deadlocks(at.at) - before,
            "strange": sum((one.answers for one in churns), Counter()).total()
            - sum(one.answers[code] for one in churns for code in {"ok", *TOO_MUCH}),
        }
    return at_pace, bearable, rounds, wrong, checks


async def _bearable(scene: Scene, sizes: Sizes, seen: Churn, again: Callable[[Pace], Any]) -> Churn | None:
    """Measure once more, at what the machine can bear, unless it has borne what was wanted."""
    rate = float(seen.joins["per_s"])
    if rate > 0.95 * sizes.joins:
        return None
    await _at_rest(scene.at)
    share = BEARABLE * rate / sizes.joins
    pace = Pace(joins=BEARABLE * rate, promotions=sizes.promotions * share, seconds=sizes.seconds)
    found: Churn = await again(pace)
    return found


async def _at_rest(at: Ground) -> None:
    """Wait until nobody joins any more: what callers have given up on is still worked on, and would be measured with
    what comes next."""
    until, before = monotonic() + REST_SECONDS, -1
    while monotonic() < until and (now := (await standing(at, ())).waiting) != before:
        before = now
        await asyncio.sleep(1)


def _month(sizes: Sizes, picture: Path | None) -> dict[str, dict[str, Any]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), transient=True, refresh_per_second=4) as progress:
        task = progress.add_task("A month of freed times, under each order", total=sizes.openings * len(ORDERS))
        told, outcomes = compare(
            entries=sizes.entries, openings=sizes.openings, advance=lambda count: progress.advance(task, count)
        )
    if picture is not None:
        caption = (
            f"{sizes.entries:,} entries, {sizes.openings:,} freed times, 30 days; the same people and times in"
            " each row. Waits beyond the axis stand in the last bar."
        )
        made = month(entries=sizes.entries, openings=sizes.openings, seed=6)
        picture.write_text(draw(made, outcomes, told, caption))
    return told


def _figures(
    sizes: Sizes,
    at_pace: Churn,
    bearable: Churn | None,
    rounds: list[Round],
    wrong: list[str],
    checks: dict[str, int],
    simulated: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    ours, fifo, tiers = (simulated[name] for name in ("score", "fifo", "strict_tiers"))
    complaints = {
        f"{len(wrong)} wrong promotions: {wrong[:3]}": bool(wrong),
        f"{checks['lost_joins']} acknowledged joins are lost": checks["lost_joins"],
        f"the list is miscounted by {checks['miscounted']}": checks["miscounted"],
        f"{checks['deadlocks']} deadlocks": checks["deadlocks"],
        f"strange answers: {dict(at_pace.answers)}": checks["strange"],
        f"{ours['starved']} starved": ours["starved"],
        f"{ours['double']} double offers or times": ours["double"],
    }
    answers = dict(at_pace.answers)
    targets = {
        f"joins took {at_pace.p99_ms} ms (p99) at {sizes.joins:g} a second, the target is {P99_MS:g} ms": (
            at_pace.p99_ms > P99_MS
        ),
        f"the machine could not bear the rate: {answers}, {at_pace.joins['per_s']} a second": (
            bearable is not None or bool(set(answers) & TOO_MUCH)
        ),
        "waits are spread less evenly than first come, first served would": (ours["jain"] or 0) < (fifo["jain"] or 0),
    }
    return {
        "join_p99_ms": at_pace.p99_ms,
        "wrong_promotions": len(wrong),
        "fill_rate": ours["fill_rate"],
        "offers_per_fill": ours["offers_per_fill"],
        "jain": ours["jain"],
        "jain_fifo": fifo["jain"],
        "jain_strict_tiers": tiers["jain"],
        "longest_over_target": ours["longest_over_target"],
        "minutes_to_fill": ours["minutes_to_fill"],
        "starved": ours["starved"],
        "starved_fifo": fifo["starved"],
        "starved_strict_tiers": tiers["starved"],
        "rate_per_s": sizes.joins,
        "seconds": sizes.seconds,
        "joins": at_pace.joins,
        "promotions": at_pace.promotions,
        "bearable": (
            {"rate_per_s": round(BEARABLE * float(at_pace.joins["per_s"]), 1), "joins": bearable.joins}
            if bearable is not None
            else None
        ),
        "contests": {
            "administrators": sizes.admins,
            "rounds": len(rounds),
            "answers": dict(sum((Counter(one.told) for one in rounds), Counter())),
            **milliseconds([one.seconds for one in rounds]),
        },
        **checks,
        "month": {"entries": sizes.entries, "openings": sizes.openings, **simulated},
        "faults": [complaint for complaint, broken in complaints.items() if broken],
        "missed_targets": [target for target, missed in targets.items() if missed],
    }
