"""Repeated requests outside of the queue: the first answer is kept and given again.

Desk commands keep theirs in the transaction of the command (`unit.py`). Acts of administration are kept after they
are done: should a server die in between, a repetition meets what is there already – the same slug or address is a
conflict, the same change changes nothing.
"""

import hmac

import msgspec

from queue_server.application.actor import SYSTEM_ID, Actor
from queue_server.application.answers import Answer
from queue_server.settings import Settings
from queue_server.store import idempotency
from queue_server.store.db import Database
from queue_server.store.idempotency import Idempotency, KeptAnswer


class Repetition:
    """Answers kept by the key of a client."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._secret = settings.jwt_keys[0].secret

    async def kept(self, actor: Actor, request: Idempotency) -> Answer | None:
        """Return what the request was answered with before; raises `IdempotencyKeyReused` if it was another one."""
        async with self._db.tenant(actor.tenant) as tx:
            found = await idempotency.kept(tx, actor.account or SYSTEM_ID, self._blinded(request))
        return Answer(found.body, found.version) if found is not None else None

    async def keep(self, actor: Actor, request: Idempotency, answer: Answer) -> None:
        """Keep an answer; the first one stays when two requests with the same key were answered at the same time."""
        who, blinded = actor.account or SYSTEM_ID, self._blinded(request)
        async with self._db.tenant(actor.tenant) as tx:
            if await idempotency.claim(tx, who, blinded) is None:
                await idempotency.keep(tx, who, blinded, KeptAnswer(answer.body, answer.version))

    def _blinded(self, request: Idempotency) -> Idempotency:
        """The digest under a key of ours: these requests may hold passwords, which a bare digest would let guess."""
        return msgspec.structs.replace(request, digest=hmac.digest(self._secret, request.digest, "sha256"))
