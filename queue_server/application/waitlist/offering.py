"""Offering a freed time to somebody who waits: held for them until they have to answer, and nobody else's until then.

The order of locks is that of booking: the stream of the doctor's slots, the slot, the entry.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from queue_server.application.aggregates import read_state
from queue_server.application.booking.keeping import give_up, keep_place
from queue_server.application.slots.places import why_not
from queue_server.application.slots.shown import remaining
from queue_server.application.slots.stream import lock_slots
from queue_server.application.unit import Unit
from queue_server.application.waitlist.model import WAITLIST_MODEL, LockedEntry, happen, lock_entry
from queue_server.store import job_store
from queue_server.store import slots as slot_store
from queue_server.store.db import Row, Transaction
from scheduling_core.booking.holds import Holder
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId, InviteId, SlotId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.events import HolderKind
from scheduling_core.slots.times import PARTS
from scheduling_core.waitlist import decide, matching
from scheduling_core.waitlist.matching import Freed, Unfit
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import Entry

ANSWER_JOB = "waitlist_answer"
BEHIND = timedelta(milliseconds=40)
"""How long after the end of an offer its job is due: after the hold's own, which gives the place free."""

BY_HAND = frozenset({Unfit.DEFERRED, Unfit.EXCLUDED_VISIT_TYPE, Unfit.TOO_SHORT_NOTICE, Unfit.NOT_WANTED})
"""What keeps the list from offering a time, and not staff, who may know better."""


def holder_for(entry: WaitlistId) -> Holder:
    """Return as whom a time is held for somebody who is invited."""
    return Holder(HolderKind.WAITLIST, entry)


def freed_of(row: Row, now: datetime) -> Freed:
    """Return a slot's row as the time that it offers at this moment."""
    left = remaining(row, now)
    free = {Mode.IN_PERSON: left.in_person, Mode.TELE: left.tele}
    return Freed(
        slot=SlotId(row["slot_id"]),
        clinic=ClinicId(row["clinic_id"]),
        doctor=DoctorId(row["doctor_id"]),
        start=row["start"],
        part_of_day=PARTS[row["part_of_day"]],
        modes=frozenset(mode for mode, places in free.items() if places > 0),
    )


async def offer(
    unit: Unit, entry: WaitlistId, slot: UUID, policy: WaitlistPolicy, *, respond_by: datetime | None, by_hand: bool
) -> LockedEntry:
    """Hold a place of the slot for somebody who waits and offer it to them; returns the entry.

    Raises `SlotUnavailable` with why when there is no place, `Conflict` when the time is not for them (staff may offer
    some of those by hand), when another is offered to them just now, or they do not wait; `NotFound`.
    """
    row = await slot_store.slot_to_book(unit.tx, slot)
    if row is None:
        raise NotFound("There is no such slot.", field="slotId")
    stream = await lock_slots(unit.tx, DoctorId(row["doctor_id"]))
    locked = await lock_entry(unit, entry)
    now = max(stream.now, locked.now)
    happen(unit, locked, decide.unanswered(locked.state, now))
    freed = freed_of(row, now)
    _check_fits(locked.state, freed, policy, now, by_hand=by_hand)
    mode = matching.mode_for(locked.state, freed)
    if mode is None:
        raise why_not(row, locked.state.wish.mode or Mode.IN_PERSON, now)
    until = _checked(respond_by, freed, now) if respond_by is not None else matching.respond_by(freed, policy, now)
    hold, _ = await keep_place(unit, stream, row, holder_for(entry), mode, until=until)
    invite = InviteId(uuid4())
    happen(unit, locked, decide.invite(locked.state, invite, hold, freed, mode, until, by_hand=by_hand))
    await job_store.enqueue(unit.tx, ANSWER_JOB, str(invite), {"waitlistId": entry}, until + BEHIND)
    return locked


def _check_fits(entry: Entry, freed: Freed, policy: WaitlistPolicy, now: datetime, *, by_hand: bool) -> None:
    why = matching.unfit(entry, freed, policy, now)
    if why is None or why is Unfit.OTHER_MODE or (by_hand and why in BY_HAND):
        return
    words = {
        Unfit.NOT_WAITING: "This patient does not wait any more.",
        Unfit.INVITED: "Another time is offered to this patient just now.",
        Unfit.OTHER_CLINIC: "This patient waits at another clinic.",
        Unfit.OTHER_DOCTOR: "This patient waits for another doctor.",
        Unfit.OUTSIDE_WINDOW: "This patient cannot come then.",
        Unfit.OTHER_PART_OF_DAY: "This patient cannot come in that part of the day.",
    }
    raise Conflict(words.get(why, "This time is not for this patient."))


def _checked(respond_by: datetime, freed: Freed, now: datetime) -> datetime:
    if not now < respond_by < freed.start:
        raise InvalidValue("The answer is due before the time begins, and not in the past.", field="respondBy")
    return respond_by


async def release(unit: Unit, entry: Entry) -> None:
    """Give up what is held for somebody; nothing, if nothing is. Call it before the entry is locked."""
    if entry.invite is None:
        return
    stream = await lock_slots(unit.tx, entry.invite.doctor)
    held = stream.ledger.holds.get(entry.invite.hold)
    if held is not None and held.is_live(stream.now):
        await give_up(unit, stream, entry.invite.hold, held)


async def note_silence(unit: Unit, entry: WaitlistId) -> None:
    """Let an offer end that nobody has answered in time; nothing while there is time, or when it was answered."""
    seen = await read(unit.tx, entry)
    if seen is None or seen.invite is None:
        return
    await lock_slots(unit.tx, seen.invite.doctor)  # which ends its hold, too
    locked = await lock_entry(unit, entry)
    happen(unit, locked, decide.unanswered(locked.state, locked.now))


async def read(tx: Transaction, entry: WaitlistId) -> Entry | None:
    """Return an entry as it stands, without locking it; None for an unknown one."""
    found = await read_state(tx, WAITLIST_MODEL, entry)
    return found[0] if found is not None else None
