"""Whether a doctor can be booked: ten preconditions, a score, and who may see and book the doctor.

The score is the sum of the weights of the preconditions that hold, out of 100. What patients cannot do without weighs
most: that the doctor works here, is licensed, has a schedule and slots. While a critical precondition fails the score
stays below what search shows, so nobody is found who may not be booked by anyone.
"""

from enum import StrEnum

import msgspec

from scheduling_core.doctors.profile import DoctorProfile, DoctorStatus, Verification
from scheduling_core.doctors.surroundings import SLOT_DAYS, Surroundings
from scheduling_core.live_queue.state import Mode

SHOWN_FROM = 60
"""The score from which search shows a doctor."""


class Precondition(StrEnum):
    """What must hold for a doctor to be bookable."""

    PROFILE_COMPLETE = "profile_complete"
    LICENCE_VERIFIED = "licence_verified"
    FEES_CONFIGURED = "fees_configured"
    CLINIC_ASSIGNED = "clinic_assigned"
    SPECIALTY_ASSIGNED = "specialty_assigned"
    BASE_SCHEDULE = "base_schedule"
    SLOTS_AHEAD = "slots_ahead"
    NO_CRITICAL_VERIFICATION_FAILURE = "no_critical_verification_failure"
    STATUS_ACTIVE = "status_active"
    NO_FORCED_BLOCK = "no_forced_block"


WEIGHTS: dict[Precondition, int] = {
    Precondition.STATUS_ACTIVE: 15,
    Precondition.LICENCE_VERIFIED: 15,
    Precondition.BASE_SCHEDULE: 15,
    Precondition.SLOTS_AHEAD: 15,
    Precondition.CLINIC_ASSIGNED: 10,
    Precondition.SPECIALTY_ASSIGNED: 10,
    Precondition.PROFILE_COMPLETE: 5,
    Precondition.FEES_CONFIGURED: 5,
    Precondition.NO_CRITICAL_VERIFICATION_FAILURE: 5,
    Precondition.NO_FORCED_BLOCK: 5,
}
"""What each precondition adds to the score; 100 together."""

CRITICAL = frozenset(
    {Precondition.STATUS_ACTIVE, Precondition.CLINIC_ASSIGNED, Precondition.NO_CRITICAL_VERIFICATION_FAILURE}
)
"""Without these not even reception books."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What bookability is judged by."""

    failing: dict[Precondition, str]
    """What does not hold, each with the reason."""
    public_profile_visible: bool
    accepts_online_bookings: bool


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition, whether it holds, and why not (empty when it does)."""

    name: str
    ok: bool
    reason: str = ""


class Bookability(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement on one doctor at one moment."""

    score: int
    is_bookable: bool
    can_show_in_search: bool
    can_patient_book: bool
    can_receptionist_book: bool
    checks: tuple[Condition, ...]

    @property
    def failing(self) -> tuple[str, ...]:
        """The names of what does not hold."""
        return tuple(check.name for check in self.checks if not check.ok)


def assess(facts: Facts) -> Bookability:
    """Return whether a doctor can be booked, by whom, and why not."""
    is_critical = not CRITICAL.isdisjoint(facts.failing)
    score = sum(weight for name, weight in WEIGHTS.items() if name not in facts.failing)
    if is_critical:
        score = min(score, SHOWN_FROM - 1)
    is_bookable = not facts.failing
    return Bookability(
        score=score,
        is_bookable=is_bookable,
        can_show_in_search=score >= SHOWN_FROM and facts.public_profile_visible,
        can_patient_book=is_bookable and facts.accepts_online_bookings,
        can_receptionist_book=not is_critical,
        checks=tuple(
            Condition(name=name, ok=name not in facts.failing, reason=facts.failing.get(name, ""))
            for name in Precondition
        ),
    )


