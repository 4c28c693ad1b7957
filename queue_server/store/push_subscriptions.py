"""Browsers of patients that take pushes."""

from uuid import UUID

import msgspec

from queue_server.store.db import Transaction
from sql import loader

_Q = loader.queries("push_subscriptions")


class PushSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """One browser: where it takes pushes, and its keys in base64url, as it gave them."""

    id: UUID
    endpoint: str
    p256dh: str
    auth: str


async def add(tx: Transaction, patient: UUID, new: PushSubscription, at_most: int) -> UUID:
    """Keep a browser for a patient and return its id: the one it has when it is known. Whoever it pushed to before, it
    pushes to this patient now. Of each patient the newest `at_most` are kept."""
    row = await tx.row(_Q["put_push_subscription"], tx.tenant, new.id, patient, new.endpoint, new.p256dh, new.auth)
    assert row is not None
    await tx.run(_Q["keep_newest_push_subscriptions"], tx.tenant, patient, at_most)
    kept: UUID = row["subscription_id"]
    return kept


async def of_patient(tx: Transaction, patient: UUID) -> list[PushSubscription]:
    """Return the browsers of a patient, the newest first."""
    return [
        PushSubscription(id=row["subscription_id"], endpoint=row["endpoint"], p256dh=row["p256dh"], auth=row["auth"])
        for row in await tx.rows(_Q["push_subscriptions"], tx.tenant, patient)
    ]


async def remove(tx: Transaction, patient: UUID, endpoint: str) -> bool:
    """Forget a browser of a patient by its address; returns whether it was known."""
    return await tx.row(_Q["remove_push_subscription"], tx.tenant, patient, endpoint) is not None


async def forget(tx: Transaction, subscription: UUID) -> None:
    """Forget a browser that takes nothing any more."""
    await tx.run(_Q["forget_push_subscription"], tx.tenant, subscription)


async def forget_all(tx: Transaction, patient: UUID) -> None:
    """Forget all browsers of a patient."""
    await tx.run(_Q["forget_push_subscriptions"], tx.tenant, patient)
