"""What a doctor's tickets begin with at their home clinic."""

from collections.abc import Iterator
from itertools import product

from queue_server.store import doctors as store
from queue_server.store.db import Transaction
from scheduling_core.errors import Conflict
from scheduling_core.ids import ClinicId, DoctorId

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What tickets begin with when nobody has chosen: without I and O, which read like digits."""


async def choose_prefix(tx: Transaction, clinic: ClinicId, doctor: DoctorId, *, wanted: str | None, name: str) -> str:
    """Return what tickets are to begin with; nobody else chooses for this clinic until the commit.

    Without `wanted` it is the first free letter, that of the name if it is free, and two letters where all are taken.
    Raises `Conflict` when `wanted` is another doctor's.
    """
    await store.hold_tickets(tx, clinic)
    taken = await store.ticket_prefixes(tx, clinic, but=doctor)
    if wanted is None:
        return next(letters for letters in _candidates(name) if letters not in taken)
    if wanted in taken:
        raise Conflict("Another doctor of this clinic has these ticket letters.", field="ticketPrefix")
    return wanted


def _candidates(name: str) -> Iterator[str]:
    """More than a clinic can have doctors: one, two and three letters."""
    words = name.split()
    own = words[-1][0].upper() if words else ""  # an erased name is empty
    if own in set(LETTERS):  # a set, for some letters are two in capitals, and those two may be neighbours
        yield own
    for length in (1, 2, 3):
        yield from ("".join(letters) for letters in product(LETTERS, repeat=length))
