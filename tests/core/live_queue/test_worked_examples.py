"""The worked examples of docs/queue-rules.md, one test for each half of a row."""

import pytest

from scheduling_core.errors import NobodyToCall, UndoSuperseded
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.policy import LatePolicy
from scheduling_core.live_queue.state import EntryState
from scheduling_core.live_queue.timers import next_wake
from tests.core.live_queue.day import Day, example


def test_windows_of_an_hour_order_by_triage_then_by_payment() -> None:
    assert example().line == "C A E B D"


def test_windows_of_a_quarter_of_an_hour_order_mostly_by_time() -> None:
    assert example(window_minutes=15).line == "B A C E D"


def test_the_booking_counts_where_nothing_was_paid() -> None:
    day = Day()
    for name, start, seniority in [("A", "9:15", "10:00"), ("B", "9:00", "12:00"), ("E", "9:45", "11:00")]:
        day.enrol(name, start, booked=seniority)
    assert day.line == "A E B"


def test_who_comes_exactly_lateafter_minutes_after_due_is_on_time() -> None:
    day = example()
    day.check_in("A", "9:25")
    assert day.line == "C A E B D"
    assert not day["A"].late


def test_who_comes_a_minute_later_is_late_and_stands_by_arrival() -> None:
    day = example()
    day.check_in("A", "9:26")
    assert day.line == "C E B A D"
    assert day["A"].late
    assert day["A"].key_time == day.at("9:26")


def test_who_comes_in_the_next_window_stands_in_the_next_window() -> None:
    day = example()
    day.check_in("A", "10:05")
    assert day.line == "C E B D A"


def test_behind_two_puts_the_late_behind_the_second_callable_entry() -> None:
    day = example(late_policy=LatePolicy.BEHIND_TWO)
    day.check_in("C E B", "8:55")
    day.check_in("A", "10:05")
    assert day.line == "C E A B D"
    assert day["A"].pinned


def test_in_short_windows_the_late_stand_in_the_window_of_their_arrival() -> None:
    day = example(window_minutes=15)
    day.check_in("B", "9:20")
    assert day.line == "A B C E D"


def test_who_is_here_before_the_window_is_not_called_more_than_earlymax_before_it() -> None:
    day = example()
    day.check_in("D", "9:20")
    with pytest.raises(NobodyToCall):
        day.call("9:25")


def test_who_is_here_before_the_window_is_called_earlymax_before_it_when_nobody_else_is_here() -> None:
    day = example()
    day.check_in("D", "9:20")
    assert day.call("9:30") == "D"


def test_who_is_early_gives_way_to_somebody_whose_window_runs() -> None:
    day = example()
    day.check_in("D E", "9:20")
    assert day.call("9:30") == "E"


def test_a_moved_entry_keeps_its_place_when_somebody_walks_in() -> None:
    day = example()
    day.move("D", 1, "9:04:50")
    assert day.line == "D C A E B"
    day.walk_in("F", "9:05")
    assert day.line == "D C A E B F"


def test_the_undo_of_a_move_goes_back_to_the_key() -> None:
    day = example()
    day.move("D", 1, "9:04:50")
    moved = day.version
    day.walk_in("F", "9:05")
    day.undo(moved, "9:05:10")
    assert day.line == "C A E B F D"
    assert not day["D"].pinned


def test_triage_one_goes_before_everybody() -> None:
    day = example()
    day.walk_in("G", "9:20", triage=1)
    assert day.line == "G C A E B D"


def test_call_next_takes_the_head_of_the_line() -> None:
    day = example()
    day.check_in("C A B", "8:50")
    assert day.call("9:00") == "C"


def test_skip_goes_behind_the_next_two_callable_entries() -> None:
    day = example()
    day.check_in("C A B", "8:50")
    day.call("9:00")
    day.skip("C", "9:01")
    assert day.line == "A E B C D"
    assert day["C"].pinned
    assert day.state_of("C") is EntryState.WAITING


def test_who_is_overtaken_by_a_move_is_counted_as_moved() -> None:
    day = example()
    day.check_in("A E B", "8:50")
    day.move("B", 1, "8:55")
    assert day.call("9:00") == "B"
    assert day.overtakes("A") == {"moved": 1}
    assert day.overtakes("E") == {"moved": 1}


def test_who_is_overtaken_by_urgency_is_counted_as_triage() -> None:
    day = example()
    day.check_in("C A E B", "8:50")
    assert day.call("9:00") == "C"
    assert [day.overtakes(name) for name in "AEB"] == [{"triage": 1}] * 3


def test_who_is_absent_is_passed_over_and_keeps_the_place() -> None:
    day = example()
    day.check_in("C E B", "8:50")
    day.call("9:00")
    day.start("C", "9:00")
    assert day.call("9:15") == "E"
    assert day.line == "A B D"
    assert day.queue.position_of(day["A"].id) == 1
    assert day["A"].passed_over > 0
    assert day.overtakes("A") == {}


def test_grace_starts_at_due_when_marked_before_it() -> None:
    day = example()
    day.no_show("B", "8:55", grace=15)
    assert day["B"].grace_until == day.at("9:15")


def test_grace_keeps_its_deadline_when_marked_again() -> None:
    day = example()
    day.no_show("B", "8:55", grace=15)
    day.no_show("B", "9:10")
    assert day["B"].grace_until == day.at("9:15")
    assert day.state_of("B") is EntryState.EXPECTED


def test_grace_ends_as_no_show_by_timer() -> None:
    day = example()
    day.no_show("B", "8:55", grace=15)
    day.tick("9:14:59")
    assert day.state_of("B") is EntryState.EXPECTED
    assert next_wake(day.queue) == day.at("9:15")
    day.tick("9:15")
    assert day.state_of("B") is EntryState.NO_SHOW
    assert day.line == "C A E D"


def test_a_delay_puts_off_prompt_and_release() -> None:
    day = example()
    day.delay(30, "8:50")
    assert day.queue.blocked_until == day.at("9:20")
    assert day.tick("9:29:59") == []
    # B is due at 9:20 as A is (9:15): both are prompted together.
    assert {type(event) for event in day.tick("9:30")} == {ev.ArrivalPrompted}
    assert day["B"].prompted_at == day.at("9:30")
    assert day.tick("9:39:59") == []
    day.tick("9:40")
    assert day.state_of("B") is EntryState.NO_SHOW


def test_a_delay_puts_off_being_late() -> None:
    day = example()
    day.delay(30, "8:50")
    day.check_in("B", "9:30")
    assert not day["B"].late


def test_after_the_delay_and_lateafter_one_is_late() -> None:
    day = example()
    day.delay(30, "8:50")
    day.check_in("B", "9:30:01")
    assert day["B"].late


def test_a_call_is_not_undone_while_the_start_after_it_stands() -> None:
    day, called, _ = _called_and_started()
    with pytest.raises(UndoSuperseded):
        day.undo(called, "9:30:20")
    assert day.state_of("E") is EntryState.IN_CONSULTATION


def test_the_start_is_undone_first() -> None:
    day, _, started = _called_and_started()
    day.undo(started, "9:30:20")
    assert day.state_of("E") is EntryState.CALLED


def test_then_the_call_is_undone() -> None:
    day, called, started = _called_and_started()
    day.undo(started, "9:30:20")
    day.undo(called, "9:30:25")
    assert day.state_of("E") is EntryState.WAITING
    assert day.line == "C A E B D"


def _called_and_started() -> tuple[Day, int, int]:
    day = example()
    day.check_in("E", "9:20")
    day.call("9:30")
    called = day.version
    day.start("E", "9:30:10")
    return day, called, day.version
