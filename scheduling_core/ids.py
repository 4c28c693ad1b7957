"""Identifiers of the domain, each its own type so that one cannot pass for another."""

from datetime import datetime
from typing import NewType
from uuid import UUID, uuid5

TenantId = NewType("TenantId", UUID)
ClinicId = NewType("ClinicId", UUID)
DoctorId = NewType("DoctorId", UUID)
PatientId = NewType("PatientId", UUID)
AccountId = NewType("AccountId", UUID)
EntryId = NewType("EntryId", UUID)
"""An entry has the id of its appointment: one appointment has one place in one queue."""
DepartmentId = NewType("DepartmentId", UUID)
ScheduleId = NewType("ScheduleId", UUID)
OverrideId = NewType("OverrideId", UUID)
ExceptionId = NewType("ExceptionId", UUID)
LeaveId = NewType("LeaveId", UUID)
QualificationId = NewType("QualificationId", UUID)
SlotId = NewType("SlotId", UUID)
HoldId = NewType("HoldId", UUID)
PaymentId = NewType("PaymentId", UUID)
WaitlistId = NewType("WaitlistId", UUID)
"""One wish of one patient, from joining to its end."""
InviteId = NewType("InviteId", UUID)
RoomId = NewType("RoomId", UUID)
EquipmentId = NewType("EquipmentId", UUID)
ResourceId = RoomId | EquipmentId
"""What one doctor at a time can use; no room has the id of a piece of equipment."""
MaintenanceId = NewType("MaintenanceId", UUID)
AssignmentId = NewType("AssignmentId", UUID)
"""One stretch of time in which a room is a doctor's, or a device stands in a room."""
StreamId = NewType("StreamId", UUID)
BroadcastId = NewType("BroadcastId", UUID)
TextId = NewType("TextId", UUID)
"""Refers to a free text that is kept apart from events, so that it can be erased."""


def queue_stream(tenant: TenantId, doctor: DoctorId, date: str) -> StreamId:
    """Return the stream of one doctor's queue on one day (`date` as YYYY-MM-DD)."""
    return StreamId(uuid5(tenant, f"queue:{doctor}:{date}"))


def aggregate_stream(tenant: TenantId, kind: str, subject: UUID) -> StreamId:
    """Return the stream of one aggregate: a doctor's profile, a doctor's calendar, a room …"""
    return StreamId(uuid5(tenant, f"{kind}:{subject}"))


def slot_id(doctor: DoctorId, clinic: ClinicId, start: datetime) -> SlotId:
    """Return the id of the slot that a doctor's schedule yields at this clinic and instant: the same each time."""
    return SlotId(uuid5(doctor, f"slot:{clinic}:{int(start.timestamp())}"))
