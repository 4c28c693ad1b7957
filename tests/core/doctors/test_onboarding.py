"""Stages and their checks, for whatever a profile holds and whatever surrounds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling_core.doctors.commands import DoctorCommand
from scheduling_core.doctors.decide import StageBlocked, decide
from scheduling_core.doctors.onboarding import STAGES, StageStatus, stages
from scheduling_core.doctors.profile import OnboardingStage
from scheduling_core.doctors.surroundings import Surroundings
from tests.core.doctors.profiles import CLINICS, WHOLE, after, around, commands, create, stage, starts, surroundings
from tests.core.doctors.test_decide import after_all


@given(starts, st.lists(commands, max_size=10), surroundings)
def test_a_stage_can_be_completed_exactly_when_it_says_so(
    start: tuple[DoctorCommand, ...], asked: list[DoctorCommand], facts: Surroundings
) -> None:
    profile = after_all(start, asked)
    for state in stages(profile, facts):
        if state.status is StageStatus.DONE:
            assert decide(profile, stage(state.stage, facts)) == []
        elif state.status is StageStatus.READY:
            assert state.blockers == ()
            assert decide(profile, stage(state.stage, facts))
        else:
            assert state.blockers
            with pytest.raises(StageBlocked) as refused:
                decide(profile, stage(state.stage, facts))
            assert {check.name for check in state.checks if not check.ok} <= dict(refused.value.faults).keys()


def test_a_new_draft_has_everything_before_it() -> None:
    found = stages(after(create()), around())
    assert [state.stage for state in found] == list(OnboardingStage)
    assert found[0].status is StageStatus.BLOCKED
    assert all(state.status is not StageStatus.READY for state in found)


def test_a_whole_profile_is_ready_for_one_stage_after_the_other() -> None:
    profile = after(*WHOLE)
    for name in STAGES:
        ready = [s.stage for s in stages(profile, around()) if s.status is StageStatus.READY]
        assert ready == [name]
        profile = after(stage(name), of=profile)


def test_no_department_is_asked_for_where_there_is_none() -> None:
    profile = after(create())
    for has_departments, ok in ((True, False), (False, True)):
        departments = stages(profile, around(has_departments=has_departments))[2]
        assert departments.checks[0].ok is ok


def test_a_room_is_asked_for_at_each_clinic_that_has_rooms() -> None:
    profile = after(*WHOLE)
    resources = STAGES.index(OnboardingStage.RESOURCES)
    assert stages(profile, around())[resources].checks[0].ok
    assert stages(profile, around(roomless_clinics=frozenset(CLINICS[1:])))[resources].checks[0].ok
    lacking = stages(profile, around(roomless_clinics=frozenset(CLINICS)))[resources]
    assert "no room" in lacking.blockers[0]
