"""When rooms and equipment are out of use, for the calendars of the doctors whose hours name them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from queue_server.store import resources as rows
from queue_server.store.db import Transaction
from scheduling_core.calendar.sources import Outage
from scheduling_core.ids import MaintenanceId, ResourceId

_REACH = timedelta(days=2)
"""How far an instant of a local date may lie from the same date in UTC, and hours past their date."""


async def out_of_use(tx: Transaction, resources: Iterable[ResourceId], first: date, last: date) -> tuple[Outage, ...]:
    """Return the maintenance of `resources` that touches the dates from `first` to `last`, by its start.

    What was finished early ends when it was; what was called off before it began is left out.
    """
    since, until = _midnight(first) - _REACH, _midnight(last) + _REACH
    return tuple(
        Outage(
            id=MaintenanceId(row["maintenance_id"]),
            resource=row["resource_id"],
            start=row["starts_at"],
            end=row["until"],
        )
        for row in await rows.outages(tx, sorted(resources), since, until)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
