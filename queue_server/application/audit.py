"""Who did what, and when: pages of events for those who may read them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.paging import Page, after_instant, checked_limit, cursor_of_instant
from queue_server.application.views import View
from queue_server.store import audit as store
from queue_server.store.db import Database, Row
from scheduling_core.errors import InvalidValue
from scheduling_core.permissions import Permission, Role

DEFAULT_RANGE = timedelta(days=31)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TYPE = re.compile(r"[a-z_]{1,64}")


class AuditActor(View, frozen=True, kw_only=True):
    """Who acted. The name is today's, None for an account that is gone."""

    id: UUID
    name: str | None
    role: Role | None


class AuditEvent(View, frozen=True, kw_only=True):
    """One event. `actor` is None when the system acted; `data` holds ids, enums, numbers and instants only."""

    id: UUID
    occurred_at: datetime
    type: str
    command: str
    actor: AuditActor | None
    stream_id: UUID
    version: int
    request_id: str | None
    data: dict[str, Any]


class Audit:
    """Reads of the event store for people who look into what happened."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def page(
        self,
        actor: Actor,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        account: UUID | None = None,
        type: str | None = None,
        stream: UUID | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AuditEvent]:
        """Return events from `start` until before `end`, newest first, of one account, type or stream if given.

        Without `start` it reaches back 31 days, or to the beginning when a stream is named. An account limited to
        clinics sees their queues' events only. Raises `Forbidden`, and `InvalidValue` for what makes no sense.
        """
        actor.require(Permission.READ_AUDIT)
        until = end or datetime.now(UTC) + timedelta(minutes=5)
        since = start or (_EPOCH if stream is not None else until - DEFAULT_RANGE)
        for field, instant in (("from", since), ("to", until)):
            if instant.tzinfo is None:
                raise InvalidValue("Give the moment with its offset.", field=field)
        if since > until:
            raise InvalidValue("This is later than the end of the range.", field="from")
        wanted = store.Filter(
            start=since, end=until, actor=account, type=type, stream=stream, clinics=list(actor.clinics)
        )
        if type is not None and not _TYPE.fullmatch(type):
            raise InvalidValue("Types are written like entry_called.", field="type")
        checked_limit(limit)
        async with self._db.tenant(actor.tenant) as tx:
            # One more than asked for tells whether there is a next page.
            rows = await store.page(tx, wanted, after_instant(cursor), limit + 1)
        items = [_event(row) for row in rows[:limit]]
        return Page(items, cursor_of_instant(items[-1].occurred_at, items[-1].id) if len(rows) > limit else None)


def _event(row: Row) -> AuditEvent:
    acted = row["actor_id"]
    role = row["actor_role"]
    return AuditEvent(
        id=row["event_id"],
        occurred_at=row["occurred_at"],
        type=row["type"],
        command=row["command"],
        actor=AuditActor(id=acted, name=row["actor_name"], role=Role(role) if role else None) if acted else None,
        stream_id=row["stream_id"],
        version=row["version"],
        request_id=row["request_id"],
        data={k: v for k, v in msgspec.json.decode(row["data"]).items() if k != "type"},
    )
