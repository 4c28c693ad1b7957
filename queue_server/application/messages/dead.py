"""Dead letters: messages that no channel has taken, sent once more when what was wrong is mended.

They keep their id, so that a provider that took one after all does not send it twice; and they go to the address that
their reader has now.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.log import MessageView, message_view
from queue_server.application.messages.outbox import job_for
from queue_server.application.messages.reaching import address
from queue_server.application.recorder import Recorder
from queue_server.application.views import View
from queue_server.store import job_store, messages, readers
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.messages import Channel, State
from scheduling_core.errors import Conflict, NotFound
from scheduling_core.permissions import Permission

AT_ONCE = 200
"""As many as one request sends again; the next one takes the rest."""


class ResentView(View, frozen=True, kw_only=True):
    """How many messages are sent again."""

    resent: int
    is_all: bool
    """Whether there are no others."""


class DeadLetters:
    """Sends messages again."""

    def __init__(self, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def resend(self, actor: Actor, message: UUID) -> MessageView:
        """Send a dead message once more and return it as it then is; raises `NotFound` for one out of reach, and
        `Conflict` for one that is not dead, or comes too late by now."""
        actor.require(Permission.SEND_MESSAGES)
        async with self._db.tenant(actor.tenant) as tx:
            row = await _reached(tx, actor, message)
            if State(row["state"]) is not State.DEAD:
                raise Conflict("Only a message that could not be sent is sent again.")
            if not await _revive(tx, [message]):
                raise Conflict("It is too late for this message.")
            shown = message_view(await _reached(tx, actor, message))
            await self._recorder.record(tx, actor, "messages_resent", {"messageIds": [message]})
        return shown

    async def resend_all(self, actor: Actor) -> ResentView:
        """Send the dead messages that the actor may see once more, the oldest first; without those that come too
        late."""
        actor.require(Permission.SEND_MESSAGES)
        async with self._db.tenant(actor.tenant) as tx:
            found = await messages.dead(tx, actor.clinics, AT_ONCE + 1)
            revived = await _revive(tx, found[:AT_ONCE])
            if revived:
                await self._recorder.record(tx, actor, "messages_resent", {"messageIds": revived})
        return ResentView(resent=len(revived), is_all=len(found) <= AT_ONCE)


async def _reached(tx: Transaction, actor: Actor, message: UUID) -> Row:
    row = await messages.one(tx, message)
    if row is None or (actor.clinics and row["clinic_id"] not in actor.clinics):
        raise NotFound("There is no such message.")
    return row


async def _revive(tx: Transaction, wanted: Sequence[UUID]) -> list[UUID]:
    revived = await messages.revive(tx, wanted)
    now = datetime.now(UTC)
    for message in revived:
        row = await messages.one(tx, message)
        assert row is not None, "this transaction holds it"
        await _readdress(tx, row)
        kind, key = job_for(Kind(row["kind"])), str(message)
        # There already, unless it was deleted since.
        await job_store.enqueue(tx, kind, key, {"messageId": key}, now)
        await job_store.enqueue_again(tx, kind, key, now)
    return revived


async def _readdress(tx: Transaction, row: Row) -> None:
    reader = await readers.reader(tx, row["patient_id"]) if row["patient_id"] is not None else None
    if reader is None or reader.id != row["reader_id"]:
        return
    recipient = address(reader, Channel(row["channel"]))
    if recipient is not None and recipient != row["recipient"]:
        await messages.readdress(tx, row["message_id"], recipient)
