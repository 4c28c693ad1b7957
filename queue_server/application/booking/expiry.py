"""Holds end when their time is over, also if nobody comes to take the place."""

from datetime import timedelta
from uuid import UUID

from queue_server.application.slots.stream import lock_slots
from queue_server.store import holds, job_store
from queue_server.store.db import Database, Transaction
from scheduling_core.ids import DoctorId, HoldId
from scheduling_core.slots.events import HoldCreated, HoldRenewed

EXPIRY_JOB = "hold_expiry"
BEHIND = timedelta(milliseconds=20)
"""How long after the end of a hold its job is due, so that it never comes a moment too early."""


async def arm(tx: Transaction, hold: HoldId, told: HoldCreated | HoldRenewed) -> None:
    """Let a job end the hold when its time is over; one that is renewed gets another job."""
    key = f"{hold}:{told.expires_at.timestamp()}"
    await job_store.enqueue(tx, EXPIRY_JOB, key, {"doctorId": told.doctor}, told.expires_at + BEHIND)


async def expire(db: Database, job: job_store.Job) -> None:
    """End all overdue holds of a doctor, and the job with them, and with it those of the other holds that it ended.

    Hundreds that were made in one minute end in one minute: one run is enough for all that are over by then, and
    none for those that were booked or given up before.
    """
    doctor = DoctorId(UUID(job.payload["doctorId"]))
    async with db.tenant(job.tenant) as tx:
        if not await job_store.fence(tx, job):
            return
        if await holds.has_overdue(tx, doctor):
            stream = await lock_slots(tx, doctor)
            await job_store.finish_overtaken(tx, EXPIRY_JOB, "doctorId", doctor, max(stream.now, job.due_at))
        else:
            await job_store.finish(tx, job)
