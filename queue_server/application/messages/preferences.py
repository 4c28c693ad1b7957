"""What patients want to be told, through which channels, and at which hours."""

from datetime import time
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.actor import Actor
from queue_server.application.booking.patients import is_in_reach
from queue_server.application.desk_bodies import Body
from queue_server.application.messages.kinds import Kind
from queue_server.application.patients.bodies import Language
from queue_server.application.patients.changing import write
from queue_server.application.patients.registry import reached
from queue_server.application.recorder import Recorder
from queue_server.application.views import View
from queue_server.store import patients
from queue_server.store import preferences as store
from queue_server.store.db import Database, Transaction
from queue_server.store.messages import Channel
from queue_server.store.patients import Patient
from queue_server.store.preferences import OwnHours
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.permissions import Permission, Role
from scheduling_core.waitlist.policy import QuietHours

CHOSEN: dict[str, Kind] = {
    "waitlist_joined": Kind.WAITLIST_JOINED,
    "waitlist_invited": Kind.WAITLIST_INVITED,
    "waitlist_reminders": Kind.WAITLIST_REMINDER,
    "waitlist_promoted": Kind.WAITLIST_PROMOTED,
    "waitlist_expired": Kind.WAITLIST_EXPIRED,
    "waitlist_cancelled": Kind.WAITLIST_CANCELLED,
    "booked": Kind.BOOKED,
    "reminder": Kind.REMINDER,
    "called": Kind.CALLED,
    "ahead": Kind.AHEAD,
    "delay": Kind.DELAY,
    "emergency": Kind.EMERGENCY,
    "cancelled": Kind.CANCELLED,
    "manual": Kind.MANUAL,
}
"""Kinds of messages by what people call them who choose; sign-in codes come to whoever asks for them."""


class ChannelsView(View, frozen=True, kw_only=True):
    """Through which channels a kind of message is wanted."""

    email: bool
    sms: bool
    whatsapp: bool
    push: bool


class PreferencesView(View, frozen=True, kw_only=True):
    """What somebody wants to be told; may be sent back as it is."""

    waitlist_joined: ChannelsView
    waitlist_invited: ChannelsView
    waitlist_reminders: ChannelsView
    waitlist_promoted: ChannelsView
    waitlist_expired: ChannelsView
    waitlist_cancelled: ChannelsView
    booked: ChannelsView
    reminder: ChannelsView
    called: ChannelsView
    ahead: ChannelsView
    delay: ChannelsView
    emergency: ChannelsView
    cancelled: ChannelsView
    manual: ChannelsView
    quiet_hours: QuietHours | None
    """None: those of the clinic."""
    timezone: str | None
    """By whose clock; None: by the clinic's."""
    language: str


class ChannelsBody(Body, frozen=True, kw_only=True):
    """Through which channels a kind of message is wanted; what is left out stays."""

    email: bool | UnsetType = UNSET
    sms: bool | UnsetType = UNSET
    whatsapp: bool | UnsetType = UNSET
    push: bool | UnsetType = UNSET


Wish = ChannelsBody | bool | UnsetType
"""True or false stands for all channels."""
Zone = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="an IANA time zone")]


class PreferencesBody(Body, frozen=True, kw_only=True):
    """What somebody wants to be told from now on; what is left out stays."""

    waitlist_joined: Wish = UNSET
    waitlist_invited: Wish = UNSET
    waitlist_reminders: Wish = UNSET
    waitlist_promoted: Wish = UNSET
    waitlist_expired: Wish = UNSET
    waitlist_cancelled: Wish = UNSET
    booked: Wish = UNSET
    reminder: Wish = UNSET
    called: Wish = UNSET
    ahead: Wish = UNSET
    delay: Wish = UNSET
    emergency: Wish = UNSET
    cancelled: Wish = UNSET
    manual: Wish = UNSET
    quiet_hours: QuietHours | UnsetType | None = UNSET
    timezone: Zone | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET


