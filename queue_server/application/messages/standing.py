"""Whether a message goes out as it was written: hours may lie between two attempts, and weeks before a dead letter is
sent again. Meanwhile its reader may have had enough of such messages, have another number, or be asleep."""

from datetime import datetime

import msgspec

from queue_server.application.messages import reaching
from queue_server.application.messages.kinds import Kind
from queue_server.store import readers
from queue_server.store.db import Transaction
from queue_server.store.messages import Message


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a message stands: nothing is said here of one that goes out as it is."""

    unwanted: str | None = None
    """Why nobody is to have it this way."""
    later: datetime | None = None
    """When it may go."""
    recipient: str | None = None
    """Where its reader is reached now, if that is elsewhere."""


AS_IT_IS = Standing()


async def of_message(tx: Transaction, message: Message, now: datetime) -> Standing:
    """Return how a message stands. Codes go to whoever has asked for them."""
    kind = Kind(message.kind)
    if kind is Kind.SIGN_IN_CODE or message.patient is None:
        return AS_IT_IS
    reader = await readers.reader(tx, message.patient)
    if reader is None or reader.id != message.reader:
        return Standing(unwanted="somebody else reads for this patient by now")
    recipient = reaching.address(reader, message.channel)
    if recipient is None:
        return Standing(unwanted="its reader is not reached this way any more")
    if not await reaching.channels(tx, reader, message.patient, kind, [message.channel]):
        return Standing(unwanted="its reader does not want it this way any more")
    may_go_at = await reaching.may_go_at(
        tx, reader.id, message.clinic, kind, message.channel, now, expires_at=message.expires_at
    )
    return Standing(
        later=may_go_at if may_go_at > now else None,
        recipient=recipient if recipient != message.recipient else None,
    )
