"""Leave of doctors: requests, decisions, and the appointments they hit."""

from uuid import UUID

from queue_server.application.schedules.bodies import Approval, Decision, DryRunQuery, LeaveFilter, NewLeave
from queue_server.application.schedules.views import AffectedPatient, LeaveView
from queue_server.http.answers import changed, made, tried_or_made
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import LongPageQuery, PageQuery
from scheduling_core import errors
from scheduling_core.calendar.sources import LeaveStatus
from scheduling_core.permissions import Permission

BASE = "/api/leave-requests"
ONE = f"{BASE}/{{leaveId}}"
TAG = "Leave"
EXAMPLE = {"reason": "Enjoy it"}


class LeaveQuery(PageQuery, frozen=True, kw_only=True):
    """Which leave, the newest request first."""

    status: LeaveStatus | None = None
    doctor_id: UUID | None = None
    department_id: UUID | None = None


async def page(call: Call[None, LeaveQuery]) -> Reply:
    """Return a page of requests."""
    query = call.query
    wanted = LeaveFilter(status=query.status, doctor=query.doctor_id, department=query.department_id)
    found = await call.services.leave.list(call.actor, wanted, limit=query.limit, cursor=query.cursor)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def request(call: Call[NewLeave, DryRunQuery]) -> Reply:
    """Ask for leave."""
    leave, dry_run = call.services.leave, call.query.dry_run
    answer = await leave.request(call.actor, call.body, call.precondition, dry_run=dry_run)
    return tried_or_made(answer, dry_run=True) if dry_run else made(answer, BASE)


async def get(call: Call[None, Nothing]) -> Reply:
    """Return a request."""
    found = await call.services.leave.get(call.actor, call.id("leaveId"))
    return Reply(data=found, version=found.version)


async def impact(call: Call[None, LongPageQuery]) -> Reply:
    """Return a page of whom leave hits."""
    leave, query = call.services.leave, call.query
    found = await leave.impact(call.actor, call.id("leaveId"), limit=query.limit, cursor=query.cursor)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def approve(call: Call[Approval, DryRunQuery]) -> Reply:
    """Approve leave."""
    leave, id = call.services.leave, call.id("leaveId")
    return changed(await leave.approve(call.actor, id, call.body, call.precondition, dry_run=call.query.dry_run))


async def reject(call: Call[Decision, DryRunQuery]) -> Reply:
    """Reject leave."""
    leave, id = call.services.leave, call.id("leaveId")
    return changed(await leave.reject(call.actor, id, call.body, call.precondition, dry_run=call.query.dry_run))


async def cancel(call: Call[Decision, DryRunQuery]) -> Reply:
    """Cancel leave."""
    leave, id = call.services.leave, call.id("leaveId")
    return changed(await leave.cancel(call.actor, id, call.body, call.precondition, dry_run=call.query.dry_run))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="Leave that the account may see: heads their departments', doctors their own",
        tag=TAG,
        answer=list[LeaveView],
        door=Permission.REQUEST_LEAVE,
        query=LeaveQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=request,
        summary="Ask for leave: doctors for their own, others on a doctor's behalf",
        tag=TAG,
        answer=LeaveView,
        door=Permission.REQUEST_LEAVE,
        body=NewLeave,
        query=DryRunQuery,
        status=201,
        keeps=False,
        refusals=(errors.Conflict, errors.OverlappingLeave),
        example={"type": "annual", "first": "2026-12-21", "last": "2026-12-31", "reason": "Family"},
        description="Whole days, or with `start` and `end` part of a single one, by the clock of each clinic.",
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A request for leave",
        tag=TAG,
        answer=LeaveView,
        door=Permission.REQUEST_LEAVE,
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/impact",
        handler=impact,
        summary="The patients whose appointments lie in the leave, each with the nearest other time",
        tag=TAG,
        answer=list[AffectedPatient],
        door=Permission.REQUEST_LEAVE,
        query=LongPageQuery,
        paged=True,
        description="By their start. No place is suggested twice on a page.",
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/approve",
        handler=approve,
        summary="Approve leave, never one's own: its slots go, appointments in it become work for reception",
        tag=TAG,
        answer=LeaveView,
        door=Permission.DECIDE_LEAVE,
        body=Approval,
        query=DryRunQuery,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict, errors.MorePatientsHit, errors.OwnLeave),
        example=EXAMPLE,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/reject",
        handler=reject,
        summary="Reject leave, never one's own",
        tag=TAG,
        answer=LeaveView,
        door=Permission.DECIDE_LEAVE,
        body=Decision,
        query=DryRunQuery,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict, errors.OwnLeave),
        example={"reason": "Two colleagues are away already"},
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/cancel",
        handler=cancel,
        summary="Cancel leave; what an approval had closed is open again",
        description="A request that waits: the doctor, whoever asked and who decides. Approved leave: the doctor until"
        " it begins, and who decides on it until it is over. `mayCancel` of the request says whether the caller may.",
        tag=TAG,
        answer=LeaveView,
        door=Permission.REQUEST_LEAVE,
        body=Decision,
        query=DryRunQuery,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"reason": "Plans have changed"},
    ),
)