class Preferences:
    """Shows and keeps preferences: to patients their own and those of whoever they act for, to reception and admins
    those of the patients they reach."""

    def __init__(self, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def get(self, actor: Actor, patient: UUID) -> PreferencesView:
        """Return what a patient wants; raises `NotFound` for one out of reach, `Forbidden` for other roles."""
        async with self._db.tenant(actor.tenant) as tx:
            return await _shown(tx, await _reached(tx, actor, patient, Permission.READ_PATIENTS))

    async def put(self, actor: Actor, patient: UUID, body: PreferencesBody) -> PreferencesView:
        """Keep what a patient wants and return all of it; raises as `get` does, and `InvalidValue` for a time zone that
        there is not, or that is given without hours."""
        async with self._db.tenant(actor.tenant) as tx:
            await _reached(tx, actor, patient, Permission.MANAGE_PATIENTS)
            known = await patients.lock(tx, patient)
            if known is None:
                raise NotFound("There is no such patient.")
            kinds = await store.put(tx, patient, _wanted(body))
            was = await store.hours(tx, patient)
            hours = _hours(body, was)
            if hours != was:
                await store.put_hours(tx, patient, hours)
            if kinds or hours != was:
                said = {"patientId": patient, "messageKinds": kinds, "quietHours": hours != was}
                await self._recorder.record(tx, actor, "notification_preferences_changed", said)
            if body.language is not UNSET and body.language != known.language:
                wanted = msgspec.structs.replace(known, language=body.language)
                known = await write(tx, actor, self._recorder, known, wanted, UNSET)
            return await _shown(tx, known)


async def _reached(tx: Transaction, actor: Actor, patient: UUID, permission: Permission) -> Patient:
    if actor.role is not Role.PATIENT:
        actor.require(permission)
        return await reached(tx, actor, patient)
    known = await patients.patient(tx, patient) if await is_in_reach(tx, actor, patient) else None
    if known is None:
        raise NotFound("There is no such patient.")
    return known


async def _shown(tx: Transaction, patient: Patient) -> PreferencesView:
    said, hours = await store.all_of(tx, patient.id), await store.hours(tx, patient.id)
    kinds: dict[str, Any] = {
        name: ChannelsView(**{channel.value: said.get((kind, channel), True) for channel in Channel})
        for name, kind in CHOSEN.items()
    }
    return PreferencesView(
        **kinds,
        quiet_hours=QuietHours(start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}") if hours is not None else None,
        timezone=hours.timezone if hours is not None else None,
        language=patient.language,
    )


def _wanted(body: PreferencesBody) -> dict[tuple[str, Channel], bool]:
    found: dict[tuple[str, Channel], bool] = {}
    for name, kind in CHOSEN.items():
        wish: Wish = getattr(body, name)
        for channel in Channel:
            said = getattr(wish, channel.value) if isinstance(wish, ChannelsBody) else wish
            if isinstance(said, bool):
                found[kind.value, channel] = said
    return found


def _hours(body: PreferencesBody, was: OwnHours | None) -> OwnHours | None:
    """Return the hours as they are to be; raises `InvalidValue` for `timezone`."""
    if isinstance(body.timezone, str) and body.timezone not in _zones():
        raise InvalidValue("There is no such time zone.", field="timezone")
    if body.quiet_hours is None:
        hours = None
    elif body.quiet_hours is UNSET:
        hours = was
    else:
        start, end = time.fromisoformat(body.quiet_hours.start), time.fromisoformat(body.quiet_hours.end)
        hours = OwnHours(start=start, end=end, timezone=was.timezone if was is not None else None)
    if body.timezone is UNSET:
        return hours
    if hours is None:
        if body.timezone is not None:
            raise InvalidValue("Say the hours with it (quietHours).", field="timezone")
        return None
    return msgspec.structs.replace(hours, timezone=body.timezone)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
