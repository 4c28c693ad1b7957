"""What patients want to be told through what, and when they are not to be woken."""

from collections.abc import Mapping
from datetime import time
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction
from queue_server.store.messages import Channel
from sql import loader

_Q = loader.queries("preferences")

Wanted = Mapping[tuple[str, Channel], bool]
"""By kind of message and channel."""


class OwnHours(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is not to be woken: over midnight if the end is the earlier one, never if both are the same.

    `timezone` None is that of the clinic that writes.
    """

    start: time
    end: time
    timezone: str | None = None


async def of_kind(tx: Transaction, patient: UUID, kind: str) -> dict[Channel, bool]:
    """Return what a patient has said about a kind of message, by channel; where nothing is said, they want it."""
    rows = await tx.rows(_Q["wanted_channels"], tx.tenant, patient, kind)
    return {Channel(row["channel"]): row["wanted"] for row in rows}


async def all_of(tx: Transaction, patient: UUID) -> dict[tuple[str, Channel], bool]:
    """Return all that a patient has said."""
    rows = await tx.rows(_Q["preferences"], tx.tenant, patient)
    return {(row["kind"], Channel(row["channel"])): row["wanted"] for row in rows}


async def put(tx: Transaction, patient: UUID, wanted: Wanted) -> list[str]:
    """Keep what a patient says and return the kinds of which that is news; what is left out stays."""
    rows = await tx.rows(
        _Q["set_preferences"],
        tx.tenant,
        patient,
        [kind for kind, _ in wanted],
        [channel for _, channel in wanted],
        list(wanted.values()),
    )
    return sorted({row["kind"] for row in rows})


async def hours(tx: Transaction, patient: UUID) -> OwnHours | None:
    """Return a patient's own quiet hours, None for who has said nothing of them."""
    row = await tx.row(_Q["quiet_hours"], tx.tenant, patient)
    if row is None:
        return None
    return OwnHours(start=row["quiet_start"], end=row["quiet_end"], timezone=row["timezone"])


async def put_hours(tx: Transaction, patient: UUID, wanted: OwnHours | None) -> None:
    """Keep a patient's quiet hours; None forgets them."""
    if wanted is None:
        await tx.run(_Q["forget_quiet_hours"], tx.tenant, patient)
    else:
        await tx.run(_Q["set_quiet_hours"], tx.tenant, patient, wanted.start, wanted.end, wanted.timezone)


async def forget(tx: Transaction, patient: UUID) -> None:
    """Forget all that a patient has said."""
    await tx.run(_Q["forget_preferences"], tx.tenant, patient)
    await tx.run(_Q["forget_quiet_hours"], tx.tenant, patient)
