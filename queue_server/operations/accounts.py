"""`queue-server create-admin` and `token`: the first account of a tenant, and tokens for scripts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import system
from queue_server.application.admin_bodies import NewStaff
from queue_server.application.passwords import check_new
from queue_server.application.plain_text import email_address
from queue_server.operations.tenants import chosen_tenant
from queue_server.settings import Settings
from queue_server.store import accounts, tenants
from queue_server.wiring import open_services
from scheduling_core.errors import NotFound
from scheduling_core.ids import TenantId
from scheduling_core.permissions import Role


class NewAdmin(msgspec.Struct, frozen=True):
    """An admin that was made, and of which tenant."""

    tenant: UUID
    tenant_name: str
    account: UUID
    email: str
    role: Role


async def create_admin(
    settings: Settings,
    *,
    email: str,
    password: str,
    name: str,
    tenant: UUID | None,
    tenant_name: str,
    platform: bool = False,
) -> NewAdmin:
    """Make an admin of `tenant`, or of a new one called `tenant_name`; with `platform` one above all tenants.

    A platform admin has an account in that tenant like anybody else, and needs the operator's DATABASE_OWNER_URL: what
    a server is given must not be enough to stand above everybody.

    Raises `NotFound` for an unknown tenant, `InvalidValue` for a poor password or address, `Conflict` when the
    address is taken.
    """
    if platform:
        settings.owner_url()
    role = Role.PLATFORM_ADMIN if platform else Role.ADMIN
    async with open_services(settings, application="queue-server create-admin") as services:
        # Checked before a tenant is made for it.
        check_new(password, email=email_address(email))
        actor = system(TenantId(tenant or uuid4()))
        if tenant is None:
            made = await services.clinics.create_tenant(actor, tenant_name)
        else:
            async with services.db.tenant(actor.tenant) as tx:
                known = await tenants.tenant(tx)
            if known is None:
                raise NotFound(f"There is no tenant {tenant}.")
            made = known
        account = await services.staff.create(actor, NewStaff(email=email, password=password, name=name, role=role))
        return NewAdmin(made.id, made.name, account.id, account.email, account.role)


async def issue_token(settings: Settings, *, email: str, tenant: UUID | None, minutes: int) -> str:
    """Return an access token for an account of `tenant`, or of the only one, good for `minutes`.

    Raises `NotFound` when there is no such account.
    """
    tenant = await chosen_tenant(settings, tenant)
    async with open_services(settings, application="queue-server token") as services:
        async with services.db.tenant(TenantId(tenant)) as tx:
            account = await accounts.standing_by_email(tx, email_address(email))
        if account is None:
            raise NotFound(f"The tenant has no enabled account {email}.")
        return services.tokens.issue_access(account, now=datetime.now(UTC), lifetime=timedelta(minutes=minutes))
