"""Identifiers of the domain, each its own type so that one cannot pass for another."""

from typing import NewType
from uuid import UUID, uuid5

TenantId = NewType("TenantId", UUID)
ClinicId = NewType("ClinicId", UUID)
DoctorId = NewType("DoctorId", UUID)
PatientId = NewType("PatientId", UUID)
AccountId = NewType("AccountId", UUID)
EntryId = NewType("EntryId", UUID)
"""An entry has the id of its appointment: one appointment has one place in one queue."""
StreamId = NewType("StreamId", UUID)
BroadcastId = NewType("BroadcastId", UUID)
TextId = NewType("TextId", UUID)
"""Refers to a free text that is kept apart from events, so that it can be erased."""


def queue_stream(tenant: TenantId, doctor: DoctorId, date: str) -> StreamId:
    """Return the stream of one doctor's queue on one day (`date` as YYYY-MM-DD)."""
    return StreamId(uuid5(tenant, f"queue:{doctor}:{date}"))
