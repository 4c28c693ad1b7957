"""What booking and moving have in common: the doctor where the slot is, its place, and the answer."""

from datetime import timedelta

from queue_server.application.directory import Directory, DoctorEntry
from queue_server.application.links import TrackingLinks
from queue_server.application.slots.places import take, why_not
from queue_server.application.slots.shown import public_slot, staff_slot
from queue_server.application.slots.stream import SlotStream
from queue_server.application.slots.views import SlotBookingView
from queue_server.application.unit import LockedQueue, Unit
from queue_server.application.views.tracking import AppointmentView
from queue_server.store import people as people_store
from queue_server.store import slots as store
from queue_server.store.db import Row
from scheduling_core.errors import SlotUnavailable
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role


async def at_clinic(unit: Unit, directory: Directory, slot: Row) -> DoctorEntry:
    """Return the slot's doctor with the facts of its clinic, who may be at home at another; raises `Conflict` unless
    patients can come to them."""
    home = await directory.fresh(unit.tx, DoctorId(slot["doctor_id"]))
    entry = await directory.at(unit.tx, home, ClinicId(slot["clinic_id"]))
    entry.check_works()
    return entry


async def take_place(unit: Unit, seen: Row, mode: Mode, stream: SlotStream, hold: HoldId | None) -> Row:
    """Take a place of the slot, the one that `hold` keeps if given, and return the slot as it then is.

    Raises `SlotUnavailable`, with what there is to say, when there is none.
    """
    taken = await take(unit.tx, seen, mode, stream, hold=hold)
    if taken is not None:
        return taken
    row = await store.slot(unit.tx, seen["slot_id"])
    if row is None:
        raise SlotUnavailable("This time is not offered any more.")
    raise why_not(row, mode, stream.now)


async def booking_view(
    unit: Unit,
    links: TrackingLinks,
    queue: LockedQueue,
    doctor: DoctorEntry,
    slot: Row,
    entry: EntryId,
    *,
    name: str,
    language: str,
    generation: int = 0,
) -> SlotBookingView:
    """Return what is answered to a booking; `name` and `language` are the patient's, `generation` that of the links."""
    facts = queue.state.entries[entry]
    room = doctor.room
    if slot["room_id"] is not None:
        (booked,) = await people_store.behind(unit.tx, [entry])
        room = booked["reserved_room"] or room
    token, url = links.make(unit.actor.tenant, entry, doctor.id, generation=generation, start=facts.start)
    appointment = AppointmentView(
        id=entry,
        ticket=facts.ticket,
        start=facts.start,
        duration_minutes=facts.duration,
        visit_type=facts.visit_type,
        mode=facts.mode,
        status=facts.state,
        clinic=doctor.clinic_view(),
        doctor=doctor.view(),
        room=room,
        greeting=(name.split() or [""])[0],
        language=language,
    )
    is_staff = unit.actor.role not in (None, Role.PATIENT)
    shown = staff_slot(slot, unit.now) if is_staff else public_slot(slot, unit.now)
    return SlotBookingView(appointment=appointment, slot=shown, tracking_token=token, tracking_url=url)


def minutes_of(slot: Row) -> int:
    """Return how long a visit in this slot is, in minutes."""
    lasts: timedelta = slot["end"] - slot["start"]
    return max(1, round(lasts.total_seconds() / 60))
