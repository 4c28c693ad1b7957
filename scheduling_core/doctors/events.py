"""What happened to a doctor's profile. Past tense; ids, enums, codes, numbers and dates only: words are `TextId`s."""

import msgspec
from msgspec import UNSET, UnsetType

from scheduling_core.doctors.profile import (
    DoctorStatus,
    Fees,
    Licence,
    OnboardingStage,
    Origin,
    Qualification,
    Verification,
)
from scheduling_core.ids import AccountId, ClinicId, DepartmentId, DoctorId, QualificationId, TextId
from scheduling_core.live_queue.state import Mode

SCHEMA_VERSION = 1


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events."""


class DoctorCreated(Event, frozen=True, kw_only=True, tag="doctor_created"):
    """A doctor begins as a draft, unless an operator added them to a clinic that works with them already."""

    doctor: DoctorId
    name: TextId
    origin: Origin = Origin.ONBOARDING
    status: DoctorStatus = DoctorStatus.DRAFT
    by: AccountId | None = None


class DoctorUpdated(Event, frozen=True, kw_only=True, tag="doctor_updated"):
    """What is left out stayed as it was. Another licence takes the verification of the one before with it."""

    name: TextId | UnsetType = UNSET
    bio: TextId | UnsetType | None = UNSET
    specialty_label: TextId | UnsetType | None = UNSET
    room: TextId | UnsetType | None = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    modes: tuple[Mode, ...] | UnsetType = UNSET
    licence: Licence | UnsetType | None = UNSET
    is_other_licence: bool = False
    ticket_prefix: str | UnsetType = UNSET
    public_profile_visible: bool | UnsetType = UNSET
    accepts_online_bookings: bool | UnsetType = UNSET


class SpecialtyAdded(Event, frozen=True, kw_only=True, tag="doctor_specialty_added"):
    """The doctor has one more specialty; the first is the one that patients read."""

    specialty: str


class SpecialtyRemoved(Event, frozen=True, kw_only=True, tag="doctor_specialty_removed"):
    """The doctor has one specialty less."""

    specialty: str


class QualificationAdded(Event, frozen=True, kw_only=True, tag="doctor_qualification_added"):
    """A degree or certificate was entered."""

    qualification: Qualification


class QualificationRemoved(Event, frozen=True, kw_only=True, tag="doctor_qualification_removed"):
    """A degree or certificate was taken away."""

    qualification: QualificationId


class DepartmentAssigned(Event, frozen=True, kw_only=True, tag="doctor_department_assigned"):
    """The doctor belongs to one more department."""

    department: DepartmentId


class DepartmentUnassigned(Event, frozen=True, kw_only=True, tag="doctor_department_unassigned"):
    """The doctor does not belong to a department any more."""

    department: DepartmentId


class ClinicAssigned(Event, frozen=True, kw_only=True, tag="doctor_clinic_assigned"):
    """The doctor works at one more clinic; with a ticket prefix it became the home clinic."""

    clinic: ClinicId
    ticket_prefix: str | None = None


class ClinicUnassigned(Event, frozen=True, kw_only=True, tag="doctor_clinic_unassigned"):
    """The doctor has left a clinic. If it was the home clinic and there are others, `home` is the new one."""

    clinic: ClinicId
    home: ClinicId | None = None
    ticket_prefix: str | None = None


class FeesUpdated(Event, frozen=True, kw_only=True, tag="doctor_fees_updated"):
    """What visits cost was set or changed, as a whole."""

    fees: Fees


class StatusChanged(Event, frozen=True, kw_only=True, tag="doctor_status_changed"):
    """The doctor has another status; an activation is an event of its own."""

    was: DoctorStatus
    now: DoctorStatus
    reason: TextId | None = None


class VerificationRecorded(Event, frozen=True, kw_only=True, tag="doctor_verification_recorded"):
    """Somebody has looked the licence up; a failure that is critical forbids to work."""

    verification: Verification
    is_critical: bool = False
    note: TextId | None = None


class DoctorActivated(Event, frozen=True, kw_only=True, tag="doctor_activated"):
    """The doctor is at work."""

    was: DoctorStatus


class OnboardingStageCompleted(Event, frozen=True, kw_only=True, tag="doctor_onboarding_stage_completed"):
    """A stage of onboarding is done."""

    stage: OnboardingStage
    by: AccountId | None = None
    note: TextId | None = None


DoctorEvent = (
    DoctorCreated
    | DoctorUpdated
    | SpecialtyAdded
    | SpecialtyRemoved
    | QualificationAdded
    | QualificationRemoved
    | DepartmentAssigned
    | DepartmentUnassigned
    | ClinicAssigned
    | ClinicUnassigned
    | FeesUpdated
    | StatusChanged
    | VerificationRecorded
    | DoctorActivated
    | OnboardingStageCompleted
)
