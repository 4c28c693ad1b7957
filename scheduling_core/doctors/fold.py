"""From a profile and what happened to it to the next profile; knows no rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar, assert_never

from msgspec import UNSET
from msgspec.structs import replace

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
from scheduling_core.doctors.profile import DoctorProfile, DoctorStatus, StageDone, Verification

T = TypeVar("T")

_PLAIN = (
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
"""Fields of an update that replace those of the profile."""


def fold(profile: DoctorProfile | None, event: DoctorEvent, at: datetime) -> DoctorProfile:
    """Return the profile after `event`, which happened at `at`; the first event makes the profile."""
    if isinstance(event, DoctorCreated):
        return DoctorProfile(
            id=event.doctor, origin=event.origin, status=event.status, created_by=event.by, name=event.name
        )
    assert profile is not None, "a profile begins with its creation"
    match event:
        case DoctorUpdated():
            return _updated(profile, event)
        case SpecialtyAdded(specialty=specialty):
            return replace(profile, specialties=(*profile.specialties, specialty))
        case SpecialtyRemoved(specialty=specialty):
            return replace(profile, specialties=_without(profile.specialties, specialty))
        case QualificationAdded(qualification=qualification):
            return replace(profile, qualifications=(*profile.qualifications, qualification))
        case QualificationRemoved(qualification=gone):
            return replace(profile, qualifications=tuple(q for q in profile.qualifications if q.id != gone))
        case DepartmentAssigned(department=department):
            return replace(profile, departments=(*profile.departments, department))
        case DepartmentUnassigned(department=department):
            return replace(profile, departments=_without(profile.departments, department))
        case ClinicAssigned(clinic=clinic, ticket_prefix=prefix):
            home = {"home": clinic, "ticket_prefix": prefix} if prefix is not None else {}
            return replace(profile, clinics=(*profile.clinics, clinic), **home)
        case ClinicUnassigned(clinic=clinic, home=new, ticket_prefix=prefix):
            moved = {"home": new, "ticket_prefix": prefix} if new is not None else {}
            return replace(profile, clinics=_without(profile.clinics, clinic), **moved)
        case FeesUpdated(fees=fees):
            return replace(profile, fees=fees)
        case StatusChanged(now=status):
            return replace(profile, status=status)
        case VerificationRecorded(verification=verification, is_critical=is_critical):
            return replace(profile, verification=verification, is_critical=is_critical)
        case DoctorActivated():
            return replace(profile, status=DoctorStatus.ACTIVE)
        case OnboardingStageCompleted(stage=stage, by=by, note=note):
            return replace(profile, stages={**profile.stages, stage: StageDone(at=at, by=by, note=note)})
        case _:
            assert_never(event)


def _updated(profile: DoctorProfile, event: DoctorUpdated) -> DoctorProfile:
    given: dict[str, Any] = {name: getattr(event, name) for name in _PLAIN}
    after = replace(profile, **{name: value for name, value in given.items() if value is not UNSET})
    if not event.is_other_licence:
        return after
    return replace(after, verification=Verification.UNVERIFIED, is_critical=False)


def _without(values: Sequence[T], gone: T) -> tuple[T, ...]:
    return tuple(value for value in values if value != gone)
