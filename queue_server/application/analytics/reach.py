"""Of which clinics somebody sees figures."""

from collections.abc import Sequence
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.store import clinics
from queue_server.store.clinics import Clinic
from queue_server.store.db import Transaction
from scheduling_core.errors import NotFound
from scheduling_core.permissions import Permission

MOST_CLINICS = 10_000


async def reached(tx: Transaction, actor: Actor, named: UUID | None) -> Sequence[Clinic]:
    """Return the clinic that is named, or else all that the actor sees; raises `NotFound` for one out of reach, and
    `Forbidden` for who sees no figures."""
    actor.require(Permission.READ_ANALYTICS)
    if named is None:
        return await clinics.page(tx, after=None, limit=MOST_CLINICS, within=actor.clinics)
    found = await clinics.clinic(tx, named)
    if found is None or (actor.clinics and found.id not in actor.clinics):
        raise NotFound("There is no such clinic.", field="clinicId")
    return [found]
