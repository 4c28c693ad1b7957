"""Slots generated on demand and day by day: jobs that cannot be lost, one a doctor."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import structlog

from queue_server.application.actor import Actor
from queue_server.application.doctors import bookability
from queue_server.application.recorder import Recorder
from queue_server.application.schedules.access import reach_doctor
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.schedules.sources import load_sources
from queue_server.application.slots.bodies import GenerateBody, SlotPolicyBody
from queue_server.application.slots.generation import Regenerated, regenerate
from queue_server.application.slots.views import GenerationView, SlotPolicyView
from queue_server.store import event_store, job_store
from queue_server.store import slots as store
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from scheduling_core.errors import Forbidden, NotFound, StaleVersion
from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.permissions import Permission

log = structlog.stdlib.get_logger(__name__)

EXTEND_EVERY = timedelta(hours=24)
PAGE = 500
"""Doctors read at a time."""


class SlotGeneration:
    """Sets off the generation of slots, and what it goes by."""

    def __init__(self, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def generate(self, actor: Actor, body: GenerateBody) -> GenerationView:
        """Let the slots of these doctors, or of all, be generated at once; returns how many doctors that are.

        Who is limited to clinics generates for the doctors of those. Raises `NotFound` when one that is named is
        unknown or out of reach.
        """
        actor.require(Permission.GENERATE_SLOTS)
        asked = tuple(dict.fromkeys(body.doctor_ids))
        async with self._db.tenant(actor.tenant) as tx:
            for doctor in asked:
                await _reach(tx, actor, doctor)
            count = await enqueue_all(tx, f"asked:{uuid4()}", only=asked, clinics=actor.clinics)
            await self._recorder.record(tx, actor, "slot_generation_asked", {"doctors": count})
        return GenerationView(doctors=count)

    async def policy(self, actor: Actor, tenant: UUID) -> tuple[SlotPolicyView, int]:
        """Return how far ahead the tenant generates, and the version of that."""
        self._check(actor, Permission.READ_SLOTS, tenant)
        async with self._db.tenant(actor.tenant) as tx:
            return _policy(await store.horizon(tx))

    async def set_policy(
        self, actor: Actor, tenant: UUID, body: SlotPolicyBody, *, if_match: int | None = None
    ) -> tuple[SlotPolicyView, int]:
        """Set how far ahead the tenant generates, and let it be done.

        Raises `StaleVersion`, and `Forbidden` for who is limited to clinics: it counts for all of them.
        """
        self._check(actor, Permission.GENERATE_SLOTS, tenant)
        if actor.clinics:
            raise Forbidden("Only an administrator of all clinics may change the horizon.")
        async with self._db.tenant(actor.tenant) as tx:
            known, version = await store.lock_policy(tx), None
            if if_match in (None, known):
                version = await store.set_policy(tx, body.horizon_days, body.lead_minutes, if_match)
            if version is None:
                raise StaleVersion("The horizon has changed since you looked.")
            await enqueue_all(tx, f"policy:{version}")
            said = {"horizonDays": body.horizon_days, "leadMinutes": body.lead_minutes}
            await self._recorder.record(tx, actor, "slot_policy_changed", said)
            return _policy(await store.horizon(tx))

    @staticmethod
    def _check(actor: Actor, permission: Permission, tenant: UUID) -> None:
        actor.require(permission)
        if tenant != actor.tenant:
            raise NotFound


async def _reach(tx: Transaction, actor: Actor, doctor: UUID) -> None:
    """Raise `NotFound`, which names the field, for a doctor who is unknown or out of the actor's reach."""
    try:
        await reach_doctor(tx, actor, Permission.GENERATE_SLOTS, doctor)
    except NotFound as error:
        raise NotFound(str(error), field="doctorIds") from None


async def enqueue_all(tx: Transaction, key: str, *, only: tuple[UUID, ...] = (), clinics: tuple[UUID, ...] = ()) -> int:
    """Make a job for each doctor with a calendar and return how many those are.

    Of `only`, and of those who work at `clinics`, where they name any.
    """
    count, after = 0, None
    while doctors := await store.doctors_to_generate(tx, after, PAGE, only=only, clinics=clinics):
        await store.enqueue_generation(tx, doctors, key)
        count, after = count + len(doctors), doctors[-1]
    return count


async def extend(db: Database, job: Job) -> None:
    """Let every doctor's slots reach the horizon again, and do so every day."""
    async with db.tenant(job.tenant) as tx:
        if not await job_store.fence(tx, job):
            return
        horizon = await store.horizon(tx)
        await enqueue_all(tx, f"daily:{horizon.now.date()}")
        await job_store.rearm(tx, job, EXTEND_EVERY)


async def generate_due(db: Database, job: Job) -> None:
    """Generate the slots of a due job's doctor, and finish the job in the same transaction."""
    doctor = DoctorId(UUID(job.payload["doctorId"]))
    async with db.tenant(job.tenant) as tx:
        if not await job_store.fence(tx, job):
            return
        made = await generate_doctor(tx, doctor)
        await job_store.finish(tx, job)
    log.info("slots_generated", count=made.added + made.removed + made.changed)


async def generate_doctor(tx: Transaction, doctor: DoctorId) -> Regenerated:
    """Let all slots of a doctor follow the calendar, up to the horizon."""
    # Held, so that what is read is not changed and generated meanwhile by somebody else; also before there is one, for
    # whoever is just making the first schedule would be followed by a calendar that was read as empty.
    await event_store.lock(tx, CALENDAR.stream(tx.tenant, doctor), CALENDAR.kind, create=True)
    made = await regenerate(tx, doctor, await load_sources(tx, doctor), date.min, date.max)
    if made.added or made.removed or made.changed:
        await bookability.refresh(tx, doctor)
    return made


async def doctors(db: Database, tenant: TenantId) -> AsyncIterator[DoctorId]:
    """Yield every doctor of the tenant whose slots are generated; read in pages, so that memory stays flat."""
    after: DoctorId | None = None
    while True:
        async with db.tenant(tenant) as tx:
            page = await store.doctors_to_generate(tx, after, PAGE)
        for doctor in page:
            yield doctor
        if len(page) < PAGE:
            return
        after = page[-1]


def _policy(horizon: store.Horizon) -> tuple[SlotPolicyView, int]:
    lead = round(horizon.lead.total_seconds() / 60)
    return SlotPolicyView(horizon_days=horizon.days, lead_minutes=lead, version=horizon.version), horizon.version
