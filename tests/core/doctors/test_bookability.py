"""Ten preconditions, a score and three answers: each by itself, and for whatever fails together."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling_core.doctors.bookability import (
    CRITICAL,
    SHOWN_FROM,
    WEIGHTS,
    Facts,
    Precondition,
    assess,
    facts_of,
)
from scheduling_core.doctors.profile import DoctorProfile, DoctorStatus, Verification
from tests.core.doctors.profiles import CLINICS, TODAY, active, around, licence

failures = st.dictionaries(st.sampled_from(Precondition), st.just("a reason"))


def facts(failing: dict[Precondition, str], *, visible: bool = True, online: bool = True) -> Facts:
    """Return facts about a doctor."""
    return Facts(failing=failing, public_profile_visible=visible, accepts_online_bookings=online)


@given(failures, st.booleans(), st.booleans())
def test_the_answers_follow_from_score_and_what_fails(
    failing: dict[Precondition, str], visible: bool, online: bool
) -> None:
    found = assess(facts(failing, visible=visible, online=online))
    assert 0 <= found.score <= 100
    assert found.is_bookable == (not failing) == (found.score == 100)
    assert found.can_show_in_search == (found.score >= SHOWN_FROM and visible)
    assert found.can_patient_book == (found.is_bookable and online)
    assert found.can_receptionist_book == (not CRITICAL & failing.keys())
    assert [check.name for check in found.checks] == list(Precondition)
    assert {check.name: check.reason for check in found.checks if not check.ok} == failing


@given(failures, st.sampled_from(Precondition))
def test_one_thing_more_that_fails_never_raises_the_score(failing: dict[Precondition, str], one: Precondition) -> None:
    assert assess(facts(failing | {one: "x"})).score <= assess(facts(failing)).score


@given(failures)
def test_nobody_is_shown_whom_not_even_reception_may_book(failing: dict[Precondition, str]) -> None:
    found = assess(facts(failing))
    assert found.can_receptionist_book or not found.can_show_in_search


def test_the_weights_are_ten_and_a_hundred_together() -> None:
    assert set(WEIGHTS) == set(Precondition)
    assert len(WEIGHTS) == 10
    assert sum(WEIGHTS.values()) == 100


def test_an_onboarded_doctor_with_slots_can_be_booked() -> None:
    assert facts_of(active(), around()).failing == {}


@pytest.mark.parametrize(
    ("precondition", "profile", "facts"),
    [
        (Precondition.PROFILE_COMPLETE, {"bio": None}, {}),
        (Precondition.PROFILE_COMPLETE, {"languages": ()}, {}),
        (Precondition.PROFILE_COMPLETE, {"qualifications": ()}, {}),
        (Precondition.LICENCE_VERIFIED, {"licence": None}, {}),
        (Precondition.LICENCE_VERIFIED, {"verification": Verification.UNVERIFIED}, {}),
        (Precondition.LICENCE_VERIFIED, {"verification": Verification.FAILED}, {}),
        (Precondition.LICENCE_VERIFIED, {"licence": licence(valid_until=date(2026, 3, 1))}, {}),
        (Precondition.FEES_CONFIGURED, {"fees": None}, {}),
        (Precondition.CLINIC_ASSIGNED, {"clinics": ()}, {}),
        (Precondition.CLINIC_ASSIGNED, {}, {"open_clinics": frozenset(CLINICS[1:])}),
        (Precondition.SPECIALTY_ASSIGNED, {"specialties": ()}, {}),
        (Precondition.BASE_SCHEDULE, {}, {"scheduled_clinics": frozenset()}),
        (Precondition.SLOTS_AHEAD, {}, {"has_slots": False}),
        (Precondition.STATUS_ACTIVE, {"status": DoctorStatus.PENDING_VERIFICATION}, {}),
        (Precondition.STATUS_ACTIVE, {"status": DoctorStatus.INACTIVE}, {}),
        (Precondition.NO_FORCED_BLOCK, {}, {"blocked_clinics": frozenset(CLINICS)}),
    ],
)
def test_each_precondition_fails_by_itself(
    precondition: Precondition, profile: dict[str, Any], facts: dict[str, Any]
) -> None:
    found = facts_of(changed(**profile), around(**facts))
    assert set(found.failing) == {precondition}
    assert found.failing[precondition].endswith(".")


def test_a_critical_failure_is_one_of_the_verification_too() -> None:
    found = facts_of(changed(verification=Verification.FAILED, is_critical=True), around())
    assert set(found.failing) == {Precondition.LICENCE_VERIFIED, Precondition.NO_CRITICAL_VERIFICATION_FAILURE}
    assert assess(found).score == SHOWN_FROM - 1


def test_a_licence_holds_on_its_last_day() -> None:
    assert facts_of(changed(licence=licence(valid_until=TODAY)), around()).failing == {}


def test_a_block_at_one_of_two_clinics_leaves_the_other_bookable() -> None:
    two = changed(clinics=CLINICS[:2])
    assert facts_of(two, around(blocked_clinics=frozenset(CLINICS[:1]))).failing == {}
    assert Precondition.NO_FORCED_BLOCK in facts_of(two, around(blocked_clinics=frozenset(CLINICS[:2]))).failing


def changed(**fields: Any) -> DoctorProfile:
    """Return a doctor at work who differs in some respect."""
    return msgspec.structs.replace(active(), **fields)
