"""Work that is due, as administrators see it."""

from datetime import datetime
from typing import Literal

from queue_server.application.views import View


class JobKindView(View, frozen=True, kw_only=True):
    """How the work of one kind stands."""

    kind: str
    ready: int
    """To be done: now, or later."""
    due: int
    """Of these, now."""
    running: int
    retrying: int
    """Failed before, and to be tried again."""
    retries: int
    """How often what is to be done, or was given up, was tried again."""
    dead: int
    oldest_seconds: float
    """How overdue the oldest is."""


class JobFailureView(View, frozen=True, kw_only=True):
    """A job that has failed: tried again later, or given up."""

    kind: str
    key: str
    state: Literal["ready", "dead"]
    attempts: int
    due_at: datetime
    failed_at: datetime | None
    """When it was given up."""
    reason: str


class JobsView(View, frozen=True, kw_only=True):
    """The work of an organisation."""

    kinds: tuple[JobKindView, ...]
    failures: tuple[JobFailureView, ...]
    """The latest first, dead ones before those that are tried again."""


class RetriedView(View, frozen=True, kw_only=True):
    """How many jobs that were given up are done again."""

    retried: int
