"""Enrolment, payment, arrival, lateness and not showing up."""

from datetime import timedelta

import pytest

from scheduling_core.errors import Conflict, InvalidValue, QueueClosed
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.policy import LatePolicy
from scheduling_core.live_queue.state import EntryState
from tests.core.live_queue.day import Day, example, id_of


def test_nobody_is_enrolled_twice() -> None:
    day = example()
    with pytest.raises(Conflict):
        day.enrol("A", "11:00")
    with pytest.raises(Conflict):
        day.walk_in("A", "9:00")


@pytest.mark.parametrize("triage", [0, 6, -1])
def test_triage_goes_from_one_to_five(triage: int) -> None:
    day = example()
    for command in (
        cmd.WalkIn(entry=id_of("W"), triage=triage),
        cmd.TriageEntry(entry=id_of("A"), triage=triage),
    ):
        with pytest.raises(InvalidValue) as refused:
            day.do(command, "9:00")
        assert (refused.value.field, refused.value.status) == ("triage", 422)


def test_an_appointment_of_another_day_is_refused() -> None:
    day = Day()
    enrol = cmd.EnrolEntry(entry=id_of("X"), start=day.at("9:00") + timedelta(days=1), booked_at=day.yesterday("9:00"))
    with pytest.raises(InvalidValue) as refused:
        day.do(enrol, day.yesterday("20:00"))
    assert refused.value.field == "start"


def test_tickets_count_up_and_are_never_used_again() -> None:
    day = Day()
    day.enrol("A", "9:00")
    day.walk_in("B", "8:00")
    day.undo(day.version, "8:00:10")
    day.walk_in("C", "8:01")
    assert [day[name].ticket for name in "ABC"] == ["1", "2", "3"]


def test_nobody_walks_in_on_another_day() -> None:
    day = Day()
    with pytest.raises(Conflict):
        day.do(cmd.WalkIn(entry=id_of("W")), day.yesterday("9:00"))


# ---- payment ------------------------------------------------------------------------------------------------------


def _pay(day: Day, name: str, paid: str, *, on_the_day: bool) -> None:
    at = day.at(paid) if on_the_day else day.yesterday(paid)
    day.do(cmd.RecordPayment(entry=id_of(name), paid_at=at), at)


def test_paying_before_the_day_counts() -> None:
    day = Day()
    day.enrol("X", "9:00", booked="7:00", at=None)
    day.enrol("Y", "9:30", booked="8:00")
    assert day.line == "X Y"
    _pay(day, "X", "21:00", on_the_day=False)
    assert day.line == "Y X"


def test_paying_on_the_day_moves_nobody() -> None:
    day = Day()
    day.enrol("X", "9:00", booked="7:00")
    day.enrol("Y", "9:30", booked="8:00")
    _pay(day, "X", "0:00", on_the_day=True)
    assert day.line == "X Y"
    assert day["X"].seniority == day.yesterday("7:00")


def test_a_pinned_entry_that_pays_before_the_day_keeps_its_place_but_not_its_seniority() -> None:
    day = Day()
    day.enrol("X", "9:00", booked="7:00")
    day.enrol("Y", "9:30", booked="8:00")
    day.do(cmd.MoveEntry(entry=id_of("Y"), to=1), day.yesterday("20:30"))
    _pay(day, "Y", "21:00", on_the_day=False)
    assert day.line == "Y X"
    assert day["Y"].seniority == day.yesterday("21:00")


def test_a_payment_that_is_enrolled_on_the_day_counts_as_of_enrolment() -> None:
    day = Day()
    paid = cmd.EnrolEntry(
        entry=id_of("X"), start=day.at("11:00"), booked_at=day.at("8:00"), paid_at=day.at("8:30"), triage=4
    )
    later = cmd.EnrolEntry(
        entry=id_of("Y"), start=day.at("11:00"), booked_at=day.at("8:00"), paid_at=day.at("9:30"), triage=4
    )
    day.do(paid, "9:00")
    day.do(later, "9:00")
    assert day["X"].seniority == day.at("8:30")
    assert day["Y"].seniority == day.at("8:00")


# ---- arrival ------------------------------------------------------------------------------------------------------


def test_a_second_check_in_changes_nothing() -> None:
    day = example()
    day.check_in("A", "9:00")
    assert day.do(cmd.CheckInEntry(entry=id_of("A")), "9:30") == []
    assert day["A"].arrived_at == day.at("9:00")


