"""Patients as they see themselves and as the desk sees them."""

from datetime import date, datetime
from uuid import UUID

from queue_server.application.views import View
from scheduling_core.live_queue.state import EntryState, Mode
from scheduling_core.patients import ConsentKind, Tier
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.state import WaitlistStatus


class ConsentsView(View, frozen=True, kw_only=True):
    """What a patient agrees to now; what they were never asked about they do not agree to."""

    messages: bool
    reminders: bool
    data_sharing: bool


class ConsentRecordView(View, frozen=True, kw_only=True):
    """When a consent was recorded, and with whose account."""

    kind: ConsentKind
    given: bool
    recorded_at: datetime
    recorded_by: UUID | None


class PatientDetailsView(View, frozen=True, kw_only=True):
    """A patient's particulars. The name is empty until somebody has said it."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    language: str
    birth_date: date | None
    tier: Tier
    conditions: tuple[str, ...]
    consents: ConsentsView
    consent_records: tuple[ConsentRecordView, ...]
    guardian_id: UUID | None
    clinic_id: UUID | None
    """Where the desk has registered them, if it has."""
    created_at: datetime
    version: int


class CodeSentView(View, frozen=True, kw_only=True):
    """What everybody is told who asks for a code; `expires_in` in seconds."""

    expires_in: int
    digits: int


class ExportedAppointment(View, frozen=True, kw_only=True):
    """An appointment as it is handed out."""

    id: UUID
    patient_id: UUID
    clinic: str
    doctor: str
    start: datetime
    duration_minutes: int
    visit_type: str
    mode: Mode
    state: EntryState | None
    ticket: str | None
    booked_at: datetime
    paid_at: datetime | None


class ExportedPayment(View, frozen=True, kw_only=True):
    """What was to be paid for an appointment, or for a time that was never booked, in minor units of the currency, and
    what became of it."""

    id: UUID
    appointment_id: UUID | None
    status: str
    amount: int
    currency: str
    created_at: datetime
    paid_at: datetime | None
    refunded_at: datetime | None


class ExportedMessage(View, frozen=True, kw_only=True):
    """A message that was sent or is to be sent."""

    kind: str
    channel: str
    recipient: str
    state: str
    created_at: datetime
    ended_at: datetime | None


class ExportedWait(View, frozen=True, kw_only=True):
    """What somebody waits or waited for on a waitlist; what they have noted is among the notes."""

    id: UUID
    patient_id: UUID
    clinic: str
    doctor: str | None
    """None: any of the clinic."""
    status: WaitlistStatus
    visit_type: str
    urgency: Urgency
    window_start: datetime | None
    window_end: datetime | None
    joined_at: datetime
    ended_at: datetime | None
    appointment_id: UUID | None


class ExportedPreference(View, frozen=True, kw_only=True):
    """Whether somebody wants a kind of message through a channel."""

    kind: str
    channel: str
    wanted: bool


class ExportedHours(View, frozen=True, kw_only=True):
    """When somebody is not to be woken, by the clock of the zone, or of the clinic that writes."""

    start: str
    end: str
    timezone: str | None


class ExportedBrowser(View, frozen=True, kw_only=True):
    """A browser that takes pushes, by the address that its maker has given it."""

    endpoint: str


class ExportedAccount(View, frozen=True, kw_only=True):
    """How a patient signs in."""

    id: UUID
    email: str | None
    contacts: tuple[str, ...]
    created_at: datetime


class ExportView(View, frozen=True, kw_only=True):
    """Everything that is kept of a patient and of those they act for."""

    exported_at: datetime
    patient: PatientDetailsView
    family: tuple[PatientDetailsView, ...]
    account: ExportedAccount | None
    appointments: tuple[ExportedAppointment, ...]
    payments: tuple[ExportedPayment, ...]
    waitlist: tuple[ExportedWait, ...]
    messages: tuple[ExportedMessage, ...]
    preferences: tuple[ExportedPreference, ...]
    quiet_hours: ExportedHours | None
    browsers: tuple[ExportedBrowser, ...]
    notes: tuple[str, ...]
    """What was written about their appointments."""
