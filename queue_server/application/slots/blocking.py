"""Blocking a slot, and giving it free again."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.doctors import bookability
from queue_server.application.plain_text import one_line
from queue_server.application.schedules.sources import load_sources
from queue_server.application.slots.bodies import BlockBody
from queue_server.application.slots.generation import regenerate
from queue_server.application.slots.held import hold, shown
from queue_server.application.unit import Unit, WritePath
from queue_server.store import slots as store
from scheduling_core.ids import SlotId
from scheduling_core.permissions import Permission
from scheduling_core.slots.events import SlotBlocked, SlotUnblocked

LONGEST_REASON = 500


class Blocking:
    """Blocks slots by hand."""

    def __init__(self, writes: WritePath) -> None:
        self._writes = writes

    async def block(self, actor: Actor, slot: UUID, body: BlockBody, precondition: Precondition) -> Answer:
        """Let nobody book the slot any more, and return it; one that is blocked already stays as it is.

        Who has booked it comes all the same, who holds it has to look for another time. Raises `NotFound`,
        `StaleVersion`, `SlotPast`.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            held = await hold(unit, slot, Permission.MANAGE_SLOTS, precondition)
            if not held.row["blocked"]:
                words = one_line(body.reason, "reason", longest=LONGEST_REASON) if body.reason is not None else None
                reason = await unit.say(words) if words is not None else None
                stream = await held.stream.close([SlotId(held.id)], command=unit.command, actor=actor)
                await store.block(unit.tx, held.row, reason)
                event = SlotBlocked(doctor=held.doctor, slot=SlotId(held.id), start=held.row["start"], reason=reason)
                await stream.append(event, command=unit.command, actor=actor)
                await bookability.refresh(unit.tx, held.doctor)
            return await shown(unit, held)

        return await self._writes.run(actor, "block-slot", work, precondition)

    async def unblock(self, actor: Actor, slot: UUID, precondition: Precondition) -> Answer:
        """Let the slot be booked again, and return it; one that is not blocked stays as it is.

        If the calendar does not offer it any more, and nobody has booked it, it goes: it is returned as `withdrawn`.
        Raises `NotFound`, `StaleVersion`, `SlotPast`.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            held = await hold(unit, slot, Permission.MANAGE_SLOTS, precondition, with_calendar=True)
            if held.row["blocked"]:
                await store.unblock(unit.tx, held.row)
                event = SlotUnblocked(doctor=held.doctor, slot=SlotId(held.id), start=held.row["start"])
                await held.stream.append(event, command=unit.command, actor=actor)
                # It has stayed through every change of the calendar; now it has to fit.
                sources, day = await load_sources(unit.tx, held.doctor), held.row["date"]
                await regenerate(unit.tx, held.doctor, sources, day, day)
                await bookability.refresh(unit.tx, held.doctor)
            return await shown(unit, held)

        return await self._writes.run(actor, "unblock-slot", work, precondition)
