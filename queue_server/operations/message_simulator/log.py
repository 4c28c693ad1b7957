"""What was sent to people by whichever channel, the newest last."""

import asyncio
from collections import deque
from datetime import UTC, datetime

import msgspec

MOST_KEPT = 1_000


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its recipient has it."""

    channel: str
    """`email`, `sms`, `whatsapp` or `push`."""
    to: str
    sender: str = msgspec.field(default="", name="from")
    subject: str = ""
    text: str = ""
    link: str | None = None
    """Where a tap on it leads."""
    language: str | None = None
    reference: str = ""
    """What the provider calls it."""
    at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


class MessageLog:
    """Keeps the latest messages."""

    def __init__(self) -> None:
        self._kept: deque[Sent] = deque(maxlen=MOST_KEPT)
        self._count = 0
        self._arrived = asyncio.Condition()

    @property
    def messages(self) -> list[Sent]:
        """Those that are kept, the newest last."""
        return list(self._kept)

    def forget(self) -> None:
        """Keep nothing of what there is."""
        self._kept.clear()
        self._count = 0

    async def add(self, sent: Sent) -> None:
        """Keep a message."""
        async with self._arrived:
            self._kept.append(sent)
            self._count += 1
            self._arrived.notify_all()

    async def wait_for(self, count: int) -> list[Sent]:
        """Wait until so many have come in altogether, and return those that are kept."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self._count >= count)
        return self.messages

    def as_json(self) -> bytes:
        """Return what is kept as a JSON array."""
        return msgspec.json.encode(self.messages)
