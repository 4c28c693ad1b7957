"""Messages to people: each job sends one, through the channel that it is for."""

from jobs.channels import Channels, Uncounted
from jobs.house import House
from queue_server.application.messages.outbox import SEND_JOB, URGENT_SEND_JOB
from queue_server.messaging.breaker import Outcomes
from queue_server.settings import Settings
from queue_server.store.job_store import Job

KIND, URGENT_KIND = SEND_JOB, URGENT_SEND_JOB


async def run(house: House, job: Job) -> None:
    """Send the message, or note why not."""
    assert house.sending is not None
    await house.sending.send(job)


def channels(settings: Settings, outcomes: Outcomes | None = None) -> Channels:
    """Return the channels that are set up, to be closed in the end; what is to go through another one is given up.
    `outcomes` is told what becomes of messages."""
    return Channels(settings, outcomes if outcomes is not None else Uncounted())
