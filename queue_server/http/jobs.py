"""Work that is due: how it stands, what has failed, and doing it again."""

from queue_server.application.desk_bodies import Body
from queue_server.application.job_page import Kind, RetryBody
from queue_server.application.views.jobs import JobsView, RetriedView
from queue_server.http.endpoint import Call, Endpoint, Reply
from scheduling_core import errors
from scheduling_core.permissions import Permission

BASE = "/api/jobs"
TAG = "Work"


class JobsQuery(Body, frozen=True, kw_only=True):
    """Whose failures; of all kinds if left out."""

    kind: Kind | None = None


async def show(call: Call[None, JobsQuery]) -> Reply:
    """Return how work stands."""
    return Reply(data=await call.services.job_page.show(call.actor, call.query.kind))


async def retry(call: Call[RetryBody, JobsQuery]) -> Reply:
    """Have work done again."""
    return Reply(data=await call.services.job_page.retry(call.actor, call.body))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=show,
        summary="How the organisation's work stands, by kind, and what has failed",
        tag=TAG,
        answer=JobsView,
        door=Permission.MANAGE_JOBS,
        query=JobsQuery,
        refusals=(errors.Forbidden,),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/retry",
        handler=retry,
        summary="Have work that was given up done again: one job by its key, or all of a kind",
        tag=TAG,
        answer=RetriedView,
        door=Permission.MANAGE_JOBS,
        body=RetryBody,
        refusals=(errors.Forbidden, errors.NotFound),
        example={"kind": "send_message"},
    ),
)
