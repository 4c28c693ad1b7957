"""Suggested windows: free ones first, never full or past ones, nearer to the preferred hour is better."""

import pytest

from scheduling_core.errors import InvalidValue
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.suggestions import OfferedSlot, Reason, suggestions
from tests.core.live_queue.day import Day, example


def test_an_empty_day_offers_its_opening_hours_with_full_marks() -> None:
    day = Day()
    offered = suggestions(day.queue, day.yesterday("20:00"), limit=50)
    assert [s.label for s in offered][:2] == ["08:00–09:00", "09:00–10:00"]
    assert len(offered) == 10
    assert {(s.score, s.wait, s.appointments) for s in offered} == {(100, 0, 0)}


def test_the_fuller_a_window_the_lower_its_score() -> None:
    day = Day()
    for name, start in (("X", "9:00"), ("Y", "9:15"), ("Z", "10:00")):
        day.enrol(name, start)
    scores = {s.label: s.score for s in suggestions(day.queue, day.yesterday("20:00"), limit=50)}
    assert scores["09:00–10:00"] < scores["10:00–11:00"] < scores["11:00–12:00"] == 100


def test_a_full_window_is_not_offered() -> None:
    day = example()
    labels = [s.label for s in suggestions(day.queue, day.yesterday("20:00"), limit=50)]
    assert "09:00–10:00" not in labels
    capped = suggestions(day.queue, day.yesterday("20:00"), per_window=1, limit=50)
    assert "10:00–11:00" not in [s.label for s in capped]


def test_a_cancelled_appointment_frees_its_place() -> None:
    day = example()
    day.cancel("A", "8:00")
    offered = suggestions(day.queue, day.at("8:00"), limit=50)
    assert [s.appointments for s in offered if s.label == "09:00–10:00"] == [3]


def test_a_window_that_has_begun_is_not_offered() -> None:
    day = Day()
    assert min(s.start for s in suggestions(day.queue, day.at("12:00:01"), limit=50)) == day.at("13:00")
    assert min(s.start for s in suggestions(day.queue, day.at("12:00"), limit=50)) == day.at("12:00")
    assert suggestions(day.queue, day.at("19:00")) == ()


def test_the_preferred_hour_comes_first_among_equals() -> None:
    day = Day()
    offered = suggestions(day.queue, day.yesterday("20:00"), preferred_hour=14)
    assert [s.label for s in offered][:3] == ["14:00–15:00", "13:00–14:00", "15:00–16:00"]
    assert "At the hour you prefer" in offered[0].reasons
    assert "Near the hour you prefer" in offered[1].reasons
    assert offered[0].score == 100


def test_the_preferred_hour_does_not_outweigh_a_crowd() -> None:
    day = Day()
    for number, start in enumerate(("14:00", "14:15", "14:30")):
        day.enrol(f"X{number}", start)
    offered = suggestions(day.queue, day.yesterday("20:00"), preferred_hour=14)
    assert offered[0].label != "14:00–15:00"


def test_the_wait_counts_who_is_ahead_and_what_is_carried_over() -> None:
    day = Day()
    for number in range(6):
        day.enrol(f"X{number}", "9:00", booked=f"{number}:00")
    (ten,) = [s for s in suggestions(day.queue, day.yesterday("20:00"), limit=50) if s.label == "10:00–11:00"]
    assert ten.wait == 30
    assert "About 30 minutes of waiting" in ten.reasons


def test_a_delay_is_part_of_the_wait() -> None:
    day = Day()
    day.delay(90, "9:00")
    (ten,) = [s for s in suggestions(day.queue, day.at("9:00"), limit=50) if s.label == "10:00–11:00"]
    assert ten.wait == 30


def test_the_best_come_first_and_not_more_than_asked_for() -> None:
    day = example()
    offered = suggestions(day.queue, day.yesterday("20:00"), preferred_hour=10, limit=3)
    assert len(offered) == 3
    assert [s.score for s in offered] == sorted((s.score for s in offered), reverse=True)
    assert all(0 <= s.score <= 100 for s in offered)


def test_the_reasons_name_nobody() -> None:
    day = example()
    for offered in suggestions(day.queue, day.yesterday("20:00"), limit=50):
        assert not any(day[name].ticket in reason.split() for name in "D" for reason in offered.reasons[1:])
        assert offered.reasons


def test_a_closed_day_offers_nothing() -> None:
    day = example()
    day.close("8:00")
    assert suggestions(day.queue, day.at("8:00")) == ()


