"""Calling, seeing and skipping, and the ledger of who was overtaken."""

import pytest

from scheduling_core.errors import AlreadyCalling, DoctorBusy, NobodyToCall, NotFound, QueuePaused, SkipLimitReached
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import EntryState
from tests.core.live_queue.day import Day, example, id_of


def test_nobody_to_call_in_an_empty_line() -> None:
    with pytest.raises(NobodyToCall) as refused:
        Day().call("9:00")
    assert refused.value.code == "nobody_to_call"


def test_nobody_to_call_while_all_are_absent() -> None:
    with pytest.raises(NobodyToCall):
        example().call("9:00")


def test_only_one_is_called_at_a_time() -> None:
    day = example()
    day.check_in("C A", "8:50")
    day.call("9:00")
    for name in (None, "C", "A"):
        with pytest.raises(AlreadyCalling):
            day.call("9:01", name)


def test_a_picked_patient_must_wait_but_need_not_be_callable() -> None:
    day = example()
    day.check_in("D", "8:00")
    assert day.call("8:01", "D") == "D"


def test_picking_an_unknown_patient_is_not_found_even_while_another_is_called() -> None:
    day = example()
    day.check_in("C", "8:50")
    day.call("9:00")
    with pytest.raises(NotFound):
        day.call("9:01", "Z")


def test_who_is_early_enough_is_called_in_the_order_of_the_line_not_of_arrival() -> None:
    day = example()
    day.check_in("B", "8:20")
    day.check_in("A", "8:25")
    assert day.call("8:30") == "A"


@pytest.mark.parametrize("standing", ["late", "walk-in", "triage 1", "pinned"])
def test_who_has_special_standing_is_callable_before_the_window(standing: str) -> None:
    day = Day()
    day.enrol("X", "10:00")
    match standing:
        case "late":
            day.no_show("X", "8:00", grace=0)
            day.tick("10:00")
            day.check_in("X", "10:00:01")
        case "walk-in":
            day.walk_in("W", "7:00")
        case "triage 1":
            day.triage("X", 1, "8:00")
            day.check_in("X", "8:00")
        case _:
            day.enrol("Y", "10:00")
            day.move("X", 2, "8:00")
            day.check_in("X", "8:00")
    assert day.call("10:01" if standing == "late" else "8:01") in "XW"


def test_recall_counts_and_changes_no_state() -> None:
    day = example()
    day.check_in("C", "8:50")
    day.call("9:00")
    day.recall("C", "9:02")
    assert day["C"].recalls == 1
    assert day.state_of("C") is EntryState.CALLED
    assert day.queue.last_called == day["C"].ticket


def test_a_second_consultation_is_refused_while_one_goes_on() -> None:
    day = _c_seen_a_called()
    with pytest.raises(DoctorBusy):
        day.start("A", "9:06")
    assert day.state_of("A") is EntryState.CALLED


def test_starting_may_complete_the_current_consultation() -> None:
    day = _c_seen_a_called()
    day.start("A", "9:06", complete_current=True)
    assert day.state_of("C") is EntryState.COMPLETED
    assert day.state_of("A") is EntryState.IN_CONSULTATION
    assert day["C"].ended_at == day["A"].started_at == day.at("9:06")


def test_a_consultation_teaches_the_pace() -> None:
    day = _c_seen_a_called()
    day.complete("C", "9:26")
    assert day.queue.pace.minutes == pytest.approx(15 + 0.1 * (25 - 15))
    assert day.queue.pace.seen == 1


def test_somebody_who_never_went_in_says_nothing_about_the_pace() -> None:
    day = _c_seen_a_called()
    day.complete("A", "9:30")
    assert day.queue.pace.seen == 0


def test_called_and_seen_stand_at_place_zero_and_the_gone_nowhere() -> None:
    day = _c_seen_a_called()
    assert [day.queue.position_of(id_of(name)) for name in "CAED"] == [0, 0, 1, 3]
    day.cancel("E", "9:07")
    assert day.queue.position_of(id_of("E")) is None


