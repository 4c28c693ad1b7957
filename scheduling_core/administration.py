"""What happens in a tenant's administration: one stream of single acts, of which nothing is folded.

Ids, enums and numbers only. The types say what such an event may hold; what is written is their camel-case JSON.
"""

from collections.abc import Mapping
from typing import get_args
from uuid import UUID

import msgspec

from scheduling_core.ids import AccountId, ClinicId, DoctorId, EntryId, PatientId, TenantId, WaitlistId
from scheduling_core.patients import ConsentKind, PatientField
from scheduling_core.permissions import Role
from scheduling_core.waitlist.policy import WaitlistPolicy


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", forbid_unknown_fields=True):
    """Base of all events of administration."""


class TenantCreated(Event, frozen=True, kw_only=True, tag="tenant_created"):
    """An organisation was set up."""

    tenant_id: TenantId


class StaffCreated(Event, frozen=True, kw_only=True, tag="staff_created"):
    """Somebody of the staff has an account now, with a role and the clinics it is limited to (none: all)."""

    account_id: AccountId
    role: Role
    clinic_ids: tuple[ClinicId, ...]
    doctor_id: DoctorId | None


class StaffRenamed(Event, frozen=True, kw_only=True, tag="staff_renamed"):
    """The name of an account was changed; neither name is told."""

    account_id: AccountId


class StaffRoleChanged(Event, frozen=True, kw_only=True, tag="staff_role_changed"):
    """An account has another role."""

    account_id: AccountId
    was: Role
    now: Role


class StaffClinicsChanged(Event, frozen=True, kw_only=True, tag="staff_clinics_changed"):
    """An account is limited to other clinics."""

    account_id: AccountId
    was: tuple[ClinicId, ...]
    now: tuple[ClinicId, ...]


class StaffDoctorChanged(Event, frozen=True, kw_only=True, tag="staff_doctor_changed"):
    """An account is another doctor's, or no doctor's any more."""

    account_id: AccountId
    was: DoctorId | None
    now: DoctorId | None


class StaffDisabled(Event, frozen=True, kw_only=True, tag="staff_disabled"):
    """An account lets nobody in any more; all of its sessions have ended."""

    account_id: AccountId


class StaffEnabled(Event, frozen=True, kw_only=True, tag="staff_enabled"):
    """An account lets its owner in again."""

    account_id: AccountId


class StaffPasswordReset(Event, frozen=True, kw_only=True, tag="staff_password_reset"):
    """An account was given a new password; all of its sessions have ended."""

    account_id: AccountId


class PatientAccountCreated(Event, frozen=True, kw_only=True, tag="patient_account_created"):
    """A patient can sign in now."""

    account_id: AccountId
    patient_id: PatientId


class PatientRegistered(Event, frozen=True, kw_only=True, tag="patient_registered"):
    """The desk has taken down a patient."""

    patient_id: PatientId


class PatientChanged(Event, frozen=True, kw_only=True, tag="patient_changed"):
    """Particulars of a patient were changed: which ones, not what they say."""

    patient_id: PatientId
    fields: tuple[PatientField, ...]


class PatientExported(Event, frozen=True, kw_only=True, tag="patient_exported"):
    """All that is known of a patient was handed out."""

    patient_id: PatientId


class PatientConsentRecorded(Event, frozen=True, kw_only=True, tag="patient_consent_recorded"):
    """A patient agreed to something, or does not any more; whose account it was recorded with is the event's actor."""

    patient_id: PatientId
    kind: ConsentKind
    given: bool


class NotificationPreferencesChanged(Event, frozen=True, kw_only=True, tag="notification_preferences_changed"):
    """A patient wants to be told other things, through other channels or at other hours: of which kinds of messages
    that is. The actor is who said so: the patient, who acts for them, somebody of the staff; the system for a link in a
    mail."""

    patient_id: PatientId
    message_kinds: tuple[str, ...] = ()
    quiet_hours: bool = False
    """Whether the hours were changed."""


class MessageTemplateChanged(Event, frozen=True, kw_only=True, tag="message_template_changed"):
    """What a kind of message says was worded anew; the words are not told."""

    message_kind: str
    language: str
    channel: str
    template_name: str


class MessageTemplateDeleted(Event, frozen=True, kw_only=True, tag="message_template_deleted"):
    """The organisation's own words for a kind of message were dropped: it says again what comes with the product."""

    message_kind: str
    language: str
    channel: str
    template_name: str


class PatientErased(Event, frozen=True, kw_only=True, tag="patient_erased"):
    """Everything that said who a patient is was erased; what happened to their appointments stands without it."""

    patient_id: PatientId


