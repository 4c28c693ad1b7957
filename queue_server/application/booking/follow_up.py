"""Follow-ups: an appointment names the visit of the same patient that it comes after, and costs what those cost."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.booking.appointments import check_may_read, is_staff
from queue_server.application.slots.bodies import BookBody
from queue_server.application.unit import Unit
from queue_server.store import appointments as store
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.live_queue.state import EntryState

FOLLOW_UP = "follow_up"
ANY = "consultation"
"""The type of visit that stands for none having been chosen."""
NOT_SEEN = frozenset({EntryState.CANCELLED, EntryState.NO_SHOW})


def visit_type(actor: Actor, body: BookBody) -> str:
    """Return the type of the visit that is booked: a follow-up, if it names the visit that it comes after.

    Raises `InvalidValue` when it names one and is of another type, or is to be a follow-up of nothing: whether there
    was a visit elsewhere only staff can say.
    """
    if body.follow_up_of is not None:
        if body.visit_type not in (ANY, FOLLOW_UP):
            raise InvalidValue("A visit that follows up another one is a follow-up.", field="visitType")
        return FOLLOW_UP
    if body.visit_type == FOLLOW_UP and not is_staff(actor):
        raise InvalidValue("Say which visit this follows up.", field="followUpOf")
    return body.visit_type


async def record(unit: Unit, entry: EntryId, patient: PatientId, of: UUID) -> None:
    """Note which visit the appointment follows up.

    Raises `NotFound` unless the actor may see that one and it is the same patient's, `Conflict` when it did not take
    place.
    """
    row = await store.appointment(unit.tx, of)
    if row is None or row["patient_id"] != patient:
        raise NotFound("This patient has no such appointment.", field="followUpOf")
    await check_may_read(unit.tx, unit.actor, row)
    if EntryState(row["state"]) in NOT_SEEN:
        raise Conflict("That visit did not take place, so nothing can follow it up.", field="followUpOf")
    await store.set_follow_up(unit.tx, entry, of)
