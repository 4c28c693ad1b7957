"""Whom a freed time is offered to: who may have it, in the order of the list."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from scheduling_core.ids import ClinicId, DoctorId, SlotId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import Entry, WaitlistStatus


class Freed(msgspec.Struct, frozen=True, kw_only=True):
    """A time of which a place is free."""

    slot: SlotId
    clinic: ClinicId
    doctor: DoctorId
    start: datetime
    part_of_day: PartOfDay
    modes: frozenset[Mode]
    """In which a place is free."""


class Unfit(StrEnum):
    """Why a time is not for somebody."""

    NOT_WAITING = "not_waiting"
    INVITED = "invited"
    """Another time is offered to them just now."""
    DEFERRED = "deferred"
    OTHER_CLINIC = "other_clinic"
    OTHER_DOCTOR = "other_doctor"
    OTHER_MODE = "other_mode"
    OUTSIDE_WINDOW = "outside_window"
    OTHER_PART_OF_DAY = "other_part_of_day"
    EXCLUDED_VISIT_TYPE = "excluded_visit_type"
    TOO_SHORT_NOTICE = "too_short_notice"
    NOT_WANTED = "not_wanted"
    """They have declined it, or left it unanswered."""


def unfit(entry: Entry, freed: Freed, policy: WaitlistPolicy, now: datetime) -> Unfit | None:
    """Return why the list does not offer this time to them, or None if it may."""
    return not_now(entry, now) or _elsewhere(entry, freed) or _other_time(entry, freed, policy, now)


def suits(entry: Entry, freed: Freed, policy: WaitlistPolicy, now: datetime) -> bool:
    """Return whether the list may offer this time to somebody of whom `not_now` has nothing to say."""
    return _elsewhere(entry, freed) is None and _other_time(entry, freed, policy, now) is None


def _elsewhere(entry: Entry, freed: Freed) -> Unfit | None:
    if entry.clinic != freed.clinic:
        return Unfit.OTHER_CLINIC
    if entry.doctor is not None and entry.doctor != freed.doctor:
        return Unfit.OTHER_DOCTOR
    return Unfit.OTHER_MODE if mode_for(entry, freed) is None else None


def _other_time(entry: Entry, freed: Freed, policy: WaitlistPolicy, now: datetime) -> Unfit | None:
    window = entry.wish.window
    starts_later = window.start is not None and freed.start < window.start
    if starts_later or (window.end is not None and freed.start >= window.end):
        return Unfit.OUTSIDE_WINDOW
    if window.parts_of_day and freed.part_of_day not in window.parts_of_day:
        return Unfit.OTHER_PART_OF_DAY
    if entry.wish.visit_type in policy.excluded_visit_types:
        return Unfit.EXCLUDED_VISIT_TYPE
    if freed.start < now + timedelta(minutes=policy.min_lead_minutes):
        return Unfit.TOO_SHORT_NOTICE
    return Unfit.NOT_WANTED if freed.slot in entry.refused else None


def not_now(entry: Entry, now: datetime) -> Unfit | None:
    """Return why nothing is offered to them at present, or None."""
    match entry.status:
        case WaitlistStatus.INVITED:
            return Unfit.INVITED if entry.invite is not None and entry.invite.is_live(now) else None
        case WaitlistStatus.DEFERRED:
            is_over = entry.deferred_until is not None and entry.deferred_until <= now
            return None if is_over else Unfit.DEFERRED
        case WaitlistStatus.ACTIVE:
            return Unfit.NOT_WAITING if entry.expires_at <= now else None
        case _:
            return Unfit.NOT_WAITING


def mode_for(entry: Entry, freed: Freed) -> Mode | None:
    """Return the mode in which they would have this time, in person if both will do; None when there is none."""
    if entry.wish.mode is not None:
        return entry.wish.mode if entry.wish.mode in freed.modes else None
    return next((mode for mode in (Mode.IN_PERSON, Mode.TELE) if mode in freed.modes), None)


def fit(entry: Entry, freed: Freed) -> float:
    """Return how much better this time suits them than any other would, from 0 to 1.

    Who has said when they can come finds few such times, and so is before who could come at any.
    """
    window = entry.wish.window
    said = (window.start is not None or window.end is not None, bool(window.parts_of_day), entry.doctor is not None)
    return sum(said) / len(said)


def is_given(entry: Entry, freed: Freed, policy: WaitlistPolicy, now: datetime) -> bool:
    """Return whether this time is booked for them without asking: it begins soon, and they have agreed to that."""
    soon = timedelta(minutes=policy.min_lead_minutes + policy.auto_promote_buffer_minutes)
    return entry.wish.short_notice and freed.start < now + soon


def respond_by(freed: Freed, policy: WaitlistPolicy, now: datetime) -> datetime:
    """Return until when a time that is offered now is held: for as long as the policy says, and never so long that half
    of the time to come there is gone."""
    latest = now + (freed.start - now) / 2
    return min(now + timedelta(minutes=policy.invite_minutes), latest)
