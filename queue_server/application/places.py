"""Where an appointment takes place: patients are sent to the clinic and room they were booked for.

A doctor has one line a day and may sit at two clinics in it, so the queue does not say where; see
docs/decisions/0012-one-line-for-a-doctors-day.md.
"""

from uuid import UUID

import msgspec

from queue_server.application.directory import DoctorEntry
from queue_server.application.views.tracking import ClinicView
from queue_server.store.db import Row
from scheduling_core.ids import ClinicId, DoctorId


class Place(msgspec.Struct, frozen=True):
    """A clinic and a room there; `room` is empty where there is none to name."""

    clinic: ClinicView
    room: str


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """What an appointment was booked for; `room` is the one that is reserved for it, empty without one."""

    doctor: DoctorId
    clinic: ClinicView
    room: str

    def place(self, doctor: DoctorEntry) -> Place:
        """Return where `doctor`, to whom it may have been handed since, sees the patient."""
        clinic = doctor.clinic_of(self.doctor, ClinicId(self.clinic.id))
        if clinic != self.clinic.id:
            return home(doctor)
        reserved = self.room if doctor.id == self.doctor else ""
        return Place(self.clinic, reserved or doctor.room_at(clinic))


def home(doctor: DoctorEntry) -> Place:
    """Return where the doctor is found when nothing else is known."""
    return Place(doctor.clinic_view(), doctor.room)


def booked_of(row: Row) -> Booked:
    """Return what a row of people's queries says an appointment was booked for."""
    clinic = ClinicView(
        id=UUID(int=row["clinic_id"].int),  # not asyncpg's own kind, which JSON does not know
        name=row["clinic_name"],
        timezone=row["timezone"],
        address=row["address"],
    )
    return Booked(doctor=DoctorId(row["booked_doctor_id"]), clinic=clinic, room=row["reserved_room"])
