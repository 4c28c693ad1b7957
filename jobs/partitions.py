"""Keeps partitions of events and slots ahead of time; concerns no single tenant, so it is no row of the job table."""

import structlog

from jobs.house import House
from queue_server.store import job_store

log = structlog.stdlib.get_logger(__name__)

EVERY_SECONDS = 6 * 3600.0


async def run(house: House) -> None:
    """Make the partitions of the coming months, unless they are there; slots of long ago are detached."""
    made = await job_store.keep_partitions(house.jobs) + await job_store.keep_slot_partitions(house.jobs)
    if made:
        log.info("partitions_kept", count=made)
