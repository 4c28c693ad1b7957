"""Doctors that were there before profiles had a history: they get one when they are first touched."""

import re
from collections.abc import Callable

import msgspec
from msgspec import UNSET

from queue_server.application.actor import system
from queue_server.application.doctors.bookability import judge
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.people import folded
from queue_server.application.unit import Unit, WritePath
from queue_server.store import doctors as store
from queue_server.store.db import Database, Row
from scheduling_core.doctors.commands import AssignClinic, CreateDoctor, UpdateDoctor
from scheduling_core.doctors.decide import decide
from scheduling_core.doctors.events import DoctorUpdated
from scheduling_core.doctors.profile import Origin
from scheduling_core.ids import ClinicId, DoctorId, TenantId

COMMAND = "adopt-doctor"
AT_ONCE = 100


class Adoption:
    """Writes the history of doctors that have none: what is known of them, as if the system had said so."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

    async def adopt(self, tenant: TenantId, doctor: DoctorId) -> None:
        """Adopt one doctor if that is to be done."""
        async with self._db.tenant(tenant) as tx:
            found = await store.to_adopt(tx, doctor, 1)
        for row in found:
            await self._adopt(tenant, row)

    async def adopt_some(self, tenant: TenantId) -> None:
        """Adopt as many doctors of a tenant as one request may wait for; the next one goes on."""
        await self._round(tenant)

    async def adopt_all(self, tenant: TenantId, progress: Callable[[int, int | None], None] | None = None) -> int:
        """Adopt every doctor of a tenant and return how many; may be stopped and begun again at any moment."""
        async with self._db.tenant(tenant) as tx:
            count = await store.count_to_adopt(tx)
        done = 0
        # Each round takes away what it found, so one more than that is enough whoever else adopts meanwhile.
        for _ in range(count // AT_ONCE + 1):
            done += await self._round(tenant)
            if progress is not None:
                progress(done, count)
        return done

    async def _round(self, tenant: TenantId) -> int:
        async with self._db.tenant(tenant) as tx:
            found = await store.to_adopt(tx, None, AT_ONCE)
        for row in found:
            await self._adopt(tenant, row)
        return len(found)

    async def _adopt(self, tenant: TenantId, row: Row) -> None:
        async def work(unit: Unit) -> tuple[object, int | None]:
            await write_history(unit, DoctorId(row["doctor_id"]), Origin.ADOPTED, _at_work(row))
            return None, None

        await self._writes.run(system(tenant), COMMAND, work)


class AtWork(msgspec.Struct, frozen=True, kw_only=True):
    """A doctor who works at a clinic without having been onboarded."""

    clinic: ClinicId
    name: str
    specialty: str
    room: str
    ticket_prefix: str
    active: bool = True


async def write_history(unit: Unit, doctor: DoctorId, origin: Origin, known: AtWork) -> None:
    """Let a doctor's history begin with what is known; one that has a history is left as it is."""
    locked = await unit.lock_aggregate(DOCTOR, doctor)
    if locked.exists:
        return
    code = specialty_code(known.specialty)
    for command in (
        CreateDoctor(
            doctor=doctor,
            name=await unit.say(known.name),
            by=unit.actor.account,
            origin=origin,
            is_active=known.active,
        ),
        UpdateDoctor(
            change=DoctorUpdated(
                specialty_label=await unit.say(known.specialty) if known.specialty else UNSET,
                room=await unit.say(known.room) if known.room else UNSET,
            ),
            specialties=(code,) if code else UNSET,
        ),
        AssignClinic(clinic=known.clinic, ticket_prefix=known.ticket_prefix),
    ):
        locked.add(*decide(locked.known, command))
    await judge(unit.tx, locked.state)


def specialty_code(label: str) -> str:
    """Return the code that stands for a specialty somebody has typed; empty when there is nothing to make one of."""
    return re.sub(r"[^a-z0-9]+", "_", folded(label)).strip("_")[:48]


def _at_work(row: Row) -> AtWork:
    return AtWork(
        clinic=ClinicId(row["clinic_id"]),
        name=row["name"],
        specialty=row["specialty"],
        room=row["room"],
        ticket_prefix=row["ticket_prefix"],
        active=row["active"],
    )
