"""A tenant's work that is due, for its administrators: how it stands, what has failed, and doing it again."""

from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.desk_bodies import Body
from queue_server.application.messages.outbox import SEND_JOB, URGENT_SEND_JOB
from queue_server.application.recorder import Recorder
from queue_server.application.views.jobs import JobFailureView, JobKindView, JobsView, RetriedView
from queue_server.store import job_page as store
from queue_server.store import messages
from queue_server.store.db import Database
from scheduling_core.errors import Forbidden, NotFound
from scheduling_core.permissions import Permission

MOST_FAILURES = 100
MOST_RETRIED = 1_000

Kind = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,64}$(?!\n)")]


class RetryBody(Body, frozen=True, kw_only=True):
    """Which jobs that were given up are done again: one by its key, or all of a kind (a thousand at a time)."""

    kind: Kind
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None


class JobPage:
    """Shows work and has it done again."""

    def __init__(self, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def show(self, actor: Actor, kind: str | None = None) -> JobsView:
        """Return how the tenant's work stands, and the failures of one kind or of all."""
        _check(actor)
        async with self._db.tenant(actor.tenant) as tx:
            kinds = await store.kinds(tx)
            failures = await store.failures(tx, kind, MOST_FAILURES)
        return JobsView(
            kinds=tuple(JobKindView(**dict(row)) for row in kinds),
            failures=tuple(JobFailureView(**dict(row)) for row in failures),
        )

    async def retry(self, actor: Actor, body: RetryBody) -> RetriedView:
        """Have jobs that were given up done again and return how many; raises `NotFound` for a key that names none."""
        _check(actor)
        async with self._db.tenant(actor.tenant) as tx:
            keys = await store.retry_dead(tx, body.kind, body.key, MOST_RETRIED)
            if body.kind in (SEND_JOB, URGENT_SEND_JOB):
                # Their messages were given up with them, and would stay so.
                await messages.revive(tx, [UUID(key) for key in keys])
            retried = len(keys)
            if not retried and body.key is not None:
                raise NotFound("No such job was given up.", field="key")
            if retried:
                said = {"jobKind": body.kind, "count": retried}
                await self._recorder.record(tx, actor, "jobs_retried", said)
        return RetriedView(retried=retried)


def _check(actor: Actor) -> None:
    """Raise `Forbidden` for who may not: work belongs to the organisation, not to one of its clinics."""
    actor.require(Permission.MANAGE_JOBS)
    if actor.clinics:
        raise Forbidden("Only an administrator of all clinics sees the organisation's work.")
