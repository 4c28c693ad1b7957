"""A socket of the staff: who it is, what it follows and what it was shown."""

from datetime import datetime, timedelta
from time import monotonic

from queue_server.application.access import Session
from queue_server.application.actor import Actor
from queue_server.application.snapshots.state import Order, RoomKey
from queue_server.realtime.hub import Room
from queue_server.realtime.messages import StaffAuth
from queue_server.realtime.presence import Lane
from queue_server.realtime.socket import Socket
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Permission, may

GRACE = timedelta(seconds=60)
"""So long after its token has ended a desk is still shown what happens."""


class Desk:
    """What is known of a staff socket."""

    __slots__ = ("auth", "checked_at", "focus", "is_told", "lists", "orders", "rooms", "session", "socket")

    def __init__(self, socket: Socket, auth: StaffAuth, session: Session) -> None:
        self.socket = socket
        self.auth = auth
        self.session = session
        self.checked_at = monotonic()
        self.is_told = False
        """Whether it was told that its token has ended."""
        self.rooms: dict[RoomKey, Room] = {}
        self.orders: dict[RoomKey, Order] = {}
        """The version it was last shown of each room."""
        self.focus: Lane | None = None
        self.lists: set[ClinicId] = set()
        """Of which clinics it follows the waitlists."""

    @property
    def actor(self) -> Actor:
        return self.session.actor

    @property
    def sees_names(self) -> bool:
        """Whether the role is shown who the entries are."""
        role = self.actor.role
        return role is not None and may(role, Permission.READ_QUEUE)

    def has_ended(self, now: datetime) -> bool:
        """Whether its token has ended: it may do nothing more."""
        return now >= self.session.expires_at

    def is_given_up(self, now: datetime) -> bool:
        """Whether no new token has come for so long that it is shown nothing more, either."""
        return now >= self.session.expires_at + GRACE
