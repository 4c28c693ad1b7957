"""The safety net under timers, once a minute for each tenant."""

from jobs.house import House
from queue_server.application import upkeep
from queue_server.store.job_store import Job

KIND = "sweep"


async def run(house: House, job: Job) -> None:
    """Bring back timers that are missing."""
    await upkeep.sweep(house.db, job)
