"""One run: its services, and each measurement in turn."""

import os
import secrets
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.slots.generation import DOCTORS_OF_TENANT, add_doctors, generate_all
from loadtests.slots.ground import Advance, Ground
from loadtests.slots.leaves import LEAVES, approve_leaves
from loadtests.slots.rows import make_rows
from loadtests.slots.searches import WARM_UP, search_doctors, search_slots
from loadtests.stage import console
from queue_server.embedded.services import EmbeddedServices
from queue_server.settings import load
from queue_server.store.migrate import migrate
from queue_server.wiring import open_services
from scheduling_core.ids import TenantId


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much is done."""

    doctors: int
    days: int
    searched: int
    searches: int


async def run(sizes: Sizes) -> dict[str, Any]:
    """Measure everything on services of the run's own, and return the figures; leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-slots-"))
    os.chmod(folder, 0o711)  # services run as another user
    try:
        async with AsyncExitStack() as stack:
            embedded = await EmbeddedServices.start(folder / "data")
            stack.push_async_callback(embedded.stop, erase=True)
            await migrate(embedded.urls["DATABASE_OWNER_URL"])
            owners = [await _owner(stack, embedded.urls["DATABASE_OWNER_URL"]) for _ in range(2)]
            environment = {**embedded.urls, "JWT_KEYS": "load:" + secrets.token_hex(32), "DATA_DIR": str(folder)}
            services = await stack.enter_async_context(open_services(load(environment), application="load-test"))
            pid = embedded.pid("postgres")
            ground = Ground(services, owners, embedded.urls["DATABASE_OWNER_URL"], [pid] if pid is not None else [])
            return await _measured(ground, sizes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _owner(stack: AsyncExitStack, url: str) -> Any:
    connection = await asyncpg.connect(url, server_settings={"maintenance_work_mem": "256MB", "jit": "off"})
    stack.push_async_callback(connection.close)
    return connection


async def _measured(at: Ground, sizes: Sizes) -> dict[str, Any]:
    searching = TenantId(uuid4())
    figures: dict[str, Any] = {"doctors": sizes.doctors, "days": sizes.days}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), refresh_per_second=4) as progress:

        def step(name: str, total: int) -> Advance:
            task = progress.add_task(name, total=total)
            return lambda count: progress.advance(task, count)

        added = step("Doctors with hours", sizes.doctors)
        groups = range(0, sizes.doctors, DOCTORS_OF_TENANT)
        tenants = [await add_doctors(at, min(DOCTORS_OF_TENANT, sizes.doctors - begin), added) for begin in groups]
        figures |= await generate_all(at, tenants, step("Slots generated, and copied", sizes.doctors))
        figures |= await approve_leaves(at, tenants[0], step("Leave approved", min(LEAVES, len(tenants[0].doctors))))
        rows = step("Rows to search", sizes.searched)
        figures["searched_slots"] = await make_rows(at.owners, searching, sizes.searched, sizes.days, rows)
        figures["searched_doctors"] = sizes.searched
        searches = step("Slots searched", WARM_UP + sizes.searches)
        figures |= await search_slots(at, searching, sizes.searches, sizes.days, searches)
        found = step("Doctors searched", 4 * (sizes.searches // 10))
        figures |= await search_doctors(at, searching, sizes.searches // 10, found)
    return figures