def test_a_check_in_ends_the_grace_time_of_somebody_who_waits_already() -> None:
    day = example()
    day.check_in("A", "9:00")
    day.no_show("A", "9:20")
    day.check_in("A", "9:25")
    assert day["A"].grace_until is None
    assert day["A"].arrived_at == day.at("9:00")
    assert not day["A"].late
    day.tick("9:35")
    assert day.state_of("A") is EntryState.WAITING


def test_who_comes_on_time_keeps_a_place_given_by_hand() -> None:
    day = example()
    day.move("D", 1, "8:00")
    day.check_in("D", "9:00")
    assert day.line == "D C A E B"
    assert day["D"].pinned


def test_who_comes_late_loses_a_place_given_by_hand() -> None:
    day = example()
    day.move("B", 1, "8:00")
    day.check_in("B", "9:30")
    assert day.line == "C A E B D"
    assert not day["B"].pinned


def test_behind_two_takes_the_place_of_the_key_when_that_is_earlier() -> None:
    day = example(late_policy=LatePolicy.BEHIND_TWO)
    day.check_in("C E B", "8:55")
    day.triage("A", 1, "9:00")
    day.check_in("A", "10:05")
    assert day.line == "A C E B D"
    assert not day["A"].pinned


def test_behind_two_with_fewer_than_two_callable_takes_the_place_of_the_key() -> None:
    day = example(late_policy=LatePolicy.BEHIND_TWO)
    day.check_in("C", "8:55")
    day.check_in("A", "9:26")
    assert day.line == "C E B A D"
    assert not day["A"].pinned


# ---- no-show ------------------------------------------------------------------------------------------------------


def test_grace_defaults_to_the_policy() -> None:
    day = example()
    day.no_show("B", "9:05")
    assert day["B"].grace_until == day.at("9:20")


def test_a_new_grace_replaces_the_deadline() -> None:
    day = example()
    day.no_show("B", "9:00", grace=15)
    day.no_show("B", "9:10", grace=20)
    assert day["B"].grace_until == day.at("9:30")


def test_no_grace_ends_at_once_when_due_has_passed() -> None:
    day = example()
    day.no_show("B", "9:00", grace=0)
    assert day.state_of("B") is EntryState.NO_SHOW


def test_no_grace_before_due_ends_at_due() -> None:
    day = example()
    day.no_show("B", "8:30", grace=0)
    assert day["B"].grace_until == day.at("9:00")


def test_marking_again_after_the_deadline_does_what_the_timer_would() -> None:
    day = example()
    day.no_show("B", "9:00")
    day.no_show("B", "9:15")
    assert day.state_of("B") is EntryState.NO_SHOW


def test_somebody_called_who_does_not_come_gives_the_seat_free() -> None:
    day = example()
    day.check_in("C A", "8:50")
    day.call("9:30")
    day.no_show("C", "9:31", grace=2)
    day.tick("9:33")
    assert day.state_of("C") is EntryState.NO_SHOW
    assert day.call("9:33") == "A"


@pytest.mark.parametrize("what", ["call", "start", "check-in"])
def test_call_start_and_check_in_end_the_grace_time(what: str) -> None:
    day = example()
    if what == "check-in":
        day.no_show("C", "9:00")
        day.check_in("C", "9:05")
    else:
        day.check_in("C", "9:00")
        if what == "start":
            day.call("9:00")
        day.no_show("C", "9:01")
        (day.call if what == "call" else lambda at: day.start("C", at))("9:05")
    assert day["C"].grace_until is None


def test_who_comes_after_no_show_is_late_whatever_the_hour() -> None:
    day = example()
    day.no_show("B", "9:00", grace=0)
    day.check_in("B", "9:05")
    assert day["B"].late
    assert day["B"].key_time == day.at("9:05")
    assert day.line == "C A E B D"


def test_nobody_is_reinstated_after_the_close() -> None:
    day = example()
    day.no_show("B", "9:00", grace=0)
    day.close("18:00")
    with pytest.raises(QueueClosed):
        day.check_in("B", "18:01")


def test_a_reinstated_patient_who_was_called_before_is_called_no_more() -> None:
    day = example()
    day.check_in("C", "8:50")
    day.call("9:30")
    day.no_show("C", "9:31", grace=0)
    day.check_in("C", "9:40")
    assert day["C"].called_at is None
    assert isinstance(day.commits[-1][2][0], ev.EntryCheckedIn)
