"""Maintenance is planned around reservations: who has the room first keeps it."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from queue_server.application.plain_text import one_line
from queue_server.application.resources.bodies import LONGEST_REASON, NewMaintenance
from queue_server.application.unit import Unit
from queue_server.store import reservations
from queue_server.store.reservations import Resource
from scheduling_core.errors import InUse
from scheduling_core.ids import MaintenanceId
from scheduling_core.resources.maintenance import PlanMaintenance

MOST_NAMED = 20


async def check_unreserved(
    unit: Unit, kind: Resource, resource: UUID, start: datetime, end: datetime | None = None
) -> None:
    """Raise `InUse`, naming the reservations, if there are any from `start` on (or only to `end`).

    Nobody reserves the room or equipment from here to the commit.
    """
    await reservations.lock(unit.tx, kind, resource)
    taken = await reservations.reserved(unit.tx, kind, resource, start, end, MOST_NAMED)
    if taken:
        faults = [("reservations", f"Reserved at {row['starts_at'].isoformat()}") for row in taken]
        raise InUse("It is reserved in that time: move those appointments first.", faults=faults)


async def maintenance_of(
    unit: Unit, kind: Resource, resource: UUID, body: NewMaintenance, now: datetime
) -> PlanMaintenance:
    """Return the command that plans a maintenance; raises `InUse` when it is reserved in that time."""
    reason = one_line(body.reason, "reason", longest=LONGEST_REASON, may_be_empty=True)
    if body.start < body.end:
        await check_unreserved(unit, kind, resource, max(body.start, now), body.end)
    return PlanMaintenance(
        maintenance=MaintenanceId(uuid7()),
        start=body.start,
        end=body.end,
        reason=await unit.say(reason) if reason else None,
    )
