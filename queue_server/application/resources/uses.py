"""What keeps a room or a piece of equipment from being removed: reservations, hours that take it, who has it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from queue_server.application.unit import Unit
from queue_server.store import reservations
from queue_server.store import resources as store
from queue_server.store.reservations import Resource
from scheduling_core.errors import InUse
from scheduling_core.ids import ClinicId, EquipmentId, RoomId

MOST_NAMED = 20


async def check_unused(
    unit: Unit, kind: Resource, resource: RoomId | EquipmentId, clinic: ClinicId, today: date
) -> None:
    """Raise `InUse`, with a fault for everything that needs it from now on (`today` by the clinic's clock).

    Nobody begins to use it from here to the commit.
    """
    await store.lock_for_removal(unit.tx, kind, resource)
    taken = await reservations.reserved(unit.tx, kind, resource, unit.now, None, MOST_NAMED)
    faults = [("reservations", f"Reserved at {row['starts_at'].isoformat()}") for row in taken]
    faults += _named(await store.hours_with(unit.tx, resource, clinic, today))
    if kind is Resource.ROOM:
        faults += _named(await store.holders_of_room(unit.tx, resource, today))
    if faults:
        kinds = ", ".join(dict.fromkeys(what for what, _ in faults))
        raise InUse(f"The {kind} is still in use: {kinds}.", faults=faults)


def _named(uses: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(use["kind"], use["name"] or str(use["id"])) for use in uses]
