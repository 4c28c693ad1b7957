"""Who reaches whose entry."""

from queue_server.application.actor import Actor
from queue_server.application.booking.patients import is_in_reach
from queue_server.store import schedules
from queue_server.store import waitlist as store
from queue_server.store.db import Row, Transaction
from scheduling_core.errors import Forbidden, NotFound
from scheduling_core.ids import DoctorId, WaitlistId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, Role


async def reached(tx: Transaction, actor: Actor, entry: WaitlistId, permission: Permission) -> Row:
    """Return an entry's row for who may see and change it: its patient, their guardian, and staff of its clinic.

    A doctor reaches who waits for them, or for anybody where they work. Raises `NotFound` or `Forbidden`.
    """
    rows = await store.entries(tx, [entry])
    if not rows:
        raise NotFound("There is no such entry.")
    row = rows[0]
    if actor.role is Role.PATIENT or actor.guest is not None:
        if not await is_in_reach(tx, actor, row["patient_id"]):
            raise NotFound("There is no such entry.")
        return row
    actor.require(permission)
    if actor.clinics and row["clinic_id"] not in actor.clinics:
        raise NotFound("There is no such entry.")
    if actor.role in OWN_DOCTOR_ONLY and not actor.is_system:
        await _check_own(tx, actor, row)
    return row


async def _check_own(tx: Transaction, actor: Actor, row: Row) -> None:
    waits_for = DoctorId(row["doctor_id"]) if row["doctor_id"] is not None else None
    if waits_for is None and actor.doctor is not None:
        place = await schedules.doctor_place(tx, actor.doctor)
        if place is not None and row["clinic_id"] in place.clinics:
            return
    elif waits_for == actor.doctor:
        return
    raise Forbidden("A doctor sees only who waits for them.")