def facts_of(profile: DoctorProfile, around: Surroundings) -> Facts:
    """Return what a doctor's bookability is judged by."""
    reasons = {
        Precondition.PROFILE_COMPLETE: missing_from(profile),
        Precondition.LICENCE_VERIFIED: unlicensed(profile, around),
        Precondition.FEES_CONFIGURED: "" if profile.fees is not None else "No fees are set.",
        Precondition.CLINIC_ASSIGNED: without_clinic(profile, around),
        Precondition.SPECIALTY_ASSIGNED: "" if profile.specialties else "No specialty is given.",
        Precondition.BASE_SCHEDULE: without_schedule(around),
        Precondition.SLOTS_AHEAD: "" if around.has_slots else f"There is no slot in the next {SLOT_DAYS} days.",
        Precondition.NO_CRITICAL_VERIFICATION_FAILURE: critical_failure(profile),
        Precondition.STATUS_ACTIVE: not_active(profile),
        Precondition.NO_FORCED_BLOCK: blocked(profile, around),
    }
    return Facts(
        failing={name: reason for name, reason in reasons.items() if reason},
        public_profile_visible=profile.public_profile_visible,
        accepts_online_bookings=profile.accepts_online_bookings,
    )


# ---- why something does not hold; empty when it does --------------------------------------------------------------


def missing_from(profile: DoctorProfile) -> str:
    """Return what the profile lacks for patients to know whom they come to."""
    missing = [
        what
        for what, is_there in (
            ("a description", profile.bio is not None),
            ("a language", bool(profile.languages)),
            ("a qualification", bool(profile.qualifications)),
        )
        if not is_there
    ]
    return f"The profile lacks {' and '.join(missing)}." if missing else ""


def unlicensed(profile: DoctorProfile, around: Surroundings) -> str:
    """Return why the licence does not allow to work today."""
    if profile.licence is None:
        return "No licence is given."
    if expired := licence_expired(profile, around):
        return expired
    if profile.verification is Verification.FAILED:
        return "The licence was looked up and not confirmed."
    return "" if profile.verification is Verification.VERIFIED else "The licence has not been verified yet."


def licence_expired(profile: DoctorProfile, around: Surroundings) -> str:
    """Return that the licence has run out; one without an end never does."""
    until = profile.licence.valid_until if profile.licence is not None else None
    return f"The licence ended on {until.isoformat()}." if until is not None and until < around.today else ""


def without_clinic(profile: DoctorProfile, around: Surroundings) -> str:
    """Return why there is no clinic to come to."""
    if not profile.clinics:
        return "No clinic is assigned."
    is_open = not around.open_clinics.isdisjoint(profile.clinics)
    return "" if is_open else "None of the doctor's clinics is open at present."


def without_schedule(around: Surroundings) -> str:
    """Return that there is no weekly schedule."""
    return "" if around.scheduled_clinics else f"No weekly schedule is in effect in the next {SLOT_DAYS} days."


def critical_failure(profile: DoctorProfile) -> str:
    """Return that the last verification forbids work."""
    is_failed = profile.verification is Verification.FAILED and profile.is_critical
    return "The last verification failed for a critical reason." if is_failed else ""


def not_active(profile: DoctorProfile) -> str:
    """Return that the doctor does not work here, or not yet."""
    if profile.status is DoctorStatus.ACTIVE:
        return ""
    return f"The doctor is not active but {profile.status.replace('_', ' ')}."


def blocked(profile: DoctorProfile, around: Surroundings) -> str:
    """Return that a forced block is in effect; one at some clinics leaves the others bookable."""
    is_blocked = bool(profile.clinics) and around.blocked_clinics.issuperset(profile.clinics)
    return "A forced block is in effect." if is_blocked else ""


def without_room(profile: DoctorProfile, around: Surroundings) -> str:
    """Return how many clinics have rooms but none for this doctor, who sees patients in person."""
    if Mode.IN_PERSON not in profile.modes:
        return ""
    count = len(around.roomless_clinics.intersection(profile.clinics))
    return f"There is no room for the doctor at {count} of their clinics." if count else ""
