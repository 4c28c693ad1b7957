"""Giving a time to somebody who waits: the visit is made and the entry closed, in one transaction."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from queue_server.application.booking.patients import Booked
from queue_server.application.booking.visits import Made, Visits, Wanted
from queue_server.application.unit import Unit
from queue_server.application.waitlist.model import happen, lock_entry
from queue_server.application.waitlist.offering import freed_of, holder_for, read, release
from queue_server.store import patients
from queue_server.store import slots as slot_store
from queue_server.store.db import Row
from scheduling_core.errors import Conflict, HoldExpired, NotFound, SlotUnavailable
from scheduling_core.ids import PatientId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.waitlist import decide, matching
from scheduling_core.waitlist.state import Entry


async def give(unit: Unit, visits: Visits, entry: WaitlistId, slot: UUID) -> Made:
    """Book a slot for somebody who waits, without asking; raises as `give_seen` does, `NotFound` for unknown ones."""
    seen, row = await read(unit.tx, entry), await slot_store.slot_to_book(unit.tx, slot)
    if seen is None or row is None:
        raise NotFound("There is no such entry." if seen is None else "There is no such slot.")
    return await give_seen(unit, visits, seen, row)


async def give_seen(unit: Unit, visits: Visits, seen: Entry, slot: Row, mode: Mode | None = None) -> Made:
    """Book a slot for somebody who waits and close their entry; what was offered to them is that time, or ends.

    Raises `Conflict` when they do not wait (any more), or something else was offered to them meanwhile, and what
    `Visits.make` does.
    """
    decide.check_waits(seen)
    offered = seen.invite if seen.invite is not None and seen.invite.slot == slot["slot_id"] else None
    how = mode or (offered.mode if offered is not None else matching.mode_for(seen, freed_of(slot, slot["now"])))
    how = how or Mode.IN_PERSON
    uses = offered if offered is not None and offered.is_live(slot["now"]) and offered.mode is how else None
    wanted = Wanted(
        mode=how,
        visit_type=seen.wish.visit_type,
        holder=holder_for(seen.id) if uses is not None else None,
        hold=uses.hold if uses is not None else None,
    )
    try:
        made = await visits.make(unit, slot, wanted, patient_of(seen))
    except (SlotUnavailable, HoldExpired, NotFound):
        # Whoever promoted them first may have taken the very time.
        if (latest := await read(unit.tx, seen.id)) is not None:
            decide.check_waits(latest)
        raise
    if uses is None:
        await release(unit, seen)
    locked = await lock_entry(unit, seen.id)
    if locked.state.invite != seen.invite:
        raise Conflict("What is offered to this patient has just changed. Look again.")
    used = uses.id if uses is not None else None
    happen(unit, locked, decide.promote(locked.state, made.entry, used, freed_at=slot["freed_at"]))
    return made


def patient_of(entry: Entry) -> Callable[[Unit], Awaitable[Booked]]:
    """Return what says, when a place is theirs, for whom it is; raises `NotFound` for who was erased meanwhile."""

    async def whose(unit: Unit) -> Booked:
        known = await patients.lock(unit.tx, entry.patient)
        if known is None:
            raise NotFound("There is no such patient.")
        return Booked(id=PatientId(known.id), name=known.name, language=known.language)

    return whose
