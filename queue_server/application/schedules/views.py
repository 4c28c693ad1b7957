"""What clients see of schedules, exceptions, leave and the calendars that they make."""

from datetime import date, datetime
from uuid import UUID

from queue_server.application.views import View
from queue_server.application.views.accounts import PersonView
from scheduling_core.calendar.sources import ExceptionKind, LeaveStatus, LeaveType
from scheduling_core.live_queue.state import Mode


class SlotSuggestion(View, frozen=True, kw_only=True):
    """The nearest slot that would do instead: with the same doctor if there is one, else with a colleague."""

    slot_id: UUID
    doctor_id: UUID
    doctor_name: str
    start: datetime


class AffectedPatient(View, frozen=True, kw_only=True):
    """A booked patient whose time a change takes away."""

    appointment_id: UUID
    patient_name: str
    start: datetime
    doctor_id: UUID
    clinic_id: UUID
    suggestion: SlotSuggestion | None


class SlotPreview(View, frozen=True, kw_only=True):
    """What a change does to the slots that are made already."""

    slots_added: int
    slots_removed: int
    slots_kept: int
    patients_affected: tuple[AffectedPatient, ...]


class SittingView(View, frozen=True, kw_only=True):
    """A sitting of every week. `end` is on the day after when `endsNextDay`; midnight is 00:00 of that day."""

    weekday: int
    start: str
    end: str
    ends_next_day: bool
    slot_minutes: int
    buffer_minutes: int
    in_person: int
    tele: int
    total: int
    room_id: UUID | None
    equipment_ids: tuple[UUID, ...]


class OverrideSittingView(View, frozen=True, kw_only=True):
    """A sitting on one date."""

    start: str
    end: str
    ends_next_day: bool
    slot_minutes: int
    buffer_minutes: int
    in_person: int
    tele: int
    total: int
    room_id: UUID | None
    equipment_ids: tuple[UUID, ...]


class OverrideView(View, frozen=True, kw_only=True):
    """Other hours on one date."""

    id: UUID
    schedule_id: UUID
    date: date
    sittings: tuple[OverrideSittingView, ...]
    reason: str | None


class ScheduleView(View, frozen=True, kw_only=True):
    """A weekly schedule. `preview` is there when it was only tried: then nothing was kept."""

    id: UUID
    doctor_id: UUID
    clinic_id: UUID
    effective_from: date
    effective_until: date | None
    ended: bool
    sittings: tuple[SittingView, ...]
    overrides: tuple[OverrideView, ...]
    version: int
    preview: SlotPreview | None = None


class ExceptionView(View, frozen=True, kw_only=True):
    """A stretch of time that is closed; at every clinic of the doctor when `clinicId` is null."""

    id: UUID
    doctor_id: UUID
    clinic_id: UUID | None
    kind: ExceptionKind
    start: datetime
    end: datetime
    reason: str | None
    preview: SlotPreview | None = None


class Removed(View, frozen=True, kw_only=True):
    """What was taken away, or would be."""

    id: UUID
    preview: SlotPreview | None = None


class LeaveView(View, frozen=True, kw_only=True):
    """A request for leave. `hits`: how many appointments lie in it. `mayDecide`, `mayCancel`: whether who asks may."""

    id: UUID
    doctor_id: UUID
    doctor_name: str
    type: LeaveType
    first: date
    last: date
    start: str | None
    end: str | None
    status: LeaveStatus
    reason: str | None
    requested_by: PersonView | None
    requested_at: datetime
    decided_by: PersonView | None
    decided_at: datetime | None
    decision_reason: str | None
    hits: int
    may_decide: bool
    may_cancel: bool
    version: int
    preview: SlotPreview | None = None


class CalendarSegment(View, frozen=True, kw_only=True):
    """A stretch of a day that is open or closed for one reason."""

    start: datetime
    end: datetime
    open: bool
    kind: str
    source_id: UUID | None
    explanation: str


class SlotCounts(View, frozen=True, kw_only=True):
    """How many slots there are: `booked` have somebody in them, `free` still take somebody, in person or by video."""

    total: int
    free: int
    booked: int
    blocked: int
    free_in_person: int
    free_tele: int


class CalendarDay(View, frozen=True, kw_only=True):
    """A date at one clinic, from midnight to midnight of its clock."""

    date: date
    clinic_id: UUID
    timezone: str
    segments: tuple[CalendarSegment, ...]
    slots: SlotCounts


class DoctorCalendarView(View, frozen=True, kw_only=True):
    """A doctor's days, clinic by clinic, and what makes them."""

    doctor_id: UUID
    doctor_name: str
    days: tuple[CalendarDay, ...]
    exceptions: tuple[ExceptionView, ...]
    leaves: tuple[LeaveView, ...]


class DoctorDayView(View, frozen=True, kw_only=True):
    """A date of one doctor at the clinic in short: the hours that are open, and what closes the others."""

    date: date
    open_minutes: int
    open: tuple[CalendarSegment, ...]
    closed: tuple[CalendarSegment, ...]
    slots: SlotCounts


class DoctorDaysView(View, frozen=True, kw_only=True):
    """A doctor's row in the calendar of a clinic."""

    doctor_id: UUID
    doctor_name: str
    days: tuple[DoctorDayView, ...]


class ClinicCalendarView(View, frozen=True, kw_only=True):
    """All doctors of a clinic side by side."""

    clinic_id: UUID
    timezone: str
    doctors: tuple[DoctorDaysView, ...]


class ConflictCause(View, frozen=True, kw_only=True):
    """Why the time of an appointment is closed."""

    kind: str
    source_id: UUID | None
    explanation: str


class SlotConflictView(View, frozen=True, kw_only=True):
    """A booked appointment whose time is closed by now: work for reception."""

    appointment_id: UUID
    patient_name: str
    patient_phone: str | None
    doctor_id: UUID
    doctor_name: str
    clinic_id: UUID
    start: datetime
    mode: Mode
    cause: ConflictCause
    suggestion: SlotSuggestion | None
