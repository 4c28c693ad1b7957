"""The figures of a day."""

import pytest

from scheduling_core.live_queue.statistics import BusyHour, percentile, statistics_of, wait_of
from tests.core.live_queue.day import Day, example


def test_an_empty_day_has_zeros_and_no_averages() -> None:
    figures = statistics_of(Day().queue)
    assert (figures.total_appointments, figures.completed, figures.no_show_rate, figures.overtakes) == (0, 0, 0.0, 0)
    assert figures.average_wait_time is figures.median_wait_time is figures.p90_wait_time is None
    assert figures.average_early_minutes is figures.average_consultation_time is None
    assert figures.peak_hours == ()


def _morning() -> Day:
    day = example()
    day.check_in("C", "9:20")
    day.check_in("A", "9:20")
    day.check_in("B", "9:30")
    day.call("9:40")
    day.start("C", "9:41")
    day.complete("C", "9:51")
    day.serve("A", "9:52", "10:12")
    day.no_show("E", "10:12", grace=0)
    day.walk_in("W", "10:13")
    day.cancel("D", "10:14")
    return day


def test_entries_are_counted_by_what_became_of_them() -> None:
    figures = statistics_of(_morning().queue)
    assert (figures.total_appointments, figures.completed, figures.waiting, figures.no_shows) == (6, 2, 2, 1)


def test_the_no_show_rate_counts_the_booked_whose_coming_is_known() -> None:
    # E did not come; A, B and C did; D cancelled and W was never booked.
    assert statistics_of(_morning().queue).no_show_rate == 0.25


def test_a_wait_begins_with_the_later_of_arrival_and_booked_start() -> None:
    day = _morning()
    assert wait_of(day["C"]) == 10  # here at 9:20 for 9:30, called at 9:40
    assert wait_of(day["A"]) == 32  # here at 9:20 for 9:15, called at 9:52
    assert wait_of(day["B"]) is None
    figures = statistics_of(day.queue)
    assert (figures.average_wait_time, figures.median_wait_time, figures.p90_wait_time) == (21, 21, 29.8)


def test_who_is_seen_before_the_booked_start_did_not_wait() -> None:
    day = example()
    day.check_in("D", "9:20")
    day.call("9:30")
    assert wait_of(day["D"]) == 0


def test_early_and_late_arrivals_are_counted() -> None:
    figures = statistics_of(_morning().queue)
    assert (figures.early_arrivals, figures.average_early_minutes) == (1, 10)
    assert figures.late_arrivals == 1


def test_overtakes_and_consultations_are_summed_up() -> None:
    day = _morning()
    figures = statistics_of(day.queue)
    assert figures.overtakes == sum(sum(day.overtakes(name).values()) for name in "ABCDEW") > 0
    assert figures.average_consultation_time == 15


def test_peak_hours_are_hours_of_the_clinic_busiest_first() -> None:
    day = _morning()
    assert statistics_of(day.queue).peak_hours == (BusyHour("09:00", 4), BusyHour("10:00", 1))


def test_peak_hours_are_the_three_busiest() -> None:
    day = Day(zone="Asia/Kathmandu")
    for number, start in enumerate(["8:00", "9:00", "9:30", "11:00", "11:05", "11:10", "14:59"]):
        day.enrol(f"X{number}", start)
    assert [(hour.hour, hour.appointments) for hour in statistics_of(day.queue).peak_hours] == [
        ("11:00", 3),
        ("09:00", 2),
        ("08:00", 1),
    ]


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 2.5), (0.9, 3.7), (1.0, 4.0)])
def test_percentiles_are_interpolated_as_postgres_does(share: float, value: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], share) == pytest.approx(value)
