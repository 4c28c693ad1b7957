"""What messages are about, what cannot wait, and through which channels each is tried first."""

from datetime import timedelta
from enum import StrEnum

from queue_server.store.messages import Channel


class Kind(StrEnum):
    """What a message is about."""

    SIGN_IN_CODE = "sign_in_code"
    WAITLIST_JOINED = "waitlist_joined"
    WAITLIST_INVITED = "waitlist_invited"
    WAITLIST_REMINDER = "waitlist_reminder"
    WAITLIST_PROMOTED = "waitlist_promoted"
    WAITLIST_EXPIRED = "waitlist_expired"
    WAITLIST_CANCELLED = "waitlist_cancelled"
    BOOKED = "booked"
    REMINDER = "reminder"
    CALLED = "called"
    AHEAD = "ahead"
    DELAY = "delay"
    EMERGENCY = "emergency"
    CANCELLED = "cancelled"
    MANUAL = "manual"


URGENT = frozenset(
    {
        Kind.SIGN_IN_CODE,
        Kind.WAITLIST_INVITED,
        Kind.WAITLIST_REMINDER,
        Kind.CALLED,
        Kind.AHEAD,
        Kind.DELAY,
        Kind.EMERGENCY,
    }
)
AHEAD_OF_YOU = 2
"""How many are before somebody when they are told to be near."""
REMINDED_BEFORE = timedelta(hours=24)

_PUSHED_FIRST = (Channel.PUSH, Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)
_WRITTEN_FIRST = (Channel.EMAIL, Channel.WHATSAPP, Channel.SMS, Channel.PUSH)


def is_urgent(kind: Kind) -> bool:
    """Return whether a message is of no use later: quiet hours do not hold it back, and it has a pace of its own."""
    return kind in URGENT


def order(kind: Kind) -> tuple[Channel, ...]:
    """Return the channels in the order in which they are tried."""
    return _PUSHED_FIRST if is_urgent(kind) else _WRITTEN_FIRST
