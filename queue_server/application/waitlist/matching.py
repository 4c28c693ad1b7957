"""The closed loop: whenever a place is free, the list offers it to whoever it is for, until somebody has it.

What frees a place (a cancellation, an offer that came to nothing, new slots) leaves a job in its own transaction; the
job offers as many times as there are people for them, each in a transaction of its own, so that one that is gone
meanwhile keeps nobody from the next. What becomes of an offer frees the place again, or takes it: the loop goes on.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import structlog

from queue_server.application.actor import system
from queue_server.application.aggregates import read_states
from queue_server.application.booking.visits import Visits
from queue_server.application.unit import Unit, WritePath
from queue_server.application.waitlist.giving import give
from queue_server.application.waitlist.model import WAITLIST_MODEL, happen, lock_entry
from queue_server.application.waitlist.offering import freed_of, note_silence, offer
from queue_server.application.waitlist.views import standing_of
from queue_server.store import job_store, schedules, waitlist_days
from queue_server.store import waitlist as store
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from queue_server.store.waitlist import Ranked
from scheduling_core.errors import CapacityReached, Conflict, NotFound, OtherTimeZone, ResourceTaken, SlotUnavailable
from scheduling_core.ids import ClinicId, DoctorId, PatientId, TenantId, WaitlistId
from scheduling_core.waitlist import decide
from scheduling_core.waitlist.choice import Allotment, Candidate, allot
from scheduling_core.waitlist.matching import Freed
from scheduling_core.waitlist.policy import WaitlistPolicy

log = structlog.stdlib.get_logger(__name__)

MATCH_JOB = store.MATCH_JOB
EXPIRE_EVERY = timedelta(hours=1)
MOST_SLOTS, MOST_CANDIDATES, MOST_OFFERS = 200, 500, 50
"""Of one run; what is left over comes with the next one."""
MOST_PAGES = 40
"""How often so many candidates are looked at for times that are for none of those before them: to the end of a list."""
AGAIN = timedelta(seconds=1)
MOST_LOOKS = 5
"""How often a run looks again because somebody could not be asked after all."""
OF_THE_TIME = (SlotUnavailable, CapacityReached, OtherTimeZone, ResourceTaken)
"""What keeps a time from whoever it may be for; anything else keeps it from the one who was chosen."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A time, and who is to have it."""

    freed: Freed
    entry: WaitlistId
    policy: WaitlistPolicy
    is_given: bool
    """It begins so soon that it is booked without asking, as they have agreed to."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run offers, and when the next one is worth its while."""

    offers: tuple[Offer, ...]
    again_at: datetime | None = None


class Matching:
    """Offers freed times."""

    def __init__(self, db: Database, writes: WritePath, visits: Visits) -> None:
        self._db = db
        self._writes = writes
        self._visits = visits

    async def run(self, job: Job) -> None:
        """Offer what is free of a doctor to who waits for it, and finish the job with all others like it.

        Who cannot be asked after all, or what cannot be offered, is passed over, and the next one is asked at once.
        """
        doctor = DoctorId(UUID(job.payload["doctorId"]))
        passed: set[UUID] = set()
        done, plan = [job.key], Plan(offers=())
        for look in range(MOST_LOOKS):
            async with self._db.tenant(job.tenant) as tx:
                if not await job_store.fence(tx, job):
                    return
                now = await store.clock(tx)
                if look == 0:
                    # Before anything else is read: whatever is left to do by who commits later is not done by this run.
                    done += await job_store.overtaken(tx, MATCH_JOB, "doctorId", doctor, max(now, job.due_at))
                plan = await _plan(tx, doctor, now, passed)
            failed = [gone for one in plan.offers if (gone := await self._offer(job.tenant, one)) is not None]
            if not failed:
                break
            passed.update(failed)
        async with self._db.tenant(job.tenant) as tx:
            await job_store.finish_all(tx, MATCH_JOB, done)
            if plan.again_at is not None:
                key = f"{doctor}:{plan.again_at.timestamp()}"
                await job_store.enqueue(tx, MATCH_JOB, key, {"doctorId": doctor}, plan.again_at)

    async def answer_is_due(self, job: Job) -> None:
        """Let an offer end that was not answered in time, and the job with it."""

        async def work(unit: Unit) -> bool:
            await note_silence(unit, WaitlistId(UUID(job.payload["waitlistId"])))
            return True

        await self._writes.run_job(job, "end-unanswered-invite", work)

    async def expire(self, job: Job) -> None:
        """Let everybody go who has waited for as long as the clinic keeps anybody, and put right how many are counted
        as waiting, should that ever be wrong; again in an hour.

        Free times are looked at again by then, too: who has joined since, or whom another policy lets have them, is
        offered them although nobody has given anything back."""
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return
            over = await store.overdue_entries(tx, MOST_CANDIDATES)
            wrong = await waitlist_days.recount(tx)
            is_done = len(over) < MOST_CANDIDATES
            if is_done:
                await store.enqueue_matches(tx, f"hourly:{job.due_at.timestamp()}")
            await job_store.rearm(tx, job, EXPIRE_EVERY if is_done else AGAIN)
        if wrong:
            log.warning("waitlist_recounted", count=len(wrong))
        for entry in over:
            await self._writes.run(system(job.tenant), "expire-waitlist-entry", partial(_expire, entry))

    async def _offer(self, tenant: TenantId, one: Offer) -> UUID | None:
        """Make an offer; returns None, or who or what is to be passed over because it could not be made."""

        async def work(unit: Unit) -> tuple[object, int | None]:
            if one.is_given:
                await give(unit, self._visits, one.entry, one.freed.slot)
            else:
                await offer(unit, one.entry, one.freed.slot, one.policy, respond_by=None, by_hand=False)
            return None, None

        command = "promote-from-waitlist" if one.is_given else "invite-from-waitlist"
        try:
            await self._writes.run(system(tenant), command, work)
        except (Conflict, NotFound) as error:
            # Taken, answered otherwise or gone since we looked.
            log.info("offer_not_made", code=error.code)
            return one.freed.slot if isinstance(error, OF_THE_TIME) else one.entry
        return None


