"""What time does: prompts, releases, ends of grace and of the day; never early, never twice."""

import pytest

from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import EntryState
from scheduling_core.live_queue.timers import next_wake
from tests.core.live_queue.day import Day, example


def _one(**policy: int) -> Day:
    day = Day(QueuePolicy(**policy))  # type: ignore[arg-type]
    day.enrol("X", "9:00")
    return day


def _serve_somebody(day: Day, at: str) -> None:
    day.walk_in("W", at)
    day.triage("W", 1, at)
    day.call(at)


def test_the_next_wake_is_the_earliest_of_prompt_release_grace_and_midnight() -> None:
    day = _one()
    assert next_wake(day.queue) == day.at("9:10")
    day.tick("9:10")
    assert next_wake(day.queue) == day.at("9:20")
    day.no_show("X", "9:11", grace=2)
    assert next_wake(day.queue) == day.at("9:13")
    day.check_in("X", "9:12")
    assert next_wake(day.queue) == day.queue.day_end


def test_a_tick_before_its_time_does_nothing() -> None:
    day = _one()
    assert day.tick("9:09:59") == []
    day.tick("9:10")
    assert day.tick("9:10") == []
    assert day.tick("9:19:59") == []


def test_somebody_absent_is_prompted_once_at_due_plus_lateafter() -> None:
    day = _one()
    assert day.tick("9:10") == [ev.ArrivalPrompted(entry=day["X"].id)]
    assert day["X"].prompted_at == day.at("9:10")


def test_somebody_here_is_neither_prompted_nor_released() -> None:
    day = _one()
    day.check_in("X", "9:00")
    assert day.tick("12:00") == []


def test_somebody_absent_is_released_while_nobody_is_served() -> None:
    day = _one()
    day.tick("9:20")
    assert day.state_of("X") is EntryState.NO_SHOW


def test_somebody_absent_is_looked_at_again_while_somebody_is_served() -> None:
    day = _one()
    _serve_somebody(day, "9:15")
    # The call went past X: make it one that did not.
    day.undo(day.version, "9:15:10")
    day.move("X", 2, "9:15:11")
    day.call("9:15:12")
    assert day["X"].passed_over == 0
    day.tick("9:20")
    assert day.state_of("X") is EntryState.EXPECTED
    assert day["X"].look_again_at == day.at("9:25")
    assert next_wake(day.queue) == day.at("9:25")
    assert day.tick("9:24:59") == []
    day.complete("W", "9:24:59")
    day.tick("9:25")
    assert day.state_of("X") is EntryState.NO_SHOW


def test_somebody_passed_over_is_released_though_somebody_is_served() -> None:
    day = example()
    day.check_in("C E B", "8:50")
    day.call("9:00", "E")
    assert day["A"].passed_over == 1
    day.tick("9:35")
    assert day.state_of("A") is EntryState.NO_SHOW


def test_in_a_pause_somebody_absent_is_looked_at_again() -> None:
    day = _one()
    day.pause("9:00")
    day.tick("9:20")
    assert day.state_of("X") is EntryState.EXPECTED
    day.resume("9:21")
    day.tick("9:25")
    assert day.state_of("X") is EntryState.NO_SHOW


def test_a_delay_announced_meanwhile_puts_the_release_off() -> None:
    day = _one()
    day.tick("9:10")
    day.delay(30, "9:15")
    assert next_wake(day.queue) == day.at("10:05")
    assert day.tick("9:20") == []


def test_a_granted_grace_outlasts_the_release() -> None:
    day = _one()
    day.no_show("X", "9:00", grace=40)
    day.tick("9:20")
    assert day.state_of("X") is EntryState.EXPECTED
    day.tick("9:39:59")
    assert day.state_of("X") is EntryState.EXPECTED
    day.tick("9:40")
    assert day.state_of("X") is EntryState.NO_SHOW


def test_grace_runs_for_somebody_who_waits_or_is_called_too() -> None:
    day = example()
    day.check_in("C A", "8:50")
    day.call("9:00")
    day.no_show("C", "9:40", grace=5)
    day.no_show("A", "9:40", grace=5)
    day.tick("9:45")
    assert [day.state_of(name) for name in "CA"] == [EntryState.NO_SHOW] * 2


def test_a_worker_that_slept_releases_without_prompting_first() -> None:
    day = _one()
    assert day.tick("9:30") == [ev.EntryMarkedNoShow(entry=day["X"].id)]


def test_the_day_ends_at_the_clinics_midnight() -> None:
    day = example()
    day.check_in("A", "9:00")
    day.delay(720, "14:00")
    assert day.tick(day.queue.day_end)[-1] == ev.DayClosed()
    assert day.queue.closed
    assert day.state_of("A") is EntryState.CANCELLED
    assert {day.state_of(name) for name in "BCDE"} == {EntryState.NO_SHOW}
    assert next_wake(day.queue) is None
    assert day.tick(day.queue.day_end) == []


@pytest.mark.parametrize("late_after", [0, 25])
def test_the_policy_sets_the_times(late_after: int) -> None:
    day = _one(late_after=late_after, release_after=40)
    day.tick(f"9:{late_after:02}")
    assert day["X"].prompted_at == day.at(f"9:{late_after:02}")
    assert next_wake(day.queue) == day.at("9:40")


def test_a_new_policy_is_read_at_the_next_tick() -> None:
    day = _one()
    day.do(cmd.AdoptPolicy(policy=QueuePolicy(release_after=60)), "9:00", by_system=True)
    day.tick("9:20")
    assert day.state_of("X") is EntryState.EXPECTED
