"""What the calls about payments take."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body, Line, VisitType


class PaymentMethod(StrEnum):
    """How it is paid."""

    ONLINE = "online"
    DESK = "desk"


class NewPayment(Body, frozen=True, kw_only=True):
    """What is paid for: the visit that is about to be booked from a hold, or one that is booked."""

    hold_id: UUID | None = None
    appointment_id: UUID | None = None
    method: PaymentMethod = PaymentMethod.ONLINE
    visit_type: VisitType = "consultation"
    """Of the visit that will be booked from the hold: what it costs depends on it."""
    follow_up_of: UUID | None = None
    """The visit that the one from the hold will follow up, as it will be booked."""
    return_path: Annotated[str, msgspec.Meta(pattern=r"^/(?![/\\])[!-\[\]-~]{0,500}$(?!\n)")] = "/book"
    """Where on our site the provider's page leads back to."""


class RefundBody(Body, frozen=True, kw_only=True):
    """Why it is given back; staff read it."""

    reason: Line | None = None
