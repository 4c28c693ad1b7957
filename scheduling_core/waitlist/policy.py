"""What a clinic may decide about its waitlist."""

from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from scheduling_core.errors import InvalidValue

Weight = Annotated[float, msgspec.Meta(ge=0, le=100)]
Days = Annotated[float, msgspec.Meta(gt=0, le=365)]


class PriorityWeights(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What counts how much, in points; a day of routine waiting is `wait_time` points."""

    wait_time: Annotated[float, msgspec.Meta(gt=0, le=100)] = 1.0
    membership_level: Weight = 0.5
    chronic_condition: Weight = 3.0
    window_fit: Weight = 2.0


class TargetDays(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Within how many days whom should be seen, by urgency."""

    routine: Days = 28.0
    soon: Days = 14.0
    urgent: Days = 4.0


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """When nobody is woken by a message, by the patient's clock; over midnight if the end is the earlier one."""

    start: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "21:00"
    end: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "08:00"


class WaitlistPolicy(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The waitlist policy of a clinic, or what a tenant begins with."""

    max_queue_size: Annotated[int, msgspec.Meta(ge=1, le=20_000)] = 50
    auto_expiry_hours: Annotated[int, msgspec.Meta(ge=1, le=17_520)] = 720
    auto_promote_buffer_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 60
    """A time that begins so soon after `min_lead_minutes` leaves none for asking around: it is booked for the first
    who has agreed to that, and offered only if nobody has."""
    invite_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] = 30
    auto_invite: bool = True
    min_lead_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 120
    """A time that begins sooner than this is not offered by the list any more."""
    quiet_hours: QuietHours = QuietHours()
    priority_weights: PriorityWeights = PriorityWeights()
    target_days: TargetDays = TargetDays()
    notification_template_overrides: dict[str, str] = {}
    """Which template (by its name) is used for which kind of message."""
    excluded_visit_types: tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], ...] = ()


def check(policy: WaitlistPolicy) -> None:
    """Raise `InvalidValue` for what makes no sense together.

    A membership is worth less than any clinical need: less than a chronic condition, and less than what the next
    urgency is ahead by from the first day on.
    """
    weights = policy.priority_weights
    bound = min(weights.wait_time, weights.chronic_condition)
    if weights.membership_level and weights.membership_level >= bound:
        raise InvalidValue(
            f"A membership must count less than clinical need: below {bound:g}.",
            field="priorityWeights.membershipLevel",
        )
    targets = policy.target_days
    if not targets.urgent <= targets.soon <= targets.routine:
        raise InvalidValue("Who is more urgent may not have to wait longer.", field="targetDays")


def is_quiet(hours: QuietHours, instant: datetime, zone: ZoneInfo) -> bool:
    """Return whether nobody should be woken at this instant."""
    start, end = time.fromisoformat(hours.start), time.fromisoformat(hours.end)
    clock = instant.astimezone(zone).time()
    return start <= clock < end if start <= end else clock >= start or clock < end


def quiet_until(hours: QuietHours, instant: datetime, zone: ZoneInfo) -> datetime:
    """Return when somebody may be told next: the instant itself outside of quiet hours, else their end.

    Reckoned on the wall clock, so that eight o'clock is eight o'clock on the days when the clocks change, too; an end
    that daylight saving skips comes as late as it would have without the change.
    """
    if not is_quiet(hours, instant, zone):
        return instant
    local = instant.astimezone(zone)
    end = time.fromisoformat(hours.end)
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    then = datetime.combine(day, end, zone).astimezone(instant.tzinfo)
    return max(then, instant)
