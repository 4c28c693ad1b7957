"""Taking back what reception did: what it restores, and what it is refused for."""

import pytest

from scheduling_core.errors import (
    AlreadyCalling,
    DoctorBusy,
    NothingToUndo,
    QueueClosed,
    UndoExpired,
    UndoSuperseded,
)
from scheduling_core.ids import DoctorId
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue import undo
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import EntryState
from tests.core.live_queue.day import DOCTOR, OTHER_DOCTOR, Day, example, id_of


def test_a_call_is_undone_with_its_overtakes_and_those_passed_over() -> None:
    day = example()
    day.check_in("A E B", "8:50")
    day.move("E", 2, "8:50")
    day.call("9:00", "B")
    assert day["C"].passed_over == 1
    assert day.overtakes("A") == {"picked": 1}
    day.undo(day.version, "9:00:20")
    assert day["C"].passed_over == 0
    assert [day.overtakes(name) for name in "AE"] == [{}, {}]
    assert day.queue.last_called is None
    assert day["B"].called_at is None


def test_the_ticket_called_last_is_shown_again_unless_another_was_called_since() -> None:
    day = example()
    day.check_in("C A E", "8:50")
    day.serve("C", "9:00", "9:10")
    day.call("9:11")
    day.undo(day.version, "9:11:10")
    assert day.queue.last_called == day["C"].ticket


def test_the_ledger_of_a_call_in_between_stays() -> None:
    day = example()
    day.check_in("C A E B", "8:50")
    day.move("B", 1, "8:59:50")
    moved = day.version
    day.skip("E", "8:59:55")
    assert day.call("9:00", "C") == "C"
    day.undo(moved, "9:00:10")
    assert day.overtakes("A") == {"picked": 1}
    assert day.overtakes("B") == {"picked": 1}


def test_a_command_can_be_undone_for_thirty_seconds() -> None:
    day = example()
    day.move("B", 1, "9:00")
    day.undo(day.version, "9:00:30")
    assert day.line == "C A E B D"


def test_after_thirty_seconds_it_is_too_late() -> None:
    day = example()
    day.move("B", 1, "9:00")
    with pytest.raises(UndoExpired):
        day.undo(day.version, "9:00:31")


@pytest.mark.parametrize("version", [0, -1, 999])
def test_there_is_nothing_to_undo_at_a_version_that_never_was(version: int) -> None:
    day = example()
    with pytest.raises(NothingToUndo):
        day.undo(version, "9:00")


def test_an_old_version_is_too_late_rather_than_unknown() -> None:
    day = example()
    with pytest.raises(UndoExpired):
        day.undo(2, "9:00")


def test_a_command_is_undone_once() -> None:
    day = example()
    day.move("B", 1, "9:00")
    moved = day.version
    day.undo(moved, "9:00:05")
    with pytest.raises(NothingToUndo):
        day.undo(moved, "9:00:06")


def test_an_undo_cannot_be_undone() -> None:
    day = example()
    day.move("B", 1, "9:00")
    day.undo(day.version, "9:00:05")
    with pytest.raises(NothingToUndo):
        day.undo(day.version, "9:00:06")


def test_what_the_system_did_cannot_be_undone_but_stands_in_the_way() -> None:
    day = example()
    day.no_show("B", "8:59:50", grace=0)
    marked = day.version
    day.tick("9:00")
    assert day.state_of("B") is EntryState.NO_SHOW
    with pytest.raises(NothingToUndo):
        day.undo(day.version, "9:00:05")
    with pytest.raises(UndoSuperseded):
        day.undo(marked, "9:00:05")


def test_what_others_did_with_other_entries_does_not_block() -> None:
    day = example()
    day.check_in("C A", "9:00")
    day.skip("C", "9:00:01")
    skipped = day.version
    day.move("D", 1, "9:00:02")
    day.cancel("E", "9:00:03")
    day.undo(skipped, "9:00:04")
    assert day["C"].skips == 0
    assert day.line == "D C A B"


def test_an_undone_command_in_between_does_not_block() -> None:
    day = example()
    day.move("B", 1, "9:00")
    moved = day.version
    day.triage("B", 2, "9:00:01")
    day.undo(day.version, "9:00:02")
    assert day["B"].pinned
    day.undo(moved, "9:00:03")
    assert day.line == "C A E B D"


