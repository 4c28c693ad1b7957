"""What providers tell of messages that they took: whatever they could not deliver goes on through another channel."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl
from uuid import UUID

from queue_server.messaging.delivery_notices import address, check, read
from queue_server.settings.messages import TextSettings
from queue_server.store import job_store, messages
from queue_server.store.db import Database
from scheduling_core.errors import MalformedRequest, NotFound
from scheduling_core.ids import TenantId

UNDELIVERED_JOB = "message_undelivered"
MOST_FIELDS = 100


class Delivery:
    """Hears the provider of texts and WhatsApp messages."""

    def __init__(self, db: Database, settings: TextSettings | None) -> None:
        self._db = db
        self._settings = settings

    async def hear(self, tenant: UUID, message: UUID, body: bytes, signature: str | None) -> str:
        """Take in a form about a message and return whether it was `noted`, or `ignored` where nothing is to be done.

        Raises `InvalidSignature`, `MalformedRequest` for what is no form, `NotFound` for an unknown message and where
        no provider was told to call.
        """
        if self._settings is None or self._settings.callback is None:
            raise NotFound("No provider tells us of messages.")
        try:
            form = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise MalformedRequest("This is no form.") from None
        check(self._settings.token, signature, address(self._settings.callback, tenant, message), form)
        told = read(form)
        async with self._db.tenant(TenantId(tenant)) as tx:
            if await messages.state(tx, message) is None:
                raise NotFound("There is no such message.")
            if not told.is_undelivered:
                return "ignored"
            payload = {"messageId": str(message), "reference": told.reference, "code": told.code}
            key = f"{message}:{told.reference}"
            await job_store.enqueue(tx, UNDELIVERED_JOB, key, payload, datetime.now(UTC))
        return "noted"
