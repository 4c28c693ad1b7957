"""Who acts: the identity that every use case is given first."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from scheduling_core.errors import Forbidden, NotFound
from scheduling_core.ids import AccountId, ClinicId, DoctorId, PatientId, TenantId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, Role, may

SYSTEM_ID = UUID(int=0)
"""Stands for the system where an actor's id is part of a key."""


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated account of one tenant, or the system acting for it."""

    tenant: TenantId
    account: AccountId | None = None
    role: Role | None = None
    name: str = ""
    clinics: tuple[ClinicId, ...] = ()
    """Clinics the account is limited to; empty means all of the tenant's."""
    doctor: DoctorId | None = None
    patient: PatientId | None = None
    guest: UUID | None = None
    """Somebody without an account, by the digest of their session token: they reach what that token has begun."""
    request_id: str | None = None
    home: TenantId | None = None
    """Where the account lives, when a platform admin acts in another tenant."""

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind this."""
        return self.account is None and self.guest is None

    @property
    def key(self) -> UUID:
        """Who this is where an id is needed, as for repetitions: account, guest, or the system."""
        return self.account or self.guest or SYSTEM_ID

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the role allows `permission`; the system may do everything."""
        if not self.is_system and (self.role is None or not may(self.role, permission)):
            raise Forbidden

    def require_for(self, permission: Permission, *, clinic: ClinicId, doctor: DoctorId | None = None) -> None:
        """Raise unless `permission` is allowed for this clinic and doctor.

        A clinic outside of the account's scope is as unknown as a foreign tenant's (`NotFound`); another doctor's
        queue is `Forbidden` to a doctor.
        """
        self.require_for_any(permission, clinics=(clinic,), doctor=doctor)

    def require_for_any(
        self, permission: Permission, *, clinics: Collection[ClinicId], doctor: DoctorId | None = None
    ) -> None:
        """Raise, as `require_for` does, unless `permission` is allowed for at least one of these clinics."""
        self.require(permission)
        if self.is_system:
            return
        if self.clinics and set(self.clinics).isdisjoint(clinics):
            raise NotFound
        if self.role in OWN_DOCTOR_ONLY and doctor is not None and doctor != self.doctor:
            raise Forbidden("A doctor may do this only in their own queue.")


def system(tenant: TenantId, *, request_id: str | None = None) -> Actor:
    """Return the system as it acts for `tenant`."""
    return Actor(tenant=tenant, request_id=request_id)
