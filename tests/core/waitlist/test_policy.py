"""What a clinic may decide about its waitlist, and when nobody is woken."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling_core.errors import InvalidValue
from scheduling_core.waitlist.policy import (
    PriorityWeights,
    QuietHours,
    TargetDays,
    WaitlistPolicy,
    check,
    is_quiet,
    quiet_until,
)

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def test_what_a_policy_begins_with_makes_sense() -> None:
    check(WaitlistPolicy())


@pytest.mark.parametrize(
    ("weights", "fine"),
    [
        (PriorityWeights(membership_level=0.99), True),
        (PriorityWeights(membership_level=1.0), False),
        (PriorityWeights(membership_level=0.5, chronic_condition=0.5), False),
        (PriorityWeights(membership_level=0, chronic_condition=0), True),
    ],
)
def test_a_membership_never_counts_as_much_as_clinical_need(weights: PriorityWeights, fine: bool) -> None:
    policy = WaitlistPolicy(priority_weights=weights)
    if fine:
        check(policy)
    else:
        with pytest.raises(InvalidValue) as refused:
            check(policy)
        assert refused.value.field == "priorityWeights.membershipLevel"


def test_who_is_more_urgent_is_not_to_wait_longer() -> None:
    with pytest.raises(InvalidValue) as refused:
        check(WaitlistPolicy(target_days=TargetDays(routine=7, soon=8, urgent=1)))
    assert refused.value.field == "targetDays"


@pytest.mark.parametrize(
    ("clock", "until"),
    [
        ("2026-06-01T20:59", "2026-06-01T20:59"),
        ("2026-06-01T21:00", "2026-06-02T08:00"),
        ("2026-06-02T03:00", "2026-06-02T08:00"),
        ("2026-06-02T08:00", "2026-06-02T08:00"),
        # Clocks go forward at two, and back at three: eight o'clock is eight o'clock.
        ("2026-03-28T23:00", "2026-03-29T08:00"),
        ("2026-10-24T23:00", "2026-10-25T08:00"),
    ],
)
def test_nobody_is_woken_before_eight_by_their_own_clock(clock: str, until: str) -> None:
    assert quiet_until(NIGHT, at(clock), BERLIN) == at(until)


def test_quiet_hours_may_lie_within_a_day() -> None:
    noon = QuietHours(start="12:00", end="14:00")
    assert [is_quiet(noon, at(f"2026-06-01T{clock}"), BERLIN) for clock in ("11:59", "12:00", "13:59", "14:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_an_end_that_daylight_saving_skips_comes_as_late_as_without_the_change() -> None:
    early = QuietHours(start="21:00", end="02:30")
    # On 29 March 2026 the clocks go from 02:00 to 03:00.
    assert quiet_until(early, at("2026-03-29T01:00"), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
