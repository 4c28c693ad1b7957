"""A queue's clock: prompts, releases, ends of grace, end of the day."""

from jobs.house import House
from queue_server.application.actor import system
from queue_server.application.unit import TICK_JOB, tick_key
from queue_server.store.job_store import Job

KIND = TICK_JOB


async def run(house: House, job: Job) -> None:
    """Tick the queue; what time demands is committed together with the end of the job."""
    await house.writes.tick(job, tick_key(job.payload), system(job.tenant))
