"""A day is run on the day itself; before it one can only prepare, after it only finish."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scheduling_core.errors import NotThatDay
from scheduling_core.live_queue.commands import MarkNoShow, PauseQueue
from scheduling_core.live_queue.state import EntryState
from tests.core.live_queue.day import OTHER_DOCTOR, Day, example, id_of

RUNS_THE_DAY: list[Callable[[Day, str], object]] = [
    lambda day, at: day.check_in("A", at),
    lambda day, at: day.call(at),
    lambda day, at: day.call(at, "C"),
    lambda day, at: day.recall("B", at),
    lambda day, at: day.start("B", at),
    lambda day, at: day.complete("B", at),
    lambda day, at: day.skip("C", at),
    lambda day, at: day.no_show("A", at),
    lambda day, at: day.pause(at),
    lambda day, at: day.resume(at),
    lambda day, at: day.close(at),
]


def busy() -> Day:
    """C waits, B is called; it is the day."""
    day = example()
    day.check_in("B C", "8:50")
    day.call("9:00", "B")
    return day


@pytest.mark.parametrize("command", RUNS_THE_DAY)
def test_a_day_that_is_over_is_not_run(command: Callable[[Day, str], object]) -> None:
    day = busy()
    # The moment after the last, before the timer has closed the day.
    after = day.queue.day_end
    day.at = lambda wall: after  # type: ignore[method-assign]
    before = day.queue
    with pytest.raises(NotThatDay):
        command(day, "0:00")
    assert day.queue == before


@pytest.mark.parametrize("command", RUNS_THE_DAY)
def test_a_day_to_come_is_not_run(command: Callable[[Day, str], object]) -> None:
    day = busy()
    before_midnight = day.queue.day_start - timedelta(microseconds=1)
    day.at = lambda wall: before_midnight  # type: ignore[method-assign]
    before = day.queue
    with pytest.raises(NotThatDay):
        command(day, "0:00")
    assert day.queue == before


def test_the_day_begins_at_midnight_in_the_clinic_and_ends_with_its_last_moment() -> None:
    day = example()
    day.do(PauseQueue(), day.queue.day_start)
    day.do(MarkNoShow(entry=id_of("A"), grace=0), day.queue.day_end - timedelta(microseconds=1))
    assert day.state_of("A") is EntryState.NO_SHOW


def test_a_day_to_come_can_be_prepared() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    evening = day.yesterday("21:00")
    for one in (day, other):
        one.at = lambda wall: evening  # type: ignore[method-assign]
    day.move("D", 1, "")
    day.triage("E", 3, "")
    day.transfer("A", other, "")
    day.delay(30, "")
    day.cancel("B", "")
    day.undo(day.version, "")
    assert day.state_of("B") is EntryState.EXPECTED


def test_a_consultation_may_run_past_midnight() -> None:
    day = busy()
    day.start("B", "23:50")
    after = day.queue.day_end + timedelta(minutes=5)
    day.tick(after)
    assert day.queue.closed
    day.at = lambda wall: after  # type: ignore[method-assign]
    day.close("")
    day.complete("B", "")
    assert day.state_of("B") is EntryState.COMPLETED
