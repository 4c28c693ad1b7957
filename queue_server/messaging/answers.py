"""What answers of providers over HTTP have in common: they are bounded, and may say when to come back."""

import re
from collections.abc import AsyncIterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LARGEST_ANSWER = 64_000
SOONEST, LATEST = timedelta(seconds=1), timedelta(hours=1)
"""What a provider may ask for when it says `Retry-After`."""


async def read_bounded(parts: AsyncIterable[bytes]) -> bytes:
    """Return an answer; nothing, which makes no sense, for one that is longer than any should be."""
    raw = b""
    async for part in parts:
        raw += part
        if len(raw) > LARGEST_ANSWER:
            return b""
    return raw


def retry_after(given: str | None, now: datetime) -> timedelta | None:
    """Return how long a `Retry-After` header asks to wait, from a second to an hour; None when it says nothing that
    makes sense (RFC 9110, 10.2.3)."""
    if given is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", given.strip()):
        return min(LATEST, max(SOONEST, timedelta(seconds=int(given))))
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return None
    return min(LATEST, max(SOONEST, (at if at.tzinfo else at.replace(tzinfo=UTC)) - now))
