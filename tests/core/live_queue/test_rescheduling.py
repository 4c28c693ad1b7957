"""An appointment is given another time: in its own line, or out of it and into another day's or doctor's."""

import pytest

from scheduling_core.errors import Conflict, InvalidValue, NothingToUndo, QueueClosed, UndoSuperseded
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.history import place_changes
from scheduling_core.live_queue.state import EntryState, Mode
from tests.core.live_queue.day import OTHER_DOCTOR, TEXT, Day, example, id_of

TOMORROW = "2025-06-05"


def tomorrow() -> Day:
    """The same doctor's next day, with one patient in it."""
    day = Day(date=TOMORROW)
    day.enrol("T", "9:00")
    return day


def test_who_is_given_a_later_time_goes_where_that_puts_them_and_keeps_the_ticket() -> None:
    day = example()
    assert day.line == "C A E B D"
    ticket = day["A"].ticket
    day.reschedule("A", "10:30", "8:00", duration=30)
    assert day.line == "C E B D A"
    moved = day["A"]
    assert (moved.start, moved.window, moved.ticket, moved.duration) == (day.at("10:30"), day.at("10:00"), ticket, 30)
    # D paid before A: within the window the rank is what it was.
    day.reschedule("D", "10:00", "8:01", duration=20)
    assert day.line == "C E B D A"


def test_the_same_time_once_more_is_no_change() -> None:
    day = example()
    before = day.queue
    day.reschedule("A", "9:15", "8:00")
    assert day.queue is before


def test_what_was_due_to_the_former_time_is_forgotten() -> None:
    day = example()
    day.tick("9:16")
    day.no_show("A", "9:30")
    day.move("A", 3, "9:31")
    assert day["A"].grace_until is not None
    day.reschedule("A", "11:00", "9:32")
    moved = day["A"]
    assert (moved.pinned, moved.grace_until, moved.prompted_at, moved.passed_over) == (False, None, None, 0)
    # Nobody gives them up at the hour at which they are not due any more.
    day.tick("9:50")
    assert day.state_of("A") is EntryState.EXPECTED


def test_who_is_here_and_is_given_another_time_of_the_day_stays_here() -> None:
    day = example()
    day.check_in("A", "9:40")
    assert day["A"].late
    day.reschedule("A", "11:00", "9:41")
    moved = day["A"]
    assert (moved.state, moved.arrived_at, moved.late) == (EntryState.WAITING, day.at("9:40"), False)
    # Not before their window: the other one who is here is called.
    day.check_in("B", "9:42")
    assert day.call("9:43") == "B"


def test_who_came_without_an_appointment_has_one_now() -> None:
    day = example()
    day.walk_in("W", "8:00")
    day.reschedule("W", "11:00", "8:01")
    assert not day["W"].walk_in
    assert day.line.endswith("W")


def test_another_day_expects_whoever_was_here_anew_with_a_ticket_of_its_own() -> None:
    day, other = example(), tomorrow()
    day.check_in("A", "9:00")
    paid = day["A"].seniority
    day.reschedule("A", "9:15", "9:05", to=other)
    assert id_of("A") not in day.queue.entries
    moved = other["A"]
    assert (moved.ticket, other.queue.tickets) == ("2", 2)
    assert (moved.state, moved.arrived_at, moved.start) == (EntryState.EXPECTED, None, other.at("9:15"))
    # T was booked later than A was paid.
    assert moved.seniority == paid
    assert other.line == "A T"


def test_another_doctor_of_the_day_has_them_here() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    day.check_in("A", "9:00")
    day.reschedule("A", "10:00", "9:05", to=other)
    assert (other.state_of("A"), other["A"].arrived_at) == (EntryState.WAITING, day.at("9:00"))


def test_the_ledger_stays_where_it_was_counted() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    day.check_in("A B", "8:50")
    day.call("9:00", "B")
    assert day.overtakes("A") == {"picked": 1}
    day.reschedule("A", "10:00", "9:05")
    assert day.overtakes("A") == {"picked": 1}
    day.reschedule("A", "10:00", "9:06", to=other)
    assert other.overtakes("A") == {}


