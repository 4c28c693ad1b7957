"""Who may take leave back: while it waits, once it is approved, and when it has begun; what lists say is what holds."""

import pytest

from queue_server.application.actor import Actor
from queue_server.application.schedules.bodies import Decision, LeaveFilter
from queue_server.application.schedules.views import LeaveView
from scheduling_core.calendar.sources import LeaveStatus
from scheduling_core.errors import Forbidden
from scheduling_core.permissions import Role
from tests.application.schedules.practice import Practice, read
from tests.factories import in_days


async def may_cancel(practice: Practice, who: Actor, leave: LeaveView) -> bool:
    """Try to cancel; check that the list and the request have said so before."""
    told = {one.id: one.may_cancel for one in (await practice.leave.list(who, LeaveFilter())).items}[leave.id]
    assert (await practice.leave.get(who, leave.id)).may_cancel is told
    try:
        tried = await practice.leave.cancel(who, leave.id, Decision(), dry_run=True)
    except Forbidden:
        assert told is False
    else:
        assert read(tried, LeaveView).status is LeaveStatus.CANCELLED
        assert told is True
    return told


@pytest.mark.parametrize(
    ("who", "waiting", "approved", "begun"),
    [
        ("doctor", True, True, False),
        ("reception that asked", True, False, False),
        ("reception", False, False, False),
        ("head", True, True, True),
        ("admin", True, True, True),
    ],
)
async def test_who_may_cancel_leave(practice: Practice, who: str, waiting: bool, approved: bool, begun: bool) -> None:
    await practice.schedule()
    asks = practice.clinic.receptionist
    actor = {
        "doctor": practice.clinic.actor(Role.DOCTOR, doctor=practice.doctor),
        "reception that asked": asks,
        "reception": practice.clinic.receptionist,
        "head": await practice.head(practice.doctor),
        "admin": practice.admin,
    }[who]
    ahead = await practice.asks(asks, in_days(5))
    assert await may_cancel(practice, actor, ahead) is waiting
    await practice.approves(practice.clinic.actor(Role.ADMIN), ahead.id)
    assert await may_cancel(practice, actor, ahead) is approved
    running = await practice.asks(asks, in_days(-1), in_days(1))
    await practice.approves(practice.clinic.actor(Role.ADMIN), running.id)
    assert await may_cancel(practice, actor, running) is begun


async def test_reception_that_may_not_cancel_leaves_slots_closed(practice: Practice) -> None:
    await practice.schedule()
    asks = practice.clinic.receptionist
    leave = await practice.asks(asks, in_days(5))
    await practice.approves(practice.admin, leave.id)
    with pytest.raises(Forbidden):
        await practice.leave.cancel(asks, leave.id, Decision())
    assert await practice.slots(in_days(5)) == []


async def test_what_is_over_or_decided_against_is_nobodys_to_cancel(practice: Practice) -> None:
    asks = practice.clinic.receptionist
    over = await practice.asks(asks, in_days(-4), in_days(-3))
    await practice.approves(practice.admin, over.id)
    rejected = await practice.asks(asks, in_days(9))
    await practice.leave.reject(practice.admin, rejected.id, Decision())
    shown = (await practice.leave.list(practice.admin, LeaveFilter())).items
    assert {one.id: one.may_cancel for one in shown} == {over.id: False, rejected.id: False}
