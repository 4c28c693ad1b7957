"""Onboarding: ten stages in a fixed order, all of them required, each with checks that are computed from facts.

Where an organisation has nothing to choose from – no departments, no rooms – there is nothing to assign, and the check
holds. A stage that is done stays done; what its checks say now is shown beside it, and approval and activation look at
all of them again.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from scheduling_core.doctors import bookability as why
from scheduling_core.doctors.bookability import Condition
from scheduling_core.doctors.profile import DoctorProfile, DoctorStatus, OnboardingStage
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.ids import AccountId

STAGES = tuple(OnboardingStage)


class StageStatus(StrEnum):
    """Where a stage stands: `blocked` by its own checks, `open` behind earlier stages."""

    OPEN = "open"
    READY = "ready"
    BLOCKED = "blocked"
    DONE = "done"


class StageState(msgspec.Struct, frozen=True, kw_only=True):
    """A stage with its checks; `blockers` says what keeps it from being completed."""

    stage: OnboardingStage
    status: StageStatus
    checks: tuple[Condition, ...]
    blockers: tuple[str, ...]
    completed_at: datetime | None
    completed_by: AccountId | None


def progress(profile: DoctorProfile) -> int:
    """Return the percentage of stages that are done."""
    return 100 * len(profile.stages) // len(STAGES)


def stages(profile: DoctorProfile, around: Surroundings) -> tuple[StageState, ...]:
    """Return every stage as it stands."""
    return tuple(_state(stage, profile, around) for stage in STAGES)


def open_before(stage: OnboardingStage, profile: DoctorProfile) -> tuple[OnboardingStage, ...]:
    """Return the earlier stages that are not done."""
    return tuple(earlier for earlier in STAGES[: STAGES.index(stage)] if earlier not in profile.stages)


def checks(stage: OnboardingStage, profile: DoctorProfile, around: Surroundings) -> tuple[Condition, ...]:
    """Return the checks of a stage."""
    return tuple(
        Condition(name=name, ok=not reason, reason=reason) for name, reason in _reasons(stage, profile, around)
    )


def _state(stage: OnboardingStage, profile: DoctorProfile, around: Surroundings) -> StageState:
    found, done, earlier = checks(stage, profile, around), profile.stages.get(stage), open_before(stage, profile)
    failing = tuple(check.reason for check in found if not check.ok)
    waits_for = (f"Earlier stages are open: {', '.join(earlier)}.",) if earlier else ()
    if done is not None:
        return StageState(
            stage=stage,
            status=StageStatus.DONE,
            checks=found,
            blockers=(),
            completed_at=done.at,
            completed_by=done.by,
        )
    ahead = StageStatus.OPEN if earlier else StageStatus.READY
    return StageState(
        stage=stage,
        status=StageStatus.BLOCKED if failing else ahead,
        checks=found,
        blockers=failing + waits_for,
        completed_at=None,
        completed_by=None,
    )


def _reasons(stage: OnboardingStage, profile: DoctorProfile, around: Surroundings) -> Iterator[tuple[str, str]]:
    """The names of a stage's checks, and why each does not hold; empty when it does."""
    match stage:
        case OnboardingStage.PROFILE:
            yield "description", "" if profile.bio is not None else "The profile lacks a description."
            yield "languages", "" if profile.languages else "No language is given."
            yield "specialty_assigned", "" if profile.specialties else "No specialty is given."
        case OnboardingStage.CREDENTIALS:
            yield "qualification", "" if profile.qualifications else "No qualification is given."
            yield "licence", "" if profile.licence is not None else "No licence is given."
            yield "licence_in_date", why.licence_expired(profile, around)
        case OnboardingStage.DEPARTMENTS:
            is_missing = around.has_departments and not profile.departments
            yield "department_assigned", "No department is assigned." if is_missing else ""
        case OnboardingStage.LOCATIONS:
            yield "clinic_assigned", why.without_clinic(profile, around)
        case OnboardingStage.FEES:
            yield "fees_configured", "" if profile.fees is not None else "No fees are set."
        case OnboardingStage.AVAILABILITY:
            yield "base_schedule", why.without_schedule(around)
        case OnboardingStage.RESOURCES:
            yield "room_in_each_clinic", why.without_room(profile, around)
        case OnboardingStage.COMPLIANCE:
            yield "licence_verified", why.unlicensed(profile, around)
            yield "no_critical_verification_failure", why.critical_failure(profile)
        case OnboardingStage.APPROVAL:
            yield "everything_before_holds", _regressed(stage, profile, around)
        case OnboardingStage.ACTIVATION:
            yield "everything_before_holds", _regressed(stage, profile, around)
            may_follow = profile.status is not DoctorStatus.DRAFT
            yield "verification_begun", "" if may_follow else "The credentials have not been submitted."


def _regressed(stage: OnboardingStage, profile: DoctorProfile, around: Surroundings) -> str:
    """Which of the earlier stages' checks does not hold any more, or not yet."""
    failing = [
        check.reason
        for earlier in STAGES[: STAGES.index(stage)]
        if earlier is not OnboardingStage.APPROVAL
        for check in checks(earlier, profile, around)
        if not check.ok
    ]
    return " ".join(dict.fromkeys(failing))