def test_what_was_paid_before_the_new_day_counts_there_although_it_came_too_late_for_the_old_one() -> None:
    day, other = example(), tomorrow()
    known = day["E"]
    out = cmd.RescheduleOut(entry=known.id, to_doctor=other.doctor, to_date=other.date)
    day.do(out, "8:00", name="reschedule")
    into = cmd.RescheduleIn(
        entry=known,
        from_doctor=day.doctor,
        from_date=day.date,
        start=other.at("9:00"),
        duration=15,
        mode=Mode.TELE,
        booked_at=day.yesterday("7:00"),
        paid_at=day.at("7:59"),
    )
    other.do(into, day.at("8:00"), name="reschedule")
    assert (other["E"].seniority, other["E"].mode) == (day.at("7:59"), Mode.TELE)


def test_nobody_is_in_a_line_twice_or_moved_to_where_they_are() -> None:
    day = example()
    with pytest.raises(InvalidValue):
        day.do(cmd.RescheduleOut(entry=id_of("A"), to_doctor=day.doctor, to_date=day.date), "8:00")
    into = cmd.RescheduleIn(
        entry=day["A"],
        from_doctor=OTHER_DOCTOR,
        from_date=day.date,
        start=day.at("9:00"),
        duration=15,
        mode=Mode.IN_PERSON,
        booked_at=day.yesterday("7:00"),
    )
    with pytest.raises(Conflict):
        day.do(into, "8:00")


@pytest.mark.parametrize("start", ["0:00", "23:59"])
def test_a_time_of_another_day_is_none_of_this_line(start: str) -> None:
    day, other = example(), tomorrow()
    command = cmd.RescheduleEntry(entry=id_of("A"), start=other.at(start), duration=15, mode=Mode.IN_PERSON)
    with pytest.raises(InvalidValue) as refused:
        day.do(command, "8:00")
    assert refused.value.field == "start"


def test_nobody_is_moved_into_a_day_that_is_closed() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    other.close("12:00")
    before = other.queue
    into = cmd.RescheduleIn(
        entry=day["A"],
        from_doctor=day.doctor,
        from_date=day.date,
        start=other.at("15:00"),
        duration=15,
        mode=Mode.IN_PERSON,
        booked_at=day.yesterday("7:00"),
    )
    with pytest.raises(QueueClosed):
        other.do(into, "12:01")
    assert other.queue is before


def test_a_move_is_not_undone_and_stands_in_the_way_of_what_came_before_it() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    day.triage("A", 2, "8:00")
    triaged = day.version
    day.reschedule("A", "10:30", "8:00:05")
    with pytest.raises(NothingToUndo):
        day.undo(day.version, "8:00:10")
    with pytest.raises(UndoSuperseded):
        day.undo(triaged, "8:00:10")
    day.move("B", 1, "8:00:11")
    moved = day.version
    day.reschedule("B", "10:30", "8:00:12", to=other)
    with pytest.raises(UndoSuperseded):
        day.undo(moved, "8:00:13")
    with pytest.raises(NothingToUndo):
        other.undo(other.version, "8:00:13")


def test_a_transfer_of_whoever_was_moved_on_since_is_not_undone() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    day.transfer("A", other, "8:00")
    transfer = day.version
    other.reschedule("A", "10:30", "8:00:05", to=day)
    with pytest.raises(UndoSuperseded):
        day.undo(transfer, "8:00:10")
    assert id_of("A") in day.queue.entries


def test_patients_and_their_neighbours_are_told_why_their_place_changed() -> None:
    day, other = example(), Day(doctor=OTHER_DOCTOR)
    day.reschedule("C", "10:30", "8:00")
    last = {name: place_changes(day.commits, id_of(name))[-1] for name in "CA"}
    assert [(c.was, c.now, c.reason) for c in last.values()] == [(1, 4, "rescheduled"), (2, 1, "left_line")]
    day.reschedule("C", "9:00", "8:01")
    assert place_changes(day.commits, id_of("A"))[-1].reason == "somebody_more_urgent"
    day.reschedule("C", "9:00", "8:02", to=other)
    last = {name: place_changes(day.commits, id_of(name))[-1] for name in "CA"}
    assert [(c.was, c.now, c.reason) for c in last.values()] == [(1, None, "rescheduled"), (2, 1, "left_line")]
    (joined,) = place_changes(other.commits, id_of("C"))
    assert (joined.was, joined.now, joined.reason) == (None, 1, "rescheduled")


def test_a_cancellation_may_say_why() -> None:
    day = example()
    (event,) = day.do(cmd.CancelEntry(entry=id_of("A"), reason=TEXT), "8:00")
    assert event == ev.EntryCancelled(entry=id_of("A"), reason=TEXT)
