"""What a command is answered with, and the conditions a client may attach to it."""

import msgspec

from queue_server.store.idempotency import Idempotency


class Precondition(msgspec.Struct, frozen=True):
    """What must hold for a command to be done: the version the client saw, a key it has not used before."""

    if_match: int | None = None
    idempotency: Idempotency | None = None


NONE = Precondition()


class Answer(msgspec.Struct, frozen=True):
    """The JSON of an answer's `data`, and the version of the queue it shows."""

    body: bytes
    version: int | None = None
