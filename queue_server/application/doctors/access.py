"""Whose profile an account may see and change, and who may read a licence."""

from collections.abc import Collection, Iterable

from queue_server.application.actor import Actor
from scheduling_core.errors import Forbidden, NotFound
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, may


def check_reach(actor: Actor, doctor: DoctorId, clinics: Iterable[ClinicId]) -> None:
    """Raise `NotFound` for a doctor who works at none of the actor's clinics, `Forbidden` for another than a doctor's
    own profile."""
    if actor.is_system:
        return
    if actor.clinics and set(actor.clinics).isdisjoint(clinics):
        raise NotFound("There is no such doctor.")
    if actor.role in OWN_DOCTOR_ONLY and doctor != actor.doctor:
        raise Forbidden("A doctor may see only their own profile.")


def check_clinic(actor: Actor, clinic: ClinicId, *, field: str) -> None:
    """Raise `NotFound` for a clinic that the actor is not for."""
    if actor.clinics and clinic not in actor.clinics:
        raise NotFound("There is no such clinic.", field=field)


def check_department(actor: Actor, clinics: Collection[ClinicId], *, field: str) -> None:
    """Raise `NotFound` for a department of other clinics than the actor's; one without clinics is of all of them."""
    if actor.clinics and clinics and set(actor.clinics).isdisjoint(clinics):
        raise NotFound("There is no such department.", field=field)


def reads_licences(actor: Actor) -> bool:
    """Return whether the actor may read licences, and so write them."""
    return actor.is_system or (actor.role is not None and may(actor.role, Permission.READ_LICENCES))


def check_licence(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor may write licences."""
    if not reads_licences(actor):
        raise Forbidden("Only an admin may enter a licence.", field="licence")
