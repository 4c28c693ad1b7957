"""Which tenant an operator's command is about."""

from uuid import UUID

from queue_server.settings import Settings
from queue_server.store import tenants
from queue_server.store.db import Database
from queue_server.store.tenants import Tenant
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import TenantId


async def chosen_tenant(settings: Settings, tenant: UUID | None) -> TenantId:
    """Return `tenant`, or the installation's only one; raises `InvalidValue` unless that is clear.

    Listing tenants is the owner's right, so without `tenant` the owner's address is needed.
    """
    if tenant is not None:
        return TenantId(tenant)
    found = await _all(settings)
    if not found:
        raise InvalidValue("There is no tenant yet: make one with `queue-server create-admin`.")
    if len(found) > 1:
        names = ", ".join(f"{t.name} ({t.id})" for t in found)
        raise InvalidValue(f"Say which tenant with --tenant ID: {names}.")
    return found[0].id


async def tenants_meant(settings: Settings, tenant: UUID | None) -> list[TenantId]:
    """Return `tenant` alone, or every tenant, for which the owner's address is needed."""
    return [TenantId(tenant)] if tenant is not None else [one.id for one in await _all(settings)]


async def _all(settings: Settings) -> list[Tenant]:
    owner = Database(settings.owner_url(), pool_size=1, application="queue-server")
    await owner.open()
    try:
        return await tenants.all_tenants(owner)
    finally:
        await owner.close()
