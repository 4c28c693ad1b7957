"""Reads of what a tenant shows to everybody: open clinics, and what its doctors can be searched by."""

from collections.abc import Sequence

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("storefront")


async def open_clinics(tx: Transaction) -> Sequence[Row]:
    """Return the clinics that are open at present, in the order of their names."""
    return await tx.rows(_Q["open_clinics"], tx.tenant)


async def specialties_shown(tx: Transaction) -> Sequence[Row]:
    """Return the specialties of the doctors that search shows, as `code` and `label` (None: nobody names it first)."""
    return await tx.rows(_Q["specialties_shown"], tx.tenant)


async def languages_shown(tx: Transaction) -> list[str]:
    """Return the languages that the doctors speak whom search shows."""
    return [row["language"] for row in await tx.rows(_Q["languages_shown"], tx.tenant)]
