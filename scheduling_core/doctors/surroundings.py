"""What a doctor's onboarding and bookability rest on beyond the profile: clinics, calendar, slots, rooms, time."""

from datetime import date, datetime

import msgspec

from scheduling_core.ids import ClinicId

SLOT_DAYS = 90
"""Within how many days there must be a slot."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """The facts about a doctor that others keep, at one moment."""

    now: datetime
    today: date
    """By the clock of the home clinic."""
    open_clinics: frozenset[ClinicId] = frozenset()
    """Those of the doctor's clinics that are active."""
    scheduled_clinics: frozenset[ClinicId] = frozenset()
    """Where a weekly schedule with a sitting is in effect, or will be within `SLOT_DAYS`."""
    has_slots: bool = False
    """Whether there is a slot within `SLOT_DAYS` that is not blocked; a full one counts."""
    blocked_clinics: frozenset[ClinicId] = frozenset()
    """Where a forced block is in effect now."""
    roomless_clinics: frozenset[ClinicId] = frozenset()
    """Clinics of the doctor that have rooms, but none for this doctor."""
    has_departments: bool = False
    """Whether the organisation has any department at all."""
