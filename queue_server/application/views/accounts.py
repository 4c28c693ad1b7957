"""Accounts of the staff, signing in, and the identity provider that a tenant trusts."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View
from scheduling_core.permissions import Role


class AccountView(View, frozen=True, kw_only=True):
    id: UUID
    tenant_id: UUID
    email: str
    """Empty for patients who sign in by code only."""
    name: str
    role: Role
    clinic_ids: tuple[UUID, ...]
    doctor_id: UUID | None
    patient_id: UUID | None
    disabled: bool
    version: int


class SignedIn(View, frozen=True, kw_only=True):
    """`data` of login and refresh; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: AccountView


class IssuerView(View, frozen=True, kw_only=True):
    """The external identity provider that a tenant trusts."""

    issuer: str
    audience: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    updated_at: datetime


class PersonView(View, frozen=True, kw_only=True):
    """Somebody of the staff, by the account they sign in with."""

    id: UUID
    name: str
