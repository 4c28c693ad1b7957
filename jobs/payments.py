"""What is to be done with the payment provider, and about holds that are paid for."""

from collections.abc import Mapping

from jobs.house import House
from queue_server.application.due_work import Handler
from queue_server.application.payments.model import CANCEL_JOB, OPEN_JOB, REFUND_JOB, SETTLE_JOB


def with_provider(house: House) -> Mapping[str, Handler]:
    """Return what does each kind of job that waits for the provider."""
    work = house.payments
    return {OPEN_JOB: work.open_lost, REFUND_JOB: work.refund, CANCEL_JOB: work.cancel} if work is not None else {}


def by_ourselves(house: House) -> Mapping[str, Handler]:
    """Return what does each kind of job that waits for nobody."""
    return {SETTLE_JOB: house.payments.settle} if house.payments is not None else {}
