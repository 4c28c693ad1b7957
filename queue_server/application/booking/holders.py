"""Who may hold and book, and as whom."""

from datetime import timedelta
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.store import slots as store
from queue_server.store.db import Row, Transaction
from scheduling_core.booking.holds import Holder
from scheduling_core.errors import Conflict, Forbidden, NotFound, SlotPast, SlotUnavailable
from scheduling_core.ids import ClinicId
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


async def reached(tx: Transaction, actor: Actor, slot: UUID, *, keeps: bool = False) -> Row:
    """Return a slot that the actor may book, with what time it is as `now`.

    Staff of the clinic may while the desk can book the doctor at all; patients and guests while the doctor takes online
    bookings, and not within the lead time – unless the actor `keeps` a place of it already, which was in time. Raises
    `NotFound`, `Forbidden`, `Conflict` or `SlotUnavailable`.
    """
    row = await store.slot_to_book(tx, slot)
    if row is None:
        raise NotFound("There is no such slot.")
    is_staff = holder_of(actor).kind is HolderKind.STAFF
    if is_staff:
        actor.require_for(Permission.BOOK, clinic=ClinicId(row["clinic_id"]))
    if not row["clinic_open"]:
        raise Conflict("This clinic is not open at present.")
    if is_staff:
        if not row["desk_may"]:
            raise Conflict("This doctor cannot be booked at present.")
        return row
    if not row["patients_may"]:
        raise Conflict("This doctor takes no bookings here at present.")
    if row["start"] <= row["now"]:
        raise SlotPast
    if not keeps and (refusal := too_late(actor, row)) is not None:
        raise refusal
    return row


def too_late(actor: Actor, slot: Row) -> SlotUnavailable | None:
    """Return why a slot that was reached cannot be begun to be booked any more, None while it can."""
    if holder_of(actor).kind is HolderKind.STAFF:
        return None
    if slot["start"] >= slot["now"] + timedelta(minutes=slot["lead_minutes"]):
        return None
    return SlotUnavailable("It is too late to book this time here; please call the clinic.")
