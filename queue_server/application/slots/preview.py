"""What a change of a calendar would do to slots and patients, without doing it."""

from datetime import date

from queue_server.application.aggregates import read_state
from queue_server.application.schedules.suggestions import Displaced, suggest
from queue_server.application.schedules.views import AffectedPatient, SlotPreview
from queue_server.application.slots.outlook import look, narrowed
from queue_server.application.slots.stream import SLOTS_MODEL
from queue_server.store import slots as store
from queue_server.store.db import Transaction
from scheduling_core.calendar.sources import Sources
from scheduling_core.ids import DoctorId

_NOTHING = SlotPreview(slots_added=0, slots_removed=0, slots_kept=0, patients_affected=())


async def preview(tx: Transaction, doctor: DoctorId, sources: Sources, first: date, last: date) -> SlotPreview:
    """Return what `regenerate` with the same arguments would do; nothing is written.

    Patients are those whose appointment is open now and would not be any more, with another time for each.
    """
    horizon = await store.horizon(tx)
    known = await read_state(tx, SLOTS_MODEL, doctor)
    span = narrowed(first, last, horizon, known[0].generated_until if known is not None else None)
    if span is None:
        return _NOTHING
    outlook = await look(tx, doctor, sources, *span, horizon.now)
    hit = [one for one in outlook.to_come if one.cause is None and one.booked.id in outlook.closed]
    displaced = [
        Displaced(
            appointment=one.booked.id,
            doctor=doctor,
            clinic=one.booked.clinic,
            start=one.booked.start,
            mode=one.mode,
        )
        for one in hit
    ]
    gone = {slot.id for slot in (*outlook.diff.removed, *outlook.diff.withdrawn)}
    others = await suggest(tx, displaced, now=horizon.now, gone=gone) if displaced else {}
    names = await store.names_of_patients(tx, [one.patient for one in hit]) if hit else {}
    return SlotPreview(
        slots_added=len(outlook.diff.added),
        slots_removed=len(outlook.diff.removed),
        slots_kept=outlook.diff.kept,
        patients_affected=tuple(
            AffectedPatient(
                appointment_id=one.booked.id,
                patient_name=names.get(one.patient, ""),
                start=one.booked.start,
                doctor_id=doctor,
                clinic_id=one.booked.clinic,
                suggestion=others.get(one.booked.id),
            )
            for one in hit
        ),
    )
