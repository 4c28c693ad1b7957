"""A time with whichever doctor is free: a hold of one slot out of several that begin at the same moment."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Answer, Precondition
from queue_server.application.booking.bodies import AnyHoldBody, HoldBody
from queue_server.application.booking.holders import holder_of
from queue_server.application.booking.holding import Holding
from queue_server.store import appointments as store
from queue_server.store.appointments import Wanted
from queue_server.store.db import Database
from scheduling_core.errors import CapacityReached, Conflict, HoldLimitReached, InvalidValue, NotFound, SlotUnavailable
from scheduling_core.slots.events import HolderKind

MOST = 50
"""Doctors who are tried for one caller."""


class AnyDoctor:
    """Finds whoever is free."""

    def __init__(self, db: Database, holding: Holding) -> None:
        self._db = db
        self._holding = holding

    async def hold(self, actor: Actor, body: AnyHoldBody, precondition: Precondition = NONE) -> Answer:
        """Keep a place at that time for the actor, of the doctor who has the fewest patients that day, and return it.

        Who keeps such a place already gets that one. Of several callers at once each gets one until none is left: who
        loses the race for a doctor goes on to the next. Raises `SlotUnavailable` when nobody is free,
        `CapacityReached` when somebody is, but the clinic takes nobody more, `HoldLimitReached` when the actor keeps as
        many places as the clinic allows, `InvalidValue` when it is not said who would do.
        """
        if body.specialty is None and not body.doctor_ids and body.clinic_id is None:
            raise InvalidValue("Say who would do: a specialty, doctors or a clinic.", field="specialty")
        refusal: Conflict = SlotUnavailable("Nobody is free at this time.")
        for slot in await self._candidates(actor, body):
            try:
                return await self._holding.create(actor, slot, HoldBody(mode=body.mode), precondition)
            except HoldLimitReached:
                raise
            except CapacityReached as error:
                # Another clinic may have room; if none has, a time near this one is no better.
                refusal = error
            except (NotFound, Conflict):
                # Taken, blocked or gone since we looked, or not for this actor: the next one.
                continue
        raise refusal

    async def _candidates(self, actor: Actor, body: AnyHoldBody) -> list[UUID]:
        wanted = Wanted(
            start=body.start,
            mode=body.mode,
            doctors=body.doctor_ids,
            specialty=body.specialty,
            clinic=body.clinic_id,
        )
        holder = holder_of(actor)
        async with self._db.tenant(actor.tenant) as tx:
            found = await store.slots_of_any(
                tx,
                wanted,
                for_staff=holder.kind is HolderKind.STAFF,
                clinics=actor.clinics,
                holder=holder.id,
                limit=MOST,
            )
        return list(found)
