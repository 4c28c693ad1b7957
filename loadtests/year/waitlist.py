"""Who waits for a doctor: asked, deferred, put first, given a time, tired of it, forgotten."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from loadtests.year.practice import Colleague, Practice
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.people import add_patient
from queue_server.application.waitlist.model import WAITLIST_MODEL, happen
from queue_server.store import waitlist as store
from scheduling_core.ids import EntryId, HoldId, InviteId, SlotId, TextId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist import decide
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.matching import Freed
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import Entry

Step = Callable[[Entry], list[ev.WaitlistEvent]]
POLICY = WaitlistPolicy()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def wait(at: Practice, one: Colleague) -> None:
    """Let four people wait: one gets a time, one gives up, one waits for too long, one waits on with a time offered."""
    promoted, cancelled, expired, invited = [await _joins(at, one) for _ in range(4)]
    async with at.unit("say") as unit:
        why = await at.reason(unit)
    window = ev.Window(start=at.now + DAY, end=at.now + 9 * DAY, parts_of_day=(PartOfDay.MORNING,))
    await _happens(at, promoted, lambda e: decide.edit(e, ev.Wish(window=window, notes=why), at.now))
    await _happens(at, promoted, lambda e: decide.override(e, ev.Override(position=1, reason=why)))
    await _happens(at, promoted, lambda e: decide.defer(e, at.now + DAY, at.now))
    await _happens(at, promoted, decide.resume)
    await _is_asked(at, one, promoted)
    await _happens(at, promoted, lambda e: decide.unanswered(e, at.now + HOUR))
    await _is_asked(at, one, promoted)
    await _happens(at, promoted, lambda e: decide.promote(e, EntryId(uuid4()), decide.current(e), freed_at=at.now))
    await _gives_up(at, cancelled, why)
    await _happens(at, expired, lambda e: decide.expire(e, e.expires_at))
    await _is_asked(at, one, invited)


async def _joins(at: Practice, one: Colleague) -> WaitlistId:
    entry = WaitlistId(uuid4())
    async with at.unit("join-waitlist") as unit:
        patient = await add_patient(unit.tx, PatientBody(name="Asha Rao"))
        joined = decide.join(entry, at.clinics[0], one.id, patient, ev.Wish(), POLICY, at.now)
        locked = await unit.lock_aggregate(WAITLIST_MODEL, entry)
        locked.add(*joined)
        store.count_in(unit.tx, at.clinics[0], POLICY.max_queue_size * 400, locked.now)
    return entry


async def _is_asked(at: Practice, one: Colleague, entry: WaitlistId) -> None:
    time = Freed(
        slot=SlotId(uuid4()),
        clinic=at.clinics[0],
        doctor=one.id,
        start=at.now + 3 * DAY,
        part_of_day=PartOfDay.MORNING,
        modes=frozenset({Mode.IN_PERSON}),
    )
    invite, hold = InviteId(uuid4()), HoldId(uuid4())
    await _happens(
        at, entry, lambda e: decide.invite(e, invite, hold, time, Mode.IN_PERSON, at.now + HOUR, by_hand=False)
    )


async def _gives_up(at: Practice, entry: WaitlistId, why: TextId) -> None:
    await _happens(at, entry, lambda e: decide.cancel(e, why))


async def _happens(at: Practice, entry: WaitlistId, step: Step) -> None:
    async with at.unit("waitlist") as unit:
        held = await unit.lock_aggregate(WAITLIST_MODEL, entry)
        happen(unit, held, step(held.state))