def test_nobody_is_called_while_the_queue_is_paused() -> None:
    day = example()
    day.check_in("C", "8:50")
    day.pause("8:55")
    with pytest.raises(QueuePaused):
        day.call("9:00")
    day.resume("9:00")
    assert day.call("9:00") == "C"


def test_pausing_a_paused_queue_changes_nothing() -> None:
    day = example()
    day.pause("8:55")
    assert day.do(cmd.PauseQueue(), "8:56") == []
    day.resume("8:57")
    assert day.do(cmd.ResumeQueue(), "8:58") == []


# ---- skip ---------------------------------------------------------------------------------------------------------


def test_the_third_skip_is_refused() -> None:
    day = example()
    day.check_in("C A E B", "8:50")
    day.skip("C", "9:00")
    day.skip("C", "9:01")
    with pytest.raises(SkipLimitReached):
        day.skip("C", "9:02")
    assert day["C"].skips == 2


def test_the_policy_sets_how_often_and_how_far() -> None:
    day = Day(QueuePolicy(skip_behind=1, skip_max=1))
    for name, booked in zip("XYZ", ("1:00", "2:00", "3:00"), strict=True):
        day.enrol(name, "9:00", booked=booked)
    day.check_in("X Y Z", "8:50")
    day.skip("X", "9:00")
    assert day.line == "Y X Z"
    with pytest.raises(SkipLimitReached):
        day.skip("X", "9:01")


def test_a_skip_with_fewer_behind_goes_behind_the_last_callable() -> None:
    day = example()
    day.check_in("C A", "8:50")
    day.skip("C", "9:00")
    assert day.line == "A C E B D"


def test_a_skip_with_nobody_callable_behind_stays() -> None:
    day = example()
    day.check_in("A", "8:50")
    day.skip("A", "9:00")
    assert day.line == "C A E B D"
    assert day["A"].pinned


def test_a_called_one_with_nobody_callable_goes_back_to_the_head() -> None:
    day = example()
    day.check_in("A", "8:50")
    day.call("9:00")
    day.skip("A", "9:01")
    assert day.line == "A C E B D"
    assert day["A"].called_at is None


def test_a_skip_ends_the_grace_time() -> None:
    day = example()
    day.check_in("C A", "8:50")
    day.call("9:00")
    day.no_show("C", "9:30")
    day.skip("C", "9:31")
    assert day["C"].grace_until is None


# ---- the ledger ---------------------------------------------------------------------------------------------------


def test_who_is_overtaken_by_a_pick_is_counted_as_picked() -> None:
    day = example()
    day.check_in("A E B", "8:50")
    assert day.call("9:00", "B") == "B"
    assert [day.overtakes(name) for name in "AE"] == [{"picked": 1}] * 2


def test_picking_the_one_whose_turn_it_is_is_no_pick() -> None:
    day = example()
    day.check_in("C A E B", "8:50")
    day.call("9:00", "C")
    assert day.overtakes("A") == {"triage": 1}


def test_who_was_skipped_is_not_counted_as_overtaken() -> None:
    day = example()
    day.check_in("A E B", "8:50")
    day.skip("A", "9:00")
    assert day.call("9:01") == "E"
    assert day.overtakes("A") == {}


def test_who_is_not_callable_yet_is_not_overtaken() -> None:
    day = example(window_minutes=15)
    day.check_in("B A", "8:30")
    assert day.call("8:45", "A") == "A"
    assert day.overtakes("B") == {}


def test_causes_are_counted_apart() -> None:
    day = example()
    day.check_in("C A E B", "8:50")
    day.call("9:00")
    day.complete("C", "9:01")
    day.call("9:02", "B")
    assert day.overtakes("A") == {"triage": 1, "picked": 1}


def _c_seen_a_called() -> Day:
    day = example()
    day.check_in("C A", "8:50")
    day.call("9:00")
    day.start("C", "9:01")
    assert day.call("9:05") == "A"
    return day
