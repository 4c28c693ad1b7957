"""What the calls about calendar feeds take."""

from uuid import UUID

from queue_server.application.desk_bodies import Body


class CalendarFeedBody(Body, frozen=True, kw_only=True):
    """Whose appointments a feed shows: a doctor's, or – left out – those of whoever asks, as doctor or as patient."""

    doctor_id: UUID | None = None
