"""The order of lists as they stand: by rank, with the places that staff have given."""

from collections.abc import Mapping
from datetime import datetime

from queue_server.store import waitlist as store
from queue_server.store.db import Transaction
from queue_server.store.waitlist import Ranked
from scheduling_core.ids import ClinicId
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.score import with_positions


async def lines(
    tx: Transaction, policies: Mapping[ClinicId, WaitlistPolicy], now: datetime
) -> dict[ClinicId, list[Ranked]]:
    """Return everybody who waits at these clinics, each list in its order; one round trip for all of them."""
    ranked: dict[ClinicId, list[Ranked]] = {clinic: [] for clinic in policies}
    for one in await store.ranks(tx, policies, now):
        ranked[one.clinic].append(one)
    return {clinic: with_positions(line, position=lambda one: one.position) for clinic, line in ranked.items()}
