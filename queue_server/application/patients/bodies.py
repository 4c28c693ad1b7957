"""What the calls about patients take. In a change, what is left out stays as it is."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.desk_bodies import Body
from scheduling_core.patients import Tier

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Phone = Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9 ()./-]{3,32}$(?!\n)")]
Email = Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$(?!\n)", max_length=254)]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$(?!\n)")]
Condition = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$(?!\n)", description="a code")]
Conditions = Annotated[tuple[Condition, ...], msgspec.Meta(max_length=50)]
Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$(?!\n)", description="six digits")]


class ConsentsBody(Body, frozen=True, kw_only=True):
    """What a patient agrees to."""

    messages: bool | UnsetType = UNSET
    reminders: bool | UnsetType = UNSET
    data_sharing: bool | UnsetType = UNSET


class NewPatientBody(Body, frozen=True, kw_only=True):
    """A patient whom the desk registers; `clinicId` says where, for accounts that are limited to several clinics."""

    name: Name
    phone: Phone | None = None
    email: Email | None = None
    language: Language = "en"
    birth_date: date | None = None
    tier: Tier = Tier.STANDARD
    conditions: Conditions = ()
    consents: ConsentsBody = ConsentsBody()
    guardian_id: UUID | None = None
    clinic_id: UUID | None = None


class PatientChange(Body, frozen=True, kw_only=True):
    """What is to change of a patient."""

    name: Name | UnsetType = UNSET
    phone: Phone | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    tier: Tier | UnsetType = UNSET
    conditions: Conditions | UnsetType = UNSET
    consents: ConsentsBody | UnsetType = UNSET
    guardian_id: UUID | UnsetType | None = UNSET


class OwnChange(Body, frozen=True, kw_only=True):
    """What patients change of their own. A new phone number or e-mail address comes with the code that was sent there;
    one of them at a time."""

    name: Name | UnsetType = UNSET
    phone: Phone | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    code: Code | None = None
    language: Language | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    consents: ConsentsBody | UnsetType = UNSET


class NewRelative(Body, frozen=True, kw_only=True):
    """Somebody for whom a patient acts: a child, a parent. They are reached through the patient."""

    name: Name
    language: Language = "en"
    birth_date: date | None = None
    consents: ConsentsBody = ConsentsBody()


class RelativeChange(Body, frozen=True, kw_only=True):
    """What is to change of somebody for whom a patient acts."""

    name: Name | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    consents: ConsentsBody | UnsetType = UNSET


class CodeBody(Body, frozen=True, kw_only=True):
    """Who wants a code, with which organisation: an e-mail address or a phone number."""

    tenant_id: UUID
    email: Email | None = None
    phone: Phone | None = None
    language: Language | None = None
    """Of the message; else what the Accept-Language header wants."""


class CodeVerifyBody(Body, frozen=True, kw_only=True):
    """The code that was sent, and where to. `name` is who signs in for the first time and is not known here."""

    tenant_id: UUID
    email: Email | None = None
    phone: Phone | None = None
    code: Code
    name: Name | None = None
