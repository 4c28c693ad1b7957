"""Messages of the sockets that no other transport has; what they share with it stands in `application/views`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body, Day
from queue_server.application.slots.bodies import Date
from queue_server.application.views import View
from queue_server.application.views.desk import StaffQueue
from queue_server.application.views.display import DisplayQueue
from queue_server.application.views.problems import Problem


class FromPatient(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of what patients' clients send. Fields we do not know are passed over: such clients are many and old."""


Token = Annotated[str, msgspec.Meta(min_length=1, max_length=4096, description="of the tracking link")]
Counter = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class JoinQueue(FromPatient, frozen=True, kw_only=True):
    """`join-queue`: follow the queue of a tracking link; a second one takes the place of the first."""

    token: Token
    epoch: Counter | None = None
    version: Counter | None = None
    """With `epoch`, the newest view the client holds."""


class GetQueueStatus(FromPatient, frozen=True, kw_only=True):
    """`get-queue-status`: one look, without following."""

    token: Token


class WatchAvailability(FromPatient, frozen=True, kw_only=True):
    """`watch-availability`: hear what happens to a doctor's times on some dates; without `doctorId` to those of all
    doctors of a tenant. A second one for the same doctor takes the place of the first."""

    doctor_id: UUID | None = None
    from_: Date = msgspec.field(name="from")
    to: Date
    tenant_id: UUID | None = None
    """May be left out with a doctor."""


class UnwatchAvailability(FromPatient, frozen=True, kw_only=True):
    """`unwatch-availability`: hear of this doctor no longer; without one, of nobody."""

    doctor_id: UUID | None = None


class WatchWaitlist(FromPatient, frozen=True, kw_only=True):
    """`watch-waitlist`: hear what happens to what somebody waits for. By one of these tokens: of a waitlist link, that
    entry; of a tracking link, all that its patient waits for; of a patient who has signed in, all of theirs and of
    those for whom they act. A second one by the same kind of token takes the place of the first."""

    waitlist_token: Token | None = None
    tracking_token: Token | None = None
    access_token: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)] | None = None
    tenant_id: UUID | None = None
    """With an access token; their own, or none."""


class Nothing(FromPatient, frozen=True, kw_only=True):
    """An event without content."""


class Left(View, frozen=True, kw_only=True):
    """Acknowledgement of `leave-queue`."""

    left: bool


class HeartbeatAck(View, frozen=True, kw_only=True):
    """`heartbeat-ack`."""

    server_time: datetime


class StaffAuth(Body, frozen=True, kw_only=True):
    """What `/staff` is connected with, and what `authenticate` renews: an access token."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
    tenant_id: UUID | None = None
    """For platform admins, who may choose; for all others their own, or none."""


class Subscribe(Body, frozen=True, kw_only=True):
    """`subscribe`: these queues and no others; today in each clinic's zone if the date is omitted."""

    doctor_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=200)]
    date: Day | None = None


class SubscribeWaitlist(Body, frozen=True, kw_only=True):
    """`subscribe-waitlist`: the lists of these clinics and no others; of none to follow none."""

    clinic_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=200)]


class DeskFocus(Body, frozen=True, kw_only=True):
    """`desk-focus`: the lane this desk works on, None for none."""

    doctor_id: UUID | None = None


class Subscribed(View, frozen=True, kw_only=True):
    """Acknowledgement of `subscribe`. `date` is that of the first queue."""

    ok: bool
    date: str | None
    queues: tuple[StaffQueue, ...]


class DisplaySubscribed(View, frozen=True, kw_only=True):
    """Acknowledgement of `subscribe` for displays."""

    ok: bool
    date: str | None
    queues: tuple[DisplayQueue, ...]


class StaffAck(View, frozen=True, kw_only=True, omit_defaults=True):
    """Acknowledgement of what is no command: done, or refused for the reason given."""

    ok: bool
    problem: Problem | None = None


class DeskName(View, frozen=True, kw_only=True):
    """A desk by the name of who sits there."""

    name: str


class DeskPresence(View, frozen=True, kw_only=True):
    """`desk-presence`: the other desks that work on a lane."""

    doctor_id: UUID
    desks: tuple[DeskName, ...]


class Restarting(View, frozen=True, kw_only=True):
    """`server-restarting`: this server goes; the connection ends within the time given, the client reconnects."""

    within_ms: int
