"""Leave: how soon its slots are gone."""

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import msgspec

from loadtests.house import quantile
from loadtests.slots.generation import Tenant
from loadtests.slots.ground import Advance, Ground
from queue_server.application.actor import Actor
from queue_server.application.schedules.bodies import Approval, NewLeave
from scheduling_core.calendar.sources import LeaveType
from scheduling_core.ids import AccountId, DoctorId, TenantId
from scheduling_core.permissions import Role

LEAVES = 20


async def approve_leaves(at: Ground, of: Tenant, advance: Advance) -> dict[str, Any]:
    """Have some doctors ask for a week off, approve it, and return how long that takes until the slots are gone."""
    leave, tenant = at.services.leave, of.id
    desk, head = (Actor(tenant=tenant, account=AccountId(uuid4()), role=Role.ADMIN, name="Admin") for _ in range(2))
    first = datetime.now(UTC).date() + timedelta(days=20)
    seconds, gone = [], 0
    for doctor in of.doctors[:LEAVES]:
        body = NewLeave(doctor_id=doctor, type=LeaveType.ANNUAL, first=first, last=first + timedelta(days=6))
        asked = msgspec.json.decode((await leave.request(desk, body)).body)
        before = await _slots_on(at, tenant, doctor, first)
        started = perf_counter()
        await leave.approve(head, UUID(asked["id"]), Approval())
        seconds.append(perf_counter() - started)
        gone += before - await _slots_on(at, tenant, doctor, first)
        advance(1)
    assert gone, "leave took no slot away"
    return {
        "regenerate_ms": round(quantile(seconds, 0.5) * 1000, 1),
        "regenerate_max_ms": round(max(seconds) * 1000, 1),
        "slots_gone_by_leave": gone,
    }


async def _slots_on(at: Ground, tenant: TenantId, doctor: DoctorId, first: date) -> int:
    async with at.services.db.tenant(tenant) as tx:
        row = await tx.row(
            "SELECT count(*) AS slots FROM slot WHERE tenant_id = $1 AND doctor_id = $2 AND start >= $3::date"
            " AND start < $3::date + 7",
            tenant,
            doctor,
            first,
        )
    return int(row["slots"]) if row is not None else 0
