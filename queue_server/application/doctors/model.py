"""A doctor's profile on the write path, and the rows it shows: the profile, what it is searched by, the directory."""

from collections.abc import Iterable, Iterator
from typing import Any

from queue_server.application.aggregates import Model, Texts
from queue_server.application.people import folded
from queue_server.store.projections.aggregate_rows import Rows, Table
from scheduling_core.doctors.aggregate import AGGREGATE
from scheduling_core.doctors.events import DoctorEvent
from scheduling_core.doctors.onboarding import progress
from scheduling_core.doctors.profile import DoctorProfile, DoctorStatus, Fees, Licence
from scheduling_core.ids import TextId

PROFILE = Table(
    "doctor_profile",
    ("doctor_id",),
    (
        "status",
        "name",
        "name_folded",
        "bio",
        "specialty_label",
        "specialties",
        "qualifications",
        "languages",
        "modes",
        "currency",
        "consultation_fee",
        "follow_up_fee",
        "tele_fee",
        "licence_number",
        "licence_authority",
        "licence_valid_until",
        "verification",
        "verification_critical",
        "department_ids",
        "clinic_ids",
        "home_clinic_id",
        "room",
        "ticket_prefix",
        "public_profile_visible",
        "accepts_online_bookings",
        "onboarding_progress",
    ),
)
SPECIALTY = Table("doctor_specialty", ("specialty", "doctor_id"), ())
CLINIC = Table("doctor_clinic", ("clinic_id", "doctor_id"), ())
DEPARTMENT = Table("doctor_department", ("department_id", "doctor_id"), ())
LANGUAGE = Table("doctor_language", ("language", "doctor_id"), ())
MODE = Table("doctor_mode", ("mode", "doctor_id"), ())
WORD = Table("doctor_word", ("word", "doctor_id"), ())
DIRECTORY = Table("doctor", ("doctor_id",), ("clinic_id", "name", "specialty", "room", "ticket_prefix", "active"))
"""What the queue knows of a doctor; written once there is a home clinic."""


def rows(profile: DoctorProfile, texts: Texts) -> Rows:
    """Return every row that shows a profile."""
    found: Rows = {(PROFILE, (profile.id,)): _profile(profile, texts)}
    for table, values in (
        (SPECIALTY, profile.specialties),
        (CLINIC, profile.clinics),
        (DEPARTMENT, profile.departments),
        (LANGUAGE, profile.languages),
        (MODE, profile.modes),
        (WORD, tuple(dict.fromkeys(folded(_said(texts, profile.name)).split()))),
    ):
        found |= {(table, (value, profile.id)): {} for value in values}
    if profile.home is not None:
        found[DIRECTORY, (profile.id,)] = {
            "clinic_id": profile.home,
            "name": _said(texts, profile.name),
            "specialty": specialty_label(profile, texts),
            "room": _said(texts, profile.room),
            "ticket_prefix": profile.ticket_prefix,
            "active": profile.status is DoctorStatus.ACTIVE and bool(profile.clinics),
        }
    return found


def texts_of(profile: DoctorProfile) -> Iterable[TextId]:
    """Return the ids of the words that the rows hold."""
    return [text for text in _texts(profile) if text is not None]


def specialty_label(profile: DoctorProfile, texts: Texts) -> str:
    """Return what patients read beside the name: the label, else the first specialty's code in words."""
    if profile.specialty_label is not None:
        return _said(texts, profile.specialty_label)
    return (
        profile.specialties[0].replace("_", " ").replace("-", " ").strip().capitalize() if profile.specialties else ""
    )


def _texts(profile: DoctorProfile) -> Iterator[TextId | None]:
    yield from (profile.name, profile.bio, profile.specialty_label, profile.room)
    for qualification in profile.qualifications:
        yield from (qualification.title, qualification.institution)
    if profile.licence is not None:
        yield from (profile.licence.number, profile.licence.authority)


def _profile(profile: DoctorProfile, texts: Texts) -> dict[str, Any]:
    name = _said(texts, profile.name)
    return {
        "status": profile.status,
        "name": name,
        "name_folded": folded(name),
        "bio": _said(texts, profile.bio),
        "specialty_label": specialty_label(profile, texts),
        "specialties": profile.specialties,
        "qualifications": [
            {
                "id": qualification.id,
                "title": _said(texts, qualification.title),
                "institution": _said(texts, qualification.institution),
                "year": qualification.year,
            }
            for qualification in profile.qualifications
        ],
        "languages": profile.languages,
        "modes": profile.modes,
        **_fees(profile.fees),
        **_licence(profile.licence, texts),
        "verification": profile.verification,
        "verification_critical": profile.is_critical,
        "department_ids": profile.departments,
        "clinic_ids": profile.clinics,
        "home_clinic_id": profile.home,
        "room": _said(texts, profile.room),
        "ticket_prefix": profile.ticket_prefix,
        "public_profile_visible": profile.public_profile_visible,
        "accepts_online_bookings": profile.accepts_online_bookings,
        "onboarding_progress": progress(profile),
    }


def _fees(fees: Fees | None) -> dict[str, Any]:
    return {
        "currency": fees.currency if fees else None,
        "consultation_fee": fees.consultation if fees else None,
        "follow_up_fee": fees.follow_up if fees else None,
        "tele_fee": fees.tele if fees else None,
    }


def _licence(licence: Licence | None, texts: Texts) -> dict[str, Any]:
    return {
        "licence_number": _said(texts, licence.number) if licence else None,
        "licence_authority": _said(texts, licence.authority) if licence else None,
        "licence_valid_until": licence.valid_until if licence else None,
    }


def _said(texts: Texts, text: TextId | None) -> str:
    """The words; what was erased, like what was never said, is empty."""
    return texts.get(text, "") if text is not None else ""


DOCTOR: Model[DoctorProfile, DoctorEvent] = Model(
    AGGREGATE,
    tables=(PROFILE, SPECIALTY, CLINIC, DEPARTMENT, LANGUAGE, MODE, WORD, DIRECTORY),
    rows=rows,
    texts=texts_of,
)
