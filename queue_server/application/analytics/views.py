"""Figures as they are told."""

from uuid import UUID

import msgspec

from queue_server.application.views import View
from scheduling_core.patients import Tier
from scheduling_core.waitlist.events import Urgency


class WaitlistFigures(View, frozen=True, kw_only=True):
    """What became of a waitlist within a time. Rates and averages are None where there is nothing to divide by."""

    depth: int
    """How many waited at its end."""
    joined: int
    invited: int
    """Times that were offered."""
    accepted: int
    """Appointments that were offered and taken."""
    declined: int
    unanswered: int
    withdrawn: int
    """Offers that ended otherwise."""
    promoted: int
    """Appointments that came of it: accepted, given by staff, or booked without asking."""
    promoted_by_hand: int
    promoted_automatically: int
    expired: int
    cancelled: int
    avg_wait_minutes: float | None
    """Of who was promoted, from joining."""
    offers_per_fill: float | None
    avg_minutes_to_fill: float | None
    """From when a time was given back until somebody had it."""
    conversion_rate: float | None
    """Share of who left the list with an appointment, from 0 to 1."""


class WaitlistDay(WaitlistFigures, frozen=True, kw_only=True):
    """One clinic's waitlist on one of its days."""

    clinic_id: UUID
    date: str


class ClinicWaitlistFigures(WaitlistFigures, frozen=True, kw_only=True):
    """One clinic's waitlist."""

    clinic_id: UUID


class WaitlistMetrics(View, frozen=True, kw_only=True):
    """Waitlists between two dates, both included."""

    from_: str = msgspec.field(name="from")
    to: str
    total: WaitlistFigures
    clinics: tuple[ClinicWaitlistFigures, ...]
    days: tuple[WaitlistDay, ...]
    """By clinic and date; days on which nothing happened are left out."""


class FairnessFigures(View, frozen=True, kw_only=True):
    """How evenly waiting was spread, each wait in units of its target."""

    waits: int
    jain: float | None
    """1 when all wait alike, near 0 when one waits for all."""
    gini: float | None
    """0 when all wait alike."""
    longest: float | None
    """The longest wait, in targets."""
    inside_target: float | None
    """Share, from 0 to 1."""


class TierFairness(FairnessFigures, frozen=True, kw_only=True):
    """Of one tier."""

    tier: Tier


class UrgencyFairness(FairnessFigures, frozen=True, kw_only=True):
    """Of one urgency."""

    urgency: Urgency


class FairnessGroup(View, frozen=True, kw_only=True):
    """Of some people: all of them together, by tier, by urgency."""

    overall: FairnessFigures
    by_tier: tuple[TierFairness, ...]
    by_urgency: tuple[UrgencyFairness, ...]


class WaitlistFairness(View, frozen=True, kw_only=True):
    """Who waited for how long, measured by how long they should."""

    from_: str = msgspec.field(name="from")
    to: str
    promoted: FairnessGroup
    """Who got an appointment between the dates, until then."""
    waiting: FairnessGroup
    """Who waits at present, until now: nobody is left out because they were not served."""


class ClinicMetrics(View, frozen=True, kw_only=True):
    """`clinic-metrics` on `/realtime/dashboard`: one clinic today, by its own clock."""

    clinic_id: UUID
    date: str
    queue_depth: int
    """Who waits in the waitlist."""
    avg_wait_minutes: float | None
    """In the waitlist, of who was promoted today."""
    promotions_today: int
    expired_count: int
    conversion_rate: float | None
    waiting: int
    """In today's live queues."""
    in_consultation: int
    sla_breaches: int
    """Who has waited in a live queue for longer than the clinic promises, today."""