async def _expire(entry: WaitlistId, unit: Unit) -> tuple[object, int | None]:
    locked = await lock_entry(unit, entry)
    happen(unit, locked, decide.expire(locked.state, locked.now))
    return None, None


async def _plan(tx: Transaction, doctor: DoctorId, now: datetime, passed: Collection[UUID] = ()) -> Plan:
    """Return who is offered what: time by time, each to the first in the list whom it is for; nobody two, and nothing
    of the entries and slots that are passed over."""
    place = await schedules.doctor_place(tx, doctor)
    clinics = place.clinics if place is not None else ()
    policies = {c: p for c, p in (await store.policies(tx, clinics)).items() if p.auto_invite}
    if not policies:
        return Plan(offers=())
    slots = await store.wanted_slots(tx, doctor, policies, now, MOST_SLOTS + len(passed))
    times = [freed_of(row, now) for row in slots if row["slot_id"] not in passed]
    if not times:
        return Plan(offers=())
    found = await _allotted(tx, times, policies, doctor, now, passed)
    offers = tuple(
        Offer(
            freed=choice.freed,
            entry=choice.candidate.entry.id,
            policy=policies[choice.freed.clinic],
            is_given=choice.is_given,
        )
        for choice in found.choices
    )
    # Whoever is asked now is not looked for again, so that later times come into sight.
    is_whole = found.is_whole and (not offers or len(slots) < MOST_SLOTS)
    return Plan(offers=offers, again_at=found.told_at if is_whole else now + AGAIN)


async def _allotted(
    tx: Transaction,
    times: list[Freed],
    policies: dict[ClinicId, WaitlistPolicy],
    doctor: DoctorId,
    now: datetime,
    passed: Collection[UUID],
) -> Allotment:
    """Return who of those who wait for the doctor, or for anybody there, is offered which of the times; what is for
    none of the first in the lists is offered to those behind them."""
    # Whom staff have given a place is among the first, however low their rank.
    everybody = [one for one in await store.ranks(tx, policies, now, doctor=doctor) if one.id not in passed]
    ranked = sorted(everybody, key=lambda one: one.position is None)
    asked: set[PatientId] = set()
    whole = Allotment(choices=(), told_at=None, is_whole=True)
    for start in range(0, min(len(ranked), MOST_CANDIDATES * MOST_PAGES), MOST_CANDIDATES):
        found_here = await _candidates(tx, ranked[start : start + MOST_CANDIDATES], doctor)
        waiting = [one for one in found_here if one.entry.patient not in asked]
        found = allot(times, waiting, policies, now, most=MOST_OFFERS - len(whole.choices))
        whole = whole.with_more(found)
        given = {choice.freed.slot for choice in found.choices}
        asked |= {choice.candidate.entry.patient for choice in found.choices}
        times = [freed for freed in times if freed.slot not in given]
        if not times or not found.is_whole:
            break
    return whole


async def _candidates(tx: Transaction, ranked: Sequence[Ranked], doctor: DoctorId) -> list[Candidate]:
    """Return those of them who are sent messages and are offered no time of the doctor by another wish of theirs."""
    rows = {row["waitlist_id"]: row for row in await store.candidates(tx, [one.id for one in ranked], doctor)}
    entries = await read_states(tx, WAITLIST_MODEL, rows)
    return [
        Candidate(
            entry=entries[one.id],
            standing=standing_of(rows[one.id]),
            zone=ZoneInfo(rows[one.id]["timezone"]),
            position=rows[one.id]["position"],
        )
        for one in ranked
        if one.id in entries
    ]
