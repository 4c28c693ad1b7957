"""What a change of a calendar would do to slots and patients, without doing it."""

from datetime import date

from queue_server.application.schedules.views import SlotPreview
from queue_server.store.db import Transaction
from scheduling_core.calendar.sources import Sources
from scheduling_core.ids import DoctorId


async def preview(tx: Transaction, doctor: DoctorId, sources: Sources, first: date, last: date) -> SlotPreview:
    """Return what `regenerate` with the same arguments would do; nothing is written.

    Patients are those whose appointment is open now and would not be any more, with another time for each.
    """
    raise NotImplementedError
