"""The rules of profiles: what a command leads to. What changes nothing leads to nothing."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from msgspec import UNSET
from msgspec.structs import replace

from scheduling_core.doctors.bookability import critical_failure
from scheduling_core.doctors.commands import (
    ActivateDoctor,
    AssignClinic,
    AssignDepartment,
    CompleteStage,
    CreateDoctor,
    DeactivateDoctor,
    DoctorCommand,
    RecordVerification,
    SetFees,
    UnassignClinic,
    UnassignDepartment,
    UpdateDoctor,
)
from scheduling_core.doctors.currencies import CURRENCIES
from scheduling_core.doctors.events import (
    ClinicAssigned,
    ClinicUnassigned,
    DepartmentAssigned,
    DepartmentUnassigned,
    DoctorActivated,
    DoctorCreated,
    DoctorEvent,
    DoctorUpdated,
    FeesUpdated,
    OnboardingStageCompleted,
    QualificationAdded,
    QualificationRemoved,
    SpecialtyAdded,
    SpecialtyRemoved,
    StatusChanged,
    VerificationRecorded,
)
from scheduling_core.doctors.onboarding import checks, open_before
from scheduling_core.doctors.profile import (
    LEGAL,
    DoctorProfile,
    DoctorStatus,
    Fees,
    Licence,
    OnboardingStage,
    Origin,
    Qualification,
    Verification,
)
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import AccountId, TextId

MOST_CLINICS, MOST_DEPARTMENTS = 50, 50


class IllegalStatus(Conflict):
    """The doctor's status does not allow it."""

    code, title = "illegal_status", "The doctor's status does not allow this"


class StageBlocked(Conflict):
    """A stage of onboarding cannot be completed; `errors` names each check that fails and each stage before it."""

    code, title = "stage_blocked", "The stage cannot be completed yet"


def decide(profile: DoctorProfile | None, command: DoctorCommand) -> list[DoctorEvent]:
    """Return what `command` leads to; raises what the rules refuse."""
    if isinstance(command, CreateDoctor):
        return _create(profile, command)
    if profile is None:
        raise NotFound("There is no such doctor.")
    match command:
        case UpdateDoctor():
            return _update(profile, command)
        case SetFees(fees=fees):
            return [] if fees == profile.fees else [FeesUpdated(fees=_checked_fees(fees))]
        case AssignDepartment(department=department):
            if department in profile.departments:
                return []
            if len(profile.departments) >= MOST_DEPARTMENTS:
                raise Conflict(f"A doctor belongs to at most {MOST_DEPARTMENTS} departments.", field="departmentId")
            return [DepartmentAssigned(department=department)]
        case UnassignDepartment(department=department):
            if department not in profile.departments:
                raise NotFound("The doctor does not belong to this department.")
            return [DepartmentUnassigned(department=department)]
        case AssignClinic():
            return _assign_clinic(profile, command)
        case UnassignClinic():
            return _unassign_clinic(profile, command)
        case RecordVerification():
            return _record_verification(profile, command)
        case CompleteStage(stage=OnboardingStage.ACTIVATION, by=by, around=around, note=note):
            return _activate_onboarded(profile, by, around, note)
        case CompleteStage():
            return _complete(profile, command)
        case ActivateDoctor(by=by, around=around):
            return _activate(profile, by, around)
        case DeactivateDoctor(reason=reason):
            if profile.status is DoctorStatus.INACTIVE:
                return []
            return [_status(profile, DoctorStatus.INACTIVE, reason)]
        case _:
            assert_never(command)


# ---- profile ------------------------------------------------------------------------------------------------------


def _create(profile: DoctorProfile | None, command: CreateDoctor) -> list[DoctorEvent]:
    if profile is not None:
        raise Conflict("This doctor exists already.")
    status = DoctorStatus.DRAFT
    if command.origin is not Origin.ONBOARDING:
        status = DoctorStatus.ACTIVE if command.is_active else DoctorStatus.INACTIVE
    return [
        DoctorCreated(doctor=command.doctor, name=command.name, origin=command.origin, status=status, by=command.by)
    ]


def _update(profile: DoctorProfile, command: UpdateDoctor) -> list[DoctorEvent]:
    change = _differing(profile, command.change)
    found: list[DoctorEvent] = []
    if change.ticket_prefix is not UNSET and profile.home is None:
        raise Conflict("Tickets belong to a clinic: assign one first.", field="ticketPrefix")
    if change != DoctorUpdated():
        found.append(change)
    if command.specialties is not UNSET:
        found += _specialties(profile.specialties, tuple(dict.fromkeys(command.specialties)))
    if command.qualifications is not UNSET:
        found += _qualifications(profile.qualifications, command.qualifications)
    return found


def _differing(profile: DoctorProfile, change: DoctorUpdated) -> DoctorUpdated:
    """What of a change is one. Another number or authority is another licence, which nobody has verified."""
    kept = {
        name: UNSET
        for name in (
            "name",
            "bio",
            "specialty_label",
            "room",
            "languages",
            "modes",
            "licence",
            "ticket_prefix",
            "public_profile_visible",
            "accepts_online_bookings",
        )
        if getattr(change, name) == getattr(profile, name)
    }
    after = replace(change, **kept)
    return replace(after, is_other_licence=after.licence is not UNSET and _is_other(profile.licence, after.licence))


def _is_other(was: Licence | None, now: Licence | None) -> bool:
    if was is None or now is None:
        return was is not now
    return (was.number, was.authority) != (now.number, now.authority)


