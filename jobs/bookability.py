"""What time alone changes about doctors who can be booked, once a minute for each tenant."""

from jobs.house import House
from queue_server.application.doctors import bookability
from queue_server.store.job_store import Job

KIND = bookability.KIND


async def run(house: House, job: Job) -> None:
    """Judge anew whose block has begun or ended, whose last slot has passed, whose licence has run out."""
    await bookability.recheck(house.db, job)
