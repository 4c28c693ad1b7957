"""What the calls about holds and appointments take."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body, Line
from scheduling_core.live_queue.state import Mode


class HoldBody(Body, frozen=True, kw_only=True):
    """Which kind of place is held, and what for."""

    mode: Mode = Mode.IN_PERSON
    moving: UUID | None = None
    """The appointment that is to be moved there, if one is: it leaves its place as it takes this one, so it does not
    count against what the clinic takes."""


class AnyHoldBody(Body, frozen=True, kw_only=True):
    """When somebody wants to be seen, by whichever of these doctors is free; a specialty, doctors or a clinic."""

    start: Annotated[datetime, msgspec.Meta(tz=True)]
    mode: Mode = Mode.IN_PERSON
    specialty: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    doctor_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=50)] = ()
    clinic_id: UUID | None = None


class RescheduleBody(Body, frozen=True, kw_only=True):
    """Where an appointment is moved to. It stays in person or by video unless a mode is given."""

    slot_id: UUID
    mode: Mode | None = None
    hold_id: UUID | None = None
    """Of a place of that slot that is kept for whoever moves the appointment."""


class CancelBody(Body, frozen=True, kw_only=True):
    """Why an appointment is cancelled, in somebody's own words."""

    reason: Line | None = None
