"""Follow-ups: an appointment names the visit of the same patient that it comes after, and costs what those cost.

What they cost is less, so nobody but staff may say of their own accord that a visit is one: patients name a visit that
took place, when they pay as well as when they book.
"""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.booking.appointments import check_may_read, is_staff
from queue_server.application.slots.bodies import BookBody
from queue_server.application.unit import Unit
from queue_server.store import appointments as store
from queue_server.store.db import Row, Transaction
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.live_queue.state import EntryState
from scheduling_core.payments.fees import FOLLOW_UP

ANY = "consultation"
"""The type of visit that stands for none having been chosen."""
NOT_SEEN = frozenset({EntryState.CANCELLED, EntryState.NO_SHOW})


def visit_type(actor: Actor, body: BookBody) -> str:
    """Return the type of the visit that is booked; see `type_of`."""
    return type_of(actor, body.visit_type, body.follow_up_of)


def type_of(actor: Actor, wanted: str, of: UUID | None) -> str:
    """Return the type of a visit: a follow-up, if it names the visit that it comes after.

    Raises `InvalidValue` when it names one and is of another type, or is to be a follow-up of nothing: whether there
    was a visit elsewhere only staff can say.
    """
    if of is not None:
        if wanted not in (ANY, FOLLOW_UP):
            raise InvalidValue("A visit that follows up another one is a follow-up.", field="visitType")
        return FOLLOW_UP
    if wanted == FOLLOW_UP and not is_staff(actor):
        raise InvalidValue("Say which visit this follows up.", field="followUpOf")
    return wanted


async def earlier_visit(tx: Transaction, actor: Actor, of: UUID) -> Row:
    """Return the visit that another one may follow up.

    Raises `NotFound` unless the actor may see it, `Conflict` when it did not take place; for patients, also while it
    has not taken place yet: the desk may already book what is to come after it.
    """
    row = await store.appointment(tx, of)
    if row is None or actor.guest is not None:
        raise NotFound("This patient has no such appointment.", field="followUpOf")
    await check_may_read(tx, actor, row)
    state = EntryState(row["state"])
    if state in NOT_SEEN:
        raise Conflict("That visit did not take place, so nothing can follow it up.", field="followUpOf")
    if state is not EntryState.COMPLETED and not is_staff(actor):
        raise Conflict("That visit is still to come; it can be followed up when it is over.", field="followUpOf")
    return row


async def record(unit: Unit, entry: EntryId, patient: PatientId, of: UUID) -> None:
    """Note which visit the appointment follows up; raises as `earlier_visit` does, `NotFound` for another patient's."""
    row = await earlier_visit(unit.tx, unit.actor, of)
    if row["patient_id"] != patient:
        raise NotFound("This patient has no such appointment.", field="followUpOf")
    await store.set_follow_up(unit.tx, entry, of)
