"""Maintenance is planned around reservations: who has the room or the equipment first keeps it; slots follow."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from queue_server.application.plain_text import one_line
from queue_server.application.resources.bodies import LONGEST_REASON, NewMaintenance
from queue_server.application.resources.uses import MOST_NAMED
from queue_server.application.slots.generation import enqueue_generation
from queue_server.application.unit import Unit
from queue_server.store import clinics, reservations, schedules
from queue_server.store.reservations import Resource
from scheduling_core.errors import InUse
from scheduling_core.ids import ClinicId, MaintenanceId
from scheduling_core.resources.equipment import Equipment
from scheduling_core.resources.maintenance import PlanMaintenance
from scheduling_core.resources.rooms import Room


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


async def slots_follow(unit: Unit, kind: Resource, before: Room | Equipment | None, after: Room | Equipment) -> None:
    """Leave a job for every doctor whose hours take a room or equipment if its maintenance is not what it was.

    Take the turn at it (`schedules.hold_resources`) before: whoever plans hours is seen here then, or sees the change.
    """
    if before is not None and before.maintenance == after.maintenance:
        return
    # Hours of the day before may reach into it.
    since = await date_at(unit, after.clinic) - timedelta(days=1)
    doctors = await schedules.doctors_using(unit.tx, [after.clinic], [after.id], since)
    await enqueue_generation(unit.tx, doctors, f"{kind}:{after.id}:{after.version}")


async def date_at(unit: Unit, clinic: ClinicId) -> date:
    """Return today's date by the clock of a clinic that has rooms or equipment."""
    found = await clinics.clinic(unit.tx, clinic)
    assert found is not None, "a clinic with rooms or equipment is not deleted"
    return unit.now.astimezone(ZoneInfo(found.timezone)).date()
