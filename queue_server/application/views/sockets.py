"""Messages of sockets that are not the view of a queue itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from queue_server.application.views import View
from queue_server.application.views.problems import Problem
from queue_server.application.views.tracking import QueueView, TrackedView


class Connected(View, frozen=True, kw_only=True):
    client_id: str
    server_time: datetime


class QueueJoined(View, frozen=True, kw_only=True):
    room_id: str
    recovered: bool
    data: TrackedView


class QueueUpdateData(View, frozen=True, kw_only=True):
    queue: QueueView


class QueueUpdate(View, frozen=True, kw_only=True):
    data: QueueUpdateData


class QueueStatus(View, frozen=True, kw_only=True):
    data: TrackedView


class QueueBroadcast(View, frozen=True, kw_only=True):
    reason: str
    doctor_id: UUID
    date: str
    epoch: int
    version: int
    now_serving: str | None


class QueueWatchers(View, frozen=True, kw_only=True):
    """Who follows a queue on a phone at present. A phone with two tabs counts as two phones and one entry."""

    doctor_id: UUID
    date: str
    phones: int
    entries: tuple[UUID, ...] | None
    """Entries that somebody follows; None when they are too many to tell."""


class SocketError(View, frozen=True, kw_only=True):
    code: str
    message: str
    retryable: bool


class Acknowledgement(View, frozen=True, kw_only=True):
    """What a command on `/staff` is answered with."""

    ok: bool
    version: int | None = None
    result: Any = None
    problem: Problem | None = None
