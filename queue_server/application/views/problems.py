"""Refusals (RFC 9457), and what others have changed meanwhile."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from queue_server.application.views import View
from queue_server.application.views.accounts import PersonView


class ChangeView(View, frozen=True, kw_only=True):
    """What somebody else has changed since a client looked, and to which version; `by` is null for the system."""

    field: str
    by: PersonView | None
    at: datetime
    version: int


class Problem(View, frozen=True, kw_only=True):
    """RFC 9457 problem document. `changes` comes with 412 where it is known what others have changed, `entryId` where
    somebody waits already."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[dict[str, str], ...] = ()
    changes: tuple[ChangeView, ...] | UnsetType = UNSET
    entry_id: UUID | UnsetType = UNSET
