"""Carries snapshots of queues between servers. Only speed: nothing is lost when it is away."""

from collections.abc import Callable
from typing import Protocol

Receiver = Callable[[bytes], None]
"""Takes one payload; must neither block nor raise."""


class Broker(Protocol):
    """Publish and subscribe over channels; at most once, no history.

    A publisher that is subscribed to its own channel may hear itself.
    """

    @property
    def is_connected(self) -> bool:
        """Whether messages pass at present, on every channel."""
        ...

    @property
    def dropped(self) -> int:
        """How many messages were not sent, because nothing could take them."""
        ...

    def carries(self, channel: str) -> bool:
        """Return whether messages pass at present on this channel."""
        ...

    def on_gap(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after each reconnect: messages may have been missed until then."""
        ...

    async def start(self) -> None:
        """Begin to connect, in the background."""
        ...

    async def stop(self) -> None:
        """Stop and forget all subscriptions."""
        ...

    def publish(self, channel: str, payload: bytes) -> None:
        """Send without waiting; dropped when the broker is away."""
        ...

    def subscribe(self, channel: str, receive: Receiver) -> None:
        """Give `receive` what is published on `channel` from now on, again after each reconnect.

        A channel has one receiver: a second one takes the place of the first.
        """
        ...

    def unsubscribe(self, channel: str) -> None:
        """Stop receiving from `channel`."""
        ...
