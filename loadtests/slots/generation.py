"""Generation: slots of doctors with hours, tenant by tenant, and the same rows copied after each."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import msgspec

from loadtests.house import quantile
from loadtests.processes import resident_bytes
from loadtests.slots.copies import copy_again, make_twin
from loadtests.slots.figures import freeze, slope
from loadtests.slots.ground import Advance, Ground
from queue_server.application.actor import Actor, system
from queue_server.application.admin_bodies import NewClinic
from queue_server.application.doctors.bodies import DraftDoctor, FeesBody
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.unit import Unit
from queue_server.operations.generate_slots import GenerationReport, generate
from queue_server.wiring import Services
from scheduling_core.calendar.events import ScheduleCreated
from scheduling_core.calendar.sources import Hours
from scheduling_core.ids import ClinicId, DoctorId, ScheduleId, TenantId
from scheduling_core.live_queue.state import Mode

DOCTORS_OF_TENANT = 50
"""That ticket letters suffice for, at five clinics; their slots are copied together."""
MORNING = Hours(start=480, end=720, slot_minutes=20, buffer_minutes=2, tele=1)
AFTERNOON = Hours(start=780, end=1020, slot_minutes=20, buffer_minutes=2, tele=1)
"""Eleven slots each; on five days of the week 1,414 in 90 days, sometimes a few more."""
WEEK = ((MORNING, AFTERNOON),) * 5 + ((),) * 2


class Tenant(msgspec.Struct, frozen=True):
    """Some doctors who have weekly hours but no slots yet."""

    id: TenantId
    doctors: tuple[DoctorId, ...]


async def add_doctors(at: Ground, count: int, advance: Advance) -> Tenant:
    """Make a tenant with doctors, as the use cases make them."""
    services, tenant = at.services, TenantId(uuid4())
    actor = system(tenant)
    await services.clinics.create_tenant(actor, "Load test")
    clinics = [
        ClinicId((await services.clinics.create(actor, NewClinic(slug=f"c-{n}", name="Riverside", timezone=zone))).id)
        for n, zone in enumerate(("Europe/Berlin", "UTC", "Asia/Kolkata", "America/New_York", "Europe/Berlin"))
    ]
    found = []
    for number in range(count):
        clinic = clinics[number % len(clinics)]
        draft = DraftDoctor(
            name=f"Doctor {number}",
            specialties=("cardiology",),
            languages=("en",),
            modes=(Mode.IN_PERSON, Mode.TELE),
            fees=FeesBody(currency="EUR", consultation=8000),
            clinic_ids=(clinic,),
        )
        doctor = DoctorId(UUID(msgspec.json.decode((await services.doctors.create(actor, draft)).body)["id"]))
        await _set_hours(services, actor, doctor, clinic)
        found.append(doctor)
        advance(1)
    return Tenant(tenant, tuple(found))


async def _set_hours(services: Services, actor: Actor, doctor: DoctorId, clinic: ClinicId) -> None:
    """Give a doctor a week, without the slots that would follow at once."""
    since = datetime.now(UTC).date() - timedelta(days=7)

    async def work(unit: Unit) -> tuple[object, int | None]:
        calendar, schedule = await unit.lock_aggregate(CALENDAR, doctor), ScheduleId(uuid4())
        calendar.add(ScheduleCreated(doctor=doctor, schedule=schedule, clinic=clinic, effective_from=since, week=WEEK))
        return None, None

    await services.writes.run(actor, "load_test", work)


async def generate_all(at: Ground, tenants: Sequence[Tenant], advance: Advance) -> dict[str, Any]:
    """Generate the slots of tenant after tenant, and copy the same rows after each; returns the figures."""
    # Copied by another process: what it holds in memory is not ours.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as copier:
        return await _generated(at, tenants, advance, copier)


async def _generated(
    at: Ground, tenants: Sequence[Tenant], advance: Advance, copier: ProcessPoolExecutor
) -> dict[str, Any]:
    owner, loop = at.owners[0], asyncio.get_running_loop()
    await make_twin(owner)
    made = GenerationReport()
    ours, values, encoded, memory, ratios = 0.0, 0.0, 0.0, list[float](), list[float]()
    freeze()
    for tenant in tenants:
        started = perf_counter()
        await generate(at.services.db, tenant.id, made, lambda: advance(1))
        took = perf_counter() - started
        memory.append(resident_bytes(os.getpid()) / 1e6)
        copied, copied_bytes = await loop.run_in_executor(copier, copy_again, at.owner_url, str(tenant.id))
        ours, values, encoded = ours + took, values + copied, encoded + copied_bytes
        ratios.append(copied / took)
    await owner.execute("DROP TABLE slot_twin")
    return {
        "copy_ratio": round(values / ours, 2),
        "copy_ratio_median": round(quantile(ratios, 0.5), 2),
        "encoded_copy_ratio": round(encoded / ours, 2),
        "slots": made.added,
        "slots_per_second": round(made.added / ours),
        "copied_per_second": round(made.added / values),
        "encoded_copied_per_second": round(made.added / encoded),
        "rss_mb": round(memory[-1], 1),
        "rss_mb_per_million_slots": round(slope(memory) * len(memory) / made.added * 1e6, 2),
    }
