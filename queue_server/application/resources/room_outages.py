"""When rooms are out of use, for the calendars of the doctors whose hours name them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from queue_server.store import resources as rows
from queue_server.store.db import Transaction
from scheduling_core.calendar.sources import RoomOutage
from scheduling_core.ids import MaintenanceId, RoomId

_REACH = timedelta(days=2)
"""How far an instant of a local date may lie from the same date in UTC, and hours past their date."""


async def room_outages(tx: Transaction, rooms: Iterable[RoomId], first: date, last: date) -> tuple[RoomOutage, ...]:
    """Return the maintenance of `rooms` that touches the dates from `first` to `last`, by its start.

    What was finished early ends when it was; what was called off before it began is left out.
    """
    since, until = _midnight(first) - _REACH, _midnight(last) + _REACH
    return tuple(
        RoomOutage(
            id=MaintenanceId(row["maintenance_id"]),
            room=RoomId(row["room_id"]),
            start=row["starts_at"],
            end=row["until"],
        )
        for row in await rows.room_outages(tx, sorted(rooms), since, until)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
