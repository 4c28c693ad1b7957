"""Moving, triage, transfer, cancelling, closing, broadcasts and policy."""

from uuid import UUID

import pytest

from scheduling_core.errors import Conflict, InvalidValue, PositionOutOfRange, QueueClosed
from scheduling_core.ids import BroadcastId
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue.policy import LatePolicy, QueuePolicy
from scheduling_core.live_queue.state import EntryState, Priority
from tests.core.live_queue.day import OTHER_DOCTOR, TEXT, Day, example, id_of


@pytest.mark.parametrize(("to", "line"), [(1, "B C A E D"), (3, "C A B E D"), (5, "C A E D B")])
def test_a_move_goes_exactly_there_and_pins(to: int, line: str) -> None:
    day = example()
    day.move("B", to, "9:00")
    assert day.line == line
    assert day["B"].pinned


@pytest.mark.parametrize("to", [0, 6, -1])
def test_a_move_outside_the_line_is_refused(to: int) -> None:
    day = example()
    with pytest.raises(PositionOutOfRange) as refused:
        day.move("B", to, "9:00")
    assert (refused.value.status, refused.value.field) == (422, "newPosition")


def test_a_move_to_where_it_stands_changes_nothing() -> None:
    assert example().do(cmd.MoveEntry(entry=id_of("A"), to=2), "9:00") == []


def test_triage_goes_to_the_place_of_the_new_key() -> None:
    day = example()
    day.triage("B", 1, "9:00")
    assert day.line == "B C A E D"
    day.triage("B", 3, "9:00")
    assert day.line == "C B A E D"


def test_triage_takes_the_pin_off() -> None:
    day = example()
    day.move("B", 1, "9:00")
    day.triage("B", 4, "9:01")
    assert day.line == "C A E B D"
    assert not day["B"].pinned
    assert day.do(cmd.TriageEntry(entry=id_of("B"), triage=4), "9:02") == []


# ---- transfer -----------------------------------------------------------------------------------------------------


def _other(window_minutes: int = 60) -> Day:
    other = Day(QueuePolicy(window_minutes=window_minutes), doctor=OTHER_DOCTOR)
    other.enrol("P", "9:00", booked="3:00")
    other.enrol("Q", "10:00", booked="3:00")
    return other


def test_a_transfer_inserts_by_key_and_keeps_ticket_and_ledger() -> None:
    day, other = example(), _other()
    day.check_in("C A E B", "8:50")
    day.call("9:00")
    ticket = day["A"].ticket
    day.transfer("A", other, "9:05")
    assert id_of("A") not in day.queue.entries
    assert other.line == "P A Q"
    assert (other["A"].ticket, other.overtakes("A")) == (ticket, {"triage": 1})


def test_a_transfer_keeps_being_late_and_the_arrival_as_key() -> None:
    day, other = example(), _other(window_minutes=30)
    day.check_in("A", "9:26")
    day.transfer("A", other, "9:35")
    assert other["A"].late
    assert other["A"].key_time == day.at("9:26")
    assert other["A"].key_window == day.at("9:00")
    assert other["A"].window == day.at("9:00")


def test_a_transfer_keeps_being_a_walk_in() -> None:
    day, other = example(), _other()
    day.walk_in("W", "9:20")
    day.transfer("W", other, "9:45")
    assert other["W"].walk_in
    assert other["W"].key_time == day.at("9:20")
    assert other.line == "P W Q"


def test_a_transfer_counts_windows_as_the_other_queue_does() -> None:
    day, other = example(), _other(window_minutes=15)
    day.transfer("E", other, "9:00")
    assert other["E"].window == other["E"].key_window == other["E"].key_time == day.at("9:45")


def test_somebody_called_waits_again_in_the_other_queue() -> None:
    day, other = example(), _other()
    day.check_in("C", "8:50")
    day.call("9:00")
    day.no_show("C", "9:01")
    day.transfer("C", other, "9:05")
    assert other.state_of("C") is EntryState.WAITING
    assert other["C"].called_at is None
    assert other["C"].grace_until is None
    assert day.queue.in_state(EntryState.CALLED) is None


def test_a_place_given_by_hand_is_not_taken_along() -> None:
    day, other = example(), _other()
    day.move("B", 1, "8:00")
    day.transfer("B", other, "8:05")
    assert not other["B"].pinned
    assert other.line == "P B Q"


def test_somebody_absent_stays_expected_in_the_other_queue() -> None:
    day, other = example(), _other()
    day.transfer("B", other, "8:05")
    assert other.state_of("B") is EntryState.EXPECTED


def test_a_transfer_to_the_same_doctor_is_refused() -> None:
    day = example()
    with pytest.raises(InvalidValue):
        day.transfer("A", day, "9:00")