@pytest.mark.parametrize("hour", [-1, 24])
def test_an_hour_that_no_day_has_is_refused(hour: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        suggestions(Day().queue, Day().at("8:00"), preferred_hour=hour)
    assert refused.value.field == "preferredHour"


def test_when_the_clocks_change_no_window_begins_before_the_doors_open() -> None:
    day = Day(QueuePolicy(), zone="Australia/Lord_Howe", date="2025-10-05")
    offered = suggestions(day.queue, day.yesterday("20:00"), limit=50)
    assert offered[0].label == "08:30–09:30"


def test_a_booked_window_outside_the_opening_hours_is_offered_too() -> None:
    day = Day()
    day.enrol("X", "19:00")
    assert "19:00–20:00" in [s.label for s in suggestions(day.queue, day.at("8:00"), limit=50)]


def slots(day: Day, *starts: str, places: int = 1, free: int = 1, held: int = 0) -> list[OfferedSlot]:
    """Return slots of the day."""
    return [OfferedSlot(start=day.at(start), places=places, free=free, held=held) for start in starts]


def test_on_a_day_with_slots_only_windows_with_a_free_one_are_offered() -> None:
    day = Day()
    offered = suggestions(
        day.queue,
        day.yesterday("20:00"),
        slots=[*slots(day, "9:00", "9:30"), *slots(day, "10:00", free=0), *slots(day, "19:30")],
        limit=50,
    )
    assert [(s.label, s.free) for s in offered] == [("09:00–10:00", 2), ("19:00–20:00", 1)]


def test_what_is_held_makes_a_window_less_free_and_is_told() -> None:
    day = Day()
    offered = suggestions(
        day.queue,
        day.yesterday("20:00"),
        slots=[*slots(day, "9:00"), *slots(day, "9:30", free=0, held=1), *slots(day, "10:00", "10:30")],
        limit=50,
    )
    assert [s.label for s in offered] == ["10:00–11:00", "09:00–10:00"]
    assert offered[0].reasons[0] == "All places are free"
    assert offered[1].reasons[0] == "1 of 2 places are free; 1 just being booked"


def test_the_clinics_cap_closes_a_window_that_still_has_free_slots() -> None:
    day = Day()
    day.enrol("X", "9:00")
    offered = suggestions(
        day.queue, day.yesterday("20:00"), slots=slots(day, "9:00", "9:30", "10:00"), per_window=1, limit=50
    )
    assert [s.label for s in offered] == ["10:00–11:00"]


def test_appointments_on_top_of_each_other_speak_against_a_window() -> None:
    beside, on_top = Day(), Day()
    for number, start in enumerate(("9:00", "9:15")):
        beside.enrol(f"X{number}", start)
        on_top.enrol(f"X{number}", "9:00")
    calm, crowd = (
        next(s for s in suggestions(day.queue, day.yesterday("20:00"), limit=50) if s.label == "09:00–10:00")
        for day in (beside, on_top)
    )
    assert (calm.overlaps, crowd.overlaps) == (0, 1)
    assert crowd.score < calm.score
    assert "1 pair of appointments at the same time" in crowd.reasons


def test_the_points_explain_the_score() -> None:
    day = example()
    for offered in suggestions(day.queue, day.yesterday("20:00"), preferred_hour=11, limit=50):
        assert sum(one.of for one in offered.points) == 100
        assert all(0 <= one.points <= one.of for one in offered.points)
        assert offered.score == round(sum(one.points for one in offered.points))


def test_a_long_wait_is_longer_the_more_come_before_and_none_where_nobody_does() -> None:
    day = Day()
    for number in range(6):
        day.enrol(f"X{number}", "9:00", booked=f"{number}:00")
    waits = {s.label: (s.wait, s.long_wait) for s in suggestions(day.queue, day.yesterday("20:00"), limit=50)}
    wait, long_wait = waits["10:00–11:00"]
    assert wait < long_wait
    assert waits["12:00–13:00"] == (0, 0)
    day.enrol("Y", "10:00")
    later = {s.label: s.long_wait for s in suggestions(day.queue, day.yesterday("20:00"), limit=50)}
    assert later["10:00–11:00"] > long_wait


def test_each_reason_comes_as_a_word_with_its_numbers_for_readers_of_other_languages() -> None:
    day = Day()
    for number, start in enumerate(("9:00", "9:00", "10:00", "10:30", "10:45")):
        day.enrol(f"X{number}", start)
    offered = suggestions(
        day.queue,
        day.yesterday("20:00"),
        preferred_hour=11,
        slots=[*slots(day, "9:00", places=3), *slots(day, "11:00")],
    )
    told = {
        s.label: {one.why.reason: dict(one.why.numbers) for one in s.points if one.why is not None} for s in offered
    }
    assert told["11:00–12:00"] == {
        Reason.ALL_FREE: {"free": 1, "places": 1},
        Reason.NO_WAIT: {},
        Reason.AT_HOUR: {},
    }
    assert told["09:00–10:00"] == {
        Reason.SOME_FREE: {"free": 1, "places": 3},
        Reason.WAIT: {"minutes": 30},
        Reason.CROWDED: {"pairs": 1},
        Reason.NEAR_HOUR: {},
    }
    (nine,) = [s for s in suggestions(day.queue, day.yesterday("20:00"), limit=50) if s.label == "09:00–10:00"]
    assert nine.points[0].why is not None
    assert (nine.points[0].why.reason, nine.points[0].why.numbers["taken"]) == (Reason.SOME_TAKEN, 2)
