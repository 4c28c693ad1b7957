"""Why did my place change: told to the patient, and blind to neighbours."""

import msgspec

from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue.history import Reason, place_changes
from tests.core.live_queue.day import OTHER_DOCTOR, Day, example, id_of


def _last(day: Day, name: str) -> tuple[int | None, int | None, str]:
    change = place_changes(day.commits, id_of(name))[-1]
    assert change.version == day.version
    assert change.at == day.commits[-1][1]
    return change.was, change.now, change.reason.value


def test_nobody_unknown_has_a_history() -> None:
    assert place_changes(example().commits, id_of("Z")) == []


def test_the_history_begins_with_joining() -> None:
    day = example()
    first, *_ = place_changes(day.commits, id_of("B"))
    assert (first.was, first.now, first.reason) == (None, 2, Reason.JOINED)


def test_joining_behind_somebody_is_no_change_for_them() -> None:
    day = example()
    before = place_changes(day.commits, id_of("A"))
    day.walk_in("W", "11:00")
    assert place_changes(day.commits, id_of("A")) == before


def test_what_happens_to_oneself() -> None:
    day = example()
    day.check_in("B", "8:50")
    assert _last(day, "B") == (4, 4, "checked_in")
    day.move("B", 1, "8:55")
    assert _last(day, "B") == (4, 1, "you_were_moved")
    day.call("9:00")
    assert _last(day, "B") == (1, 0, "your_turn")
    day.recall("B", "9:01")
    assert _last(day, "B") == (0, 0, "called_again")
    day.skip("B", "9:02")
    assert _last(day, "B") == (0, 1, "put_back")
    day.triage("B", 3, "9:03")
    assert _last(day, "B") == (1, 2, "urgency_changed")
    day.no_show("B", "9:04")
    assert _last(day, "B") == (2, 2, "grace_started")
    day.tick("9:19")
    assert _last(day, "B") == (2, None, "no_show")
    day.check_in("B", "9:20")
    assert _last(day, "B")[2] == "arrived_late"
    day.call("9:21")
    day.start("B", "9:22")
    assert _last(day, "B") == (0, 0, "consultation_started")
    day.complete("B", "9:30")
    assert _last(day, "B") == (0, None, "completed")


def test_who_is_skipped_while_waiting_did_not_miss_a_call() -> None:
    day = example()
    day.check_in("C A", "8:50")
    day.skip("C", "9:00")
    assert _last(day, "C") == (1, 2, "skipped_waiting")
    assert _last(day, "A") == (2, 1, "skipped_ahead")


def test_what_others_do_ahead() -> None:
    day = example()
    assert day.line == "C A E B D"
    day.check_in("C", "8:50")
    day.call("9:00")
    assert _last(day, "D") == (5, 4, "called_ahead")
    day.skip("C", "9:01")
    assert _last(day, "D") == (4, 5, "put_back_ahead")
    day.cancel("C", "9:02")
    assert _last(day, "D") == (5, 4, "cancelled_ahead")
    day.no_show("B", "9:03", grace=0)
    assert _last(day, "D") == (4, 3, "no_show_ahead")
    day.check_in("B", "9:04")
    assert _last(day, "D") == (3, 4, "late_arrival")
    day.walk_in("W", "9:05")
    assert _last(day, "D") == (4, 5, "joined_ahead")
    day.walk_in("U", "9:06", triage=1)
    assert _last(day, "D") == (5, 6, "somebody_more_urgent")
    day.triage("U", 5, "9:07")
    assert _last(day, "A") == (2, 1, "somebody_less_urgent")


def test_moves_and_transfers_of_others() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    day.move("A", 5, "9:00")
    assert _last(day, "D") == (5, 4, "moved_by_reception")
    day.transfer("C", other, "9:01")
    assert _last(day, "D") == (4, 3, "left_line")
    other.enrol("Z", "11:00", at="9:02")
    day.transfer("E", other, "9:03")
    assert _last(other, "Z") == (2, 3, "joined_ahead")
    assert _last(other, "E") == (None, 2, "transferred")
    assert _last(day, "E") == (1, None, "transferred")


def test_a_skip_ahead() -> None:
    day = example()
    day.check_in("C A B", "8:50")
    day.skip("C", "9:00")
    assert _last(day, "A") == (2, 1, "skipped_ahead")


def test_a_payment_before_the_day() -> None:
    day = Day()
    day.enrol("X", "9:00", booked="8:00")
    day.enrol("Y", "9:00", booked="9:00")
    day.do(cmd.RecordPayment(entry=id_of("Y"), paid_at=day.yesterday("7:00")), day.yesterday("21:00"))
    assert _last(day, "X") == (1, 2, "paid_earlier")
    assert _last(day, "Y") == (2, 1, "payment_recorded")


def test_undone_for_oneself_and_for_others() -> None:
    day = example()
    day.move("B", 1, "9:00")
    day.undo(day.version, "9:00:05")
    assert _last(day, "B") == (1, 4, "undone")
    assert _last(day, "C") == (2, 1, "undone")


def test_the_close_tells_each_what_became_of_the_appointment() -> None:
    day = example()
    day.check_in("A", "9:00")
    day.close("18:00")
    assert _last(day, "A") == (2, None, "cancelled")
    assert _last(day, "B") == (4, None, "no_show")


def test_of_several_events_in_a_commit_the_own_one_counts() -> None:
    day = example()
    day.check_in("C A", "8:50")
    day.call("9:00")
    day.start("C", "9:01")
    day.do([cmd.CompleteConsultation(entry=id_of("C")), cmd.CallNext()], "9:10")
    assert _last(day, "C") == (0, None, "completed")
    assert _last(day, "A") == (1, 0, "your_turn")
    assert _last(day, "E") == (2, 1, "called_ahead")


def test_places_join_up_without_gaps() -> None:
    day = example()
    day.check_in("C A B", "8:50")
    day.call("9:00")
    day.walk_in("W", "9:05", triage=2)
    day.move("W", 1, "9:06")
    day.skip("A", "9:07")
    for name in "ABCDEW":
        changes = place_changes(day.commits, id_of(name))
        assert [change.was for change in changes[1:]] == [change.now for change in changes[:-1]]
        assert changes[-1].now == day.queue.position_of(id_of(name))


def test_no_change_names_a_neighbour() -> None:
    day = example()
    day.check_in("C A B", "8:50")
    day.call("9:00")
    day.move("A", 3, "9:01")
    written = msgspec.json.encode(place_changes(day.commits, id_of("B"))).decode()
    for name in "ACDE":
        assert str(id_of(name)) not in written
