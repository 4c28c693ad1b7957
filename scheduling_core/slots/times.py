"""Parts of the day, by the clinic's clock."""

from datetime import datetime
from enum import StrEnum


class PartOfDay(StrEnum):
    """When in the day a slot starts."""

    MORNING = "morning"
    """05:00 to 11:59"""
    AFTERNOON = "afternoon"
    """12:00 to 16:59"""
    EVENING = "evening"
    """17:00 to 20:59"""
    NIGHT = "night"
    """21:00 to 04:59"""


PARTS = tuple(PartOfDay)
"""In the order of the day; a slot's row keeps the place in it."""

_BY_HOUR = tuple(
    PARTS.index(
        PartOfDay.MORNING
        if 5 <= hour < 12
        else PartOfDay.AFTERNOON
        if 12 <= hour < 17
        else PartOfDay.EVENING
        if 17 <= hour < 21
        else PartOfDay.NIGHT
    )
    for hour in range(24)
)


def part_of_day(local: datetime) -> int:
    """Return the place in `PARTS` of a moment by the clinic's clock."""
    return _BY_HOUR[local.hour]
