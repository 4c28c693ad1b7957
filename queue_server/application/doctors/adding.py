"""Doctors as operators add them: what a queue needs to know of one."""

import re
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.plain_text import one_line
from queue_server.application.recorder import Recorder
from queue_server.store import directory as rows
from queue_server.store.db import Database
from scheduling_core.errors import Conflict, InvalidValue
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import Permission

LONGEST_NAME = 200
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What tickets begin with when nobody has chosen: without I and O, which read like digits."""


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

    def __init__(self, *, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def add(self, actor: Actor, new: NewDoctor) -> AddedDoctor:
        """Add a doctor; raises `NotFound` for an unknown clinic, `Conflict` when the letters are taken."""
        actor.require_for(Permission.MANAGE_CLINICS, clinic=new.clinic)
        name = one_line(new.name, "name", longest=LONGEST_NAME)
        specialty = one_line(new.specialty, "specialty", longest=LONGEST_NAME, may_be_empty=True)
        room = one_line(new.room, "room", longest=LONGEST_NAME, may_be_empty=True)
        async with self._db.tenant(actor.tenant) as tx:
            taken: set[str] = {row["ticket_prefix"] for row in await rows.doctors(tx, new.clinic)}
            added = AddedDoctor(DoctorId(uuid7()), _letters(new.letters, name, taken))
            await rows.add_doctor(tx, added.id, new.clinic, name, specialty, room, added.letters)
            data: dict[str, UUID] = {"doctorId": added.id, "clinicId": new.clinic}
            await self._recorder.record(tx, actor, "doctor_added", data)
        return added


def _letters(wanted: str | None, name: str, taken: set[str]) -> str:
    if wanted is not None:
        if not re.fullmatch(r"[A-Z]{1,3}", wanted.upper()):
            raise InvalidValue("Tickets begin with one to three letters from A to Z.", field="letters")
        return wanted.upper()
    own = name.split()[-1][0].upper()
    free = [letter for letter in own + LETTERS if letter in LETTERS and letter not in taken]
    if not free:
        raise Conflict("Every letter is taken in this clinic: choose two or three with --letters.", field="letters")
    return free[0]
