"""`queue-server adopt-doctors`: a history for every doctor from before profiles had one."""

from time import monotonic
from uuid import UUID

import msgspec

from queue_server.operations.audit import bar
from queue_server.operations.tenants import tenants_meant
from queue_server.settings import Settings
from queue_server.wiring import open_services


class AdoptionReport(msgspec.Struct, kw_only=True, rename="camel"):
    """What was adopted."""

    tenants: int
    doctors: int
    seconds: float


async def adopt_doctors(settings: Settings, tenant: UUID | None, *, quiet: bool) -> AdoptionReport:
    """Adopt the doctors of one tenant, or of all; who was adopted before is left alone, so it may be run again."""
    chosen, started, doctors = await tenants_meant(settings, tenant), monotonic(), 0
    async with open_services(settings, application="queue-server adopt-doctors") as services:
        with bar("Adopting doctors", quiet=quiet) as advance:
            for one in chosen:

                def report(done: int, of: int | None, before: int = doctors) -> None:
                    advance(before + done, before + (of or 0))

                doctors += await services.adoption.adopt_all(one, report)
    return AdoptionReport(tenants=len(chosen), doctors=doctors, seconds=round(monotonic() - started, 3))
