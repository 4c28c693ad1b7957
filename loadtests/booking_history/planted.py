"""`queue-server` with a fault: it looks whether a slot is free, and later takes it without looking again. The checker
must find it. Only loadtests start it; nothing that is set can bring it about.

    LOADTEST_HOLD_SECONDS=2 python -m loadtests.booking_history.planted serve --port 8080
"""

import asyncio

from loadtests.booking.short_holds import shorten
from queue_server import wiring
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.directory import DoctorEntry
from queue_server.application.slots.places import take
from queue_server.application.slots.stream import SlotStream
from queue_server.application.unit import Unit
from queue_server.cli import main
from queue_server.store.db import Row
from scheduling_core.ids import HoldId
from scheduling_core.live_queue.state import Mode

PAUSE_SECONDS = 0.02
MODULE = "loadtests.booking_history.planted"


class CheckThenAct(SlotBooking):
    """Believes what it saw before it held any lock, and takes its time in between."""

    async def _at_clinic(self, unit: Unit, row: Row) -> DoctorEntry:
        await asyncio.sleep(PAUSE_SECONDS)
        return await super()._at_clinic(unit, row)

    @staticmethod
    async def _take(unit: Unit, seen: Row, mode: Mode, stream: SlotStream, hold: HoldId | None) -> Row:
        return await take(unit.tx, seen, mode, stream, hold=hold) or seen


if __name__ == "__main__":
    shorten()
    vars(wiring)["SlotBooking"] = CheckThenAct
    main()
