"""Patients as the desk finds them."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View
from scheduling_core.live_queue.state import EntryState


class PatientView(View, frozen=True, kw_only=True):
    id: UUID
    name: str
    phone: str | None
    email: str | None
    language: str


class FoundAppointment(View, frozen=True, kw_only=True):
    """A hit of the desk's patient search: a person and, if there is one, today's place."""

    patient: PatientView
    appointment_id: UUID | None
    doctor_id: UUID | None
    doctor_name: str | None
    start: datetime | None
    ticket: str | None
    state: EntryState | None
