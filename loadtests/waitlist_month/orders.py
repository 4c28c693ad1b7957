"""Orders of a list: the production one, and two that are simpler and widespread."""

from datetime import datetime

from scheduling_core.waitlist.choice import Order, by_score
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.score import Rank, Standing

TIERS = {Urgency.URGENT: 0.0, Urgency.SOON: 1.0, Urgency.ROUTINE: 2.0}


def first_come(standing: Standing, policy: WaitlistPolicy, now: datetime) -> Rank:
    """Whoever has waited for longest, however urgent they are."""
    return False, 0.0, standing.joined_at


def strict_tiers(standing: Standing, policy: WaitlistPolicy, now: datetime) -> Rank:
    """Whoever is more urgent before all who are less, however long these wait; within, whoever came first."""
    return False, TIERS[standing.urgency], standing.joined_at


ORDERS: dict[str, Order] = {"score": by_score, "fifo": first_come, "strict_tiers": strict_tiers}