def test_a_late_payment_does_not_block() -> None:
    day = example()
    day.move("B", 1, "9:00")
    moved = day.version
    day.do(cmd.RecordPayment(entry=id_of("B"), paid_at=day.at("9:00:05")), "9:00:05", by_system=True)
    day.undo(moved, "9:00:10")
    assert day.line == "C A E B D"


def test_a_pinned_entry_goes_behind_its_nearest_former_predecessor() -> None:
    day = example()
    day.move("D", 3, "8:00")
    assert day.line == "C A D E B"
    day.cancel("D", "9:00")
    cancelled = day.version
    day.cancel("A", "9:00:01")
    day.undo(cancelled, "9:00:02")
    assert day.line == "C D E B"
    assert day["D"].pinned


def test_a_pinned_entry_without_former_predecessors_goes_to_the_head() -> None:
    day = example()
    day.move("D", 2, "8:00")
    day.cancel("D", "9:00")
    cancelled = day.version
    day.cancel("C", "9:00:01")
    day.undo(cancelled, "9:00:02")
    assert day.line == "D A E B"


def test_an_unpinned_entry_goes_back_between_pinned_ones_where_it_stood() -> None:
    day = example()
    day.move("D", 2, "8:00")
    assert day.line == "C D A E B"
    day.cancel("C", "9:00")
    day.undo(day.version, "9:00:05")
    assert day.line == "C D A E B"


def test_a_prompt_in_between_is_not_sent_again() -> None:
    day = example()
    day.move("B", 2, "9:09:50")
    moved = day.version
    day.tick("9:10")
    assert day["B"].prompted_at == day.at("9:10")
    day.undo(moved, "9:10:10")
    assert day["B"].prompted_at == day.at("9:10")
    assert day.tick("9:10:11") == []


def test_a_wrong_check_in_is_taken_back() -> None:
    day = example()
    day.check_in("B", "9:30")
    assert day["B"].late
    day.undo(day.version, "9:30:10")
    assert day.state_of("B") is EntryState.EXPECTED
    assert (day["B"].late, day["B"].arrived_at, day["B"].key_time) == (False, None, day.at("9:00"))
    assert day.line == "C A E B D"


def test_a_wrong_walk_in_is_withdrawn() -> None:
    day = example()
    day.walk_in("W", "9:05")
    day.undo(day.version, "9:05:10")
    assert day.state_of("W") is EntryState.CANCELLED
    assert day["W"].ended_at == day.at("9:05:10")
    assert day.line == "C A E B D"


def test_a_walk_in_that_was_called_since_stays() -> None:
    day = example()
    day.walk_in("W", "9:05")
    walked_in = day.version
    day.call("9:05:05")
    with pytest.raises(UndoSuperseded):
        day.undo(walked_in, "9:05:10")


@pytest.mark.parametrize("command", [cmd.MarkNoShow(entry=id_of("B"), grace=0), cmd.CancelEntry(entry=id_of("B"))])
def test_no_show_and_cancel_are_taken_back(command: cmd.Command) -> None:
    day = example()
    day.do(command, "9:00")
    assert day.line == "C A E D"
    day.undo(day.version, "9:00:10")
    assert day.state_of("B") is EntryState.EXPECTED
    assert day.line == "C A E B D"


def test_a_completed_consultation_goes_on_and_does_not_count_for_the_pace() -> None:
    day = example()
    day.check_in("C", "9:00")
    day.call("9:00")
    day.start("C", "9:00")
    pace = day.queue.pace
    day.complete("C", "9:40")
    assert day.queue.pace != pace
    day.undo(day.version, "9:40:10")
    assert day.state_of("C") is EntryState.IN_CONSULTATION
    assert day["C"].started_at == day.at("9:00")
    assert day.queue.pace == pace


def test_start_with_complete_gives_both_back() -> None:
    day = example()
    day.check_in("C A", "9:00")
    day.call("9:00")
    day.start("C", "9:00")
    day.call("9:10")
    day.start("A", "9:11", complete_current=True)
    day.undo(day.version, "9:11:10")
    assert day.state_of("C") is EntryState.IN_CONSULTATION
    assert day.state_of("A") is EntryState.CALLED


