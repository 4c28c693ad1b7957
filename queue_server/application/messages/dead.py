"""Dead letters: messages that no channel has taken, sent once more when what was wrong is mended.

They keep their id, so that a provider that took one after all does not send it twice; and they go to the address that
their reader has now.
"""

from collections.abc import Sequence
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.log import MessageView, message_view
from queue_server.application.messages.outbox import job_for
from queue_server.application.recorder import Recorder
from queue_server.application.views import View
from queue_server.store import job_store, messages
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.job_store import NewJob
from queue_server.store.messages import State
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
    """Queue dead messages again and return which. Where they go now is looked up when they go (`standing`)."""
    revived = await messages.revive(tx, wanted)
    jobs = [NewJob(kind=job_for(Kind(kind)), key=str(id), payload={"messageId": id}) for id, kind in revived.items()]
    # There already, unless they were deleted since.
    await job_store.enqueue_all(tx, jobs)
    await job_store.enqueue_again(tx, jobs)
    return list(revived)
