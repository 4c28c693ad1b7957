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
from scheduling_core.errors import NotFound
from scheduling_core.payments import decide
from scheduling_core.permissions import Permission


class Refunding:
    """Gives payments back."""

    def __init__(self, writes: WritePath) -> None:
        self._writes = writes

    async def refund(self, actor: Actor, payment: UUID, reason: str | None, precondition: Precondition) -> Answer:
        """Give all of a payment back and return it: at the desk with that, else as soon as the provider has done it.

        One that nobody has paid yet is not owed any more. Raises `NotFound` for one of another clinic, `Conflict` when
        it went back already, or is on its way.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await store.payment(unit.tx, payment)
            if row is None:
                raise NotFound("There is no such payment.")
            check_payment(actor, row, Permission.REFUND)
            locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
            words = await unit.say(reason) if reason else None
            await note(unit.tx, locked, decide.refund(locked.state, locked.now, words))
            if (visit := locked.state.appointment) is not None:
                await store.set_paid(unit.tx, visit, None)
                if words is not None:
                    await patients.attach_words(unit.tx, {words: visit})
            return payment_view(locked.state), None

        return await self._writes.run(actor, "refund-payment", work, precondition)
