"""What the calls about rooms, equipment, departments and clinic days take. In a change, what is left out stays."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.admin_bodies import Name
from queue_server.application.desk_bodies import Body, Instant
from scheduling_core.resources.equipment import EquipmentType
from scheduling_core.resources.rooms import RoomType

LONGEST_NAME, LONGEST_REASON = 200, 500

Reason = Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)]
ClinicIds = Annotated[
    tuple[UUID, ...], msgspec.Meta(max_length=200, description="where the department is; empty: at all clinics")
]


class NewRoom(Body, frozen=True, kw_only=True):
    """A room to be added."""

    clinic_id: UUID
    name: Name
    type: RoomType = RoomType.CONSULTATION


class RoomChange(Body, frozen=True, kw_only=True):
    """What is to change of a room; `active: true` brings a removed one back."""

    name: Name | UnsetType = UNSET
    type: RoomType | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class NewEquipment(Body, frozen=True, kw_only=True):
    """A piece of equipment to be added, standing in a room or in none."""

    clinic_id: UUID
    name: Name
    type: EquipmentType = EquipmentType.OTHER
    room_id: UUID | None = None


class EquipmentChange(Body, frozen=True, kw_only=True):
    """What is to change of a piece of equipment; `active: true` brings a removed one back."""

    name: Name | UnsetType = UNSET
    type: EquipmentType | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class NewMaintenance(Body, frozen=True, kw_only=True):
    """A time in which it is not to be used."""

    start: Instant
    end: Instant
    reason: Reason = ""


class NewRoomAssignment(Body, frozen=True, kw_only=True):
    """Whose room it shall be: from a date (today) on, up to and including another, or until further notice."""

    doctor_id: UUID
    from_: dt.date | None = msgspec.field(default=None, name="from")
    until: dt.date | None = None


class NewEquipmentAssignment(Body, frozen=True, kw_only=True):
    """Which room it shall stand in from now on; null: in none."""

    room_id: UUID | None


class NewDepartment(Body, frozen=True, kw_only=True):
    """A department to be added; its head is an account that may decide about leave."""

    name: Name
    clinic_ids: ClinicIds = ()
    head_account_id: UUID | None = None


class DepartmentChange(Body, frozen=True, kw_only=True):
    """What is to change of a department."""

    name: Name | UnsetType = UNSET
    clinic_ids: ClinicIds | UnsetType = UNSET
    head_account_id: UUID | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class ClosedDayBody(Body, frozen=True, kw_only=True):
    date: dt.date
    name: Name


class ClinicDaysBody(Body, frozen=True, kw_only=True):
    """All dates on which the clinic differs from its country's holidays."""

    closed: Annotated[tuple[ClosedDayBody, ...], msgspec.Meta(max_length=1000)] = ()
    open: Annotated[tuple[dt.date, ...], msgspec.Meta(max_length=1000)] = ()
