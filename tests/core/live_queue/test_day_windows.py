"""The queue by window: groups, capacities, places and overlaps."""

import pytest

from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.live_queue.day_windows import day_windows, entries_between, overlaps, place_in_window
from tests.core.live_queue.day import Day, example, id_of, name_of


def _names(entries: tuple[object, ...]) -> str:
    return "".join(name_of(entry) for entry in entries)  # type: ignore[arg-type]


def test_an_empty_day_has_no_windows() -> None:
    assert day_windows(Day().queue) == ()


def test_windows_hold_who_booked_them_in_the_order_of_the_line() -> None:
    day = example()
    windows = day_windows(day.queue)
    assert [(window.start, window.end, _names(window.entries)) for window in windows] == [
        (day.at("9:00"), day.at("10:00"), "CAEB"),
        (day.at("10:00"), day.at("11:00"), "D"),
    ]


def test_empty_windows_in_between_are_shown() -> None:
    day = example()
    day.enrol("Z", "12:30")
    assert [_names(window.entries) for window in day_windows(day.queue)] == ["CAEB", "D", "", "Z"]


def test_who_was_served_is_read_first_and_who_is_gone_last() -> None:
    day = example()
    day.check_in("B E", "8:50")
    day.serve("B", "9:00", "9:10")
    day.call("9:11", "E")
    day.cancel("C", "9:12")
    assert _names(day_windows(day.queue)[0].entries) == "BEAC"


def test_the_late_stay_in_the_window_they_booked() -> None:
    day = example()
    day.check_in("A", "10:05")
    assert _names(day_windows(day.queue)[0].entries) == "CEBA"


def test_the_capacity_is_the_clinics_cap() -> None:
    assert [window.capacity for window in day_windows(example().queue, per_window=3)] == [3, 3]


def test_without_a_cap_the_capacity_is_what_the_durations_allow() -> None:
    day = example()
    day.enrol("Y", "11:00", duration=20)
    day.enrol("Z", "11:20", duration=40)
    day.enrol("L", "13:00", duration=90)
    assert [window.capacity for window in day_windows(day.queue)] == [4, 4, 2, 4, 1]


def test_the_place_in_the_window_counts_only_its_own_entries_in_line() -> None:
    day = example()
    day.move("D", 1, "8:00")
    place = place_in_window(day.queue, id_of("A"))
    assert (place.position, place.total, place.window) == (2, 4, day.at("9:00"))
    assert place_in_window(day.queue, id_of("D")).position == 1


def test_outside_the_line_there_is_no_place_in_the_window() -> None:
    day = example()
    day.cancel("A", "8:00")
    place = place_in_window(day.queue, id_of("A"))
    assert (place.position, place.total) == (None, 3)
    with pytest.raises(NotFound):
        place_in_window(day.queue, id_of("Z"))


def test_touching_appointments_do_not_overlap() -> None:
    day = example()
    assert overlaps(day.queue, day.at("9:00"), day.at("10:00")) == ()


def test_overlaps_are_pairs_with_their_minutes() -> None:
    day = Day()
    day.enrol("X", "9:00", duration=30)
    day.enrol("Y", "9:10", duration=10)
    day.enrol("Z", "9:25", duration=15)
    day.enrol("O", "10:00", duration=15)
    found = overlaps(day.queue, day.at("9:00"), day.at("10:00"))
    assert [(name_of(o.first), name_of(o.second), o.minutes) for o in found] == [("X", "Y", 10), ("X", "Z", 5)]
    assert (found[0].start, found[0].end) == (day.at("9:10"), day.at("9:20"))


def test_who_is_gone_overlaps_with_nobody() -> None:
    day = Day()
    day.enrol("X", "9:00", duration=30)
    day.enrol("Y", "9:10", duration=10)
    day.cancel("Y", "8:00")
    assert overlaps(day.queue, day.at("9:00"), day.at("10:00")) == ()
    assert _names(entries_between(day.queue, day.at("9:00"), day.at("10:00"))) == "XY"


@pytest.mark.parametrize("end", ["9:00", "8:00"])
def test_a_window_ends_after_it_starts(end: str) -> None:
    day = example()
    with pytest.raises(InvalidValue) as refused:
        overlaps(day.queue, day.at("9:00"), day.at(end))
    assert refused.value.field == "slotEndTime"
