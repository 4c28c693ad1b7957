"""Repeated requests outside of the queue: the first answer is kept and given again.

Desk commands keep theirs in the transaction of the command (`unit.py`). An act of administration claims its key first,
in a transaction of its own; who comes with the same key meanwhile waits for the answer, without a connection. Should a
server die in between, the claim is taken over after a while, and the act meets what is there already – the same slug or
address is a conflict, the same change changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer
from queue_server.settings import Settings
from queue_server.store import idempotency
from queue_server.store.db import Database
from queue_server.store.idempotency import PENDING, Idempotency, KeptAnswer
from scheduling_core.errors import Unavailable

LOOK_SECONDS = 0.05
LONGEST_WAIT = 10.0
TAKEOVER = timedelta(seconds=30)
"""Longer than any request takes: passwords are hashed in a second, statements end after fifteen."""


class Repetition:
    """Answers kept by the key of a client."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._secret = settings.jwt_keys[0].secret

    async def once(self, actor: Actor, request: Idempotency, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer of `work`, done once for each key, or the one that was given before.

        A refusal is not kept: the request may be sent again. Raises `IdempotencyKeyReused` if the key came with
        another request, `Unavailable` when whoever is at it takes too long.
        """
        who, keyed = actor.key, idempotency.keyed(request, self._secret)
        until = monotonic() + LONGEST_WAIT
        while True:
            async with self._db.tenant(actor.tenant) as tx:
                found = await idempotency.claim_ahead(tx, who, keyed, TAKEOVER)
            if found is None:
                break
            if found.body != PENDING:
                return Answer(found.body, found.version)
            if monotonic() > until:
                raise Unavailable("The same request is still being answered; try again.", retry_after=1)
            await asyncio.sleep(LOOK_SECONDS)
        try:
            answer = await work()
        except BaseException:
            async with self._db.tenant(actor.tenant) as tx:
                await idempotency.release(tx, who, keyed)
            raise
        async with self._db.tenant(actor.tenant) as tx:
            await idempotency.keep(tx, who, keyed, KeptAnswer(answer.body, answer.version))
        return answer
