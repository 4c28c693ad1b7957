"""Accounts, the ways to sign in to them, and who among them is staff."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from queue_server.store.db import Database, Row, Transaction
from scheduling_core.ids import AccountId, ClinicId, DoctorId, PatientId, TenantId
from scheduling_core.permissions import Role
from sql import loader

_Q = loader.queries("access")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of a tenant, without its password."""

    tenant: TenantId
    id: AccountId
    email: str | None
    """None for patients who sign in by code only."""
    name: str
    role: Role
    clinics: tuple[ClinicId, ...]
    """Clinics the account is limited to; empty means all of the tenant's."""
    doctor: DoctorId | None
    patient: PatientId | None
    disabled: bool
    version: int


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """An enabled account that a password may open."""

    tenant: TenantId
    account: AccountId
    password_hash: str

    def __repr__(self) -> str:
        return f"SignIn(tenant={self.tenant}, account={self.account}, password_hash=…)"


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is made from."""

    id: AccountId
    email: str | None
    password_hash: str | None
    name: str
    role: Role
    clinics: tuple[ClinicId, ...]
    doctor: DoctorId | None
    patient: PatientId | None = None


class KnownPatient(msgspec.Struct, frozen=True):
    """A patient who may be given an account."""

    name: str
    has_account: bool
    has_guardian: bool


async def patient(tx: Transaction, patient: UUID, within: Sequence[ClinicId]) -> KnownPatient | None:
    """Lock and return a patient, None for one unknown or without an appointment at a clinic of `within`, if any."""
    row = await tx.row(_Q["patient_for_account"], tx.tenant, patient, list(within))
    return KnownPatient(row["name"], row["has_account"], row["has_guardian"]) if row else None


async def find_sign_ins(db: Database, email: str) -> list[SignIn]:
    """Return the accounts of any tenant with this (normalised) e-mail address, 16 at most."""
    async with db.anonymous() as connection:
        return [_sign_in(row) for row in await connection.fetch(_Q["find_sign_in"], email)]


async def sign_in_of(tx: Transaction, email: str) -> list[SignIn]:
    """Return this tenant's account with the (normalised) e-mail address, if a password opens it."""
    return [_sign_in(row) for row in await tx.rows(_Q["sign_in_of_tenant"], tx.tenant, email)]


async def account(tx: Transaction, account: UUID) -> Account | None:
    """Return an account of the tenant, or None."""
    row = await tx.row(_Q["account"], tx.tenant, account)
    return _account(tx.tenant, row) if row else None


async def lock(tx: Transaction, account: UUID) -> tuple[Account, str | None] | None:
    """Lock an account and return it with its password's hash, or None; sessions change under this lock only."""
    row = await tx.row(_Q["lock_account"], tx.tenant, account)
    return (_account(tx.tenant, row), row["password_hash"]) if row else None


async def lock_staff(tx: Transaction) -> bool:
    """Lock the tenant for a change of its staff accounts; False when there is no such tenant."""
    return await tx.row(_Q["lock_staff"], tx.tenant) is not None


async def page(
    tx: Transaction, *, after: UUID | None, limit: int, role: Role | None, within: Sequence[ClinicId]
) -> list[Account]:
    """Return staff accounts after `after`, in order of creation; only those limited to clinics of `within`, if any."""
    rows = await tx.rows(_Q["accounts"], tx.tenant, after, limit, role, list(within))
    return [_account(tx.tenant, row) for row in rows]


async def insert(tx: Transaction, new: NewAccount) -> Account:
    """Make an account and return it; raises `Conflict` when the e-mail address is taken."""
    row = await tx.row(
        _Q["insert_account"],
        tx.tenant,
        new.id,
        new.email,
        new.password_hash,
        new.name,
        new.role,
        list(new.clinics),
        new.doctor,
        new.patient,
    )
    return _account(tx.tenant, _made(row))


async def update(tx: Transaction, wanted: Account) -> Account:
    """Write name, role, clinics, doctor and whether it is disabled; returns the account with its next version."""
    row = await tx.row(
        _Q["update_account"],
        tx.tenant,
        wanted.id,
        wanted.name,
        wanted.role,
        list(wanted.clinics),
        wanted.doctor,
        wanted.disabled,
    )
    return _account(tx.tenant, _made(row))


async def set_password(tx: Transaction, account: AccountId, password_hash: str) -> Account:
    """Replace the password and return the account with its next version."""
    return _account(tx.tenant, _made(await tx.row(_Q["set_password"], tx.tenant, account, password_hash)))


async def rehash(tx: Transaction, account: AccountId, old: str, new: str) -> None:
    """Replace a password's hash by a stronger one of the same password, unless it changed meanwhile."""
    await tx.run(_Q["rehash"], tx.tenant, account, old, new)


async def other_full_admins(tx: Transaction, besides: AccountId) -> int:
    """Return how many enabled admins of the whole tenant there are besides one."""
    row = _made(await tx.row(_Q["other_full_admins"], tx.tenant, besides))
    count: int = row["others"]
    return count


async def clinics_of_doctor(tx: Transaction, doctor: UUID) -> set[UUID] | None:
    """Return the clinics a doctor works at, keeping the doctor from vanishing until the commit; None if unknown."""
    row = await tx.row(_Q["doctor_clinics"], tx.tenant, doctor)
    return {row["clinic_id"], *row["others"]} if row else None


async def existing_clinics(tx: Transaction, clinics: Sequence[UUID]) -> set[UUID]:
    """Return which of `clinics` exist, keeping them from vanishing until the commit."""
    return {row["clinic_id"] for row in await tx.rows(_Q["existing_clinics"], tx.tenant, list(clinics))}


async def standing(tx: Transaction, account: UUID, *, jti: str | None, session: UUID | None) -> Account | None:
    """Return the account behind an access token, or None when it, its session or the token itself is no longer good."""
    row = await tx.row(_Q["standing"], tx.tenant, account, jti, session)
    return _account(tx.tenant, row) if row else None


async def standing_by_email(tx: Transaction, email: str) -> Account | None:
    """Return the enabled account with this (normalised) e-mail address, or None."""
    row = await tx.row(_Q["standing_by_email"], tx.tenant, email)
    return _account(tx.tenant, row) if row else None


def _sign_in(row: Row) -> SignIn:
    return SignIn(
        tenant=TenantId(row["tenant_id"]), account=AccountId(row["account_id"]), password_hash=row["password_hash"]
    )


def _made(row: Row | None) -> Row:
    if row is None:
        raise LookupError("a row that this transaction holds has vanished")
    return row


def _account(tenant: TenantId, row: Row) -> Account:
    return Account(
        tenant=tenant,
        id=AccountId(row["account_id"]),
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        clinics=tuple(row["clinic_ids"]),
        doctor=row["doctor_id"],
        patient=row["patient_id"],
        disabled=row["disabled"],
        version=row["version"],
    )
