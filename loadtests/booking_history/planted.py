"""`queue-server` with a fault: it looks whether a slot is free, and later takes it without looking again. The checker
must find it. Only loadtests start it; nothing that is set can bring it about.

    LOADTEST_HOLD_SECONDS=2 python -m loadtests.booking_history.planted serve --port 8080
"""

import asyncio

from loadtests.booking.short_holds import shorten
from queue_server.application.booking import visits
from queue_server.application.booking.placing import at_clinic
from queue_server.application.directory import Directory, DoctorEntry
from queue_server.application.slots.places import take
from queue_server.application.slots.stream import SlotStream
from queue_server.application.unit import Unit
from queue_server.cli import main
from queue_server.store.db import Row
from scheduling_core.ids import HoldId
from scheduling_core.live_queue.state import Mode

PAUSE_SECONDS = 0.02
MODULE = "loadtests.booking_history.planted"


async def after_a_while(unit: Unit, directory: Directory, slot: Row) -> DoctorEntry:
    """Do what is done between the look and the lock, and take some time for it."""
    await asyncio.sleep(PAUSE_SECONDS)
    return await at_clinic(unit, directory, slot)


async def act(unit: Unit, seen: Row, mode: Mode, stream: SlotStream, hold: HoldId | None) -> Row:
    """Take a place, or believe what was seen before there was any lock."""
    return await take(unit.tx, seen, mode, stream, hold=hold) or seen


def plant() -> None:
    """Put the fault into booking of this process."""
    parts = vars(visits)
    assert parts.keys() >= {"at_clinic", "take_place"}, "booking is made of other parts now"
    parts.update(at_clinic=after_a_while, take_place=act)


if __name__ == "__main__":
    shorten()
    plant()
    main()
