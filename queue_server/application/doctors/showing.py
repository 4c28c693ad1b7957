"""From a profile's row, or the columns it will have, to what clients see; a licence only for those who may read it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.aggregates import Texts
from queue_server.application.doctors.model import PROFILE, rows
from queue_server.application.doctors.views import (
    BookabilityView,
    CheckView,
    DoctorDetail,
    FeesView,
    LicenceView,
    OnboardingStageView,
    OnboardingView,
    QualificationView,
)
from scheduling_core.doctors.bookability import Bookability, Condition
from scheduling_core.doctors.onboarding import StageState, progress, stages
from scheduling_core.doctors.profile import DoctorProfile, DoctorStatus, Verification
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.live_queue.state import Mode

Columns = Mapping[str, Any]


def shown_profile(
    profile: DoctorProfile, texts: Texts, judged: Bookability, *, version: int, licence: bool
) -> DoctorDetail:
    """Return a profile as it was just decided."""
    columns = rows(profile, texts)[PROFILE, (profile.id,)]
    ours = {**columns, "doctor_id": profile.id, "score": judged.score, "is_bookable": judged.is_bookable}
    return _detail(ours, msgspec.convert(columns["qualifications"], list[QualificationView]), version, licence)


def shown_row(row: Columns, *, version: int, licence: bool) -> DoctorDetail:
    """Return a profile as its row has it."""
    return _detail(row, msgspec.json.decode(row["qualifications"], type=list[QualificationView]), version, licence)


def shown_onboarding(
    profile: DoctorProfile, around: Surroundings, judged: Bookability, *, version: int
) -> OnboardingView:
    """Return how far a doctor's onboarding is."""
    return OnboardingView(
        doctor_id=profile.id,
        progress=progress(profile),
        score=judged.score,
        stages=tuple(_stage(state) for state in stages(profile, around)),
        version=version,
    )


def shown_bookability(judged: Bookability) -> BookabilityView:
    """Return a judgement as clients see it."""
    return BookabilityView(
        score=judged.score,
        is_bookable=judged.is_bookable,
        can_show_in_search=judged.can_show_in_search,
        can_patient_book=judged.can_patient_book,
        can_receptionist_book=judged.can_receptionist_book,
        checks=_checks(judged.checks),
    )


def _detail(columns: Columns, qualifications: list[QualificationView], version: int, licence: bool) -> DoctorDetail:
    return DoctorDetail(
        id=columns["doctor_id"],
        name=columns["name"],
        status=DoctorStatus(columns["status"]),
        bio=columns["bio"],
        specialty_label=columns["specialty_label"],
        specialties=tuple(columns["specialties"]),
        qualifications=tuple(qualifications),
        languages=tuple(columns["languages"]),
        modes=tuple(Mode(mode) for mode in columns["modes"]),
        fees=_fees(columns),
        licence=_licence(columns) if licence else UNSET,
        department_ids=tuple(columns["department_ids"]),
        clinic_ids=tuple(columns["clinic_ids"]),
        home_clinic_id=columns["home_clinic_id"],
        room=columns["room"],
        ticket_prefix=columns["ticket_prefix"],
        public_profile_visible=columns["public_profile_visible"],
        accepts_online_bookings=columns["accepts_online_bookings"],
        onboarding_progress=columns["onboarding_progress"],
        score=columns["score"] or 0,
        is_bookable=bool(columns["is_bookable"]),
        version=version,
    )


def _fees(columns: Columns) -> FeesView | None:
    if columns["currency"] is None:
        return None
    return FeesView(
        currency=columns["currency"],
        consultation=columns["consultation_fee"],
        follow_up=columns["follow_up_fee"],
        tele=columns["tele_fee"],
    )


def _licence(columns: Columns) -> LicenceView | UnsetType | None:
    if columns["licence_number"] is None:
        return None
    return LicenceView(
        number=columns["licence_number"],
        authority=columns["licence_authority"],
        valid_until=columns["licence_valid_until"],
        verification=Verification(columns["verification"]),
        critical=columns["verification_critical"],
    )


def _stage(state: StageState) -> OnboardingStageView:
    return OnboardingStageView(
        name=state.stage,
        status=state.status,
        checks=_checks(state.checks),
        blockers=state.blockers,
        completed_at=state.completed_at,
        completed_by=state.completed_by,
    )


def _checks(found: tuple[Condition, ...]) -> tuple[CheckView, ...]:
    return tuple(CheckView(name=check.name, ok=check.ok, reason=check.reason) for check in found)
