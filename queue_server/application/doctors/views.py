"""Doctors as clients see them."""

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from queue_server.application.views import View
from scheduling_core.doctors.onboarding import StageStatus
from scheduling_core.doctors.profile import DoctorStatus, OnboardingStage, Verification
from scheduling_core.live_queue.state import Mode


class QualificationView(View, frozen=True, kw_only=True):
    """A degree or certificate."""

    id: UUID
    title: str
    institution: str
    year: int | None


class FeesView(View, frozen=True, kw_only=True):
    """Minor units of the currency."""

    currency: str
    consultation: int
    follow_up: int | None
    tele: int | None


class LicenceView(View, frozen=True, kw_only=True):
    """Only admins are shown one."""

    number: str
    authority: str
    valid_until: date | None
    verification: Verification
    critical: bool


class DoctorDetail(View, frozen=True, kw_only=True):
    """A doctor's profile. The licence is left out for everybody but admins."""

    id: UUID
    name: str
    status: DoctorStatus
    bio: str
    specialty_label: str
    """What patients read beside the name."""
    specialties: tuple[str, ...]
    qualifications: tuple[QualificationView, ...]
    languages: tuple[str, ...]
    modes: tuple[Mode, ...]
    fees: FeesView | None
    licence: LicenceView | UnsetType | None = UNSET
    department_ids: tuple[UUID, ...]
    clinic_ids: tuple[UUID, ...]
    home_clinic_id: UUID | None
    room: str
    ticket_prefix: str | None
    public_profile_visible: bool
    accepts_online_bookings: bool
    onboarding_progress: int
    """Percent of the stages that are done."""
    score: int
    is_bookable: bool
    version: int


class CheckView(View, frozen=True, kw_only=True):
    """One condition, whether it holds, and why not (empty when it does)."""

    name: str
    ok: bool
    reason: str


class OnboardingStageView(View, frozen=True, kw_only=True):
    """A stage of onboarding; blockers are the reasons of what fails, and the earlier stages that are not done."""

    name: OnboardingStage
    status: StageStatus
    checks: tuple[CheckView, ...]
    blockers: tuple[str, ...]
    completed_at: datetime | None
    completed_by: UUID | None


class OnboardingView(View, frozen=True, kw_only=True):
    """How far a doctor's onboarding is, in percent, and the score of their bookability."""

    doctor_id: UUID
    progress: int
    score: int
    stages: tuple[OnboardingStageView, ...]
    version: int


class BookabilityView(View, frozen=True, kw_only=True):
    """Whether a doctor can be booked, by whom, and why not."""

    score: int
    is_bookable: bool
    can_show_in_search: bool
    can_patient_book: bool
    can_receptionist_book: bool
    checks: tuple[CheckView, ...]
