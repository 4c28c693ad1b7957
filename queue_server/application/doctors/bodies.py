"""What the calls about doctors take. In a change, what is left out stays as it is."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.admin_bodies import Name
from queue_server.application.desk_bodies import Body, Line
from scheduling_core.live_queue.state import Mode

LONGEST_BIO = 4_000

Bio = Annotated[str, msgspec.Meta(max_length=LONGEST_BIO)]
Label = Annotated[str, msgspec.Meta(max_length=200)]
Specialty = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,48}$(?!\n)", description="a code, like cardiology")]
Specialties = Annotated[tuple[Specialty, ...], msgspec.Meta(max_length=20)]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}$(?!\n)", description="BCP 47 primary tag, like en")]
Languages = Annotated[tuple[Language, ...], msgspec.Meta(max_length=30)]
Modes = Annotated[tuple[Mode, ...], msgspec.Meta(min_length=1, max_length=2)]
TicketPrefix = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{1,3}$(?!\n)", description="what tickets begin with")]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="ISO 4217, like EUR")]
Amount = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000, description="in minor units")]
Year = Annotated[int, msgspec.Meta(ge=1900, le=2200)]


class QualificationBody(Body, frozen=True, kw_only=True):
    """A degree or certificate; one that is sent back with its id and unchanged stays the same one."""

    id: UUID | None = None
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    institution: Label = ""
    year: Year | None = None


class LicenceBody(Body, frozen=True, kw_only=True):
    """The licence to practise; for admins only. Another number or authority must be verified anew."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    authority: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    valid_until: date | None = None


class FeesBody(Body, frozen=True, kw_only=True):
    """What a visit costs, in minor units of one currency."""

    currency: Currency
    consultation: Amount
    follow_up: Amount | None = None
    tele: Amount | None = None


Qualifications = Annotated[tuple[QualificationBody, ...], msgspec.Meta(max_length=50)]


class DraftDoctor(Body, frozen=True, kw_only=True):
    """A doctor to be onboarded. Without `ticketPrefix` the first clinic's first free letter is taken."""

    name: Name
    bio: Bio = ""
    specialty_label: Label = ""
    specialties: Specialties = ()
    qualifications: Qualifications = ()
    languages: Languages = ()
    modes: Modes = (Mode.IN_PERSON,)
    licence: LicenceBody | None = None
    fees: FeesBody | None = None
    department_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=50)] = ()
    clinic_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=50)] = ()
    room: Label = ""
    ticket_prefix: TicketPrefix | None = None
    public_profile_visible: bool = True
    accepts_online_bookings: bool = True


class DoctorChange(Body, frozen=True, kw_only=True):
    """What is to change of a doctor's profile; lists are replaced as a whole."""

    name: Name | UnsetType = UNSET
    bio: Bio | UnsetType = UNSET
    specialty_label: Label | UnsetType = UNSET
    specialties: Specialties | UnsetType = UNSET
    qualifications: Qualifications | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    modes: Modes | UnsetType = UNSET
    licence: LicenceBody | UnsetType | None = UNSET
    room: Label | UnsetType = UNSET
    ticket_prefix: TicketPrefix | UnsetType = UNSET
    public_profile_visible: bool | UnsetType = UNSET
    accepts_online_bookings: bool | UnsetType = UNSET


class DepartmentBody(Body, frozen=True, kw_only=True):
    """A department the doctor is to belong to."""

    department_id: UUID


class LocationBody(Body, frozen=True, kw_only=True):
    """A clinic the doctor is to work at; the first one is the home clinic."""

    clinic_id: UUID


class VerificationResult(StrEnum):
    """What came out of looking a licence up."""

    VERIFIED = "verified"
    FAILED = "failed"


class VerificationBody(Body, frozen=True, kw_only=True):
    """What came out of looking the licence up; a critical failure forbids work."""

    result: VerificationResult
    critical: bool = False
    note: Line | None = None


class DeactivateBody(Body, frozen=True, kw_only=True):
    """Why the doctor does not work any more."""

    reason: Line | None = None


class CompleteStageBody(Body, frozen=True, kw_only=True):
    """What is worth remembering about a completed stage."""

    note: Line | None = None
