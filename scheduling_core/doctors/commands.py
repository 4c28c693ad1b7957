"""What can be asked of a doctor's profile. Words were kept before; lists of words name only what is new."""

import msgspec
from msgspec import UNSET, UnsetType

from scheduling_core.doctors.events import DoctorUpdated
from scheduling_core.doctors.profile import Fees, OnboardingStage, Origin, Qualification
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.ids import AccountId, ClinicId, DepartmentId, DoctorId, TextId


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all commands."""


class CreateDoctor(Command, frozen=True, kw_only=True):
    """Begin a profile: a draft to be onboarded, unless the doctor is at work already."""

    doctor: DoctorId
    name: TextId
    by: AccountId | None
    origin: Origin = Origin.ONBOARDING
    is_active: bool = False
    """Only for doctors that were not onboarded."""


class UpdateDoctor(Command, frozen=True, kw_only=True):
    """Change the profile; the lists are replaced as a whole. A qualification that stays has the id it had."""

    change: DoctorUpdated
    specialties: tuple[str, ...] | UnsetType = UNSET
    qualifications: tuple[Qualification, ...] | UnsetType = UNSET


class SetFees(Command, frozen=True, kw_only=True):
    fees: Fees


class AssignDepartment(Command, frozen=True, kw_only=True):
    department: DepartmentId


class UnassignDepartment(Command, frozen=True, kw_only=True):
    department: DepartmentId


class AssignClinic(Command, frozen=True, kw_only=True):
    """`ticket_prefix` is what tickets begin with if this becomes the home clinic."""

    clinic: ClinicId
    ticket_prefix: str


class UnassignClinic(Command, frozen=True, kw_only=True):
    """`ticket_prefix` is what tickets begin with at the clinic that becomes the home clinic, if one does."""

    clinic: ClinicId
    ticket_prefix: str | None
    has_schedule: bool
    """Whether a weekly schedule there is in effect or to come."""
    has_appointments: bool
    """Whether somebody has an appointment there today or later."""


class RecordVerification(Command, frozen=True, kw_only=True):
    is_verified: bool
    is_critical: bool = False
    note: TextId | None = None


class CompleteStage(Command, frozen=True, kw_only=True):
    stage: OnboardingStage
    by: AccountId | None
    around: Surroundings
    note: TextId | None = None


class ActivateDoctor(Command, frozen=True, kw_only=True):
    by: AccountId | None
    around: Surroundings


class DeactivateDoctor(Command, frozen=True, kw_only=True):
    reason: TextId | None = None


DoctorCommand = (
    CreateDoctor
    | UpdateDoctor
    | SetFees
    | AssignDepartment
    | UnassignDepartment
    | AssignClinic
    | UnassignClinic
    | RecordVerification
    | CompleteStage
    | ActivateDoctor
    | DeactivateDoctor
)
