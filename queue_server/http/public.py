"""What routes share that answer the public as well as staff."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body
from queue_server.http.endpoint import Call
from scheduling_core import errors
from scheduling_core.ids import TenantId

OfTenant = Annotated[UUID, msgspec.Meta(description="for the public; the X-Tenant-Id header says it as well")] | None


class TenantQuery(Body, frozen=True, kw_only=True):
    """Whose, for somebody without an account."""

    tenant_id: OfTenant = None


def public_tenant(call: Call[Any, Any], named: UUID | None) -> TenantId | None:
    """Return the tenant that somebody without an account asks about, by parameter or header, or None.

    Raises `InvalidValue` when the two disagree.
    """
    header = call.tenant_header
    if header is not None and named not in (None, header):
        raise errors.InvalidValue("The header X-Tenant-Id names another tenant.", field="tenantId")
    tenant = named or header
    return TenantId(tenant) if tenant is not None else None
