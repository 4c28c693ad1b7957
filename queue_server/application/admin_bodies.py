"""What the calls of administration take. In a change, what is left out stays as it is."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.desk_bodies import Body
from scheduling_core.permissions import Role

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
NewPassword = Annotated[str, msgspec.Meta(max_length=1024, description="12 to 256 characters")]
Clinics = Annotated[
    tuple[UUID, ...], msgspec.Meta(max_length=200, description="limits the account to these; empty: all clinics")
]
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$(?!\n)")]
Zone = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="IANA name, like Europe/Berlin")]
Address = Annotated[str, msgspec.Meta(max_length=500)]
Cap = Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None
PerMinute = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] | None


class NewStaff(Body, frozen=True, kw_only=True):
    """A staff account to be made; doctors name the doctor they are."""

    email: Email
    password: NewPassword
    name: Name
    role: Role
    clinic_ids: Clinics = ()
    doctor_id: UUID | None = None


class PatientAccount(Body, frozen=True, kw_only=True):
    """How a patient signs in."""

    email: Email
    password: NewPassword


class StaffChange(Body, frozen=True, kw_only=True):
    """What is to change of a staff account."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    clinic_ids: Clinics | UnsetType = UNSET
    doctor_id: UUID | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class PasswordReset(Body, frozen=True, kw_only=True):
    """A new password; ends all sessions of the account."""

    password: NewPassword


class CapacityBody(Body, frozen=True, kw_only=True):
    """Caps of a clinic; null means none."""

    per_day: Cap = None
    per_window: Cap = None


class HolidaysBody(Body, frozen=True, kw_only=True):
    """Whose public holidays a clinic keeps: a country, and a part of it or (null) what holds in all of it."""

    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166-1 alpha-2, like DE")]
    region: Annotated[str, msgspec.Meta(min_length=1, max_length=10, description="like BY")] | None = None


class NewClinic(Body, frozen=True, kw_only=True):
    """A clinic to be made."""

    slug: Slug
    name: Name
    timezone: Zone
    address: Address = ""
    capacity: CapacityBody = CapacityBody()
    holidays: HolidaysBody | None = None


class ClinicChange(Body, frozen=True, kw_only=True):
    """What is to change of a clinic."""

    slug: Slug | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    timezone: Zone | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    capacity: CapacityBody | UnsetType = UNSET
    holidays: HolidaysBody | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class RateLimitsBody(Body, frozen=True, kw_only=True):
    """How many requests an organisation takes, and messages it sends; null or left out: as many as the installation
    grants everybody.

    A sixth of a minute's number of requests, but at least ten, may come at once. Messages that are too many wait; half
    of their number is kept for what cannot.
    """

    address_reads_per_minute: Annotated[PerMinute, msgspec.Meta(description="one address, of the public's")] = None
    address_writes_per_minute: Annotated[PerMinute, msgspec.Meta(description="one address, of the staff's")] = None
    user_writes_per_minute: Annotated[PerMinute, msgspec.Meta(description="one account")] = None
    user_reads_per_minute: Annotated[PerMinute, msgspec.Meta(description="one account")] = None
    tenant_reads_per_minute: Annotated[PerMinute, msgspec.Meta(description="all tracking links together")] = None
    tenant_writes_per_minute: Annotated[PerMinute, msgspec.Meta(description="all accounts together")] = None
    email_messages_per_minute: Annotated[PerMinute, msgspec.Meta(description="mails sent")] = None
    sms_messages_per_minute: Annotated[PerMinute, msgspec.Meta(description="texts sent")] = None
    whatsapp_messages_per_minute: Annotated[PerMinute, msgspec.Meta(description="WhatsApp messages sent")] = None
    push_messages_per_minute: Annotated[PerMinute, msgspec.Meta(description="pushes sent")] = None


class IssuerBody(Body, frozen=True, kw_only=True):
    """An external identity provider: who signs, for whom, with which keys and algorithms."""

    issuer: Annotated[str, msgspec.Meta(min_length=8, max_length=512)]
    audience: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    jwks_uri: Annotated[str, msgspec.Meta(min_length=8, max_length=1024)]
    algorithms: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=10)] = ("RS256",)
