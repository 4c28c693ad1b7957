"""What was sent to whom, through what, and what became of it. Staff of some clinics see what those have sent."""

from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.messages.kinds import Kind
from queue_server.application.paging import Page, after_instant, checked_limit, cursor_of_instant
from queue_server.application.views import View
from queue_server.store import clinics, messages
from queue_server.store.db import Database, Row
from queue_server.store.messages import Channel, LogWanted, State
from scheduling_core.errors import NotFound
from scheduling_core.permissions import Permission


class MessageView(View, frozen=True, kw_only=True):
    """A message, without what it says."""

    id: UUID
    kind: Kind
    channel: Channel
    recipient: str
    """An address or a number; of a push the patient whose browsers it goes to."""
    language: str
    state: State
    attempts: int
    reason: str | None
    """Why it was not sent, or not yet."""
    patient_id: UUID | None
    patient_name: str | None
    clinic_id: UUID | None
    sent_by: UUID | None
    """The account that has written it by hand."""
    created_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages are shown: all of those that the actor may see, where nothing is said."""

    states: tuple[State, ...] = ()
    kinds: tuple[Kind, ...] = ()
    channel: Channel | None = None
    clinic: UUID | None = None
    patient: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class MessageLog:
    """Shows messages."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def page(
        self, actor: Actor, wanted: LogFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[MessageView]:
        """Return a page of messages, the newest first; raises `NotFound` for a clinic out of reach, `InvalidValue` for
        a limit or cursor that makes no sense."""
        actor.require(Permission.READ_MESSAGES)
        size, before = checked_limit(limit), after_instant(cursor)
        asked = LogWanted(
            clinics=_clinics(actor, wanted.clinic),
            states=wanted.states or None,
            kinds=wanted.kinds or None,
            channel=wanted.channel,
            patient=wanted.patient,
            since=wanted.since,
            until=wanted.until,
            before=before,
        )
        async with self._db.tenant(actor.tenant) as tx:
            if wanted.clinic is not None and await clinics.clinic(tx, wanted.clinic) is None:
                raise NotFound("There is no such clinic.", field="clinicId")
            rows = await messages.log(tx, asked, size + 1)
        shown = [message_view(row) for row in rows[:size]]
        last = shown[-1] if len(rows) > size else None
        return Page(shown, cursor_of_instant(last.created_at, last.id) if last is not None else None)

    async def dead(self, actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[MessageView]:
        """Return a page of messages that no channel has taken, each with the reason of the last; raises as `page`
        does."""
        return await self.page(actor, LogFilter(states=(State.DEAD,)), cursor=cursor, limit=limit)


def message_view(row: Row) -> MessageView:
    """Return a row of the log as it is shown."""
    return MessageView(
        id=row["message_id"],
        kind=Kind(row["kind"]),
        channel=Channel(row["channel"]),
        recipient=row["recipient"],
        language=row["language"],
        state=State(row["state"]),
        attempts=row["attempts"],
        reason=row["last_error"],
        patient_id=row["patient_id"],
        patient_name=row["patient_name"],
        clinic_id=row["clinic_id"],
        sent_by=row["sent_by"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        expires_at=row["expires_at"],
    )


def _clinics(actor: Actor, clinic: UUID | None) -> tuple[UUID, ...]:
    if clinic is None:
        return actor.clinics
    if actor.clinics and clinic not in actor.clinics:
        raise NotFound("There is no such clinic.", field="clinicId")
    return (clinic,)
