"""How badly the simulated provider behaves."""

import random

import msgspec


class Modes(msgspec.Struct, frozen=True, kw_only=True):
    """What may go wrong. Shares are of one, each thing is decided by itself; `seed` makes it the same each time."""

    slow_seconds: float = 0.0
    """How long each answer takes."""
    refused: float = 0.0
    """Of messages, to recipients who want none."""
    limited: float = 0.0
    """Of requests, answered with 429 and `retry_after_seconds`."""
    retry_after_seconds: int = 2
    failing: float = 0.0
    """Of requests, answered with 500, before anything is done."""
    nonsense: float = 0.0
    """Of messages that are taken, answered with 200 and something that is no answer."""
    dropped: float = 0.0
    """Of messages that are taken, after which the connection ends in the middle of an answer of 200."""
    repeated: float = 0.0
    """Of requests that come in twice, as if a proxy in between had not waited."""
    seed: int | None = None

    def chances(self) -> random.Random:
        """Return where its chances come from."""
        return random.Random(self.seed)  # noqa: S311 – no secret
