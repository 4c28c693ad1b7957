"""A broker without a server: brokers that share a `Bus` hear each other within this process."""

from collections import defaultdict
from collections.abc import Callable

from queue_server.broker import Receiver


class Bus:
    """What connects the brokers of one process; each test or demo makes its own."""

    def __init__(self) -> None:
        self.channels: dict[str, dict[int, Receiver]] = defaultdict(dict)


class InProcessBroker:
    """Delivers at once to the other brokers on its bus. Alone on it, it reaches nobody, which is right for one process:
    what this process commits it hands to its own rooms anyway, and other processes are told by Postgres."""

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus or Bus()

    @property
    def is_connected(self) -> bool:
        """Always."""
        return True

    @property
    def dropped(self) -> int:
        """None, ever."""
        return 0

    def carries(self, channel: str) -> bool:
        """Return True."""
        return True

    def on_gap(self, callback: Callable[[], None]) -> None:
        """Nothing is ever missed here."""

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Forget all subscriptions."""
        for channel in list(self._bus.channels):
            self.unsubscribe(channel)

    def publish(self, channel: str, payload: bytes) -> None:
        """Hand `payload` to every receiver but our own."""
        for broker, receive in list(self._bus.channels.get(channel, {}).items()):
            if broker != id(self):
                receive(payload)

    def subscribe(self, channel: str, receive: Receiver) -> None:
        """Receive what the other brokers of the bus publish."""
        self._bus.channels[channel][id(self)] = receive

    def unsubscribe(self, channel: str) -> None:
        """Stop receiving from `channel`."""
        receivers = self._bus.channels.get(channel)
        if receivers is not None:
            receivers.pop(id(self), None)
            if not receivers:
                del self._bus.channels[channel]
