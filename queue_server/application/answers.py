"""What a command is answered with, and the conditions a client may attach to it."""

import msgspec

from queue_server.store.idempotency import Idempotency
from scheduling_core.errors import StaleVersion


class Precondition(msgspec.Struct, frozen=True):
    """What must hold for a command to be done: the version the client saw, a key it has not used before."""

    if_match: int | None = None
    idempotency: Idempotency | None = None


NONE = Precondition()


def check_version(seen: int | None, version: int, what: str, *, refusal: type[StaleVersion] = StaleVersion) -> None:
    """Raise `refusal` when the client saw another version of `what` ("The room") than there is now; who has seen none
    takes it as it is."""
    if seen is not None and seen != version:
        raise refusal(f"{what} has changed since you looked: you saw version {seen}, it is at {version}.")


class Answer(msgspec.Struct, frozen=True):
    """The JSON of an answer's `data`, and the version of the queue it shows."""

    body: bytes
    version: int | None = None
    result: object = None
    """What the body says, for who has use for it in this process; None where a kept answer is given again."""
