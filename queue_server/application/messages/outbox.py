"""The outbox: a message and the job that sends it, in the transaction of whatever it tells."""

from datetime import datetime

from queue_server.application.messages.kinds import Kind, is_urgent
from queue_server.store import job_store, messages
from queue_server.store.db import Transaction
from queue_server.store.messages import NewMessage

SEND_JOB, URGENT_SEND_JOB = "send_message", "send_urgent_message"
"""Calls do not stand behind confirmations for which a mail server takes its time."""


def job_for(kind: Kind) -> str:
    """Return the kind of job that sends messages of a kind."""
    return URGENT_SEND_JOB if is_urgent(kind) and kind is not Kind.SIGN_IN_CODE else SEND_JOB


async def put(tx: Transaction, message: NewMessage, due_at: datetime) -> bool:
    """Put a message into the outbox, to be sent from `due_at` on. Jobs and logs name it by its id alone.

    Returns False when its notice went that way before: then nothing is sent.
    """
    if not await messages.add(tx, message):
        return False
    await job_store.enqueue(tx, job_for(Kind(message.kind)), str(message.id), {"messageId": message.id}, due_at)
    return True
