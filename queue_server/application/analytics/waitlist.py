"""Figures of waitlists: what became of them by clinic and day, and how fairly people waited."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.analytics.reach import reached
from queue_server.application.analytics.views import (
    ClinicWaitlistFigures,
    FairnessFigures,
    FairnessGroup,
    TierFairness,
    UrgencyFairness,
    WaitlistDay,
    WaitlistFairness,
    WaitlistFigures,
    WaitlistMetrics,
)
from queue_server.application.slots.availability import day_given
from queue_server.store import waitlist as waitlist_store
from queue_server.store import waitlist_days as store
from queue_server.store.clinics import Clinic
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import ClinicId
from scheduling_core.patients import Tier
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.fairness import Fairness, Wait, ratio, spread
from scheduling_core.waitlist.metrics import DayCounts
from scheduling_core.waitlist.policy import WaitlistPolicy

SHOWN = timedelta(days=30)
"""Where nobody says from when."""
LONGEST = timedelta(days=366)


class WaitlistAnalytics:
    """Reads figures."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def metrics(
        self, actor: Actor, clinic: UUID | None, first: str | None = None, last: str | None = None
    ) -> WaitlistMetrics:
        """Return what became of the waitlists of one clinic, or of all that the actor sees, from `first` to `last`
        (both included, the last thirty days if left out).

        Raises `NotFound` for a clinic out of reach, `InvalidValue` for dates that make no sense.
        """
        async with self._db.tenant(actor.tenant) as tx:
            known = await reached(tx, actor, clinic)
            since, until = await _dates(tx, known, first, last)
            ids = [one.id for one in known]
            days = await store.days(tx, ids, since, until)
            before = await store.depths(tx, ids, since)
        shown: list[WaitlistDay] = []
        by_clinic: list[ClinicWaitlistFigures] = []
        total, depth_of_all = DayCounts(), 0
        for one in ids:
            sums, depth = DayCounts(), before.get(one, 0)
            for (_, day), counts in ((key, counts) for key, counts in days.items() if key[0] == one):
                depth += counts.joined - counts.left
                sums.add(counts)
                shown.append(WaitlistDay(clinic_id=one, date=day.isoformat(), **figures(counts, depth)))
            by_clinic.append(ClinicWaitlistFigures(clinic_id=one, **figures(sums, depth)))
            total.add(sums)
            depth_of_all += depth
        return WaitlistMetrics(
            from_=since.isoformat(),
            to=until.isoformat(),
            total=WaitlistFigures(**figures(total, depth_of_all)),
            clinics=tuple(by_clinic),
            days=tuple(shown),
        )

    async def fairness(
        self, actor: Actor, clinic: UUID | None, first: str | None = None, last: str | None = None
    ) -> WaitlistFairness:
        """Return how evenly waiting was spread among who got an appointment on these days, and is among who waits now,
        each wait by the target that the clinic has at present; raises as `metrics` does."""
        async with self._db.tenant(actor.tenant) as tx:
            known = await reached(tx, actor, clinic)
            since, until = await _dates(tx, known, first, last)
            ids = [one.id for one in known]
            policies = await waitlist_store.policies(tx, ids)
            promoted = await store.promoted_between(tx, ids, since, until)
            waiting = await store.waiting_now(tx, ids)
        return WaitlistFairness(
            from_=since.isoformat(),
            to=until.isoformat(),
            promoted=_group(promoted, policies),
            waiting=_group(waiting, policies),
        )


def figures(counts: DayCounts, depth: int) -> dict[str, Any]:
    """Return what is told of counts, by the fields of `WaitlistFigures`."""
    promoted = counts.promoted
    return {
        "depth": depth,
        "joined": counts.joined,
        "invited": counts.invited,
        "accepted": counts.accepted,
        "declined": counts.declined,
        "unanswered": counts.unanswered,
        "withdrawn": counts.withdrawn,
        "promoted": promoted,
        "promoted_by_hand": counts.promoted_by_hand,
        "promoted_automatically": counts.promoted_automatically,
        "expired": counts.expired,
        "cancelled": counts.cancelled,
        "avg_wait_minutes": per(counts.wait_seconds / 60, promoted, digits=1),
        "offers_per_fill": per(counts.invited, promoted, digits=3),
        "avg_minutes_to_fill": per(counts.refill_seconds / 60, counts.refilled, digits=1),
        "conversion_rate": per(promoted, counts.left, digits=3),
    }


def per(amount: float, count: int, *, digits: int) -> float | None:
    """Return how much there is of something for each of so many; None for none."""
    return round(amount / count, digits) if count else None


async def _dates(tx: Transaction, known: Sequence[Clinic], first: str | None, last: str | None) -> tuple[date, date]:
    until = day_given(last, "to") if last is not None else _today(await waitlist_store.clock(tx), known)
    since = day_given(first, "from") if first is not None else until - SHOWN
    if since > until:
        raise InvalidValue("The last day is before the first.", field="to")
    if until - since >= LONGEST:
        raise InvalidValue(f"At most {LONGEST.days} days are shown at a time.", field="from")
    return since, until


def _today(now: datetime, known: Sequence[Clinic]) -> date:
    """The latest date that any of the clinics has just now."""
    return max((now.astimezone(ZoneInfo(one.timezone)).date() for one in known), default=now.date())


def _group(rows: Sequence[Row], policies: Mapping[ClinicId, WaitlistPolicy]) -> FairnessGroup:
    found = spread([_wait(row, policies[row["clinic_id"]]) for row in rows])
    return FairnessGroup(
        overall=FairnessFigures(**_shown(found.overall)),
        by_tier=tuple(TierFairness(tier=tier, **_shown(one)) for tier, one in found.by_tier.items()),
        by_urgency=tuple(UrgencyFairness(urgency=urgency, **_shown(one)) for urgency, one in found.by_urgency.items()),
    )


def _wait(row: Row, policy: WaitlistPolicy) -> Wait:
    urgency = Urgency(row["urgency"])
    waited = timedelta(seconds=row["seconds"])
    return Wait(ratio=ratio(waited, urgency, policy.target_days), tier=Tier(row["tier"]), urgency=urgency)


def _shown(found: Fairness) -> dict[str, Any]:
    told = msgspec.structs.asdict(found)
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()}
