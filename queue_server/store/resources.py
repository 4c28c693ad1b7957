"""Reads of rooms, equipment and clinic days."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("resources")


async def clinic_closings(tx: Transaction, clinics: Sequence[UUID], first: date, last: date) -> Sequence[Row]:
    """Return for each clinic its holiday calendar with its own dates from `first` to `last`, one a row, in order.

    A clinic without own dates has one row without a date.
    """
    return await tx.rows(_Q["clinic_closings"], tx.tenant, list(clinics), first, last)
