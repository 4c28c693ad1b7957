"""Doctors as operators add them: at work at once, with what a queue needs to know of one."""

import re

import msgspec
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.doctors.adoption import AtWork, write_history
from queue_server.application.doctors.tickets import choose_prefix
from queue_server.application.plain_text import one_line
from queue_server.application.unit import Unit, WritePath
from queue_server.store import doctors as store
from scheduling_core.doctors.profile import Origin
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import Permission

LONGEST_NAME = 200


class NewDoctor(msgspec.Struct, frozen=True, kw_only=True):
    """A doctor to be added. Without `letters` tickets begin with the first free letter, that of the name if it is."""

    clinic: ClinicId
    name: str
    specialty: str = ""
    room: str = ""
    letters: str | None = None


class AddedDoctor(msgspec.Struct, frozen=True):
    """A doctor that was added, and what tickets begin with."""

    id: DoctorId
    letters: str


class Doctors:
    """Adds doctors to clinics."""

    def __init__(self, writes: WritePath) -> None:
        self._writes = writes

    async def add(self, actor: Actor, new: NewDoctor) -> AddedDoctor:
        """Add a doctor; raises `NotFound` for an unknown clinic, `Conflict` when the letters are taken."""
        actor.require_for(Permission.MANAGE_DOCTORS, clinic=new.clinic)
        name = one_line(new.name, "name", longest=LONGEST_NAME)
        specialty = one_line(new.specialty, "specialty", longest=LONGEST_NAME, may_be_empty=True)
        room = one_line(new.room, "room", longest=LONGEST_NAME, may_be_empty=True)
        wanted = _letters(new.letters)
        doctor = DoctorId(uuid7())

        async def work(unit: Unit) -> tuple[object, int | None]:
            if await store.clinic_is_active(unit.tx, new.clinic) is None:
                raise NotFound("There is no such clinic.")
            letters = await choose_prefix(unit.tx, new.clinic, doctor, wanted=wanted, name=name)
            at_work = AtWork(clinic=new.clinic, name=name, specialty=specialty, room=room, ticket_prefix=letters)
            await write_history(unit, doctor, Origin.OPERATOR, at_work)
            return AddedDoctor(doctor, letters), None

        answer = await self._writes.run(actor, "add-doctor", work)
        return msgspec.json.decode(answer.body, type=AddedDoctor)


def _letters(wanted: str | None) -> str | None:
    if wanted is not None and not re.fullmatch(r"[A-Z]{1,3}", wanted.upper()):
        raise InvalidValue("Tickets begin with one to three letters from A to Z.", field="letters")
    return wanted.upper() if wanted is not None else None
