"""Deletes answers, tokens and jobs that have served their time, once an hour for each tenant."""

from jobs.house import House
from queue_server.application import upkeep
from queue_server.store.job_store import Job

KIND = "prune"


async def run(house: House, job: Job) -> None:
    """Delete what is old enough."""
    await upkeep.prune(house.db, job)
