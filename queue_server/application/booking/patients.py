"""For whom an appointment is made: somebody who is known, or somebody new."""

from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.people import add_new_patient
from queue_server.application.slots.bodies import BookedPatient
from queue_server.application.unit import Unit
from queue_server.store import patients as store
from queue_server.store.db import Transaction
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import PatientId
from scheduling_core.patients import Tier
from scheduling_core.permissions import Role


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """Who is booked."""

    id: PatientId
    name: str
    language: str
    phone: str | None = None
    tier: Tier = Tier.STANDARD
    is_chronic: bool = False
    is_new: bool = False
    """Nobody knew of them before."""


def check_patient(actor: Actor, given: BookedPatient | None) -> None:
    """Raise `InvalidValue` unless it is clear who is booked.

    Staff name a patient by id or describe one; a guest describes themselves, with a way to reach them; a patient who
    has signed in names nobody, or somebody of theirs by id.
    """
    if given is None:
        if actor.patient is None:
            raise InvalidValue("Say who comes.", field="patient")
        return
    described = (given.name, given.phone, given.email) != (None, None, None)
    if given.id is not None and described:
        raise InvalidValue("Give the id of a patient or the particulars of a new one, not both.", field="patient.id")
    if actor.guest is not None:
        if given.id is not None:
            raise InvalidValue("Sign in to book for somebody who is known here.", field="patient.id")
        if given.phone is None and given.email is None:
            raise InvalidValue("Give a phone number or an e-mail address.", field="patient.phone")
    if actor.role is Role.PATIENT and described:
        raise InvalidValue("Your name and contacts are in your account; choose who comes.", field="patient.name")
    if given.id is None and given.name is None:
        raise InvalidValue("Give the id of a patient, or the name of a new one.", field="patient.name")


async def booked_patient(unit: Unit, given: BookedPatient | None) -> Booked:
    """Return who is booked, added if new; raises `NotFound` for a patient who is unknown or out of reach."""
    actor = unit.actor
    if given is not None and given.id is None:
        assert given.name is not None, "see check_patient"
        new = PatientBody(name=given.name, phone=given.phone, email=given.email, language=given.language)
        added = await add_new_patient(unit.tx, new)
        return Booked(id=PatientId(added.id), name=added.name, language=added.language, phone=added.phone, is_new=True)
    wanted = given.id if given is not None else actor.patient
    if wanted is None or not await is_in_reach(unit.tx, actor, wanted):
        raise NotFound("There is no such patient.", field="patient.id")
    # Locked, so that who is erased meanwhile is not booked, and who is booked meanwhile is not erased.
    known = await store.lock(unit.tx, wanted)
    if known is None or (actor.clinics and await store.patient(unit.tx, wanted, actor.clinics) is None):
        raise NotFound("There is no such patient.", field="patient.id")
    if not known.name:
        raise InvalidValue("Say who you are first: your account has no name yet.", field="patient.name")
    return Booked(
        id=known.id,
        name=known.name,
        language=known.language,
        phone=known.phone,
        tier=known.tier,
        is_chronic=bool(known.conditions),
    )


async def is_in_reach(tx: Transaction, actor: Actor, patient: UUID) -> bool:
    """Return whether the actor may book, cancel and see for this patient: patients for themselves and those whose
    guardian they are, staff for everybody (whom of them, their clinics say), guests for nobody by name."""
    if actor.guest is not None:
        return False
    if actor.role is not Role.PATIENT:
        return True
    if actor.patient is None:
        return False
    return patient == actor.patient or await store.is_guardian(tx, actor.patient, patient)
