"""What the calls about holds and appointments take."""

from queue_server.application.desk_bodies import Body
from scheduling_core.live_queue.state import Mode


class HoldBody(Body, frozen=True, kw_only=True):
    """Which kind of place is held."""

    mode: Mode = Mode.IN_PERSON
