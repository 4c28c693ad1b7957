"""How many requests a tenant takes: what it has chosen, what the installation grants, and how both are looked up."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from uuid import UUID

import msgspec
import structlog

from queue_server.application.actor import Actor
from queue_server.application.admin_bodies import RateLimitsBody
from queue_server.application.answers import check_version
from queue_server.application.recorder import Recorder
from queue_server.application.views import View
from queue_server.settings import Settings
from queue_server.store import rate_limits
from queue_server.store.db import Database
from queue_server.store.rate_limits import ChosenLimits
from scheduling_core.errors import DomainError, Forbidden, InvalidValue, NotFound
from scheduling_core.ids import TenantId
from scheduling_core.permissions import Permission, Role

log = structlog.stdlib.get_logger("rate_limits")

FRESH_SECONDS = 10.0
"""So long may another server go by the old limits. They bound floods and grant nothing, so that a pointer from
Postgres, which would need this as a backstop anyway, gains too little."""
MOST_REMEMBERED = 10_000
AT_ONCE = 2
"""Connections that looking up limits may take from the pool."""

ADDRESS_FIELDS = ("address_reads", "address_writes")


class RateLimitsView(View, frozen=True, kw_only=True):
    """How many requests are taken a minute, and how many messages are sent; may be sent back as it is."""

    address_reads_per_minute: int
    address_writes_per_minute: int
    user_writes_per_minute: int
    user_reads_per_minute: int
    tenant_reads_per_minute: int
    tenant_writes_per_minute: int
    email_messages_per_minute: int
    sms_messages_per_minute: int
    whatsapp_messages_per_minute: int
    push_messages_per_minute: int


class TenantLimits:
    """Reads and sets the limits of tenants; `granted` are those of tenants that have chosen none."""

    def __init__(
        self, *, settings: Settings, db: Database, recorder: Recorder, clock: Callable[[], float] = monotonic
    ) -> None:
        self.granted = {
            "address_reads": settings.public_requests_per_minute,
            "address_writes": settings.address_writes_per_minute,
            "user_writes": settings.user_writes_per_minute,
            "user_reads": settings.user_reads_per_minute,
            "tenant_reads": settings.tenant_reads_per_minute,
            "tenant_writes": settings.tenant_writes_per_minute,
            "email_messages": settings.email_messages_per_minute,
            "sms_messages": settings.sms_messages_per_minute,
            "whatsapp_messages": settings.whatsapp_messages_per_minute,
            "push_messages": settings.push_messages_per_minute,
        }
        self._db = db
        self._recorder = recorder
        self._clock = clock
        self._known: OrderedDict[TenantId, tuple[float, ChosenLimits]] = OrderedDict()
        self._looking: dict[TenantId, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    def of(self, tenant: TenantId) -> ChosenLimits:
        """Return what `tenant` has chosen, as far as is known now; never waits.

        What is older than some seconds is looked up in the background: no request is kept waiting for its own limit,
        and while Postgres is away the last known limits hold.
        """
        read_at, chosen = self._known.get(tenant, (None, ChosenLimits()))
        if (read_at is None or self._clock() - read_at > FRESH_SECONDS) and tenant not in self._looking:
            task = asyncio.create_task(self._look_up(tenant), name="tenant-limits")
            self._looking[tenant] = task
            task.add_done_callback(lambda _: self._looking.pop(tenant, None))
        return chosen

    async def get(self, actor: Actor, tenant: UUID) -> tuple[RateLimitsView, int]:
        """Return the limits in force and their version; raises `NotFound` for another tenant than the actor's."""
        self._check(actor, tenant)
        async with self._db.tenant(actor.tenant) as tx:
            chosen = await rate_limits.of_tenant(tx)
        self._remember(actor.tenant, chosen)
        return self._view(chosen), chosen.version

    async def put(
        self, actor: Actor, tenant: UUID, body: RateLimitsBody, *, if_match: int | None = None
    ) -> tuple[RateLimitsView, int]:
        """Set the limits, and return them with their version; here they hold at once.

        Raises `StaleVersion`, and `InvalidValue` for more than the installation grants: a platform admin may set more
        for all but addresses, whose limits hold for everybody.
        """
        self._check(actor, tenant)
        wanted = self._wanted(actor, body)
        async with self._db.tenant(actor.tenant) as tx:
            chosen = await rate_limits.lock(tx)
            check_version(if_match, chosen.version, "The set of limits")
            if msgspec.structs.replace(wanted, version=chosen.version) != chosen:
                chosen = await rate_limits.update(tx, wanted)
                changed = {_field(name): getattr(chosen, name) for name in self.granted}
                await self._recorder.record(tx, actor, "rate_limits_changed", changed)
        self._remember(actor.tenant, chosen)
        return self._view(chosen), chosen.version

    async def stop(self) -> None:
        """Look up nothing any more."""
        for task in list(self._looking.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _check(self, actor: Actor, tenant: UUID) -> None:
        actor.require(Permission.MANAGE_RATE_LIMITS)
        if tenant != actor.tenant:
            raise NotFound("There is no such tenant.")
        if actor.clinics:
            raise Forbidden("Only an admin of the whole organisation may set its limits.")

    def _wanted(self, actor: Actor, body: RateLimitsBody) -> ChosenLimits:
        chosen: dict[str, int] = {}
        for name, granted in self.granted.items():
            value: int | None = getattr(body, f"{name}_per_minute")
            # What is granted anyway is no choice: it follows the installation's setting.
            if value is None or value == granted:
                continue
            may_exceed = actor.role is Role.PLATFORM_ADMIN and name not in ADDRESS_FIELDS
            if value > granted and not may_exceed:
                raise InvalidValue(f"This installation grants {granted} a minute at most.", field=_field(name))
            chosen[name] = value
        return ChosenLimits(**chosen)

    def _view(self, chosen: ChosenLimits) -> RateLimitsView:
        return RateLimitsView(
            **{f"{name}_per_minute": getattr(chosen, name) or granted for name, granted in self.granted.items()}
        )

    async def _look_up(self, tenant: TenantId) -> None:
        known = self._known.get(tenant)
        try:
            async with self._turns, self._db.tenant(tenant) as tx:
                chosen = await rate_limits.of_tenant(tx)
        except DomainError:
            chosen = known[1] if known else ChosenLimits()
        except Exception:
            # Nobody awaits this task, and requests must not pay for it.
            log.exception("tenant_limits_unknown")
            chosen = known[1] if known else ChosenLimits()
        if self._known.get(tenant) == known:  # else somebody has set them meanwhile
            self._remember(tenant, chosen)

    def _remember(self, tenant: TenantId, chosen: ChosenLimits) -> None:
        self._known[tenant] = (self._clock(), chosen)
        self._known.move_to_end(tenant)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def _field(name: str) -> str:
    first, *rest = f"{name}_per_minute".split("_")
    return first + "".join(part.capitalize() for part in rest)
