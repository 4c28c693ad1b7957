"""The outbox: a message and the job that sends it, in the transaction of whatever it tells."""

from datetime import datetime

from queue_server.store import job_store, messages
from queue_server.store.db import Transaction
from queue_server.store.messages import NewMessage

SEND_JOB = "send_message"


async def put(tx: Transaction, message: NewMessage, due_at: datetime) -> bool:
    """Put a message into the outbox, to be sent from `due_at` on. Jobs and logs name it by its id alone.

    Returns False when its notice went that way before: then nothing is sent.
    """
    if not await messages.add(tx, message):
        return False
    await job_store.enqueue(tx, SEND_JOB, str(message.id), {"messageId": message.id}, due_at)
    return True
