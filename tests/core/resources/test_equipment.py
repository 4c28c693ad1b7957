"""Equipment: where it stands, and what is refused."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import AssignmentId, ClinicId, EquipmentId, MaintenanceId, RoomId, TextId
from scheduling_core.resources.equipment import (
    AGGREGATE,
    AssignEquipment,
    CreateEquipment,
    Equipment,
    EquipmentAssigned,
    EquipmentCommand,
    EquipmentCreated,
    EquipmentEvent,
    EquipmentRetired,
    EquipmentType,
    EquipmentUpdated,
    RetireEquipment,
    UpdateEquipment,
    decide,
)
from scheduling_core.resources.maintenance import (
    FinishMaintenance,
    MaintenanceFinished,
    MaintenancePlanned,
    PlanMaintenance,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROOM, OTHER_ROOM = RoomId(uuid4()), RoomId(uuid4())


def after(known: Equipment | None, *commands: EquipmentCommand, now: datetime = NOW) -> Equipment:
    """Return the equipment after some commands."""
    for command in commands:
        for event in decide(known, command, now):
            known = AGGREGATE.fold(known, event, now)
    assert known is not None
    return known


def created() -> Equipment:
    return after(
        None,
        CreateEquipment(
            equipment=EquipmentId(uuid4()), clinic=ClinicId(uuid4()), name=TextId(uuid4()), kind=EquipmentType.ECG
        ),
    )


def put(room: RoomId | None) -> AssignEquipment:
    return AssignEquipment(assignment=AssignmentId(uuid4()), room=room)


def test_it_remembers_every_room_it_stood_in() -> None:
    known = after(created(), put(ROOM))
    assert known.room == ROOM
    assert decide(known, put(ROOM), NOW) == []
    later = NOW + timedelta(hours=1)
    known = after(known, put(OTHER_ROOM), now=later)
    assert [(p.room, p.since, p.until) for p in known.placements] == [(ROOM, NOW, later), (OTHER_ROOM, later, None)]
    known = after(known, put(None), now=later + timedelta(hours=1))
    assert known.room is None
    assert len(known.placements) == 2


def test_what_is_removed_stands_in_no_room() -> None:
    known = after(created(), put(ROOM), RetireEquipment())
    assert (known.active, known.room, known.placements[0].until) == (False, None, NOW)
    for command in (put(ROOM), UpdateEquipment(kind=EquipmentType.OTHER)):
        with pytest.raises(Conflict):
            decide(known, command, NOW)
    assert decide(known, RetireEquipment(), NOW) == []
    assert after(known, UpdateEquipment(active=True)).active


def test_it_is_removed_by_removing_it() -> None:
    with pytest.raises(InvalidValue) as refused:
        decide(created(), UpdateEquipment(active=False), NOW)
    assert refused.value.field == "active"


def test_what_does_not_exist_cannot_be_changed() -> None:
    for command in (UpdateEquipment(), RetireEquipment(), put(None)):
        with pytest.raises(NotFound):
            decide(None, command, NOW)


def test_it_is_maintained_like_a_room() -> None:
    plan = PlanMaintenance(maintenance=MaintenanceId(uuid4()), start=NOW, end=NOW + timedelta(hours=1))
    known = after(created(), plan, FinishMaintenance(maintenance=plan.maintenance))
    assert known.maintenance[0].finished_at == NOW
    with pytest.raises(Conflict):
        decide(after(created(), RetireEquipment()), plan, NOW)


EVENTS: tuple[EquipmentEvent, ...] = (
    EquipmentCreated(
        equipment=EquipmentId(uuid4()), clinic=ClinicId(uuid4()), name=TextId(uuid4()), kind=EquipmentType.OTHER
    ),
    EquipmentUpdated(kind=EquipmentType.ECG),
    EquipmentRetired(),
    EquipmentAssigned(assignment=AssignmentId(uuid4()), room=ROOM),
    MaintenancePlanned(maintenance=MaintenanceId(uuid4()), start=NOW, end=NOW),
    MaintenanceFinished(maintenance=MaintenanceId(uuid4())),
)


def test_every_event_is_read_as_it_was_written() -> None:
    assert {type(event) for event in EVENTS} == set(AGGREGATE.event_types.values())
    for event in EVENTS:
        name, data = AGGREGATE.encode_event(event)
        assert AGGREGATE.decode_event(name, 1, data) == event
