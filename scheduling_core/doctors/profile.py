"""A doctor's profile as its events lead to it. Ids, enums, codes, numbers and instants: words are referred to by id."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from scheduling_core.ids import AccountId, ClinicId, DepartmentId, DoctorId, QualificationId, TextId
from scheduling_core.live_queue.state import Mode


class DoctorStatus(StrEnum):
    """Where a doctor stands with the organisation."""

    DRAFT = "draft"
    PENDING_VERIFICATION = "pending_verification"
    ACTIVE = "active"
    INACTIVE = "inactive"


LEGAL: dict[DoctorStatus, frozenset[DoctorStatus]] = {
    DoctorStatus.DRAFT: frozenset({DoctorStatus.PENDING_VERIFICATION, DoctorStatus.INACTIVE}),
    DoctorStatus.PENDING_VERIFICATION: frozenset({DoctorStatus.ACTIVE, DoctorStatus.INACTIVE}),
    DoctorStatus.ACTIVE: frozenset({DoctorStatus.INACTIVE}),
    DoctorStatus.INACTIVE: frozenset({DoctorStatus.ACTIVE}),
}
"""Which status may follow which: the only place that says so."""


class Origin(StrEnum):
    """How a doctor came to be."""

    ONBOARDING = "onboarding"
    OPERATOR = "operator"
    """Added from the command line, at work at once."""
    ADOPTED = "adopted"
    """Was there before profiles had a history."""


class Verification(StrEnum):
    """What is known of a licence."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    FAILED = "failed"


class OnboardingStage(StrEnum):
    """A stage of onboarding; they are done in this order."""

    PROFILE = "profile"
    CREDENTIALS = "credentials"
    DEPARTMENTS = "departments"
    LOCATIONS = "locations"
    FEES = "fees"
    AVAILABILITY = "availability"
    RESOURCES = "resources"
    COMPLIANCE = "compliance"
    APPROVAL = "approval"
    ACTIVATION = "activation"


class Qualification(msgspec.Struct, frozen=True, kw_only=True):
    """A degree or certificate; title and institution are words kept apart."""

    id: QualificationId
    title: TextId
    institution: TextId | None = None
    year: int | None = None


class Fees(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit costs, in minor units of one currency; None: not offered, or the same as a consultation."""

    currency: str
    """ISO 4217."""
    consultation: int
    follow_up: int | None = None
    tele: int | None = None


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """The licence to practise."""

    number: TextId
    authority: TextId
    valid_until: date | None = None


class StageDone(msgspec.Struct, frozen=True, kw_only=True):
    """A completed stage: when, by whom (None: the system), with which note."""

    at: datetime
    by: AccountId | None
    note: TextId | None = None


class DoctorProfile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a doctor but the times they work."""

    id: DoctorId
    origin: Origin
    status: DoctorStatus
    created_by: AccountId | None
    name: TextId
    bio: TextId | None = None
    specialty_label: TextId | None = None
    """What patients read beside the name; without it, the first specialty's code in words."""
    room: TextId | None = None
    """Where called patients go unless a slot has a room of its own."""
    specialties: tuple[str, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    languages: tuple[str, ...] = ()
    """BCP 47 primary tags."""
    modes: tuple[Mode, ...] = (Mode.IN_PERSON,)
    fees: Fees | None = None
    licence: Licence | None = None
    verification: Verification = Verification.UNVERIFIED
    is_critical: bool = False
    """Whether the last verification failed for a reason that forbids work."""
    departments: tuple[DepartmentId, ...] = ()
    clinics: tuple[ClinicId, ...] = ()
    home: ClinicId | None = None
    """The clinic whose queue the doctor's patients stand in; stays when the last clinic is taken away."""
    ticket_prefix: str | None = None
    public_profile_visible: bool = True
    accepts_online_bookings: bool = True
    stages: dict[OnboardingStage, StageDone] = {}
