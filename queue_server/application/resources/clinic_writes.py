"""Clinics on the write path. One that was there before clinics had events is adopted when it is first changed."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from queue_server.application.actor import Actor, system
from queue_server.application.aggregates import Locked, read_state
from queue_server.application.answers import NONE, Answer, Precondition, check_version
from queue_server.application.resources.models import CLINIC
from queue_server.application.slots.generation import enqueue_generation
from queue_server.application.unit import Unit, WritePath
from queue_server.store import clinics as rows
from queue_server.store.db import Database
from scheduling_core.errors import NotFound
from scheduling_core.ids import ClinicId, TenantId
from scheduling_core.resources.clinics import AdoptClinic, Clinic, ClinicCreated, ClinicEvent, ClosedDay, decide

LockedClinic = Locked[Clinic, ClinicEvent]
ClinicWork = Callable[[Unit, LockedClinic], Awaitable[tuple[object, int | None]]]


class ClinicWrites:
    """Runs what changes one clinic."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

    async def create(self, actor: Actor, clinic: ClinicId, work: ClinicWork) -> Answer:
        """Run `work` on a clinic that does not exist yet."""

        async def create(unit: Unit) -> tuple[object, int | None]:
            return await work(unit, await unit.lock_aggregate(CLINIC, clinic))

        return await self._writes.run(actor, "create-clinic", create)

    async def change(
        self, actor: Actor, command: str, clinic: UUID, work: ClinicWork, precondition: Precondition = NONE
    ) -> Answer:
        """Run `work` on a clinic, and have the slots of its doctors made anew when its clock or its days have changed.

        Raises `NotFound`, and `StaleVersion` when the client saw another version.
        """
        await self._adopt(actor.tenant, ClinicId(clinic))

        async def change(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(CLINIC, clinic)
            if not locked.exists or locked.state.deleted:
                raise NotFound("There is no such clinic.")
            check_version(precondition.if_match, locked.state.version, "The clinic")
            answer = await work(unit, locked)
            await _regenerate(unit, locked)
            return answer

        return await self._writes.run(actor, command, change, precondition)

    async def _adopt(self, tenant: TenantId, clinic: ClinicId) -> None:
        async with self._db.tenant(tenant) as tx:
            if await read_state(tx, CLINIC, clinic) is not None or await rows.clinic(tx, clinic) is None:
                return

        async def adopt(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(CLINIC, clinic)
            known = await rows.clinic(unit.tx, clinic)
            if not locked.exists and known is not None:
                locked.add(*decide(None, AdoptClinic(created=await _adopted(unit, known))))
            return None, None

        await self._writes.run(system(tenant), "adopt-clinic", adopt)


async def _adopted(unit: Unit, known: rows.Clinic) -> ClinicCreated:
    return ClinicCreated(
        clinic=known.id,
        slug=known.slug,
        name=await unit.say(known.name),
        timezone=known.timezone,
        address=await unit.say(known.address) if known.address else None,
        caps=known.capacity,
        policy=known.policy,
        active=known.active,
        holidays=known.holidays,
        version=known.version,
        adopted=True,
    )


async def _regenerate(unit: Unit, locked: LockedClinic) -> None:
    """Leave a job for every doctor of the clinic if its days or its clock are not what they were."""
    before, now = locked.before, locked.state
    if before is None or now.deleted or _decides(before) == _decides(now):
        return
    await enqueue_generation(unit.tx, await rows.doctors_of(unit.tx, now.id), f"clinic:{now.id}:{now.version}")


def _decides(clinic: Clinic) -> tuple[object, ...]:
    """What the slots of a clinic's doctors depend on: names of closed dates too, for they explain."""
    closed: tuple[ClosedDay, ...] = clinic.closed
    return clinic.timezone, clinic.holidays, closed, clinic.opened
