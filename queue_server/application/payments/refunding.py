"""Giving a payment back, because staff say so."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.payments.access import check_payment
from queue_server.application.payments.model import PAYMENT_MODEL, note
from queue_server.application.payments.views import payment_view
from queue_server.application.unit import Unit, WritePath
from queue_server.store import patients
from queue_server.store import payments as store
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import EntryId, TextId
from scheduling_core.payments import decide
from scheduling_core.permissions import Permission


class Refunding:
    """Gives payments back."""

    def __init__(self, writes: WritePath) -> None:
        self._writes = writes

    async def refund(self, actor: Actor, payment: UUID, reason: str | None, precondition: Precondition) -> Answer:
        """Give all of a payment back and return it: at the desk with that, else as soon as the provider has done it.

        One that nobody has paid yet is not owed any more. The visit keeps its place: its rank is since when it was
        paid, whatever becomes of the money. Raises `NotFound` for one of another clinic, `Conflict` when it went back
        already, or is on its way, `InvalidValue` for a reason where there is no visit that it could be about.
        """

        actor.require(Permission.REFUND)

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await store.payment(unit.tx, payment)
            if row is None:
                raise NotFound("There is no such payment.")
            await check_payment(unit.tx, actor, row, Permission.REFUND)
            # Nothing but the payment is written: who cancels the visit at the same moment has its line and row.
            locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
            words = await _about_visit(unit, locked.state.appointment, reason) if reason else None
            await note(unit.tx, locked, decide.refund(locked.state, locked.now, words))
            return payment_view(locked.state), None

        return await self._writes.run(actor, "refund-payment", work, precondition)


async def _about_visit(unit: Unit, visit: EntryId | None, reason: str) -> TextId:
    """Keep words about a visit, so that they are erased with its patient."""
    if visit is None:
        raise InvalidValue("Nothing was booked that this could be about.", field="reason")
    words = await unit.say(reason)
    await patients.attach_words(unit.tx, {words: visit})
    return words
