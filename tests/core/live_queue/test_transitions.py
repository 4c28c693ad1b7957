"""The table of transitions: what is allowed in which state, and that everything else is refused."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scheduling_core.errors import IllegalTransition, NotFound
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue.decide import _DECIDERS
from scheduling_core.live_queue.state import EntryState, Mode
from tests.core.live_queue.day import DOCTOR, OTHER_DOCTOR, Day, id_of

X = id_of("X")

COMMANDS: dict[str, tuple[cmd.Command, dict[str, str]]] = {
    # command -> the states it is allowed in, each with the state it leads to
    "check-in": (
        cmd.CheckInEntry(entry=X),
        {"expected": "waiting", "waiting": "waiting", "no_show": "waiting"},
    ),
    "call-next": (cmd.CallNext(entry=X), {"waiting": "called"}),
    "recall": (cmd.RecallEntry(entry=X), {"called": "called"}),
    "start": (cmd.StartConsultation(entry=X), {"called": "in_consultation"}),
    "complete": (cmd.CompleteConsultation(entry=X), {"called": "completed", "in_consultation": "completed"}),
    "skip": (cmd.SkipEntry(entry=X), {"waiting": "waiting", "called": "waiting"}),
    "no-show": (
        cmd.MarkNoShow(entry=X, grace=0),
        {"expected": "no_show", "waiting": "no_show", "called": "no_show"},
    ),
    "move": (cmd.MoveEntry(entry=X, to=1), {"expected": "expected", "waiting": "waiting"}),
    "triage": (cmd.TriageEntry(entry=X, triage=2), {"expected": "expected", "waiting": "waiting"}),
    "transfer": (
        cmd.TransferOut(entry=X, to_doctor=OTHER_DOCTOR),
        {"expected": "gone", "waiting": "gone", "called": "gone"},
    ),
    "reschedule": (
        cmd.RescheduleEntry(entry=X, start=datetime(2025, 6, 4, 12, tzinfo=UTC), duration=15, mode=Mode.IN_PERSON),
        {"expected": "expected", "waiting": "waiting"},
    ),
    "reschedule to another day": (
        cmd.RescheduleOut(entry=X, to_doctor=DOCTOR, to_date="2025-06-05"),
        {"expected": "gone", "waiting": "gone"},
    ),
    "cancel": (
        cmd.CancelEntry(entry=X),
        {"expected": "cancelled", "waiting": "cancelled", "called": "cancelled"},
    ),
}


def _waiting(day: Day) -> None:
    day.check_in("X", "9:01")


def _called(day: Day) -> None:
    _waiting(day)
    day.call("9:02", "X")


def _seen(day: Day) -> None:
    _called(day)
    day.start("X", "9:03")


def _completed(day: Day) -> None:
    _seen(day)
    day.complete("X", "9:04")


REACH: dict[str, Callable[[Day], None]] = {
    "expected": lambda day: None,
    "waiting": _waiting,
    "called": _called,
    "in_consultation": _seen,
    "completed": _completed,
    "no_show": lambda day: day.no_show("X", "9:01", grace=0),
    "cancelled": lambda day: day.cancel("X", "9:01"),
}


def _day(state: str) -> Day:
    day = Day()
    day.enrol("X", "9:00")
    day.enrol("Y", "9:00", booked="5:00")
    REACH[state](day)
    assert day.state_of("X") == state
    return day


# Where the entry itself has the calling seat, the seat refuses before the table does: see test_calling.
ROWS = [(command, state) for command in COMMANDS for state in REACH if (command, state) != ("call-next", "called")]


@pytest.mark.parametrize(("command", "state"), ROWS)
def test_the_command_follows_the_table(command: str, state: str) -> None:
    asked, allowed = COMMANDS[command]
    day = _day(state)
    before = day.queue
    if state not in allowed:
        with pytest.raises(IllegalTransition) as refused:
            day.do(asked, "9:10")
        assert (refused.value.code, refused.value.status) == ("illegal_transition", 409)
        assert day.queue is before
        return
    day.do(asked, "9:10")
    if allowed[state] == "gone":
        assert X not in day.queue.entries
    else:
        assert day.state_of("X") == allowed[state]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_entry_is_not_found(command: str) -> None:
    asked, _ = COMMANDS[command]
    day = Day()
    with pytest.raises(NotFound):
        day.do(asked, "9:10")


def test_every_command_has_its_rule() -> None:
    assert set(_DECIDERS) == set(cmd.Command.__subclasses__()) - {cmd.OpenQueue}


def test_every_state_is_in_the_table() -> None:
    assert set(REACH) == {state.value for state in EntryState}


def test_opening_twice_changes_nothing() -> None:
    day = Day()
    queue = day.queue
    again = cmd.OpenQueue(
        tenant=queue.tenant,
        doctor=DOCTOR,
        clinic=queue.clinic,
        date=queue.date,
        timezone=queue.timezone,
        policy=queue.policy,
        pace=queue.pace,
    )
    assert day.do(again, "9:00") == []


def test_without_a_queue_nothing_can_be_done() -> None:
    day = Day()
    day.state = None
    with pytest.raises(NotFound):
        day.do(cmd.CallNext(), "9:00")
