"""Rooms: what commands lead to, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from msgspec import UNSET

from scheduling_core.errors import Conflict, DomainError, InvalidValue, NotFound
from scheduling_core.ids import AssignmentId, ClinicId, DoctorId, MaintenanceId, RoomId, TextId
from scheduling_core.resources.maintenance import (
    MOST_OPEN,
    FinishMaintenance,
    MaintenanceFinished,
    MaintenancePlanned,
    PlanMaintenance,
)
from scheduling_core.resources.rooms import (
    AGGREGATE,
    AssignRoom,
    CreateRoom,
    EndRoomAssignment,
    RetireRoom,
    Room,
    RoomAssigned,
    RoomAssignmentEnded,
    RoomCommand,
    RoomCreated,
    RoomEvent,
    RoomRetired,
    RoomType,
    RoomUpdated,
    UpdateRoom,
    decide,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
NAME, OTHER = TextId(uuid4()), TextId(uuid4())
DOCTOR = DoctorId(uuid4())


def after(room: Room | None, *commands: RoomCommand, now: datetime = NOW) -> Room:
    """Return the room after some commands."""
    for command in commands:
        for event in decide(room, command, now):
            room = AGGREGATE.fold(room, event, now)
    assert room is not None
    return room


def created() -> Room:
    command = CreateRoom(room=RoomId(uuid4()), clinic=ClinicId(uuid4()), name=NAME, kind=RoomType.IMAGING)
    return after(None, command)


def outage(start: float = 1, hours: float = 2) -> PlanMaintenance:
    begin = NOW + timedelta(hours=start)
    return PlanMaintenance(maintenance=MaintenanceId(uuid4()), start=begin, end=begin + timedelta(hours=hours))


def assignment(first: date = TODAY, last: date | None = None, doctor: DoctorId = DOCTOR) -> AssignRoom:
    return AssignRoom(assignment=AssignmentId(uuid4()), doctor=doctor, first=first, last=last, today=TODAY)


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


def test_a_room_is_made_once() -> None:
    room = created()
    assert (room.kind, room.active, room.version) == (RoomType.IMAGING, True, 1)
    with pytest.raises(Conflict):
        decide(room, CreateRoom(room=room.id, clinic=room.clinic, name=NAME, kind=room.kind), NOW)


@pytest.mark.parametrize("command", [UpdateRoom(), RetireRoom(), assignment(), outage()])
def test_what_does_not_exist_cannot_be_changed(command: RoomCommand) -> None:
    with pytest.raises(NotFound):
        decide(None, command, NOW)


def test_what_is_left_out_stays_and_what_is_the_same_is_no_event() -> None:
    room = created()
    assert decide(room, UpdateRoom(kind=RoomType.IMAGING, active=True), NOW) == []
    (event,) = decide(room, UpdateRoom(name=OTHER, kind=RoomType.IMAGING), NOW)
    assert event == RoomUpdated(name=OTHER, kind=UNSET, active=UNSET)
    changed = AGGREGATE.fold(room, event, NOW)
    assert (changed.name, changed.kind, changed.version) == (OTHER, RoomType.IMAGING, 2)


def test_a_removed_room_takes_nothing_until_it_is_brought_back() -> None:
    room = after(created(), RetireRoom())
    assert not room.active
    assert decide(room, RetireRoom(), NOW) == []
    for command in (outage(), assignment(), UpdateRoom(name=OTHER)):
        with pytest.raises(Conflict):
            decide(room, command, NOW)
    back = after(room, UpdateRoom(active=True, name=OTHER))
    assert (back.active, back.name) == (True, OTHER)


def test_a_room_is_removed_by_removing_it() -> None:
    with pytest.raises(InvalidValue) as refused:
        decide(created(), UpdateRoom(active=False), NOW)
    assert refused.value.field == "active"


@pytest.mark.parametrize(
    ("command", "refusal", "field"),
    [
        (outage(hours=-1), InvalidValue, "end"),
        (outage(hours=0), InvalidValue, "end"),
        (outage(start=-3), InvalidValue, "end"),
        (outage(hours=24 * 367), InvalidValue, "end"),
        (outage(start=2), Conflict, "start"),
    ],
)
def test_maintenance_that_makes_no_sense_is_refused(
    command: PlanMaintenance, refusal: type[DomainError], field: str
) -> None:
    room = after(created(), outage())
    with pytest.raises(refusal) as refused:
        decide(room, command, NOW)
    assert refused.value.field == field


def test_maintenance_may_follow_maintenance_without_a_gap() -> None:
    room = after(created(), outage(1, 2), outage(3, 1))
    assert len(room.maintenance) == 2


def test_finished_maintenance_makes_room_for_another() -> None:
    planned = outage(-1, 4)
    room = after(created(), planned)
    finish = FinishMaintenance(maintenance=planned.maintenance)
    room = after(room, finish, now=NOW + timedelta(minutes=5))
    assert room.maintenance[0].until == NOW + timedelta(minutes=5)
    assert decide(room, finish, NOW) == []
    assert decide(room, outage(1, 1), NOW + timedelta(minutes=6)) != []
    with pytest.raises(NotFound):
        decide(room, FinishMaintenance(maintenance=MaintenanceId(uuid4())), NOW)


def test_maintenance_called_off_before_it_begins_takes_no_time_at_all() -> None:
    planned = outage(2, 4)
    room = after(created(), planned, FinishMaintenance(maintenance=planned.maintenance))
    assert room.maintenance[0].until == planned.start
    assert not room.maintenance[0].overlaps(planned.start, planned.end)


def test_open_maintenance_is_bounded() -> None:
    room = created()
    for index in range(MOST_OPEN):
        room = after(room, outage(1 + index, 1))
    with pytest.raises(Conflict):
        decide(room, outage(1 + MOST_OPEN, 1), NOW)


def test_two_doctors_share_a_room_and_one_has_it_once_at_a_time() -> None:
    room = after(created(), assignment(), assignment(doctor=DoctorId(uuid4())))
    assert len(room.assignments) == 2
    with pytest.raises(Conflict) as refused:
        decide(room, assignment(days(10), days(12)), NOW)
    assert refused.value.field == "from"


@pytest.mark.parametrize(("first", "last"), [(days(3), days(2)), (days(-9), days(-1))])
def test_assignments_end_after_they_begin_and_not_in_the_past(first: date, last: date) -> None:
    with pytest.raises(InvalidValue) as refused:
        decide(created(), assignment(first, last), NOW)
    assert refused.value.field == "until"


def test_an_assignment_ends_yesterday_or_never_was() -> None:
    began, ahead = assignment(days(-5)), assignment(days(3), doctor=DoctorId(uuid4()))
    room = after(created(), began, ahead)
    room = after(room, EndRoomAssignment(assignment=began.assignment, today=TODAY))
    assert (room.assignments[0].last, len(room.assignments)) == (days(-1), 2)
    assert decide(room, EndRoomAssignment(assignment=began.assignment, today=TODAY), NOW) == []
    room = after(room, EndRoomAssignment(assignment=ahead.assignment, today=TODAY))
    assert [a.id for a in room.assignments] == [began.assignment]
    with pytest.raises(NotFound):
        decide(room, EndRoomAssignment(assignment=ahead.assignment, today=TODAY), NOW)


EVENTS: tuple[RoomEvent, ...] = (
    RoomCreated(room=RoomId(uuid4()), clinic=ClinicId(uuid4()), name=NAME, kind=RoomType.OTHER),
    RoomUpdated(active=True),
    RoomRetired(),
    RoomAssigned(assignment=AssignmentId(uuid4()), doctor=DOCTOR, first=TODAY),
    RoomAssignmentEnded(assignment=AssignmentId(uuid4()), last=None),
    MaintenancePlanned(maintenance=MaintenanceId(uuid4()), start=NOW, end=NOW),
    MaintenanceFinished(maintenance=MaintenanceId(uuid4())),
)


def test_every_event_is_read_as_it_was_written() -> None:
    assert {type(event) for event in EVENTS} == set(AGGREGATE.event_types.values())
    for event in EVENTS:
        name, data = AGGREGATE.encode_event(event)
        assert AGGREGATE.decode_event(name, 1, data) == event
        assert "UNSET" not in data.decode()


def test_a_state_is_read_as_it_was_kept() -> None:
    room = after(created(), outage(), assignment())
    assert AGGREGATE.decode_state(AGGREGATE.encode_state(room)) == room
