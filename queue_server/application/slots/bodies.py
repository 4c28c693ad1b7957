"""What the calls about slots take."""

from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body, Line, VisitType
from queue_server.application.schedules.bodies import MOST_EQUIPMENT
from scheduling_core.live_queue.state import Mode

Places = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Date = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$(?!\n)", description="YYYY-MM-DD, by the clinic's clock")
]


class BlockBody(Body, frozen=True, kw_only=True):
    """Why a slot is blocked; seen by staff only."""

    reason: Line | None = None


class SlotCapacityBody(Body, frozen=True, kw_only=True):
    """How many patients a slot takes in person, by video and altogether."""

    in_person: Places
    tele: Places
    total: Annotated[int, msgspec.Meta(ge=1, le=1000)]


class GenerateBody(Body, frozen=True, kw_only=True):
    """Whose slots are generated; everybody's, if nobody is named."""

    doctor_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=1000)] = ()


class BookedPatient(Body, frozen=True, kw_only=True):
    """Who is booked: a patient who is known, by `id`, or somebody new, by name and contact."""

    id: UUID | None = None
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    phone: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9 ()./-]{3,32}$(?!\n)")] | None = None
    email: Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$(?!\n)", max_length=254)] | None = None
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$(?!\n)")] = "en"


class BookBody(Body, frozen=True, kw_only=True):
    """A booking: by staff directly or from a hold, by patients and guests from a hold of theirs."""

    hold_id: UUID | None = None
    patient: BookedPatient | None = None
    """Left out by patients who have signed in and come themselves."""
    visit_type: VisitType = "consultation"
    follow_up_of: UUID | None = None
    """An appointment of the same patient, which makes the visit a `follow_up`."""
    mode: Mode = Mode.IN_PERSON
    equipment_ids: Annotated[
        tuple[UUID, ...],
        msgspec.Meta(max_length=MOST_EQUIPMENT, description="reserved beside what the slot names; of its clinic"),
    ] = ()


class SlotPolicyBody(Body, frozen=True, kw_only=True):
    """How far ahead slots are generated, and how long before its start a patient may still book one."""

    horizon_days: Annotated[int, msgspec.Meta(ge=1, le=180)]
    lead_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 0