def _specialties(was: Sequence[str], now: Sequence[str]) -> Iterator[DoctorEvent]:
    """From one list to the other; where the order differs, what comes later is taken away and added again."""
    kept = [specialty for specialty in was if specialty in now]
    if kept != list(now[: len(kept)]):
        kept = []
    yield from (SpecialtyRemoved(specialty=specialty) for specialty in was if specialty not in kept)
    yield from (SpecialtyAdded(specialty=specialty) for specialty in now if specialty not in kept)


def _qualifications(was: Sequence[Qualification], now: Sequence[Qualification]) -> Iterator[DoctorEvent]:
    yield from (QualificationRemoved(qualification=one.id) for one in was if one not in now)
    yield from (QualificationAdded(qualification=one) for one in now if one not in was)


def _checked_fees(fees: Fees) -> Fees:
    if fees.currency not in CURRENCIES:
        raise InvalidValue("There is no such currency; give an ISO 4217 code like EUR.", field="currency")
    for field, amount in (("consultation", fees.consultation), ("followUp", fees.follow_up), ("tele", fees.tele)):
        if amount is not None and amount < 0:
            raise InvalidValue("A fee cannot be negative.", field=field)
    return fees


# ---- clinics ------------------------------------------------------------------------------------------------------


def _assign_clinic(profile: DoctorProfile, command: AssignClinic) -> list[DoctorEvent]:
    if command.clinic in profile.clinics:
        return []
    if len(profile.clinics) >= MOST_CLINICS:
        raise Conflict(f"A doctor works at no more than {MOST_CLINICS} clinics.", field="clinicId")
    if profile.clinics:
        return [ClinicAssigned(clinic=command.clinic)]
    return [ClinicAssigned(clinic=command.clinic, ticket_prefix=command.ticket_prefix)]


def _unassign_clinic(profile: DoctorProfile, command: UnassignClinic) -> list[DoctorEvent]:
    if command.clinic not in profile.clinics:
        raise NotFound("The doctor does not work at this clinic.")
    if command.has_schedule:
        raise Conflict("The doctor has a weekly schedule at this clinic: end it first.", field="clinicId")
    if command.has_appointments:
        raise Conflict("The doctor has appointments at this clinic: move them first.", field="clinicId")
    others = [clinic for clinic in profile.clinics if clinic != command.clinic]
    if command.clinic != profile.home or not others:
        return [ClinicUnassigned(clinic=command.clinic)]
    return [ClinicUnassigned(clinic=command.clinic, home=others[0], ticket_prefix=command.ticket_prefix)]


# ---- status and onboarding ----------------------------------------------------------------------------------------


def _record_verification(profile: DoctorProfile, command: RecordVerification) -> list[DoctorEvent]:
    if profile.licence is None:
        raise Conflict("There is no licence to verify.", field="licence")
    if command.is_verified and command.is_critical:
        raise InvalidValue("What was verified did not fail, so it cannot be critical.", field="critical")
    verification = Verification.VERIFIED if command.is_verified else Verification.FAILED
    return [VerificationRecorded(verification=verification, is_critical=command.is_critical, note=command.note)]


def _complete(profile: DoctorProfile, command: CompleteStage) -> list[DoctorEvent]:
    if command.stage in profile.stages:
        return []
    _check_stage(command.stage, profile, command.around)
    done = OnboardingStageCompleted(stage=command.stage, by=command.by, note=command.note)
    if command.stage is OnboardingStage.CREDENTIALS and profile.status is DoctorStatus.DRAFT:
        return [done, _status(profile, DoctorStatus.PENDING_VERIFICATION)]
    return [done]


def _check_stage(stage: OnboardingStage, profile: DoctorProfile, around: Surroundings) -> None:
    faults = [(check.name, check.reason) for check in checks(stage, profile, around) if not check.ok]
    faults += [(earlier.value, "This stage comes first.") for earlier in open_before(stage, profile)]
    if faults:
        raise StageBlocked(" ".join(dict.fromkeys(reason for _, reason in faults)), faults=faults)


def _activate(profile: DoctorProfile, by: AccountId | None, around: Surroundings) -> list[DoctorEvent]:
    if profile.status is DoctorStatus.ACTIVE:
        return []
    was_at_work = profile.origin is not Origin.ONBOARDING or OnboardingStage.ACTIVATION in profile.stages
    if not was_at_work:
        return _activate_onboarded(profile, by, around, None)
    if failure := critical_failure(profile):
        raise IllegalStatus(failure)
    if not profile.clinics:
        raise IllegalStatus("No clinic is assigned.")
    return [_activated(profile)]


def _activate_onboarded(
    profile: DoctorProfile, by: AccountId | None, around: Surroundings, note: TextId | None
) -> list[DoctorEvent]:
    """The last stage. Of a doctor who was at work before being onboarded it only says that all is in order now."""
    if OnboardingStage.ACTIVATION in profile.stages:
        return []
    _check_stage(OnboardingStage.ACTIVATION, profile, around)
    done = OnboardingStageCompleted(stage=OnboardingStage.ACTIVATION, by=by, note=note)
    return [done] if profile.status is DoctorStatus.ACTIVE else [done, _activated(profile)]


def _activated(profile: DoctorProfile) -> DoctorActivated:
    _check_legal(profile.status, DoctorStatus.ACTIVE)
    return DoctorActivated(was=profile.status)


def _status(profile: DoctorProfile, now: DoctorStatus, reason: TextId | None = None) -> StatusChanged:
    _check_legal(profile.status, now)
    return StatusChanged(was=profile.status, now=now, reason=reason)


def _check_legal(was: DoctorStatus, now: DoctorStatus) -> None:
    if now not in LEGAL[was]:
        raise IllegalStatus(f"A doctor who is {was.replace('_', ' ')} cannot become {now.replace('_', ' ')}.")
