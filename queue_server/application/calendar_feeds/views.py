"""Calendar feeds as clients see them."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View


class CalendarFeedView(View, frozen=True, kw_only=True):
    """A feed of a doctor's or of a patient's appointments; its address is told once, when it is made."""

    id: UUID
    doctor_id: UUID | None
    patient_id: UUID | None
    created_at: datetime
    is_mine: bool
    """Whether whoever asks has made it."""


class NewCalendarFeedView(CalendarFeedView, frozen=True, kw_only=True):
    """A new feed. Whoever has the address sees what it shows, until it is withdrawn."""

    url: str
