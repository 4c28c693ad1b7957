"""`queue-server generate-slots`: the slots of all doctors up to the horizon, at once and with a progress bar."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic
from uuid import UUID

import msgspec

from queue_server.application.slots import demand
from queue_server.operations.audit import bar
from queue_server.settings import Settings
from queue_server.store import tenants
from queue_server.store.db import Database
from scheduling_core.ids import DoctorId, TenantId

AT_ONCE = 3
"""Doctors at a time: one is laid out while Postgres writes another's. What is in memory is theirs alone."""


class GenerationReport(msgspec.Struct, kw_only=True, rename="camel"):
    """What was generated."""

    tenants: int = 0
    doctors: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    kept: int = 0
    conflicts: int = 0
    seconds: float = 0.0


async def generate_slots(settings: Settings, tenant: UUID | None, *, quiet: bool) -> GenerationReport:
    """Generate the slots of one tenant, or of all; raises `Unavailable` when Postgres is away."""
    report, started = GenerationReport(), monotonic()
    chosen = [TenantId(tenant)] if tenant is not None else await _all(settings)
    db = Database(
        settings.database_url,
        pool_size=AT_ONCE + 1,
        application="queue-server generate-slots",
        parameters=settings.for_connections(),
    )
    await db.open()
    try:
        with bar("Generating slots", quiet=quiet) as advance:
            total = sum([1 for one in chosen async for _ in demand.doctors(db, one)])
            for one in chosen:
                await generate(db, one, report, lambda: advance(report.doctors, total))
                report.tenants += 1
    finally:
        await db.close()
    report.seconds = round(monotonic() - started, 3)
    return report


async def generate(
    db: Database, tenant: TenantId, report: GenerationReport, progress: Callable[[], None] = lambda: None
) -> None:
    """Generate the slots of all doctors of a tenant, each in a transaction of its own, and count them in `report`."""
    doctors, turn = demand.doctors(db, tenant), asyncio.Lock()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(_work(db, tenant, doctors, turn, report, progress))


async def _work(
    db: Database,
    tenant: TenantId,
    doctors: AsyncIterator[DoctorId],
    turn: asyncio.Lock,
    report: GenerationReport,
    progress: Callable[[], None],
) -> None:
    while True:
        async with turn:
            doctor = await anext(doctors, None)
        if doctor is None:
            return
        async with db.tenant(tenant) as tx:
            made = await demand.generate_doctor(tx, doctor)
        report.doctors += 1
        report.added += made.added
        report.removed += made.removed
        report.changed += made.changed
        report.kept += made.kept
        report.conflicts += made.conflicts
        progress()


async def _all(settings: Settings) -> list[TenantId]:
    owner = Database(settings.owner_url(), pool_size=1, application="queue-server generate-slots")
    await owner.open()
    try:
        return [tenant.id for tenant in await tenants.all_tenants(owner)]
    finally:
        await owner.close()
