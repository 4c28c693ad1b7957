"""The wait estimate: the line played forward at the doctor's recent pace."""

from uuid import UUID

from scheduling_core.estimates.waits import RecentMean, Wait
from scheduling_core.ids import BroadcastId
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue.state import Priority
from tests.core.live_queue.day import TEXT, Day, id_of, name_of


def booked(*starts: tuple[str, str]) -> Day:
    """Return a day with these people booked, each by a name and a start."""
    day = Day()
    for name, start in starts:
        day.do(
            cmd.EnrolEntry(entry=id_of(name), start=day.at(start), booked_at=day.yesterday("12:00")),
            day.yesterday("21:00"),
        )
    return day


def waits(day: Day, wall: str) -> dict[str, Wait]:
    return {name_of(e): w for e, w in RecentMean().estimate(day.queue, day.at(wall)).items()}


def test_each_one_ahead_takes_the_mean_and_spreads_the_estimate() -> None:
    day = booked(("A", "9:00"), ("B", "9:00"), ("C", "9:00"))
    for name in "ABC":
        day.do(cmd.CheckInEntry(entry=id_of(name)), "8:50")
    found = waits(day, "9:00")
    assert [found[name].p50 for name in "ABC"] == [0, 15, 30]
    assert found["A"].p90 == 0
    assert found["C"].p90 > found["B"].p90 > found["B"].p50


def test_a_consultation_in_progress_is_counted_by_what_is_left_of_it() -> None:
    day = booked(("A", "9:00"), ("B", "9:00"))
    for name in "AB":
        day.do(cmd.CheckInEntry(entry=id_of(name)), "8:50")
    day.do(cmd.CallNext(), "9:00")
    day.do(cmd.StartConsultation(entry=id_of("A")), "9:00:10")
    assert waits(day, "9:05")["B"].p50 == 10
    assert waits(day, "9:40")["B"].p50 == 3


def test_nobody_starts_before_they_may_be_called() -> None:
    day = booked(("A", "9:00"), ("B", "11:00"), ("C", "11:00"))
    found = waits(day, "8:00")
    assert [found[name].p50 for name in "ABC"] == [60, 180, 195]


def test_somebody_early_is_seen_when_the_doctor_would_wait() -> None:
    day = booked(("A", "11:00"))
    day.do(cmd.CheckInEntry(entry=id_of("A")), "10:00")
    assert waits(day, "10:10")["A"].p50 == 20


def test_an_announced_delay_holds_everybody() -> None:
    day = booked(("A", "9:00"))
    day.do(cmd.CheckInEntry(entry=id_of("A")), "8:55")
    broadcast = cmd.IssueBroadcast(
        broadcast=BroadcastId(UUID(int=9)), text=TEXT, priority=Priority.HIGH, estimated_delay=45
    )
    day.do(broadcast, "9:00")
    assert waits(day, "9:10")["A"].p50 == 35
