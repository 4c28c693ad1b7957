"""The access side of the application on the test database, with cheap passwords and a clock that tests turn."""

from typing import Any
from uuid import uuid4

import msgspec
from argon2 import PasswordHasher

from queue_server.application.access import AccessService
from queue_server.application.actor import Actor, system
from queue_server.application.admin_bodies import NewStaff
from queue_server.application.clinics import ClinicService
from queue_server.application.foreign_tokens import ForeignTokens
from queue_server.application.issuers import IssuerService
from queue_server.application.jwks import JwksCache, jwks_client
from queue_server.application.passwords import Passwords
from queue_server.application.staff import StaffService
from queue_server.application.standing import Standings
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Recorder, WritePath
from queue_server.application.views.accounts import AccountView
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.ids import ClinicId, TenantId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Role
from tests.graph import Published

PASSWORD = "correct horse battery"


class AccessGraph:
    """Everything about access; `later` lets its caches believe that time has passed."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self.settings = settings
        self.db = db
        self.skipped = 0.0
        self.adopted: list[tuple[TenantId, ClinicId, QueuePolicy]] = []
        self.forgotten: list[TenantId] = []
        self.http = jwks_client()
        self.tokens = Tokens(settings)
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.standings = Standings(db, clock=self._clock)
        self.foreign = ForeignTokens(db, JwksCache(self.http, clock=self._clock), clock=self._clock)
        recorder = Recorder()
        self.access = AccessService(
            settings=settings,
            db=db,
            tokens=self.tokens,
            passwords=self.passwords,
            standings=self.standings,
            foreign=self.foreign,
            recorder=recorder,
        )
        self.staff = StaffService(db=db, passwords=self.passwords, standings=self.standings, recorder=recorder)
        self.writes = WritePath(db, Published())
        self.clinics = ClinicService(
            db=db,
            writes=self.writes,
            recorder=recorder,
            adopt_policy=self._adopt,
            forget=self.forgotten.append,
            early_max=settings.max_early_arrival_minutes,
        )
        self.issuers = IssuerService(settings=settings, db=db, foreign=self.foreign, recorder=recorder)

    def later(self, seconds: float) -> None:
        """Let the caches believe that so many seconds have passed."""
        self.skipped += seconds

    async def account(self, tenant: TenantId, role: Role = Role.RECEPTIONIST, **given: Any) -> AccountView:
        """Make an account with `PASSWORD`."""
        fields = {"email": f"{uuid4().hex[:12]}@example.org", "password": PASSWORD, "name": "Test", **given}
        return await self.staff.create(system(tenant), NewStaff(role=role, **fields))

    async def admin(self, tenant: TenantId, **given: Any) -> Actor:
        """Make an admin and return the actor."""
        return actor_of(await self.account(tenant, Role.ADMIN, **given))

    async def events(self, tenant: TenantId) -> list[tuple[str, dict[str, Any]]]:
        """Return type and data of the tenant's administrative events and those of its clinics, oldest first."""
        async with self.db.tenant(tenant) as tx:
            rows = await tx.rows(
                "SELECT e.type, e.data FROM event_store e JOIN stream s USING (tenant_id, stream_id)"
                " WHERE s.kind IN ('administration', 'clinic') ORDER BY e.occurred_at, e.event_id"
            )
        return [(row["type"], msgspec.json.decode(row["data"])) for row in rows]

    async def change(self, tenant: TenantId, query: str, *arguments: object) -> None:
        """Write into the tenant's rows past the application, as another server would."""
        async with self.db.tenant(tenant) as tx:
            await tx.run(query, *arguments)

    async def close(self) -> None:
        """Close what was opened."""
        await self.http.aclose()

    def _clock(self) -> float:
        return 1000.0 + self.skipped

    async def _adopt(self, tenant: TenantId, clinic: ClinicId, policy: QueuePolicy) -> None:
        self.adopted.append((tenant, clinic, policy))


def actor_of(account: AccountView) -> Actor:
    """Return the actor of an account, as a request of it would have."""
    return msgspec.convert(
        {
            "tenant": account.tenant_id,
            "account": account.id,
            "role": account.role,
            "clinics": account.clinic_ids,
            "doctor": account.doctor_id,
        },
        Actor,
    )
