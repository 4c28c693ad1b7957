"""What a month came to under each order, as figures."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from loadtests.house import quantile
from loadtests.waitlist_month.orders import ORDERS
from loadtests.waitlist_month.people import Month, Person, by_id, month
from loadtests.waitlist_month.simulation import Outcome, Simulation
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.fairness import fairness

MINUTE = timedelta(minutes=1)


def compare(
    *, entries: int, openings: int, seed: int = 6, advance: Callable[[int], None] = lambda _: None
) -> tuple[dict[str, Any], dict[str, Outcome]]:
    """Let the same month happen under each order; returns the figures and what came of it, by order.

    `advance` is told of each freed time, `openings` times the number of orders altogether.
    """
    made = month(entries=entries, openings=openings, seed=seed)
    outcomes = {name: Simulation(made, order, advance=advance).run() for name, order in ORDERS.items()}
    return {name: figures(made, outcome) for name, outcome in outcomes.items()}, outcomes


def figures(made: Month, outcome: Outcome) -> dict[str, Any]:
    """Return how full the days were, what that took, and how evenly the waiting was spread.

    `jain` and what stands beside it are of those who have got a time, `jain_everybody` also of those who left or wait
    on; waits are in units of their targets, `starved` is who was passed over by the less overdue and got nothing.
    """
    fair = fairness([filled.waited for filled in outcome.filled])
    everybody = fairness(list(outcome.waits.values()))
    minutes = [filled.after / MINUTE for filled in outcome.filled]
    fills = max(1, len(outcome.filled))
    return {
        "fill_rate": _rounded(len(outcome.filled) / max(1, outcome.openings)),
        "offers_per_fill": _rounded(outcome.offers / max(1, fills - outcome.given)),
        "given_without_asking": outcome.given,
        "minutes_to_fill": {"p50": round(quantile(minutes, 0.5), 1), "p90": round(quantile(minutes, 0.9), 1)},
        "jain": _rounded(fair.jain),
        "gini": _rounded(fair.gini),
        "longest_over_target": _rounded(fair.longest),
        "inside_target": _rounded(fair.inside_target),
        "jain_everybody": _rounded(everybody.jain),
        "by_urgency": _by_urgency(by_id(made.people), outcome),
        "overdue_passed_over": len(outcome.passed_over),
        "starved": outcome.starved,
        "double": outcome.double,
        "answers": {said.value: count for said, count in outcome.answers.items()},
        "ends": {status.value: count for status, count in outcome.ends.items()},
    }


def _by_urgency(people: Mapping[Any, Person], outcome: Outcome) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for urgency in Urgency:
        whose = [filled.waited for filled in outcome.filled if people[filled.person].wish.urgency is urgency]
        fair = fairness(whose)
        found[urgency.value] = {
            "filled": fair.waits,
            "median_over_target": round(quantile(whose, 0.5), 3),
            "longest_over_target": _rounded(fair.longest),
            "inside_target": _rounded(fair.inside_target),
        }
    return found


def _rounded(value: float | None) -> float | None:
    return round(value, 3) if value is not None else None
