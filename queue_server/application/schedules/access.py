"""Whose calendar an account may reach: in its clinics; doctors only their own, heads decide on their departments."""

from collections.abc import Collection
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.schedules.sources import load_calendar
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from queue_server.store.schedules import DoctorPlace
from scheduling_core.errors import Forbidden, NotFound
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, Role, may


async def reach_doctor(tx: Transaction, actor: Actor, permission: Permission, doctor: UUID) -> DoctorPlace:
    """Return a doctor whose calendar the account may reach with `permission`.

    Raises `NotFound` for a doctor who is unknown or works at none of the account's clinics, `Forbidden` when doctors
    ask for a colleague's.
    """
    actor.require(permission)
    place = await rows.doctor_place(tx, doctor)
    if place is None or not await _is_in_scope(tx, actor, place):
        raise NotFound("There is no such doctor.")
    if actor.role in OWN_DOCTOR_ONLY and place.id != actor.doctor:
        raise Forbidden("A doctor may do this only for their own calendar.")
    return place


async def _is_in_scope(tx: Transaction, actor: Actor, place: DoctorPlace) -> bool:
    if not actor.clinics or set(actor.clinics) & set(place.clinics):
        return True
    return bool((await load_calendar(tx, place.id)).clinics & set(actor.clinics))


def sees_clinic(actor: Actor, clinic: ClinicId) -> bool:
    """Return whether a clinic lies in the account's scope."""
    return not actor.clinics or clinic in actor.clinics


async def decides_for(tx: Transaction, actor: Actor, doctors: Collection[DoctorId]) -> frozenset[DoctorId]:
    """Return those of these doctors on whose leave the account may decide, were it not their own: admins on everybody's
    whom they reach, heads on that of their departments' doctors."""
    if actor.is_system:
        return frozenset(doctors)
    if actor.role is None or not may(actor.role, Permission.DECIDE_LEAVE):
        return frozenset()
    if actor.role is not Role.DEPARTMENT_HEAD:
        return frozenset(doctors)
    if actor.account is None or not doctors:
        return frozenset()
    return await rows.headed_doctors(tx, actor.account, doctors)
