"""How patients sign in: contacts that are theirs, and the codes that show it."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction
from scheduling_core.ids import AccountId
from sql import loader

_Q = loader.queries("sign_in")


class LockedCode(msgspec.Struct, frozen=True):
    """A code whose row this transaction holds; `is_live` while it may still be tried."""

    digest: bytes
    message: UUID
    is_live: bool


class PatientAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A patient's account and what opens it."""

    id: AccountId
    email: str | None
    """The address that a password belongs to."""
    contacts: tuple[str, ...]
    created_at: datetime

    @property
    def shown(self) -> tuple[str, ...]:
        """Every address that is known to be theirs."""
        return self.contacts if self.email is None else tuple(dict.fromkeys((self.email, *self.contacts)))


async def issue(
    tx: Transaction, contact: bytes, digest: bytes, message: UUID, *, lifetime: timedelta, most: int, within: timedelta
) -> datetime | None:
    """Keep a new code for a contact and return when it ends; None when `most` were asked for `within` that time."""
    row = await tx.row(_Q["issue_code"], tx.tenant, contact, digest, message, lifetime, within, most)
    return row["expires_at"] if row else None


async def seconds_to_next(tx: Transaction, contact: bytes, within: timedelta) -> int:
    """Return after how many seconds another code may be asked for."""
    row = await tx.row(_Q["seconds_to_next_code"], tx.tenant, contact, within)
    return row["seconds"] if row else 1


async def lock(tx: Transaction, contact: bytes, most_attempts: int) -> LockedCode | None:
    """Lock and return the newest code of a contact, or None."""
    row = await tx.row(_Q["lock_code"], tx.tenant, contact, most_attempts)
    return LockedCode(row["digest"], row["message_id"], row["is_live"]) if row else None


async def count_attempt(tx: Transaction, contact: bytes) -> None:
    """Count a wrong attempt."""
    await tx.run(_Q["count_attempt"], tx.tenant, contact)


async def use(tx: Transaction, contact: bytes) -> None:
    """Use the code up."""
    await tx.run(_Q["use_code"], tx.tenant, contact)


async def live_code(tx: Transaction, contact: bytes, message: UUID) -> bytes | None:
    """Return the digest of the code that a message is to tell; None when that is over, or a newer one was asked for."""
    row = await tx.row(_Q["live_code"], tx.tenant, contact, message)
    return row["digest"] if row else None


async def prune(tx: Transaction) -> None:
    """Delete codes that ended long ago."""
    await tx.run(_Q["prune_codes"], tx.tenant)


async def account_of_contact(tx: Transaction, contact: str) -> AccountId | None:
    """Return the account that a contact opens, or None."""
    row = await tx.row(_Q["account_of_contact"], tx.tenant, contact)
    return AccountId(row["account_id"]) if row else None


async def patient_account_by_email(tx: Transaction, email: str) -> AccountId | None:
    """Return the account that the desk has made for a patient with this address, or None."""
    row = await tx.row(_Q["patient_account_by_email"], tx.tenant, email)
    return AccountId(row["account_id"]) if row else None


async def account_of_patient(tx: Transaction, patient: UUID) -> PatientAccount | None:
    """Return the account of a patient, or None."""
    row = await tx.row(_Q["account_of_patient"], tx.tenant, patient)
    if row is None:
        return None
    contacts = await tx.rows(_Q["contacts_of_account"], tx.tenant, row["account_id"])
    return PatientAccount(
        id=AccountId(row["account_id"]),
        email=row["email"],
        contacts=tuple(one["contact"] for one in contacts),
        created_at=row["created_at"],
    )


async def give_contact(tx: Transaction, contact: str, account: AccountId) -> None:
    """Let a contact open the account, and no other any more."""
    await tx.run(_Q["give_contact"], tx.tenant, contact, account)


async def offer_contact(tx: Transaction, contact: str, account: AccountId) -> None:
    """Let a contact open the account, unless it opens another."""
    await tx.run(_Q["offer_contact"], tx.tenant, contact, account)


async def drop_contact(tx: Transaction, account: AccountId, contact: str, instead: str | None) -> None:
    """Let a contact open the account no longer. Where a password belongs to it, that one belongs to the address
    `instead` from now on; without one it opens nothing. Raises `Conflict` when that is another account's."""
    await tx.run(_Q["take_contact"], tx.tenant, contact, account)
    await tx.run(_Q["change_password_address"], tx.tenant, account, contact, instead)


async def rename(tx: Transaction, account: AccountId, name: str) -> None:
    """Let an account bear its patient's name."""
    await tx.run(_Q["rename_account"], tx.tenant, account, name)


async def shut(tx: Transaction, account: AccountId) -> None:
    """Let nothing open an account any more, until its patient shows a contact of theirs again."""
    await tx.run(_Q["delete_contacts"], tx.tenant, account)
    await tx.run(_Q["shut_account"], tx.tenant, account)


async def close(tx: Transaction, account: AccountId) -> None:
    """Let nobody in any more, and forget who the account was of."""
    await tx.run(_Q["delete_contacts"], tx.tenant, account)
    await tx.run(_Q["delete_kept_answers"], tx.tenant, account)
    await tx.run(_Q["close_account"], tx.tenant, account)