def test_a_seat_that_was_taken_since_refuses() -> None:
    day = example()
    day.check_in("C A", "9:00")
    day.call("9:00")
    day.skip("C", "9:00:01")
    skipped = day.version
    day.call("9:00:02", "A")
    with pytest.raises(AlreadyCalling):
        day.undo(skipped, "9:00:03")
    day.start("A", "9:00:04")
    day.complete("A", "9:00:05")
    completed = day.version
    day.call("9:00:06", "C")
    day.start("C", "9:00:07")
    with pytest.raises(DoctorBusy):
        day.undo(completed, "9:00:08")


# ---- pause, close, delay ------------------------------------------------------------------------------------------


def test_a_pause_is_taken_back() -> None:
    day = example()
    day.pause("9:00")
    day.undo(day.version, "9:00:05")
    assert not day.queue.paused


def test_a_pause_is_not_taken_back_past_a_later_resume() -> None:
    day = example()
    day.pause("9:00")
    paused = day.version
    day.resume("9:00:05")
    with pytest.raises(UndoSuperseded):
        day.undo(paused, "9:00:10")


def test_a_close_gives_everybody_back_where_they_stood() -> None:
    day = example()
    day.move("D", 2, "8:00")
    day.move("B", 4, "8:00")
    day.check_in("A E", "8:50")
    day.call("9:00")
    line = day.line
    day.close("9:01")
    day.undo(day.version, "9:01:20")
    assert day.line == line == "C D B E"
    assert not day.queue.closed
    assert day.state_of("A") is EntryState.CALLED


def test_nothing_but_the_close_is_undone_in_a_closed_queue() -> None:
    day = example()
    day.pause("18:00")
    paused = day.version
    day.close("18:00:05")
    with pytest.raises(QueueClosed):
        day.undo(paused, "18:00:10")


def test_a_delay_is_taken_back_with_its_notice() -> None:
    day = example()
    day.delay(60, "8:50", number=1)
    day.delay(10, "8:51", number=2)
    day.undo(day.version, "8:51:10")
    assert day.queue.blocked_until == day.at("9:50")
    assert [notice.estimated_delay for notice in day.queue.notices] == [60]


def test_an_older_delay_is_not_taken_back_past_a_newer_one() -> None:
    day = example()
    day.delay(60, "8:51", number=1)
    first = day.version
    day.delay(10, "8:51:05", number=2)
    with pytest.raises(UndoSuperseded):
        day.undo(first, "8:51:10")


def test_broadcasts_without_a_delay_do_not_block_one_another() -> None:
    day = example()
    day.delay(None, "8:51", number=1)
    first = day.version
    day.delay(None, "8:51:05", number=2)
    day.undo(first, "8:51:10")
    assert [notice.id.int for notice in day.queue.notices] == [2]


# ---- transfer -----------------------------------------------------------------------------------------------------


def _transferred() -> tuple[Day, Day, int]:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    day.move("E", 2, "8:00")
    day.transfer("E", other, "9:00")
    return day, other, day.version


def test_an_undone_transfer_is_taken_back_there_and_restored_here() -> None:
    day, other, version = _transferred()
    assert undo.undone_transfers(day.queue, version) == {OTHER_DOCTOR: (id_of("E"),)}
    other.do(cmd.TakeBack(entry=id_of("E")), "9:00:20")
    day.undo(version, "9:00:20")
    assert day.line == "C E A B D"
    assert day["E"].pinned
    assert id_of("E") not in other.queue.entries


def test_a_transfer_is_not_undone_when_the_other_desk_touched_it() -> None:
    _, other, _ = _transferred()
    other.check_in("E", "9:00:10")
    with pytest.raises(UndoSuperseded):
        other.do(cmd.TakeBack(entry=id_of("E")), "9:00:20")


def test_a_touch_that_was_undone_does_not_keep_the_transferred() -> None:
    _, other, _ = _transferred()
    other.check_in("E", "9:00:10")
    other.undo(other.version, "9:00:12")
    other.do(cmd.TakeBack(entry=id_of("E")), "9:00:20")
    assert other.line == ""


def test_a_transfer_is_not_taken_back_after_thirty_seconds() -> None:
    _, other, _ = _transferred()
    with pytest.raises(UndoExpired):
        other.do(cmd.TakeBack(entry=id_of("E")), "9:00:31")


