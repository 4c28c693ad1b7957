"""Rooms, equipment, departments and the days of clinics as clients see them."""

import datetime as dt
from uuid import UUID

import msgspec

from queue_server.application.views import View
from scheduling_core.resources.equipment import EquipmentType
from scheduling_core.resources.rooms import RoomType


class MaintenanceView(View, frozen=True, kw_only=True):
    """A time in which something is not to be used; one that is finished ended at `finishedAt` if that was earlier."""

    id: UUID
    start: dt.datetime
    end: dt.datetime
    reason: str
    finished_at: dt.datetime | None


class RoomAssignmentView(View, frozen=True, kw_only=True):
    """Whose room it is, from a date up to and including another; null: until further notice."""

    id: UUID
    doctor_id: UUID
    from_: dt.date = msgspec.field(name="from")
    until: dt.date | None


class RoomView(View, frozen=True, kw_only=True):
    id: UUID
    clinic_id: UUID
    name: str
    type: RoomType
    active: bool
    equipment_ids: tuple[UUID, ...]
    maintenance: tuple[MaintenanceView, ...]
    assignments: tuple[RoomAssignmentView, ...]
    version: int


class EquipmentAssignmentView(View, frozen=True, kw_only=True):
    """Which room it stood in, from when until when; null: it stands there now."""

    id: UUID
    room_id: UUID
    from_: dt.datetime = msgspec.field(name="from")
    until: dt.datetime | None


class EquipmentView(View, frozen=True, kw_only=True):
    id: UUID
    clinic_id: UUID
    room_id: UUID | None
    name: str
    type: EquipmentType
    active: bool
    maintenance: tuple[MaintenanceView, ...]
    assignments: tuple[EquipmentAssignmentView, ...]
    version: int


class DepartmentView(View, frozen=True, kw_only=True):
    """A department; without clinics it belongs to all of them."""

    id: UUID
    name: str
    clinic_ids: tuple[UUID, ...]
    head_account_id: UUID | None
    active: bool
    version: int


class ClosedDayView(View, frozen=True, kw_only=True):
    date: dt.date
    name: str


class ClinicDaysView(View, frozen=True, kw_only=True):
    """Dates on which a clinic is closed of its own, and those on which it is open although there is a holiday."""

    closed: tuple[ClosedDayView, ...]
    open: tuple[dt.date, ...]
    version: int


class HolidayView(View, frozen=True, kw_only=True):
    """A public holiday; `open` when the clinic works nevertheless."""

    date: dt.date
    name: str
    open: bool
