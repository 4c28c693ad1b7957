"""A queue as of one version: how it is named, which of two is the newer, and how it travels between servers."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.live_queue.state import Queue

Order = tuple[int, int]
"""Epoch and version: the higher is the newer."""
NOTHING: Order = (-1, -1)


class RoomKey(NamedTuple):
    """Names a queue among all tenants."""

    tenant: TenantId
    doctor: DoctorId
    date: str

    @property
    def channel(self) -> str:
        """The name of the room and of the broker's channel."""
        return f"queue:{self.tenant}:{self.doctor}:{self.date}"


class RoomState(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as of one version, with the words of its notices."""

    tenant: TenantId
    doctor: DoctorId
    date: str
    epoch: int
    version: int
    queue: Queue
    texts: dict[UUID, str]
    reason: str
    """The command that led here."""
    stale_since: datetime | None = None
    """Since when Postgres cannot be asked whether this is still the newest; None when it is."""

    @property
    def key(self) -> RoomKey:
        """The room this is the state of."""
        return RoomKey(self.tenant, self.doctor, self.date)

    @property
    def order(self) -> Order:
        """What decides which of two states is the newer."""
        return self.epoch, self.version

    @property
    def stale(self) -> bool:
        """Whether this may not be the newest state."""
        return self.stale_since is not None


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """What travels between servers: versions first, so that what is not newer is dropped undecoded."""

    epoch: int
    version: int
    reason: str
    state: bytes


def state_of(key: RoomKey, epoch: int, queue: Queue, reason: str) -> RoomState:
    """Return a queue's state without the words of its notices, which are kept beside it."""
    return RoomState(
        tenant=key.tenant,
        doctor=key.doctor,
        date=key.date,
        epoch=epoch,
        version=queue.version,
        queue=queue,
        texts={},
        reason=reason,
    )


def reason_of(queue: Queue) -> str:
    """Return the command behind the newest version, where the state remembers it."""
    last = queue.recent[-1] if queue.recent else None
    return last.command if last is not None and last.version == queue.version else "changed"
