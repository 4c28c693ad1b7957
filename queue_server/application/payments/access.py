"""Who may pay for what, and see it: whoever holds or has booked the visit, and the staff of its clinic."""

from queue_server.application.actor import Actor
from queue_server.application.booking.holders import holder_of
from queue_server.application.booking.patients import is_in_reach
from queue_server.store import payments as store
from queue_server.store.db import Row, Transaction
from scheduling_core.booking.holds import Holder
from scheduling_core.errors import NotFound
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Permission, Role
from scheduling_core.slots.events import HolderKind


def is_staff(actor: Actor) -> bool:
    """Return whether somebody of the staff acts."""
    return actor.guest is None and actor.role is not Role.PATIENT


async def check_visit(tx: Transaction, actor: Actor, visit: Row) -> None:
    """Raise unless the actor may pay for this visit: `NotFound` for what is not theirs, `Forbidden` for a role that
    takes no payments."""
    if is_staff(actor):
        actor.require_for(Permission.TAKE_PAYMENT, clinic=ClinicId(visit["clinic_id"]))
        return
    if await is_in_reach(tx, actor, visit["patient_id"]):
        return
    if not await store.has_booked(tx, visit["appointment_id"], holder_of(actor)):
        raise NotFound("There is no such appointment.", field="appointmentId")


async def check_payment(tx: Transaction, actor: Actor, payment: Row, permission: Permission) -> None:
    """Raise `NotFound` unless the actor began the payment or may pay for its visit, whoever began to; staff of its
    clinic need `permission`."""
    if is_staff(actor):
        actor.require_for(permission, clinic=ClinicId(payment["clinic_id"]))
        return
    if holder_of(actor) == Holder(HolderKind(payment["payer_kind"]), payment["payer_id"]):
        return
    appointment = payment["appointment_id"]
    visit = await store.payable_visit(tx, appointment) if appointment is not None else None
    if visit is None:
        raise NotFound("There is no such payment.")
    try:
        await check_visit(tx, actor, visit)
    except NotFound:
        raise NotFound("There is no such payment.") from None
