"""How fast messages go out: a pace for each organisation and channel, which delays and never drops.

Half of what an organisation may send in a minute is kept for what cannot wait, so that no flood of confirmations stands
before a call. In any minute there are never more than the limit, bursts included.
"""

from collections.abc import Mapping
from datetime import timedelta

from queue_server.store import messages, rate_limits
from queue_server.store.db import Transaction
from queue_server.store.messages import Channel

BURST_PART = 4
"""A lane may send this part of its minute at once, and the rest evenly."""


async def take(tx: Transaction, channel: Channel, granted: Mapping[Channel, int], *, is_urgent: bool) -> timedelta:
    """Take the next place of the organisation's messages through a channel, and return how long to wait for it."""
    chosen: int | None = getattr(await rate_limits.of_tenant(tx), f"{channel}_messages")
    lane = (chosen if chosen is not None else granted[channel]) / 2
    burst = max(1, int(lane / BURST_PART))
    a_minute = lane - burst if burst > 1 else lane
    return await messages.take_pace(tx, channel, is_urgent=is_urgent, a_minute=a_minute, burst=burst)
