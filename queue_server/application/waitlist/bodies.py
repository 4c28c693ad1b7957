"""What the calls about the waitlist take."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.desk_bodies import Body, Instant, Line, VisitType
from queue_server.application.slots.bodies import BookedPatient
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist.events import Urgency

MOST_METADATA = 20
Notes = Annotated[str, msgspec.Meta(max_length=2000)]
Metadata = Annotated[
    dict[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], Annotated[str, msgspec.Meta(max_length=500)]],
    msgspec.Meta(max_length=MOST_METADATA),
]


class WindowBody(Body, frozen=True, kw_only=True):
    """When somebody would like to come; any time, if nothing is said."""

    start: Instant | None = None
    end: Instant | None = None
    parts_of_day: Annotated[tuple[PartOfDay, ...], msgspec.Meta(max_length=4)] = ()


class JoinBody(Body, frozen=True, kw_only=True):
    """What somebody waits for: a time at a clinic, with one doctor or with any."""

    clinic_id: UUID
    doctor_id: UUID | None = None
    patient: BookedPatient | None = None
    """Left out by patients who have signed in and come themselves."""
    requested_window: WindowBody = WindowBody()
    mode: Mode | None = None
    visit_type: VisitType = "consultation"
    urgency: Urgency = Urgency.ROUTINE
    """For staff to say."""
    short_notice: bool = False
    """A time that begins soon is booked without asking."""
    notes: Notes = ""
    metadata: Metadata = msgspec.field(default_factory=dict)


class OverrideBody(Body, frozen=True, kw_only=True):
    """A place in the list, and why."""

    position: Annotated[int, msgspec.Meta(ge=1, le=20_000, description="1 is first")]
    reason: Line


class Wanted(StrEnum):
    """What becomes of an entry."""

    ACTIVE = "active"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"


class EntryPatch(Body, frozen=True, kw_only=True):
    """What is to be changed about an entry; what is left out stays."""

    status: Wanted | UnsetType = UNSET
    until: Instant | UnsetType = UNSET
    """For `deferred`."""
    reason: Line | UnsetType = UNSET
    """For `cancelled`."""
    requested_window: WindowBody | UnsetType = UNSET
    mode: Mode | UnsetType | None = UNSET
    visit_type: VisitType | UnsetType = UNSET
    urgency: Urgency | UnsetType = UNSET
    short_notice: bool | UnsetType = UNSET
    notes: Notes | UnsetType = UNSET
    override: OverrideBody | UnsetType | None = UNSET
    """None takes it back."""


class InviteBody(Body, frozen=True, kw_only=True):
    """A time that staff offer, and until when it is held."""

    slot_id: UUID
    respond_by: Instant | None = None
    """By the policy, if nothing is said."""


class PromoteBody(Body, frozen=True, kw_only=True):
    """Which time somebody gets; without one what is offered to them, or the first that is for them."""

    slot_id: UUID | None = None
    mode: Mode | None = None


class AnswerBody(Body, frozen=True, kw_only=True):
    """An answer to what is offered."""

    respond_by: Instant | None = None
    """Which offer is meant, by when it has to be answered: another one, made since, is not answered by it."""


class VacancyInviteBody(Body, frozen=True, kw_only=True):
    """Who is offered the time of an appointment; the first whom it is for, if nobody is named."""

    waitlist_id: UUID | None = None
    respond_by: Instant | None = None
