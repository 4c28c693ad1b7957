"""Who may hold and book, and as whom."""

from datetime import datetime

from queue_server.application.actor import Actor
from queue_server.store import slots as store
from queue_server.store.db import Transaction
from scheduling_core.booking.holds import Holder
from scheduling_core.errors import Conflict, Forbidden, SlotUnavailable
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import Permission, Role
from scheduling_core.slots.events import HolderKind

HOLDS_OF_STAFF = 20
"""Places that one account of staff keeps at most; for patients the clinic's policy says it."""


def holder_of(actor: Actor) -> Holder:
    """Return as whom the actor keeps places; raises `Forbidden` for roles that book nothing."""
    if actor.guest is not None:
        return Holder(HolderKind.GUEST, actor.guest)
    if actor.account is None or actor.role is None:
        raise Forbidden
    if actor.role is Role.PATIENT:
        return Holder(HolderKind.PATIENT, actor.account)
    actor.require(Permission.BOOK)
    return Holder(HolderKind.STAFF, actor.account)


async def check_may_book(tx: Transaction, actor: Actor, doctor: DoctorId, clinic: ClinicId, start: datetime) -> None:
    """Raise unless the actor may book this doctor at this clinic for a time that starts at `start`.

    Staff of the clinic may while the desk can book the doctor at all; patients and guests while the doctor takes online
    bookings, and not within the lead time. Raises `Forbidden`, `NotFound`, `Conflict` or `SlotUnavailable`.
    """
    if holder_of(actor).kind is HolderKind.STAFF:
        actor.require_for(Permission.BOOK, clinic=clinic)
        if not await store.may_be_booked(tx, doctor):
            raise Conflict("This doctor cannot be booked at present.")
        return
    if not await store.may_be_booked_by_patients(tx, doctor):
        raise Conflict("This doctor takes no bookings here at present.")
    horizon = await store.horizon(tx)
    if start < horizon.now + horizon.lead:
        raise SlotUnavailable("It is too late to book this time here; please call the clinic.")
