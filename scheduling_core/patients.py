"""Patients: what a clinic sorts them by, and what they can agree to."""

from enum import StrEnum


class Tier(StrEnum):
    """Which membership a patient has. It never outranks clinical need."""

    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"


class ConsentKind(StrEnum):
    """What a patient may agree to, each for itself."""

    MESSAGES = "messages"
    """To be told about their appointments."""
    REMINDERS = "reminders"
    """To be reminded of them."""
    DATA_SHARING = "data_sharing"
    """That what is known of them is passed on to others who treat them."""


class PatientField(StrEnum):
    """One of a patient's particulars."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    LANGUAGE = "language"
    BIRTH_DATE = "birth_date"
    TIER = "tier"
    CONDITIONS = "conditions"
    GUARDIAN = "guardian"
