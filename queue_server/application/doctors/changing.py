"""From what clients send to what the rules are asked: checked texts, kept words, ids of qualifications."""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import UNSET, UnsetType
from uuid_utils.compat import uuid7

from queue_server.application.doctors.bodies import (
    LONGEST_BIO,
    DoctorChange,
    DraftDoctor,
    FeesBody,
    LicenceBody,
    QualificationBody,
)
from queue_server.application.doctors.wording import Wording
from queue_server.application.plain_text import one_line, prose
from scheduling_core.doctors.commands import UpdateDoctor
from scheduling_core.doctors.events import DoctorUpdated
from scheduling_core.doctors.profile import DoctorProfile, Fees, Licence, Qualification
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import QualificationId

LONGEST_NAME, LONGEST_NUMBER = 200, 100
YEARS = range(1900, 2201)


def fees_of(body: FeesBody) -> Fees:
    """Return fees as the rules know them."""
    return Fees(currency=body.currency, consultation=body.consultation, follow_up=body.follow_up, tele=body.tele)


def checked_name(given: str) -> str:
    """Return a doctor's name as it is kept; raises `InvalidValue`."""
    return one_line(given, "name", longest=LONGEST_NAME)


def change_of(draft: DraftDoctor) -> DoctorChange:
    """Return what a new profile holds as a change of an empty one; name, fees, departments and clinics apart."""
    return DoctorChange(
        bio=draft.bio,
        specialty_label=draft.specialty_label,
        specialties=draft.specialties,
        qualifications=draft.qualifications,
        languages=draft.languages,
        modes=draft.modes,
        licence=draft.licence,
        room=draft.room,
        public_profile_visible=draft.public_profile_visible,
        accepts_online_bookings=draft.accepts_online_bookings,
    )


async def update_of(profile: DoctorProfile, change: DoctorChange, words: Wording) -> UpdateDoctor:
    """Return what a change asks of the rules; words that are new are kept. Raises `InvalidValue`."""
    return UpdateDoctor(
        change=DoctorUpdated(
            name=await words.name(profile.name, _or_unset(change.name, checked_name)),
            bio=await words.changed(profile.bio, _or_unset(change.bio, _bio)),
            specialty_label=await words.changed(
                profile.specialty_label,
                _or_unset(change.specialty_label, partial(_label, field="specialtyLabel")),
            ),
            room=await words.changed(profile.room, _or_unset(change.room, partial(_label, field="room"))),
            languages=UNSET if change.languages is UNSET else tuple(dict.fromkeys(change.languages)),
            modes=UNSET if change.modes is UNSET else tuple(sorted(set(change.modes))),
            licence=await _licence(profile.licence, change.licence, words),
            ticket_prefix=change.ticket_prefix,
            public_profile_visible=change.public_profile_visible,
            accepts_online_bookings=change.accepts_online_bookings,
        ),
        specialties=change.specialties,
        qualifications=await _qualifications(profile.qualifications, change.qualifications, words),
    )


def _or_unset(given: str | UnsetType, checked: Callable[[str], str]) -> str | UnsetType:
    return UNSET if given is UNSET else checked(given)


def _bio(given: str) -> str:
    return prose(given, "bio", longest=LONGEST_BIO)


def _label(given: str, field: str) -> str:
    return one_line(given, field, longest=LONGEST_NAME, may_be_empty=True)


async def _licence(
    was: Licence | None, given: LicenceBody | UnsetType | None, words: Wording
) -> Licence | UnsetType | None:
    if given is UNSET or given is None:
        return given
    if given.valid_until is not None and given.valid_until.year not in YEARS:
        raise InvalidValue("This is too far from today.", field="licence.validUntil")
    number = one_line(given.number, "licence.number", longest=LONGEST_NUMBER)
    authority = one_line(given.authority, "licence.authority", longest=LONGEST_NAME)
    return Licence(
        number=await words.same_or_new(was.number if was else None, number),
        authority=await words.same_or_new(was.authority if was else None, authority),
        valid_until=given.valid_until,
    )


async def _qualifications(
    was: Sequence[Qualification], given: Sequence[QualificationBody] | UnsetType, words: Wording
) -> tuple[Qualification, ...] | UnsetType:
    if given is UNSET:
        return UNSET
    known = {qualification.id: qualification for qualification in was}
    found = []
    for place, body in enumerate(given):
        before = known.pop(QualificationId(body.id), None) if body.id is not None else None
        found.append(await _qualification(before, body, place, words))
    return tuple(found)


async def _qualification(
    before: Qualification | None, body: QualificationBody, place: int, words: Wording
) -> Qualification:
    """One that is known keeps its id, and the words that are the same keep theirs; any other is a new one."""
    title = one_line(body.title, f"qualifications[{place}].title", longest=LONGEST_NAME)
    institution = _label(body.institution, f"qualifications[{place}].institution")
    known = before.institution if before else None
    return Qualification(
        id=before.id if before else QualificationId(uuid7()),
        title=await words.same_or_new(before.title if before else None, title),
        institution=await words.same_or_new(known, institution) if institution else None,
        year=body.year,
    )
