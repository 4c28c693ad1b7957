"""The judge of timers: each once and at its time passes; early, lost, twice and never put aside are found."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from loadtests.due_work.arming import SHARES, Armed, counts_of
from loadtests.due_work.judging import Effect, Timer, by_kind, judge
from loadtests.due_work.recipients import Received, deliveries
from loadtests.due_work.run import figures

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TIMERS = [Timer("hold", str(number), NOON + number * SECOND) for number in range(4)]
RIGHT = [Effect(timer.kind, timer.subject, timer.due_at + SECOND / 2) for timer in TIMERS]


def test_each_once_and_at_its_time_is_right() -> None:
    verdict = judge(TIMERS, RIGHT)
    assert (verdict.armed, verdict.lost, verdict.early, verdict.twice, verdict.strays) == (4, 0, 0, 0, 0)
    assert verdict.late == (0.5,) * 4
    told = figures(Armed(TIMERS, [("send", "a")]), RIGHT, 0, {("send", "a")}, Counter())
    assert (told["faults"], told["lateness_p99_s"], told["dead_lettered"]) == ([], 0.5, 1.0)


@pytest.mark.parametrize(
    ("effects", "found"),
    [
        (RIGHT[1:], {"lost": 1}),
        ([Effect("hold", "0", NOON - SECOND), *RIGHT[1:]], {"early": 1}),
        ([*RIGHT, RIGHT[2]], {"twice": 1}),
        ([*RIGHT, Effect("hold", "4", NOON)], {"strays": 1}),
        ([Effect("offer", "0", NOON), *RIGHT[1:]], {"lost": 1, "strays": 1}),
        ([Effect("hold", "0", NOON - SECOND), *RIGHT], {"early": 1, "twice": 1}),
    ],
    ids=["lost", "early", "twice", "a stray", "of another kind", "early and twice"],
)
def test_a_fault_that_was_put_in_is_found(effects: list[Effect], found: dict[str, int]) -> None:
    told = figures(Armed(TIMERS, []), effects, 0, set(), Counter())
    assert {name: told[name] for name in ("lost", "early", "twice", "strays") if told[name]} == found
    assert len(told["faults"]) == len(found)
    assert by_kind(TIMERS, effects)["hold"].lost == found.get("lost", 0)


def test_what_can_never_be_done_and_was_not_put_aside_is_found() -> None:
    poisoned = [("send", "a"), ("send", "b")]
    told = figures(Armed(TIMERS, poisoned), RIGHT, 0, {("send", "a"), ("send", "c")}, Counter())
    assert told["dead_lettered"] == 0.5
    assert len(told["faults"]) == 1


def test_a_message_that_comes_again_is_the_same_and_another_of_the_same_is_not() -> None:
    first = Received("mail", "<1@clinic>", "asha@example.org", NOON)
    again = Received("mail", "<1@clinic>", "asha@example.org", NOON + SECOND)
    other = Received("mail", "<2@clinic>", "asha@example.org", NOON + SECOND)
    assert deliveries([again, first]) == ([Effect("mail", "asha@example.org", NOON)], 1)
    told, count = deliveries([first, other])
    assert count == 0
    assert judge([Timer("mail", "asha@example.org", NOON)], told).twice == 1


def test_every_kind_is_among_however_few_timers() -> None:
    assert set(counts_of(1)) == set(SHARES)
    assert min(counts_of(1).values()) == 1
    assert sum(counts_of(3000).values()) == pytest.approx(3000, rel=0.01)