def test_a_transfer_into_a_queue_that_holds_the_entry_is_refused() -> None:
    day, other = example(), _other()
    with pytest.raises(Conflict):
        other.do(cmd.TransferIn(entry=other["P"], from_doctor=day.queue.doctor), "9:00")


def test_there_and_back_again() -> None:
    day, other = example(), _other()
    line = day.line
    day.transfer("A", other, "8:00")
    other.transfer("A", day, "8:01")
    assert (day.line, other.line) == (line, "P Q")


# ---- closing ------------------------------------------------------------------------------------------------------


def test_the_close_ends_every_open_entry_but_the_consultation() -> None:
    day = example()
    day.check_in("C A E", "8:50")
    day.call("9:00")
    day.start("C", "9:01")
    day.call("9:10")
    day.close("9:11")
    assert [day.state_of(name).value for name in "CAEBD"] == [
        "in_consultation",
        "cancelled",
        "cancelled",
        "no_show",
        "no_show",
    ]
    assert day.line == ""
    day.complete("C", "9:20")
    assert day.state_of("C") is EntryState.COMPLETED


def test_a_closed_queue_takes_nothing_more() -> None:
    day = example()
    day.close("18:00")
    for command in (
        cmd.WalkIn(entry=id_of("W")),
        cmd.CallNext(),
        cmd.PauseQueue(),
        cmd.MoveEntry(entry=id_of("A"), to=1),
        cmd.TransferIn(entry=_other()["P"], from_doctor=OTHER_DOCTOR),
    ):
        with pytest.raises(QueueClosed):
            day.do(command, "18:01")


def test_closing_twice_changes_nothing() -> None:
    day = example()
    day.close("18:00")
    assert day.do(cmd.CloseDay(), "18:01") == []


# ---- broadcasts ---------------------------------------------------------------------------------------------------


def test_the_newest_delay_replaces_and_never_adds() -> None:
    day = example()
    day.delay(60, "8:50", number=1)
    day.delay(10, "8:55", number=2)
    assert day.queue.blocked_until == day.at("9:05")
    assert [notice.estimated_delay for notice in day.queue.notices] == [10]


def test_a_delay_of_zero_takes_the_delay_back() -> None:
    day = example()
    day.delay(60, "8:50", number=1)
    day.delay(0, "8:55", number=2)
    assert day.queue.due(day["B"]) == day["B"].start


def test_at_most_eight_notices_are_in_force_and_an_undo_brings_the_oldest_back() -> None:
    day = example()
    for number in range(1, 11):
        day.delay(None, f"8:50:{number:02}", number=number)
    assert [notice.id.int for notice in day.queue.notices] == [3, 4, 5, 6, 7, 8, 9, 10]
    day.undo(day.version, "8:50:20")
    assert [notice.id.int for notice in day.queue.notices] == [2, 3, 4, 5, 6, 7, 8, 9]
    day.delay(None, "9:51:00", number=11)
    assert [notice.id.int for notice in day.queue.notices] == [11]


def test_a_broadcast_without_a_delay_leaves_the_delay() -> None:
    day = example()
    day.delay(60, "8:50", number=1)
    day.delay(None, "8:55", number=2)
    assert day.queue.blocked_until == day.at("9:50")
    assert len(day.queue.notices) == 2


def test_a_notice_goes_when_its_time_is_over() -> None:
    day = example()
    day.delay(30, "8:50")
    day.check_in("A", "9:19:59")
    assert len(day.queue.notices) == 1
    day.check_in("B", "9:20")
    assert not day.queue.notices


@pytest.mark.parametrize("delay", [-1, 721])
def test_a_delay_that_makes_no_sense_is_refused(delay: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        example().delay(delay, "9:00")
    assert refused.value.field == "estimatedDelay"


def test_a_delay_shifts_only_what_was_due_before_it_ends() -> None:
    day = example()
    day.delay(30, "9:00")
    assert day.queue.due(day["A"]) == day.at("9:30")
    assert day.queue.due(day["E"]) == day.at("9:45")


# ---- policy -------------------------------------------------------------------------------------------------------


def test_a_new_policy_holds_but_for_the_windows() -> None:
    day = example()
    policy = QueuePolicy(window_minutes=15, late_policy=LatePolicy.BEHIND_TWO, grace_minutes=3)
    day.do(cmd.AdoptPolicy(policy=policy), "8:00", by_system=True)
    assert day.queue.policy.window_minutes == 60
    assert day.queue.policy.grace_minutes == 3
    assert day.line == "C A E B D"
    assert day.do(cmd.AdoptPolicy(policy=policy), "8:01") == []


def test_a_broadcast_names_its_text_by_reference_only() -> None:
    day = example()
    command = cmd.IssueBroadcast(broadcast=BroadcastId(UUID(int=9)), text=TEXT, priority=Priority.CRITICAL)
    (event,) = day.do(command, "9:00")
    assert not [value for value in event.__struct_fields__ if "message" in value]
