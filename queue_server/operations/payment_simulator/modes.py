"""How badly the simulated provider behaves."""

import random

import msgspec


class Modes(msgspec.Struct, frozen=True, kw_only=True):
    """What may go wrong. Shares are of one, each thing is decided by itself; `seed` makes it the same each time."""

    late_seconds: float = 0.0
    """Each sending of a notice waits up to so long, so that they also overtake each other."""
    copies: int = 1
    """How often each notice is sent."""
    forged: float = 0.0
    """Of notices, before which one comes that somebody else has signed."""
    lying: float = 0.0
    """Of notices, before which one comes that is signed, but names another amount or currency."""
    lost_answers: float = 0.0
    """Of requests that are done, but answered as if they were not."""
    seed: int | None = None

    def chances(self) -> random.Random:
        """Return where its chances come from."""
        return random.Random(self.seed)  # noqa: S311 – no secret
