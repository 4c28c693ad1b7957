"""Bookability as it is kept: judged anew in the transaction of whatever it rests on, and when time alone changes it.

Who judges holds the doctor's bookability until the commit and reads the facts after that, so of two changes at once
the later one sees what the other did. Locks are taken in the order streams, slots, bookability.
"""

from datetime import datetime, timedelta
from uuid import UUID

from queue_server.application.aggregates import read_state
from queue_server.application.doctors.model import DOCTOR
from queue_server.store import doctors as store
from queue_server.store import event_store, job_store
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from scheduling_core.doctors.bookability import Bookability, assess, facts_of
from scheduling_core.doctors.profile import DoctorProfile
from scheduling_core.doctors.surroundings import SLOT_DAYS, Surroundings
from scheduling_core.ids import DoctorId

KIND = "bookability"
RECHECK_EVERY = timedelta(minutes=1)
"""How long a block that ends, or a slot that passes, may go unnoticed."""
RECHECKED_AT_ONCE = 50
"""In one transaction, behind which changes of the same doctors wait."""


async def refresh(tx: Transaction, doctor: DoctorId) -> Bookability | None:
    """Judge a doctor's bookability anew and keep it; None for one whose profile has no history yet.

    For changes of calendar or slots: call it in their transaction when their rows are written
    (`unit.after_writing`), with the doctor's own streams locked already.
    """
    await store.hold_bookability(tx, doctor)
    found = await read_state(tx, DOCTOR, doctor)
    return await _judged(tx, found[0]) if found is not None else None


async def judge(tx: Transaction, profile: DoctorProfile) -> Bookability:
    """Judge by a profile that this transaction has decided on, and keep the judgement."""
    await store.hold_bookability(tx, profile.id)
    return await _judged(tx, profile)


async def look_around(tx: Transaction, profile: DoctorProfile) -> Surroundings:
    """Return what a profile's onboarding and bookability rest on, as Postgres has it now."""
    return (await _surroundings(tx, profile))[0]


async def recheck_clinic(tx: Transaction, clinic: UUID) -> None:
    """Have a clinic's doctors judged anew within a minute of the commit, however many there are: it has opened or
    closed, or its clock has changed."""
    await store.recheck_clinic(tx, clinic)


async def recheck(db: Database, job: Job) -> None:
    """Judge anew whom time alone may have changed, and arm the next round."""
    async with db.tenant(job.tenant) as tx:
        if not await job_store.fence(tx, job):
            return
        due = await store.to_recheck(tx, RECHECKED_AT_ONCE)
        # In one order, whoever does it: two rounds must not wait for each other.
        for doctor in sorted(due):
            await refresh(tx, doctor)
        await job_store.rearm(tx, job, timedelta() if len(due) == RECHECKED_AT_ONCE else RECHECK_EVERY)


async def _judged(tx: Transaction, profile: DoctorProfile) -> Bookability:
    around, recheck_at = await _surroundings(tx, profile)
    found = assess(facts_of(profile, around))
    kept = store.Kept(
        score=found.score,
        is_bookable=found.is_bookable,
        can_show_in_search=found.can_show_in_search,
        can_patient_book=found.can_patient_book,
        can_receptionist_book=found.can_receptionist_book,
        failing=found.failing,
        checked_at=around.now,
        recheck_at=recheck_at,
    )
    if await store.keep_bookability(tx, profile.id, kept):
        await event_store.notify_changed(tx, KIND, profile.id)
    return found


async def _surroundings(tx: Transaction, profile: DoctorProfile) -> tuple[Surroundings, datetime]:
    """What the profile rests on, and when time alone will change that; at the latest a day from now."""
    row = await store.surroundings(
        tx,
        profile.id,
        clinics=profile.clinics,
        home=profile.home,
        days=SLOT_DAYS,
        licence_until=profile.licence.valid_until if profile.licence is not None else None,
    )
    around = Surroundings(
        now=row["now"],
        today=row["today"],
        open_clinics=frozenset(row["open_clinics"]),
        scheduled_clinics=frozenset(row["scheduled_clinics"]),
        has_slots=row["has_slots"],
        blocked_clinics=frozenset(row["blocked_clinics"]),
        roomless_clinics=frozenset(row["roomless_clinics"]),
        has_departments=row["has_departments"],
    )
    return around, row["recheck_at"]