def test_the_receiving_side_cannot_undo_a_transfer_or_its_taking_back_alone() -> None:
    _, other, _ = _transferred()
    received = other.version
    with pytest.raises(NothingToUndo):
        other.undo(received, "9:00:10")
    assert undo.undoable_commits(other.queue, other.at("9:00:10")) == []
    other.do(cmd.TakeBack(entry=id_of("E")), "9:00:20")
    with pytest.raises(NothingToUndo):
        other.undo(other.version, "9:00:21")


def test_an_absent_doctors_patients_come_back_from_every_doctor() -> None:
    third = DoctorId(id_of("third"))
    day = example()
    line = day.line
    doctors = [OTHER_DOCTOR, third, OTHER_DOCTOR, third, OTHER_DOCTOR]
    day.do([cmd.TransferOut(entry=e, to_doctor=d) for e, d in zip(day.queue.line, doctors, strict=True)], "9:00")
    assert day.line == ""
    taken = undo.undone_transfers(day.queue, day.version)
    assert taken == {OTHER_DOCTOR: tuple(map(id_of, "CED")), third: tuple(map(id_of, "AB"))}
    day.undo(day.version, "9:00:20")
    assert day.line == line


def test_only_a_transfer_has_somebody_to_be_taken_back() -> None:
    day = example()
    day.move("B", 1, "9:00")
    assert undo.undone_transfers(day.queue, day.version) == {}
    assert undo.undone_transfers(day.queue, 999) == {}


# ---- several at once, and what is offered -------------------------------------------------------------------------


def test_two_moves_in_one_commit_are_taken_back_together() -> None:
    day = example()
    day.move("D", 1, "8:00")
    day.do([cmd.MoveEntry(entry=id_of("A"), to=1), cmd.MoveEntry(entry=id_of("B"), to=3)], "9:00")
    day.undo(day.version, "9:00:05")
    assert day.line == "D C A E B"
    assert [name for name in "ABCDE" if day[name].pinned] == ["D"]


def test_the_newest_undoable_commit_is_offered_first() -> None:
    day = example()
    day.move("B", 1, "9:00")
    moved = day.version
    day.triage("E", 2, "9:00:05")
    triaged = day.version
    offered = undo.undoable_commits(day.queue, day.at("9:00:10"))
    assert [known.version for known in offered] == [triaged, moved]
    assert [known.version for known in undo.undoable_commits(day.queue, day.at("9:00:31"))] == [triaged]


def test_in_a_rush_the_oldest_can_no_longer_be_undone_but_the_newest_can() -> None:
    day = Day(QueuePolicy(skip_max=50))
    for name in ("X", "Y", "Z"):
        day.enrol(name, "9:00")
    day.check_in("X Y Z", "8:50")
    day.move("X", 3, "9:00")
    first = day.version
    for _ in range(20):
        day.move("X", 1, "9:00:01")
        day.move("X", 2, "9:00:01")
    with pytest.raises((UndoSuperseded, UndoExpired)):
        day.undo(first, "9:00:02")
    day.undo(day.version, "9:00:02")
    assert day.queue.position_of(id_of("X")) == 1


def test_the_doctor_of_this_queue_is_not_a_target() -> None:
    day, _, version = _transferred()
    assert DOCTOR not in undo.undone_transfers(day.queue, version)


def test_neighbours_cancelled_together_come_back_before_a_pinned_one() -> None:
    day = Day()
    for name, booked in zip("XYZ", ("1:00", "2:00", "3:00"), strict=True):
        day.enrol(name, "9:00", booked=booked)
    day.move("X", 3, "8:00")
    day.do([cmd.CancelEntry(entry=id_of("Y")), cmd.CancelEntry(entry=id_of("Z"))], "9:00")
    day.undo(day.version, "9:00:05")
    assert day.line == "Y Z X"


def test_who_comes_back_stands_behind_somebody_more_urgent_who_came_meanwhile() -> None:
    day = example()
    day.move("D", 2, "8:00")
    day.cancel("C", "9:00")
    cancelled = day.version
    day.walk_in("U", "9:00:05", triage=1)
    day.undo(cancelled, "9:00:10")
    assert day.line == "D U C A E B"
