"""Signs a root over the heads of all streams that moved, once an hour for each tenant."""

from jobs.house import House
from queue_server.store.job_store import Job

KIND = "audit_root"


async def run(house: House, job: Job) -> None:
    """Sign and keep a root, in the database and outside of it."""
    assert house.signer is not None
    await house.signer.run(job)
