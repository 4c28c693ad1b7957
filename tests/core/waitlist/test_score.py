"""The order of the waitlist: what counts, what is bounded, and that nobody starves."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling_core.patients import Tier
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.score import (
    Rank,
    ReasonCode,
    Standing,
    ordered,
    overdue_at,
    rank,
    score,
)
from tests.core.waitlist.entries import NOW, POLICY

DAY = timedelta(days=1)
ages = st.floats(min_value=0, max_value=300).map(lambda days: NOW - timedelta(days=days))
standings = st.builds(
    Standing,
    joined_at=ages,
    urgency=st.sampled_from(Urgency),
    is_chronic=st.booleans(),
    tier=st.sampled_from(Tier),
    fit=st.floats(min_value=0, max_value=1),
)


def place(standing: Standing, now: datetime = NOW, policy: WaitlistPolicy = POLICY) -> Rank:
    return rank(standing, score(standing, policy, now))


def test_the_formula_is_the_one_that_was_shown_to_work() -> None:
    found = score(Standing(joined_at=NOW - 5 * DAY, is_chronic=True, fit=0.5), POLICY, NOW)
    assert found.points == pytest.approx(1 * 5 + 3 + 2 * 0.5)
    assert {reason.code for reason in found.reasons} == {
        ReasonCode.WAITED,
        ReasonCode.CHRONIC_CONDITION,
        ReasonCode.WINDOW_FIT,
    }


@given(standings, st.floats(min_value=0, max_value=300))
def test_a_score_is_the_sum_of_its_reasons_and_never_falls(standing: Standing, days: float) -> None:
    now, later = score(standing, POLICY, NOW), score(standing, POLICY, NOW + timedelta(days=days))
    assert now.points == pytest.approx(sum(reason.points for reason in now.reasons))
    assert later.points >= now.points - 1e-9


@pytest.mark.parametrize(("tier", "other"), list(product(Tier, repeat=2)))
def test_no_membership_outranks_clinical_need(tier: Tier, other: Tier) -> None:
    """Of two who have waited for the same time, whatever it is, the needier one comes first."""
    for hours in (0, 1, 24, 90):
        joined = NOW - timedelta(hours=hours)
        plain = Standing(joined_at=joined, tier=tier)
        for needier in (
            Standing(joined_at=joined, tier=other, is_chronic=True),
            Standing(joined_at=joined, tier=other, urgency=Urgency.SOON),
            Standing(joined_at=joined, tier=other, urgency=Urgency.URGENT),
        ):
            assert place(needier) < place(plain)


@given(standings)
def test_a_membership_is_worth_no_more_than_half_a_day_of_waiting(standing: Standing) -> None:
    longer = Standing(joined_at=standing.joined_at - DAY / 2 - timedelta(seconds=1))
    gold = Standing(joined_at=standing.joined_at, tier=Tier.GOLD)
    assert place(longer) < place(gold)


@given(standings, standings)
def test_who_is_overdue_comes_before_all_who_are_not_and_the_oldest_first(one: Standing, other: Standing) -> None:
    late = [overdue_at(standing, POLICY.target_days) + timedelta(seconds=1) <= NOW for standing in (one, other)]
    if all(late) and one.joined_at < other.joined_at:
        assert place(one) < place(other)
    if late == [True, False] and overdue_at(other, POLICY.target_days) > NOW:
        assert place(one) < place(other)


@given(st.lists(standings, min_size=1, max_size=30), standings)
def test_nobody_starves_whoever_joins_later(crowd: list[Standing], one: Standing) -> None:
    """Once somebody is overdue, only those who joined before them may stand before them."""
    then = overdue_at(one, POLICY.target_days) + timedelta(seconds=1)
    ahead = [other for other in crowd if place(other, then) < place(one, then)]
    assert all(other.joined_at <= one.joined_at for other in ahead)


def test_who_was_given_a_position_has_it() -> None:
    people = [(Standing(joined_at=NOW - n * DAY), wanted) for n, wanted in ((5, None), (4, None), (3, 1), (2, 99))]
    line = ordered(people, key=lambda p: place(p[0]), position=lambda p: p[1])
    assert [(NOW - standing.joined_at).days for standing, _ in line] == [3, 5, 4, 2]


def test_who_waits_alike_joins_in_the_order_of_joining() -> None:
    first, second = Standing(joined_at=NOW - DAY), Standing(joined_at=NOW - DAY + timedelta(microseconds=1))
    assert place(first) < place(second)
