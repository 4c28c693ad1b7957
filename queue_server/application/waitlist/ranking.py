"""The order of the list as it stands: by rank, with the places that staff have given."""

from datetime import datetime
from uuid import UUID

from queue_server.store import waitlist as store
from queue_server.store.db import Transaction
from queue_server.store.waitlist import Ranked
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.score import with_positions


async def line(tx: Transaction, clinic: ClinicId, policy: WaitlistPolicy, now: datetime) -> list[Ranked]:
    """Return everybody who waits at a clinic, in the order of its list."""
    return with_positions(await store.ranks(tx, {clinic: policy}, now), position=lambda one: one.position)


async def line_for(
    tx: Transaction, clinic: ClinicId, policy: WaitlistPolicy, doctor: DoctorId, now: datetime
) -> list[Ranked]:
    """Return whoever of a clinic's list waits for a doctor or for anybody there, in the order of the list."""
    return [one for one in await line(tx, clinic, policy, now) if one.doctor in (None, doctor)]


async def place_in_list(
    tx: Transaction, clinic: ClinicId, policy: WaitlistPolicy, entry: UUID, now: datetime
) -> int | None:
    """Return the place of an entry in its clinic's list, from 1 on; None when it is not in it."""
    places = {one.id: place for place, one in enumerate(await line(tx, clinic, policy, now), start=1)}
    return next((place for id, place in places.items() if id == entry), None)
