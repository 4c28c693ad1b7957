"""Event ids: UUIDv7 (RFC 9562) whose order is the order of the stream, and which tell when the event happened."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

VERSION = 7
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def event_id(at: datetime, ordinal: int) -> UUID:
    """Return an id that sorts by `at` (to the microsecond), then by `ordinal` (below 65,536) within one commit.

    Milliseconds and their fraction as RFC 9562, section 6.2, method 3 lays them out; the ordinal leads the random part.
    """
    micros = (at - _EPOCH) // _MICROSECOND
    millis, rest = divmod(micros, 1000)
    value = millis << 80 | VERSION << 76 | (rest * 4096 // 1000) << 64
    value |= 0b10 << 62 | (ordinal & 0xFFFF) << 46 | secrets.randbits(46)
    return UUID(int=value)


def time_of(event: UUID) -> datetime | None:
    """Return when an event happened, by its id, to the millisecond; None for an id that tells nothing of that."""
    if event.version != VERSION:
        return None
    return _EPOCH + timedelta(milliseconds=event.int >> 80)
