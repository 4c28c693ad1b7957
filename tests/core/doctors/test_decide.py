"""What profiles allow and what becomes of it: rules one by one, and for any history."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling_core.doctors.aggregate import AGGREGATE
from scheduling_core.doctors.commands import (
    ActivateDoctor,
    AssignClinic,
    CreateDoctor,
    DeactivateDoctor,
    DoctorCommand,
    RecordVerification,
    SetFees,
    UnassignClinic,
    UpdateDoctor,
)
from scheduling_core.doctors.decide import IllegalStatus, StageBlocked, decide
from scheduling_core.doctors.events import (
    ClinicAssigned,
    ClinicUnassigned,
    DoctorActivated,
    DoctorEvent,
    DoctorUpdated,
    OnboardingStageCompleted,
    SpecialtyAdded,
    SpecialtyRemoved,
    StatusChanged,
)
from scheduling_core.doctors.fold import fold
from scheduling_core.doctors.onboarding import STAGES, progress
from scheduling_core.doctors.profile import LEGAL, DoctorProfile, DoctorStatus, Fees, Origin, Verification
from scheduling_core.errors import Conflict, DomainError, InvalidValue, NotFound
from tests.core.doctors.profiles import (
    ADMIN,
    CLINICS,
    DOCTOR,
    NOW,
    WHOLE,
    active,
    after,
    around,
    commands,
    create,
    events_of,
    licence,
    stage,
    starts,
    text,
)

Start = tuple[DoctorCommand, ...]


def history(start: Start, asked: list[DoctorCommand]) -> list[tuple[DoctorProfile | None, DoctorEvent]]:
    """Return the events of commands, each with the profile it met; what is refused changes nothing."""
    profile: DoctorProfile | None = None
    found: list[tuple[DoctorProfile | None, DoctorEvent]] = []
    for command in (*start, *asked):
        try:
            events = decide(profile, command)
        except DomainError:
            continue
        for event in events:
            found.append((profile, event))
            profile = fold(profile, event, NOW)
    return found


@given(starts, st.lists(commands, max_size=12))
def test_no_history_leaves_the_table_of_transitions(start: Start, asked: list[DoctorCommand]) -> None:
    for before, event in history(start, asked):
        if before is not None:
            now = fold(before, event, NOW).status
            assert now is before.status or now in LEGAL[before.status]


@given(starts, st.lists(commands, max_size=12))
def test_a_history_read_again_leads_to_the_same_profile(start: Start, asked: list[DoctorCommand]) -> None:
    written = history(start, asked)
    live: DoctorProfile | None = None
    read: DoctorProfile | None = None
    for _, event in written:
        live = fold(live, event, NOW)
        type, data = AGGREGATE.encode_event(event)
        read = fold(read, AGGREGATE.decode_event(type, AGGREGATE.schema_version, data), NOW)
    assert live is not None
    assert read == live
    assert AGGREGATE.decode_state(AGGREGATE.encode_state(live)) == live


@given(starts, st.lists(commands, max_size=12), commands)
def test_what_was_done_does_nothing_when_it_is_asked_again(
    start: Start, asked: list[DoctorCommand], last: DoctorCommand
) -> None:
    if isinstance(last, RecordVerification):
        return  # to look up a licence again is an event of its own
    written = history(start, [*asked, last])
    profile: DoctorProfile | None = None
    for _, event in written:
        profile = fold(profile, event, NOW)
    try:
        decide(after_all(start, asked), last)
    except DomainError:
        return
    try:
        assert decide(profile, last) == []
    except NotFound:
        assert type(last).__name__.startswith("Unassign")


@given(starts, st.lists(commands, max_size=12))
def test_the_home_clinic_is_one_of_the_clinics_and_has_its_letters(start: Start, asked: list[DoctorCommand]) -> None:
    profile = after_all(start, asked)
    assert (profile.home is None) == (profile.ticket_prefix is None)
    if profile.clinics:
        assert profile.home in profile.clinics
    assert len(set(profile.clinics)) == len(profile.clinics)


@given(starts, st.lists(commands, max_size=12))
def test_stages_are_done_in_their_order(start: Start, asked: list[DoctorCommand]) -> None:
    profile = after_all(start, asked)
    assert tuple(profile.stages) == STAGES[: len(profile.stages)]
    assert progress(profile) == 10 * len(profile.stages)


@given(starts, st.lists(commands, max_size=12))
def test_a_verification_is_of_the_licence_that_is_there(start: Start, asked: list[DoctorCommand]) -> None:
    profile = after_all(start, asked)
    if profile.licence is None:
        assert profile.verification is Verification.UNVERIFIED
    assert not profile.is_critical or profile.verification is Verification.FAILED


def after_all(start: Start, asked: list[DoctorCommand]) -> DoctorProfile:
    """Return the profile that commands lead to, whatever is refused."""
    profile: DoctorProfile | None = None
    for _, event in history(start, asked):
        profile = fold(profile, event, NOW)
    assert profile is not None
    return profile


# ---- rules one by one ---------------------------------------------------------------------------------------------


def test_a_profile_begins_once() -> None:
    with pytest.raises(Conflict):
        after(create(), create())
    with pytest.raises(NotFound):
        decide(None, DeactivateDoctor())


@pytest.mark.parametrize(("is_active", "status"), [(True, DoctorStatus.ACTIVE), (False, DoctorStatus.INACTIVE)])
def test_who_was_at_work_before_begins_as_they_were(is_active: bool, status: DoctorStatus) -> None:
    begun = CreateDoctor(doctor=DOCTOR, name=text("x"), by=None, origin=Origin.ADOPTED, is_active=is_active)
    assert after(begun).status is status


def test_a_draft_is_never_created_active() -> None:
    assert after(CreateDoctor(doctor=DOCTOR, name=text("x"), by=None, is_active=True)).status is DoctorStatus.DRAFT


def test_specialties_keep_the_order_they_are_given() -> None:
    one = after(create(), UpdateDoctor(change=DoctorUpdated(), specialties=("a", "b")))
    assert events_of(UpdateDoctor(change=DoctorUpdated(), specialties=("a", "c")), of=one) == [
        SpecialtyRemoved(specialty="b"),
        SpecialtyAdded(specialty="c"),
    ]
    assert after(UpdateDoctor(change=DoctorUpdated(), specialties=("b", "a", "b")), of=one).specialties == ("b", "a")


@pytest.mark.parametrize(
    ("fees", "field"),
    [
        (Fees(currency="EUR", consultation=-1), "consultation"),
        (Fees(currency="EUR", consultation=1, follow_up=-1), "followUp"),
        (Fees(currency="EUR", consultation=1, tele=-5), "tele"),
        (Fees(currency="eur", consultation=1), "currency"),
        (Fees(currency="", consultation=1), "currency"),
    ],
)
def test_fees_have_a_currency_and_are_not_negative(fees: Fees, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        after(create(), SetFees(fees=fees))
    assert refused.value.field == field


def test_ticket_letters_belong_to_a_clinic() -> None:
    with pytest.raises(Conflict) as refused:
        after(create(), UpdateDoctor(change=DoctorUpdated(ticket_prefix="R")))
    assert refused.value.field == "ticketPrefix"


def unassign(clinic: int, **facts: bool) -> UnassignClinic:
    """Return the command that takes a clinic away."""
    bound = {"has_schedule": False, "has_appointments": False} | facts
    return UnassignClinic(clinic=CLINICS[clinic], ticket_prefix="N", **bound)


def test_another_clinic_becomes_home_when_home_is_taken_away() -> None:
    assigned = [AssignClinic(clinic=clinic, ticket_prefix="R") for clinic in CLINICS]
    assert events_of(create(), assigned[0]) == [ClinicAssigned(clinic=CLINICS[0], ticket_prefix="R")]
    assert events_of(create(), *assigned[:2]) == [ClinicAssigned(clinic=CLINICS[1])]
    three = after(create(), *assigned)
    assert events_of(unassign(1), of=three) == [ClinicUnassigned(clinic=CLINICS[1])]
    gone = after(unassign(0), of=three)
    assert (gone.home, gone.ticket_prefix, gone.clinics) == (CLINICS[1], "N", CLINICS[1:])


@pytest.mark.parametrize("bound", ["has_schedule", "has_appointments"])
def test_a_clinic_that_still_needs_the_doctor_stays(bound: str) -> None:
    with pytest.raises(Conflict):
        after(*WHOLE, unassign(0, **{bound: True}))


def test_handing_in_credentials_begins_the_verification() -> None:
    found = events_of(*WHOLE, stage("profile"), stage("credentials"))
    assert found == [
        OnboardingStageCompleted(stage=STAGES[1], by=ADMIN),
        StatusChanged(was=DoctorStatus.DRAFT, now=DoctorStatus.PENDING_VERIFICATION),
    ]


def test_the_last_stage_activates() -> None:
    before = after(*WHOLE, *(stage(name) for name in STAGES[:-1]))
    activated = [
        OnboardingStageCompleted(stage=STAGES[-1], by=ADMIN),
        DoctorActivated(was=DoctorStatus.PENDING_VERIFICATION),
    ]
    assert events_of(stage("activation"), of=before) == activated
    assert events_of(ActivateDoctor(by=ADMIN, around=around()), of=before) == activated


def test_activation_looks_at_everything_again() -> None:
    before = after(*WHOLE, *(stage(name) for name in STAGES[:-1]))
    without = around(scheduled_clinics=frozenset())
    for command in (stage("activation", without), ActivateDoctor(by=ADMIN, around=without)):
        with pytest.raises(StageBlocked) as refused:
            decide(before, command)
        assert [name for name, _ in refused.value.faults] == ["everything_before_holds"]


def test_who_was_at_work_may_be_onboarded_afterwards() -> None:
    begun = CreateDoctor(doctor=DOCTOR, name=text("x"), by=None, origin=Origin.ADOPTED, is_active=True)
    done = after(begun, *WHOLE[1:], *(stage(name) for name in STAGES))
    assert (done.status, progress(done)) == (DoctorStatus.ACTIVE, 100)


def test_a_draft_that_is_put_aside_comes_back_through_onboarding() -> None:
    aside = after(create(), DeactivateDoctor())
    assert aside.status is DoctorStatus.INACTIVE
    with pytest.raises(StageBlocked):
        decide(aside, ActivateDoctor(by=ADMIN, around=around()))
    back = after(*WHOLE[1:], *(stage(name) for name in STAGES), of=aside)
    assert back.status is DoctorStatus.ACTIVE


def test_nobody_comes_back_without_a_clinic() -> None:
    with pytest.raises(IllegalStatus, match="clinic"):
        after(unassign(0), DeactivateDoctor(), ActivateDoctor(by=ADMIN, around=around()), of=active())


def test_another_licence_is_unverified_and_a_longer_one_is_not() -> None:
    verified = after(*WHOLE)
    longer = after(UpdateDoctor(change=DoctorUpdated(licence=licence(valid_until=date(2030, 1, 1)))), of=verified)
    assert longer.verification is Verification.VERIFIED
    other = after(UpdateDoctor(change=DoctorUpdated(licence=licence("GMC 2"))), of=verified)
    assert other.verification is Verification.UNVERIFIED
