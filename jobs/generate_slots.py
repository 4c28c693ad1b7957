"""Slots that follow a change of many calendars, or somebody's wish; and once a day, for each tenant, the next day's."""

from jobs.house import House
from queue_server.application.slots import demand
from queue_server.application.slots.generation import GENERATE_JOB
from queue_server.store.job_store import Job

KIND = GENERATE_JOB
EXTEND_KIND = "extend_slots"


async def run(house: House, job: Job) -> None:
    """Generate one doctor's slots up to the horizon."""
    await demand.generate_due(house.db, job)


async def extend(house: House, job: Job) -> None:
    """Let the slots of all doctors of a tenant be generated, one job each."""
    await demand.extend(house.db, job)
