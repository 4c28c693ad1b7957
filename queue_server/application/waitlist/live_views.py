"""What is told of the waitlist as it happens."""

from uuid import UUID

from queue_server.application.views import View
from queue_server.application.waitlist.views import OwnEntryView, StaffEntryView


class OwnWaitlistEntry(View, frozen=True, kw_only=True):
    """An entry as its patient sees it now."""

    entry: OwnEntryView
    invite_url: str | None
    """Where to answer what is offered; None while nothing is."""


class OwnWaitlistUpdate(View, frozen=True, kw_only=True):
    """`waitlist-update` to patients: something about an entry that they follow has changed, its place included."""

    data: OwnWaitlistEntry


class OwnWaitlistWatching(View, frozen=True, kw_only=True):
    """Acknowledgement of `watch-waitlist`, and what is told with `waitlist-watched`: every entry that is followed."""

    watching: bool
    entries: tuple[OwnWaitlistEntry, ...] = ()


class StaffWaitlistEntry(View, frozen=True, kw_only=True):
    """An entry as staff see it now."""

    entry: StaffEntryView


class StaffWaitlistUpdate(View, frozen=True, kw_only=True):
    """`waitlist-update` to staff: somebody joined, was offered a time, answered, left, or waits for something else."""

    data: StaffWaitlistEntry


class WaitlistPlace(View, frozen=True, kw_only=True):
    """Where somebody stands in their clinic's list."""

    id: UUID
    position: int
    priority_score: float


class WaitlistOrder(View, frozen=True, kw_only=True):
    """The order of a clinic's list, as far as the desk may see it."""

    clinic_id: UUID
    waiting: int
    """At the clinic, also for others than the desk may see."""
    places: tuple[WaitlistPlace, ...]
    """The first of them, in the order of the list."""
    more: bool
    """There are more than are told: read them by `GET /api/waitlists`."""
    reread: bool
    """Entries may have changed that nobody told of: read the list again."""


class WaitlistOrderUpdate(View, frozen=True, kw_only=True):
    """`waitlist-order` to staff: who stands where has changed."""

    data: WaitlistOrder


class WaitlistSubscribed(View, frozen=True, kw_only=True):
    """Acknowledgement of `subscribe-waitlist`: these lists are followed from here on. Read them after this."""

    ok: bool
    lists: tuple[WaitlistOrder, ...]
