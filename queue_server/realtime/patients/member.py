"""A socket that follows an entry."""

from time import monotonic

from queue_server.application.snapshots.state import NOTHING, Order
from queue_server.application.tracking import TrackedAppointment
from queue_server.application.views.tracking import QueueView
from queue_server.realtime.hub import Room
from queue_server.realtime.socket import Socket


class Member:
    """Who follows, by which link, in which room, and what it was told."""

    __slots__ = ("appointment", "checked_at", "is_busy", "order", "room", "socket", "token", "told")

    def __init__(self, socket: Socket, token: str, appointment: TrackedAppointment, room: Room) -> None:
        self.socket = socket
        self.token = token
        self.appointment = appointment
        self.room = room
        self.order: Order = NOTHING
        """The newest version the client was told of."""
        self.told: QueueView | None = None
        """The view it was last told; None for one that is still entering."""
        self.is_busy = False
        """Being moved to another room, or its link being looked at."""
        self.checked_at = monotonic()
