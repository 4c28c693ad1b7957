"""How fairly a waitlist was worked."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling_core.patients import Tier
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.fairness import Wait, fairness, gini, jain, ratio, spread
from scheduling_core.waitlist.policy import TargetDays

WAITS = st.lists(st.just(0.0) | st.floats(min_value=0.001, max_value=100), min_size=1, max_size=30)


def test_equal_waits_are_entirely_fair_and_one_who_waits_for_all_is_not() -> None:
    equal, unequal = fairness([2.0] * 4), fairness([0.0, 0.0, 0.0, 8.0])

    assert (equal.jain, equal.gini, equal.longest, equal.inside_target) == (1, 0, 2, 0)
    assert (unequal.jain, unequal.gini, unequal.longest, unequal.inside_target) == (0.25, 0.75, 8, 0.75)


@given(waits=WAITS)
def test_gini_is_half_of_the_relative_mean_difference(waits: list[float]) -> None:
    count, total = len(waits), sum(waits)
    differences = sum(abs(one - other) for one in waits for other in waits)

    assert gini(waits) == pytest.approx(differences / (2 * count * total) if total else 0, abs=1e-9)


@given(waits=WAITS, factor=st.floats(min_value=0.1, max_value=10))
def test_what_counts_is_how_waits_compare_and_not_how_long_they_are(waits: list[float], factor: float) -> None:
    longer = [wait * factor for wait in waits]

    assert jain(longer) == pytest.approx(jain(waits), rel=1e-6)
    assert gini(longer) == pytest.approx(gini(waits), abs=1e-6)
    assert 1 / len(waits) - 1e-9 <= (jain(waits) or 0) <= 1 + 1e-9


def test_a_wait_counts_by_how_long_it_should_have_been_at_most() -> None:
    targets = TargetDays(routine=20, soon=10, urgent=2)

    assert ratio(timedelta(days=5), Urgency.ROUTINE, targets) == 0.25
    assert ratio(timedelta(days=5), Urgency.URGENT, targets) == 2.5
    assert ratio(timedelta(days=-1), Urgency.SOON, targets) == 0


def test_tiers_and_urgencies_are_told_apart() -> None:
    gold = Wait(ratio=0.5, tier=Tier.GOLD, urgency=Urgency.ROUTINE)
    others = [Wait(ratio=3.0, tier=Tier.STANDARD, urgency=urgency) for urgency in (Urgency.ROUTINE, Urgency.URGENT)]

    found = spread([gold, *others])

    assert found.overall.waits == 3
    assert {tier: one.longest for tier, one in found.by_tier.items()} == {Tier.GOLD: 0.5, Tier.STANDARD: 3}
    assert {urgency: one.waits for urgency, one in found.by_urgency.items()} == {Urgency.ROUTINE: 2, Urgency.URGENT: 1}


def test_without_anybody_there_is_nothing_to_say() -> None:
    assert fairness([]).waits == 0
    assert (fairness([]).jain, fairness([]).gini, fairness([]).longest, fairness([]).inside_target) == (None,) * 4
