"""Profiles and what surrounds them, made up for tests of the rules."""

from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID, uuid5

from hypothesis import strategies as st

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
from scheduling_core.doctors.decide import decide
from scheduling_core.doctors.events import DoctorEvent, DoctorUpdated
from scheduling_core.doctors.fold import fold
from scheduling_core.doctors.onboarding import STAGES
from scheduling_core.doctors.profile import DoctorProfile, Fees, Licence, Qualification
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.ids import (
    AccountId,
    ClinicId,
    DepartmentId,
    DoctorId,
    QualificationId,
    TextId,
)
from scheduling_core.live_queue.state import Mode

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DOCTOR = DoctorId(UUID(int=1))
CLINICS = tuple(ClinicId(UUID(int=10 + n)) for n in range(3))
DEPARTMENTS = tuple(DepartmentId(UUID(int=20 + n)) for n in range(2))
ADMIN = AccountId(UUID(int=30))


def text(words: str) -> TextId:
    """Return an id that stands for words."""
    return TextId(uuid5(DOCTOR, words))


def licence(number: str = "GMC 1", valid_until: date | None = None) -> Licence:
    """Return a licence."""
    return Licence(number=text(number), authority=text("GMC"), valid_until=valid_until)


def qualification(n: int = 1) -> Qualification:
    """Return a qualification."""
    return Qualification(id=QualificationId(UUID(int=40 + n)), title=text(f"MD {n}"), year=2000 + n)


def around(**facts: Any) -> Surroundings:
    """Return surroundings in which nothing is missing but what `facts` take away."""
    given: dict[str, Any] = {
        "now": NOW,
        "today": TODAY,
        "open_clinics": frozenset(CLINICS),
        "scheduled_clinics": frozenset(CLINICS[:1]),
        "has_slots": True,
        "has_departments": True,
    }
    return Surroundings(**given | facts)


def create() -> CreateDoctor:
    """Return the command that everything begins with."""
    return CreateDoctor(doctor=DOCTOR, name=text("Dr Rao"), by=ADMIN)


WHOLE: tuple[DoctorCommand, ...] = (
    create(),
    UpdateDoctor(
        change=DoctorUpdated(bio=text("bio"), languages=("en",), licence=licence(), is_other_licence=True),
        specialties=("cardiology",),
        qualifications=(qualification(),),
    ),
    AssignDepartment(department=DEPARTMENTS[0]),
    AssignClinic(clinic=CLINICS[0], ticket_prefix="R"),
    SetFees(fees=Fees(currency="EUR", consultation=8000)),
    RecordVerification(is_verified=True),
)
"""Everything that onboarding asks of a profile."""


def stage(name: str, surroundings: Surroundings | None = None) -> CompleteStage:
    """Return the command that completes a stage."""
    (found,) = [one for one in STAGES if one == name]
    return CompleteStage(stage=found, by=ADMIN, around=surroundings or around())


def after(*commands: DoctorCommand, of: DoctorProfile | None = None) -> DoctorProfile:
    """Return the profile that commands lead to; raises what one of them is refused with."""
    profile = of
    for command in commands:
        for event in decide(profile, command):
            profile = fold(profile, event, NOW)
    assert profile is not None
    return profile


def events_of(*commands: DoctorCommand, of: DoctorProfile | None = None) -> list[DoctorEvent]:
    """Return the events of the last of these commands."""
    profile = after(*commands[:-1], of=of) if commands[:-1] or of is not None else None
    return decide(profile, commands[-1])


def active() -> DoctorProfile:
    """Return a doctor who went through onboarding."""
    return after(*WHOLE, *(stage(name) for name in STAGES))


# ---- anything that may be asked, in any order ---------------------------------------------------------------------

_texts = st.sampled_from([text(f"words {n}") for n in range(4)])
_specialties = st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True, max_size=4).map(tuple)
_qualifications = st.lists(st.builds(qualification, st.integers(1, 4)), unique_by=lambda one: one.id, max_size=3).map(
    tuple
)
_licences = st.none() | st.builds(
    licence, st.sampled_from(["1", "2"]), st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 4))
)
_changes = st.fixed_dictionaries(
    {},
    optional={
        "name": _texts,
        "bio": st.none() | _texts,
        "languages": st.lists(st.sampled_from(["en", "hi"]), unique=True).map(tuple),
        "modes": st.sampled_from([(Mode.IN_PERSON,), (Mode.TELE,), (Mode.IN_PERSON, Mode.TELE)]),
        "licence": _licences,
        "ticket_prefix": st.sampled_from(["R", "A"]),
        "public_profile_visible": st.booleans(),
        "accepts_online_bookings": st.booleans(),
    },
).map(lambda fields: DoctorUpdated(**cast(dict[str, Any], fields)))

surroundings: st.SearchStrategy[Surroundings] = st.builds(
    Surroundings,
    now=st.just(NOW),
    today=st.just(TODAY),
    open_clinics=st.frozensets(st.sampled_from(CLINICS)),
    scheduled_clinics=st.frozensets(st.sampled_from(CLINICS)),
    has_slots=st.booleans(),
    blocked_clinics=st.frozensets(st.sampled_from(CLINICS)),
    roomless_clinics=st.frozensets(st.sampled_from(CLINICS)),
    has_departments=st.booleans(),
)

commands: st.SearchStrategy[DoctorCommand] = st.one_of(
    st.builds(UpdateDoctor, change=_changes),
    st.builds(UpdateDoctor, change=_changes, specialties=_specialties, qualifications=_qualifications),
    st.builds(
        SetFees,
        fees=st.builds(Fees, currency=st.sampled_from(["EUR", "XXX"]), consultation=st.integers(-1, 3)),
    ),
    st.builds(AssignDepartment, department=st.sampled_from(DEPARTMENTS)),
    st.builds(UnassignDepartment, department=st.sampled_from(DEPARTMENTS)),
    st.builds(AssignClinic, clinic=st.sampled_from(CLINICS), ticket_prefix=st.just("R")),
    st.builds(
        UnassignClinic,
        clinic=st.sampled_from(CLINICS),
        ticket_prefix=st.just("N"),
        has_schedule=st.booleans(),
        has_appointments=st.just(False),
    ),
    st.builds(RecordVerification, is_verified=st.booleans(), is_critical=st.booleans()),
    st.builds(CompleteStage, stage=st.sampled_from(STAGES), by=st.just(ADMIN), around=surroundings),
    st.builds(ActivateDoctor, by=st.just(ADMIN), around=surroundings),
    st.builds(DeactivateDoctor, reason=st.none() | _texts),
)

starts: st.SearchStrategy[tuple[DoctorCommand, ...]] = st.sampled_from(
    [(create(),), WHOLE, (*WHOLE, *(stage(name) for name in STAGES[:-1])), (*WHOLE, *(stage(name) for name in STAGES))]
)
"""Where a history may begin, so that not every one ends in the first stage."""