class RefreshTokenReused(Event, frozen=True, kw_only=True, tag="refresh_token_reused"):
    """A refresh token came a second time: it was stolen or copied, and every session that grew of it has ended."""

    account_id: AccountId
    session_id: UUID


class IssuerChanged(Event, frozen=True, kw_only=True, tag="issuer_changed"):
    """Tokens of an outside identity provider are taken, signed with one of these algorithms."""

    algorithms: tuple[str, ...]


class IssuerRemoved(Event, frozen=True, kw_only=True, tag="issuer_removed"):
    """Tokens of an outside identity provider are not taken any more."""


class RateLimitsChanged(Event, frozen=True, kw_only=True, tag="rate_limits_changed"):
    """The tenant has chosen other limits; None is what the installation grants."""

    address_reads_per_minute: int | None
    address_writes_per_minute: int | None
    user_writes_per_minute: int | None
    user_reads_per_minute: int | None = None
    tenant_reads_per_minute: int | None
    tenant_writes_per_minute: int | None
    email_messages_per_minute: int | None = None
    sms_messages_per_minute: int | None = None
    whatsapp_messages_per_minute: int | None = None
    push_messages_per_minute: int | None = None


class LinksRevoked(Event, frozen=True, kw_only=True, tag="links_revoked"):
    """The tracking links of an appointment open nothing any more."""

    appointment: EntryId


class CalendarFeedMade(Event, frozen=True, kw_only=True, tag="calendar_feed_made"):
    """There is an address that shows the appointments of a doctor or of a patient to whoever has it."""

    feed_id: UUID
    doctor_id: DoctorId | None
    patient_id: PatientId | None


class CalendarFeedRevoked(Event, frozen=True, kw_only=True, tag="calendar_feed_revoked"):
    """Such an address shows nothing any more."""

    feed_id: UUID
    doctor_id: DoctorId | None
    patient_id: PatientId | None


class SlotGenerationAsked(Event, frozen=True, kw_only=True, tag="slot_generation_asked"):
    """Somebody asked for slots to be generated now, of so many doctors."""

    doctors: int


class SlotPolicyChanged(Event, frozen=True, kw_only=True, tag="slot_policy_changed"):
    """Slots are generated so many days ahead, and patients book at least so many minutes before they begin."""

    horizon_days: int
    lead_minutes: int


class WaitlistPolicyChanged(Event, frozen=True, kw_only=True, tag="waitlist_policy_changed"):
    """A clinic's waitlist runs by another policy, or (without a clinic) what all clinics begin with is another one."""

    clinic_id: ClinicId | None
    policy: WaitlistPolicy


class MessagesResent(Event, frozen=True, kw_only=True, tag="messages_resent"):
    """Messages that no provider had taken were sent once more."""

    message_ids: tuple[UUID, ...]


class ManualMessageSent(Event, frozen=True, kw_only=True, tag="manual_message_sent"):
    """Somebody of the staff has written to people who wait; their words are kept apart."""

    entry_ids: tuple[WaitlistId, ...]


class JobsRetried(Event, frozen=True, kw_only=True, tag="jobs_retried"):
    """So many jobs of a kind that were given up are done again."""

    job_kind: str
    count: int


AdministrationEvent = (
    TenantCreated
    | StaffCreated
    | StaffRenamed
    | StaffRoleChanged
    | StaffClinicsChanged
    | StaffDoctorChanged
    | StaffDisabled
    | StaffEnabled
    | StaffPasswordReset
    | PatientAccountCreated
    | PatientRegistered
    | PatientChanged
    | PatientExported
    | PatientConsentRecorded
    | NotificationPreferencesChanged
    | MessageTemplateChanged
    | MessageTemplateDeleted
    | PatientErased
    | RefreshTokenReused
    | IssuerChanged
    | IssuerRemoved
    | RateLimitsChanged
    | LinksRevoked
    | CalendarFeedMade
    | CalendarFeedRevoked
    | SlotGenerationAsked
    | SlotPolicyChanged
    | WaitlistPolicyChanged
    | MessagesResent
    | ManualMessageSent
    | JobsRetried
)

EVENT_TYPES: dict[str, type[Event]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AdministrationEvent)}
"""Every type that is written, by its stable name."""


def check(type: str, data: Mapping[str, object]) -> None:
    """Raise `msgspec.ValidationError` unless `data` is what an event of `type` holds: it is kept for ever."""
    kind = EVENT_TYPES.get(type)
    if kind is None:
        raise msgspec.ValidationError(f"{type} is no event of administration")
    msgspec.convert({"type": type, **data}, kind)
