"""Holds whose time is over: their places are free again, and everybody who watches sees it."""

from jobs.house import House
from queue_server.application.booking import expiry
from queue_server.store.job_store import Job

KIND = expiry.EXPIRY_JOB


async def run(house: House, job: Job) -> None:
    """End a doctor's overdue holds together with the job."""
    await expiry.expire(house.db, job)
