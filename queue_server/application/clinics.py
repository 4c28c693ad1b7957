"""Clinics of a tenant and the policy of their queues."""

from collections.abc import Awaitable, Callable
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, UnsetType
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.admin_bodies import CapacityBody, ClinicChange, NewClinic
from queue_server.application.paging import Page, after, checked_limit, cursor_of
from queue_server.application.plain_text import one_line
from queue_server.application.recorder import Recorder
from queue_server.application.views import Capacity, ClinicDetail
from queue_server.store import clinics, tenants
from queue_server.store.clinics import Clinic, ClinicCapacity
from queue_server.store.db import Database, Transaction
from queue_server.store.tenants import Tenant
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import ClinicId, TenantId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Permission

AdoptPolicy = Callable[[TenantId, ClinicId, QueuePolicy], Awaitable[None]]
"""Makes the clinic's open queues follow a new policy; called after it is committed."""

LONGEST_NAME, LONGEST_ADDRESS = 200, 500


class ClinicService:
    """Makes, changes and removes clinics; `forget` is told of a tenant whose clinics have changed.

    `early_max` is how early patients may come, in minutes, where a clinic has not decided otherwise.
    """

    def __init__(
        self,
        *,
        db: Database,
        recorder: Recorder,
        adopt_policy: AdoptPolicy,
        forget: Callable[[TenantId], None],
        early_max: int,
    ) -> None:
        self._early_max = early_max
        self._db = db
        self._recorder = recorder
        self._adopt_policy = adopt_policy
        self._forget = forget

    async def create_tenant(self, actor: Actor, name: str) -> Tenant:
        """Make the tenant that `actor` acts for (an operator makes up its id); for platform admins and the system."""
        actor.require(Permission.MANAGE_TENANTS)
        shown = one_line(name, "name", longest=LONGEST_NAME)
        async with self._db.tenant(actor.tenant) as tx:
            if await tenants.tenant(tx) is not None:
                raise Conflict("This tenant exists already.")
            tenant = await tenants.insert(tx, shown)
            await self._recorder.record(tx, actor, "tenant_created", {"tenantId": tenant.id})
        return tenant

    async def list(self, actor: Actor, *, limit: int = 50, cursor: str | None = None) -> Page[ClinicDetail]:
        """Return the clinics the account may see, in order of creation."""
        actor.require(Permission.READ_CLINICS)
        start, size = after(cursor), checked_limit(limit)
        async with self._db.tenant(actor.tenant) as tx:
            found = await clinics.page(tx, after=start, limit=size + 1, within=actor.clinics)
        shown = found[:size]
        return Page([_detail(c) for c in shown], cursor_of(shown[-1].id) if len(found) > size else None)

    async def get(self, actor: Actor, clinic: UUID) -> ClinicDetail:
        """Return a clinic; raises `NotFound` for one outside of the account's scope."""
        actor.require_for(Permission.READ_CLINICS, clinic=ClinicId(clinic))
        async with self._db.tenant(actor.tenant) as tx:
            return _detail(_known(await clinics.clinic(tx, clinic)))

    async def create(self, actor: Actor, body: NewClinic) -> ClinicDetail:
        """Make a clinic with the default queue policy; raises `Conflict` when its slug is taken."""
        actor.require(Permission.MANAGE_CLINICS)
        if actor.clinics:
            raise Forbidden("Only an admin of the whole organisation may add a clinic.")
        new = Clinic(
            id=ClinicId(uuid7()),
            slug=body.slug,
            name=one_line(body.name, "name", longest=LONGEST_NAME),
            timezone=_zone(body.timezone),
            address=one_line(body.address, "address", longest=LONGEST_ADDRESS, may_be_empty=True),
            capacity=_capacity(body.capacity),
            policy=QueuePolicy(early_max=self._early_max),
            active=True,
            version=1,
        )
        async with self._db.tenant(actor.tenant) as tx:
            made = await clinics.insert(tx, new)
            await self._recorder.record(tx, actor, "clinic_created", {"clinicId": made.id})
        return _detail(made)

    async def update(
        self, actor: Actor, clinic: UUID, change: ClinicChange, *, if_match: int | None = None
    ) -> ClinicDetail:
        """Change a clinic; what `change` leaves out stays.

        Raises `StaleVersion`, and `Conflict` for a slug that is taken or a time zone that would move the days of
        appointments that are still to come.
        """
        actor.require_for(Permission.MANAGE_CLINICS, clinic=ClinicId(clinic))
        async with self._db.tenant(actor.tenant) as tx:
            was = await self._lock(tx, clinic, if_match)
            wanted = _changed(was, change)
            if wanted == was:
                return _detail(was)
            if wanted.timezone != was.timezone and await clinics.has_days_ahead(tx, was.id):
                raise Conflict("The time zone cannot change while appointments are ahead.", field="timezone")
            made = await clinics.update(tx, wanted)
            fields = [name for name in Clinic.__struct_fields__ if getattr(was, name) != getattr(wanted, name)]
            await self._recorder.record(tx, actor, "clinic_updated", {"clinicId": made.id, "fields": fields})
        self._forget(actor.tenant)
        return _detail(made)

    async def delete(self, actor: Actor, clinic: UUID, *, if_match: int | None = None) -> None:
        """Remove a clinic; raises `Conflict` while doctors, appointments or accounts refer to it."""
        actor.require_for(Permission.MANAGE_CLINICS, clinic=ClinicId(clinic))
        async with self._db.tenant(actor.tenant) as tx:
            was = await self._lock(tx, clinic, if_match)
            use = await clinics.use_of(tx, was.id)
            if use.doctors or use.appointments:
                raise Conflict("The clinic has doctors or appointments; deactivate it instead.")
            if use.accounts:
                raise Conflict("Accounts are limited to this clinic; change them first.")
            await clinics.delete(tx, was.id)
            await self._recorder.record(tx, actor, "clinic_deleted", {"clinicId": was.id})
        self._forget(actor.tenant)

    async def policy(self, actor: Actor, clinic: UUID) -> tuple[QueuePolicy, int]:
        """Return the queue policy of a clinic and the clinic's version."""
        actor.require_for(Permission.MANAGE_POLICY, clinic=ClinicId(clinic))
        async with self._db.tenant(actor.tenant) as tx:
            found = _known(await clinics.clinic(tx, clinic))
        return found.policy, found.version

    async def set_policy(
        self, actor: Actor, clinic: UUID, policy: QueuePolicy, *, if_match: int | None = None
    ) -> tuple[QueuePolicy, int]:
        """Replace the queue policy and return it with the clinic's version; open queues follow it from now on.

        Raises `StaleVersion`, and `InvalidValue` when durations contradict each other. Setting the same policy again
        changes nothing here, but makes queues follow it that did not yet.
        """
        actor.require_for(Permission.MANAGE_POLICY, clinic=ClinicId(clinic))
        check_policy(policy)
        async with self._db.tenant(actor.tenant) as tx:
            found = await self._lock(tx, clinic, if_match)
            if found.policy != policy:
                found = await clinics.set_policy(tx, found.id, policy)
                changed = {"clinicId": found.id, "policy": msgspec.to_builtins(policy)}
                await self._recorder.record(tx, actor, "queue_policy_changed", changed)
        self._forget(actor.tenant)
        await self._adopt_policy(actor.tenant, found.id, policy)
        return found.policy, found.version

    async def _lock(self, tx: Transaction, clinic: UUID, if_match: int | None) -> Clinic:
        found = _known(await clinics.lock(tx, clinic))
        if if_match is not None and if_match != found.version:
            raise StaleVersion("The clinic has changed since you looked.")
        return found


