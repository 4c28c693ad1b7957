"""How the server is: health, metrics, and the documents that describe it."""

from typing import Annotated, Any, Literal

import msgspec

from queue_server.application.views import View
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.metrics import MEDIA
from scheduling_core.errors import Unavailable
from scheduling_core.permissions import Permission

TAG = "Server"
RETRY_SECONDS = 2


class Health(View, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["ok"]


class Readiness(View, frozen=True, kw_only=True):
    """The server can do its work; `degraded` when it does it without what only makes it faster."""

    status: Literal["ready", "degraded"]
    database: Literal["ok"]
    redis: Annotated[Literal["ok", "away", "not configured"], msgspec.Meta(description="never needed")]


async def health(_call: Call[None, Nothing]) -> Reply:
    """Say that the process answers: nothing else is asked, so that a database away does not restart servers."""
    return Reply(data=Health(status="ok"))


async def ready(call: Call[None, Nothing]) -> Reply:
    """Say whether requests should be sent here; raises `Unavailable` when they should not."""
    services = call.services
    if services.is_draining:
        raise Unavailable("This server is about to stop.", retry_after=RETRY_SECONDS)
    database = await services.db.check()
    if not database["migrated"]:
        raise Unavailable("The database has no schema yet: run `queue-server migrate`.", retry_after=RETRY_SECONDS)
    if not database["safe"]:
        raise Unavailable("The database login could get around the separation of tenants.", retry_after=RETRY_SECONDS)
    if services.settings.redis_url is None:
        redis: Literal["ok", "away", "not configured"] = "not configured"
    else:
        redis = "ok" if services.broker.is_connected else "away"
    return Reply(
        data=Readiness(status="degraded" if redis == "away" else "ready", database="ok", redis=redis),
    )


async def metrics(call: Call[None, Nothing]) -> Reply:
    """Return what Prometheus scrapes."""
    await call.services.work_depths.refresh()
    return Reply(encoded=call.services.metrics.page())


async def socket_stats(call: Call[None, Nothing]) -> Reply:
    """Return how many are connected and what passes."""
    return Reply(data=call.services.socket_stats())


async def asyncapi(call: Call[None, Nothing]) -> Reply:
    """Return the document that describes the sockets."""
    return Reply(encoded=call.services.asyncapi())


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/health",
        handler=health,
        summary="Whether the process answers",
        tag=TAG,
        answer=Health,
        tenant_header=False,
    ),
    Endpoint(
        method="GET",
        path="/health/ready",
        handler=ready,
        summary="Whether requests should be sent here",
        tag=TAG,
        answer=Readiness,
        tenant_header=False,
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        handler=metrics,
        summary="Figures for Prometheus",
        tag=TAG,
        answer=str,
        media=MEDIA,
        bare=True,
        tenant_header=False,
    ),
    Endpoint(
        method="GET",
        path="/api/appointments/websocket/stats",
        handler=socket_stats,
        summary="Who is connected and what passes",
        tag=TAG,
        answer=dict[str, Any],
        door=Permission.READ_SOCKET_STATS,
    ),
    Endpoint(
        method="GET",
        path="/asyncapi.json",
        handler=asyncapi,
        summary="The sockets, described",
        tag=TAG,
        answer=dict[str, Any],
        bare=True,
        tenant_header=False,
    ),
)
