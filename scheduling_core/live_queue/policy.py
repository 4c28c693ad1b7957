"""What a clinic may decide about its queues."""

from enum import StrEnum
from typing import Annotated

import msgspec

Minutes = Annotated[int, msgspec.Meta(ge=0, le=720)]


class LatePolicy(StrEnum):
    """Where somebody who comes late is put."""

    KEY = "key"
    BEHIND_TWO = "behind_two"


class QueuePolicy(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The queue policy of a clinic; durations in minutes. A queue keeps the window length it opened with."""

    window_minutes: Annotated[int, msgspec.Meta(ge=5, le=720)] = 60
    grace_minutes: Minutes = 15
    early_max: Minutes = 30
    late_after: Minutes = 10
    release_after: Annotated[int, msgspec.Meta(ge=1, le=720)] = 20
    late_policy: LatePolicy = LatePolicy.KEY
    skip_behind: Annotated[int, msgspec.Meta(ge=1, le=50)] = 2
    skip_max: Annotated[int, msgspec.Meta(ge=0, le=50)] = 2
    holds_per_patient: Annotated[int, msgspec.Meta(ge=1, le=50)] = 2
    cancel_deadline_minutes: Annotated[int, msgspec.Meta(ge=0, le=43200)] = 120
    sla_wait_minutes: Minutes = 45


UNDO_SECONDS = 30
"""How long a command of reception can be undone."""
