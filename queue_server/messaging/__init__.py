"""How messages leave the house: each channel takes a letter that is ready and speaks to one kind of provider.

What is said to whom, when and how often is the application's affair; a channel only says what became of one attempt.
"""

from datetime import timedelta
from typing import Protocol
from uuid import UUID

import msgspec


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser takes pushes, and the keys that only it can read them with (RFC 8291): as the browser gave them,
    `p256dh` and `auth` in base64url."""

    endpoint: str
    p256dh: str
    auth: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its recipient reads it. `id` names it for the provider: sent again, it is the same message."""

    id: UUID
    to: str
    """An address, a number with its country, or for a push whatever names the subscription."""
    language: str
    subject: str
    text: str
    html: str | None = None
    subscription: Subscription | None = None
    """Of a push, and only of one."""
    link: str | None = None
    """Where a tap on a push leads."""
    is_urgent: bool = False
    lifetime: timedelta | None = None
    """How long it is still of use; None is as long as the provider likes."""
    tenant: UUID | None = None
    """Whose message it is, for what a provider tells of it later."""
    undelivered: str | None = None
    """What the provider called it when it took it and could not deliver it: sent once more, it is another one there."""
    unsubscribe: str | None = None
    """Of a mail: where one tap has no more of its kind come (RFC 8058)."""


class MessageNotSent(Exception):
    """The provider did not take the message; the reason names no person."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class MessageRefused(MessageNotSent):
    """It never will: there is no such recipient, or nobody may send this."""


class AddressGone(MessageRefused):
    """Nothing will reach anybody at this address any more: a subscription that has ended, say. Forget it."""


class MessageDelayed(MessageNotSent):
    """Nothing is known, or it may do later: not before `retry_after` if the provider has said so."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


class RecipientBusy(MessageDelayed):
    """The provider is well; this recipient cannot take the message now (greylisting, a full mailbox)."""


class ProviderPaused(MessageDelayed):
    """The provider was not even asked, because it has failed others: no attempt of this message's. `retry_after` is
    when it may be asked again."""

    retry_after: timedelta

    def __init__(self, reason: str, retry_after: timedelta) -> None:
        super().__init__(reason, retry_after)


class Transport(Protocol):
    """A channel."""

    async def send(self, letter: Letter) -> str | None:
        """Hand the letter to the provider and return its name for it there, if it has one; raises `MessageRefused` or
        `MessageDelayed`."""
        ...
