"""How many patients a slot takes, set by hand."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.slots.bodies import SlotCapacityBody
from queue_server.application.slots.held import hold, shown
from queue_server.application.unit import Unit, WritePath
from queue_server.store import slots as store
from scheduling_core.errors import InvalidValue, PlacesTaken
from scheduling_core.ids import SlotId
from scheduling_core.permissions import Permission
from scheduling_core.slots.events import SlotCapacityChanged


class SlotCapacities:
    """Sets capacities; generation leaves those alone from then on."""

    def __init__(self, writes: WritePath) -> None:
        self._writes = writes

    async def set(self, actor: Actor, slot: UUID, body: SlotCapacityBody, precondition: Precondition) -> Answer:
        """Set how many the slot takes, and return it.

        Raises `InvalidValue` for numbers that contradict each other, `PlacesTaken` when more are booked, `NotFound`,
        `StaleVersion`, `SlotPast`.
        """
        check(body)

        async def work(unit: Unit) -> tuple[object, int | None]:
            held = await hold(unit, slot, Permission.MANAGE_SLOTS, precondition)
            wanted = (body.in_person, body.tele, body.total)
            if wanted != (held.row["in_person"], held.row["tele"], held.row["total"]):
                if not await store.set_capacity(unit.tx, held.row, *wanted):
                    raise PlacesTaken(_taken(held.row["taken"] + held.row["held"]), field="total")
                event = SlotCapacityChanged(
                    doctor=held.doctor,
                    slot=SlotId(held.id),
                    start=held.row["start"],
                    in_person=body.in_person,
                    tele=body.tele,
                    total=body.total,
                )
                await held.stream.append(event, command=unit.command, actor=actor)
            return await shown(unit, held)

        return await self._writes.run(actor, "set-slot-capacity", work, precondition)


def check(body: SlotCapacityBody) -> None:
    """Raise `InvalidValue` when nobody could ever book all of a slot's places, or more than there are."""
    for field, places in (("inPerson", body.in_person), ("tele", body.tele)):
        if places > body.total:
            raise InvalidValue("This is more than the slot takes altogether.", field=field)
    if body.total > body.in_person + body.tele:
        raise InvalidValue("This is more than the slot takes in person and by video together.", field="total")


def _taken(places: int) -> str:
    are = "patient is" if places == 1 else "patients are"
    return f"{places} {are} booked or being booked already, and not all of them would fit."
