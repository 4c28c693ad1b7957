"""How messages leave the house: each channel takes a letter that is ready and speaks to one kind of provider.

What is said to whom, when and how often is the application's affair; a channel only says what became of one attempt.
"""

from typing import Protocol
from uuid import UUID

import msgspec


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its recipient reads it. `id` names it for the provider: sent again, it is the same message."""

    id: UUID
    to: str
    language: str
    subject: str
    text: str
    html: str | None = None


class MessageNotSent(Exception):
    """The provider did not take the message; the reason names no person."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class MessageRefused(MessageNotSent):
    """It never will: there is no such recipient, or nobody may send this."""


class MessageDelayed(MessageNotSent):
    """Nothing is known, or it may do later."""


class Transport(Protocol):
    """A channel."""

    async def send(self, letter: Letter) -> None:
        """Hand the letter to the provider; raises `MessageRefused` or `MessageDelayed`."""
        ...
