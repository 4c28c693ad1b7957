"""When a visit is booked from a hold, what was begun to be paid for the hold is for the visit."""

from datetime import datetime

from queue_server.application.payments.model import PAYMENT_MODEL, note
from queue_server.application.payments.views import PaymentView, payment_view
from queue_server.application.payments.visits import record_paid
from queue_server.application.unit import LockedQueue, Unit
from queue_server.store import payments as store
from scheduling_core.errors import Conflict, NothingToPay
from scheduling_core.ids import DoctorId, EntryId, HoldId
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments import decide
from scheduling_core.payments.fees import amount_due


async def attach(
    unit: Unit, queue: LockedQueue, hold: HoldId, appointment: EntryId, visit_type: str, mode: Mode
) -> PaymentView | None:
    """Let the hold's payment be for the appointment, and return it; None when there is none.

    Call it after all else is locked and the appointment has a row. What is paid already orders the queue. Raises
    `Conflict` when the visit costs something else than what is paid for.
    """
    found = await store.counting_of_hold(unit.tx, hold)
    if found is None:
        return None
    locked = await unit.lock_aggregate(PAYMENT_MODEL, found)
    state = locked.state
    if visit_type != state.visit_type and await _price(unit, state.doctor, visit_type, mode) != (
        state.amount,
        state.currency,
    ):
        raise Conflict("This kind of visit costs something else than what you pay for.", field="visitType")
    await note(unit.tx, locked, decide.attach(state, appointment))
    paid_at: datetime | None = locked.state.paid_at
    if paid_at is not None:
        await record_paid(unit, queue, appointment, paid_at)
    return payment_view(locked.state)


async def _price(unit: Unit, doctor: DoctorId, visit_type: str, mode: Mode) -> tuple[int, str] | None:
    fees = await store.fees(unit.tx, doctor)
    try:
        return amount_due(fees, visit_type, mode), fees.currency if fees is not None else ""
    except NothingToPay:
        return None