def check_policy(policy: QueuePolicy) -> None:
    """Raise `InvalidValue` when the durations of a policy contradict each other."""
    if policy.release_after < policy.late_after:
        raise InvalidValue(
            "A place cannot be released before its patient counts as late: releaseAfter is less than lateAfter.",
            field="releaseAfter",
        )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(given: str) -> str:
    if given not in _zones():
        raise InvalidValue("There is no such time zone; give an IANA name like Europe/Berlin.", field="timezone")
    return given


def _capacity(given: CapacityBody) -> ClinicCapacity:
    if given.per_day is not None and given.per_window is not None and given.per_window > given.per_day:
        raise InvalidValue("A window cannot take more than the day.", field="capacity.perWindow")
    return ClinicCapacity(per_day=given.per_day, per_window=given.per_window)


def _changed(was: Clinic, change: ClinicChange) -> Clinic:
    return msgspec.structs.replace(
        was,
        slug=was.slug if change.slug is UNSET else change.slug,
        name=was.name if change.name is UNSET else one_line(change.name, "name", longest=LONGEST_NAME),
        timezone=was.timezone if change.timezone is UNSET else _zone(change.timezone),
        address=_address(was.address, change.address),
        capacity=was.capacity if change.capacity is UNSET else _capacity(change.capacity),
        active=was.active if change.active is UNSET else change.active,
    )


def _address(was: str, given: str | UnsetType) -> str:
    return was if given is UNSET else one_line(given, "address", longest=LONGEST_ADDRESS, may_be_empty=True)


def _known(found: Clinic | None) -> Clinic:
    if found is None:
        raise NotFound("There is no such clinic.")
    return found


def _detail(clinic: Clinic) -> ClinicDetail:
    return ClinicDetail(
        id=clinic.id,
        slug=clinic.slug,
        name=clinic.name,
        timezone=clinic.timezone,
        address=clinic.address,
        capacity=Capacity(per_day=clinic.capacity.per_day, per_window=clinic.capacity.per_window),
        queue_policy=clinic.policy,
        active=clinic.active,
        version=clinic.version,
    )
