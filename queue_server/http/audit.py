"""Who did what, and when."""

from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.audit import AuditEvent
from queue_server.application.desk_bodies import Body, Instant
from queue_server.http.endpoint import Call, Endpoint, Reply
from queue_server.http.lists import Cursor, PageLimit
from scheduling_core.permissions import Permission

TAG = "Audit"


class AuditQuery(Body, frozen=True, kw_only=True):
    """Which events; newest first. Without a start it reaches back a month, or to the beginning of a stream."""

    start: Annotated[Instant | None, msgspec.Meta(description="not before")] = msgspec.field(default=None, name="from")
    end: Annotated[Instant | None, msgspec.Meta(description="before")] = msgspec.field(default=None, name="to")
    actor_id: UUID | None = None
    type: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_.-]{1,64}$(?!\n)")] | None = None
    stream_id: UUID | None = None
    cursor: Cursor | None = None
    limit: PageLimit = 50


async def page(call: Call[None, AuditQuery]) -> Reply:
    """Return a page of events."""
    query = call.query
    found = await call.services.audit.page(
        call.actor,
        start=query.start,
        end=query.end,
        account=query.actor_id,
        type=query.type,
        stream=query.stream_id,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Reply(data=found.items, next_cursor=found.next_cursor)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/audit",
        handler=page,
        summary="Who did what, and when",
        tag=TAG,
        answer=list[AuditEvent],
        query=AuditQuery,
        door=Permission.READ_AUDIT,
        paged=True,
    ),
)
