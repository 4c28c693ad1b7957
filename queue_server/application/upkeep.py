"""What must happen now and then for each tenant: old rows go, timers that went missing come back."""

from datetime import timedelta

import structlog

from queue_server.application.booking.expiry import EXPIRY_JOB
from queue_server.application.messages.kinds import Kind
from queue_server.application.unit import TICK_JOB
from queue_server.store import holds, idempotency, job_store, messages, payments, sessions, sign_in
from queue_server.store.db import Database
from queue_server.store.job_store import Job

log = structlog.stdlib.get_logger(__name__)

SWEEP_EVERY = timedelta(minutes=1)
SWEPT_AFTER = timedelta(seconds=10)
"""A hold that is over for so long has lost its job."""
PRUNE_EVERY = timedelta(hours=1)
ANSWERS_KEPT = timedelta(hours=2)
"""They are there for retries, and hold names: so no longer than a client may still be retrying."""
DONE_JOBS_KEPT, DEAD_JOBS_KEPT = timedelta(days=7), timedelta(days=90)
"""Those that were given up as long as the messages that some of them were to send."""
CODES_KEPT, MESSAGES_KEPT = timedelta(days=1), timedelta(days=90)
"""Messages name whom they went to: a code is of no use after it, of the others somebody may ask for a while."""
NOTICES_KEPT = timedelta(days=90)
"""Far longer than a provider repeats itself, or a signature is good for."""


async def sweep(db: Database, job: Job) -> None:
    """Make the ticks and ends of holds anew that should have come by now, and arm the next sweep."""
    async with db.tenant(job.tenant) as tx:
        if not await job_store.fence(tx, job):
            return
        missing = await job_store.unwoken_queues(tx)
        for row in missing:
            payload = {"doctorId": row["doctor_id"], "date": row["date"].isoformat()}
            # One new try for each version: a queue that no tick can move is not ticked for ever.
            key = f"{row['stream_id']}:{row['version']}:swept"
            await job_store.enqueue(tx, TICK_JOB, key, payload, row["next_wake_at"])
        kept_too_long = await holds.overdue_doctors(tx, SWEPT_AFTER)
        for doctor in kept_too_long:
            await job_store.enqueue(
                tx, EXPIRY_JOB, f"{doctor}:{job.due_at.isoformat()}", {"doctorId": doctor}, job.due_at
            )
        await job_store.rearm(tx, job, SWEEP_EVERY)
    if missing or kept_too_long:
        log.warning("timers_swept", count=len(missing) + len(kept_too_long))


async def prune(db: Database, job: Job) -> None:
    """Delete what has served its time, and arm the next round."""
    async with db.tenant(job.tenant) as tx:
        if not await job_store.fence(tx, job):
            return
        await idempotency.prune(tx, ANSWERS_KEPT)
        await sessions.prune(tx)
        await sign_in.prune(tx)
        await messages.prune(tx, Kind.SIGN_IN_CODE, CODES_KEPT, MESSAGES_KEPT)
        await payments.prune_notices(tx, NOTICES_KEPT)
        await job_store.prune(tx, DONE_JOBS_KEPT, DEAD_JOBS_KEPT)
        await job_store.rearm(tx, job, PRUNE_EVERY)
