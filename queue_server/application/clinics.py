"""Clinics of a tenant and the policy of their queues."""

from collections.abc import Awaitable, Callable
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.admin_bodies import CapacityBody, ClinicChange, HolidaysBody, NewClinic
from queue_server.application.answers import Precondition
from queue_server.application.doctors import bookability
from queue_server.application.paging import Page, after, checked_limit, cursor_of
from queue_server.application.plain_text import one_line
from queue_server.application.recorder import Recorder
from queue_server.application.resources.clinic_writes import ClinicWrites, LockedClinic
from queue_server.application.resources.models import CLINIC
from queue_server.application.resources.public_holidays import check_calendar
from queue_server.application.resources.shown import texts_of
from queue_server.application.unit import Unit, WritePath
from queue_server.application.views.clinics import Capacity, ClinicDetail, Holidays
from queue_server.store import clinics, tenants
from queue_server.store.clinics import Clinic
from queue_server.store.db import Database
from queue_server.store.tenants import Tenant
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, TenantId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Permission
from scheduling_core.resources.clinics import (
    Caps,
    CreateClinic,
    DeleteClinic,
    HolidayCalendar,
    SetQueuePolicy,
    UpdateClinic,
    check_caps,
    check_policy,
    decide,
)

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
        writes: WritePath,
        recorder: Recorder,
        adopt_policy: AdoptPolicy,
        forget: Callable[[TenantId], None],
        early_max: int,
    ) -> None:
        self._early_max = early_max
        self._db = db
        self._writes = ClinicWrites(db, writes)
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
        name = one_line(body.name, "name", longest=LONGEST_NAME)
        address = one_line(body.address, "address", longest=LONGEST_ADDRESS, may_be_empty=True)
        zone, caps, holidays = _zone(body.timezone), _caps(body.capacity), _calendar(body.holidays)
        check_caps(caps)

        async def work(unit: Unit, locked: LockedClinic) -> tuple[object, int | None]:
            command = CreateClinic(
                clinic=clinic,
                slug=body.slug,
                name=await unit.say(name),
                timezone=zone,
                address=await unit.say(address) if address else None,
                caps=caps,
                policy=QueuePolicy(early_max=self._early_max),
                holidays=holidays,
            )
            locked.add(*decide(None, command))
            return await _answer(unit, locked)

        clinic = ClinicId(uuid7())
        return _decoded((await self._writes.create(actor, clinic, work)).body)

    async def update(
        self, actor: Actor, clinic: UUID, change: ClinicChange, *, if_match: int | None = None
    ) -> ClinicDetail:
        """Change a clinic; what `change` leaves out stays. New holidays or another zone have slots made anew.

        Raises `StaleVersion`, and `Conflict` for a slug that is taken or a time zone that would move the days of
        appointments that are still to come.
        """
        actor.require_for(Permission.MANAGE_CLINICS, clinic=ClinicId(clinic))
        wanted = _checked(change)
        is_new = False

        async def work(unit: Unit, locked: LockedClinic) -> tuple[object, int | None]:
            nonlocal is_new
            was = locked.state
            if wanted.timezone not in (UNSET, was.timezone) and await clinics.has_days_ahead(unit.tx, was.id):
                raise Conflict("The time zone cannot change while appointments are ahead.", field="timezone")
            locked.add(*decide(was, await _command(unit, locked, wanted)))
            is_new = bool(locked.events)
            if (was.active, was.timezone) != (locked.state.active, locked.state.timezone):
                await bookability.recheck_clinic(unit.tx, was.id)
            return await _answer(unit, locked)

        answer = await self._writes.change(actor, "update-clinic", clinic, work, Precondition(if_match))
        if is_new:
            self._forget(actor.tenant)
        return _decoded(answer.body)

    async def delete(self, actor: Actor, clinic: UUID, *, if_match: int | None = None) -> None:
        """Remove a clinic; raises `Conflict` while doctors, appointments, resources or accounts refer to it."""
        actor.require_for(Permission.MANAGE_CLINICS, clinic=ClinicId(clinic))

        async def work(unit: Unit, locked: LockedClinic) -> tuple[object, int | None]:
            await clinics.lock(unit.tx, clinic)
            _check_unused(await clinics.use_of(unit.tx, ClinicId(clinic)))
            locked.add(*decide(locked.state, DeleteClinic()))
            return None, None

        await self._writes.change(actor, "delete-clinic", clinic, work, Precondition(if_match))
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

        async def work(_: Unit, locked: LockedClinic) -> tuple[object, int | None]:
            locked.add(*decide(locked.state, SetQueuePolicy(policy=policy)))
            return None, locked.state.version

        answer = await self._writes.change(actor, "set-queue-policy", clinic, work, Precondition(if_match))
        assert answer.version is not None
        self._forget(actor.tenant)
        await self._adopt_policy(actor.tenant, ClinicId(clinic), policy)
        return policy, answer.version


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(given: str) -> str:
    if given not in _zones():
        raise InvalidValue("There is no such time zone; give an IANA name like Europe/Berlin.", field="timezone")
    return given


def _caps(given: CapacityBody) -> Caps:
    return Caps(per_day=given.per_day, per_window=given.per_window)


def _calendar(given: HolidaysBody | None) -> HolidayCalendar | None:
    if given is None:
        return None
    return check_calendar(HolidayCalendar(country=given.country, region=given.region))


def _checked(change: ClinicChange) -> ClinicChange:
    """Return the change with its texts in their normal form; raises `InvalidValue` for what makes no sense."""
    if change.timezone is not UNSET:
        _zone(change.timezone)
    if change.holidays is not UNSET:
        _calendar(change.holidays)
    name, address = change.name, change.address
    return msgspec.structs.replace(
        change,
        name=UNSET if name is UNSET else one_line(name, "name", longest=LONGEST_NAME),
        address=UNSET if address is UNSET else one_line(address, "address", longest=LONGEST_ADDRESS, may_be_empty=True),
    )


async def _command(unit: Unit, locked: LockedClinic, wanted: ClinicChange) -> UpdateClinic:
    """Return the command of a checked change; words that stay as they are are not said again."""
    was, texts = locked.state, await texts_of(unit.tx, CLINIC, locked.state)
    was_address = texts.get(was.address, "") if was.address is not None else ""
    name = wanted.name if wanted.name != texts.get(was.name) else UNSET
    address = wanted.address if wanted.address != was_address else UNSET
    said = None if address is UNSET or not address else await unit.say(address)
    return UpdateClinic(
        slug=wanted.slug,
        name=UNSET if name is UNSET else await unit.say(name),
        timezone=wanted.timezone,
        address=UNSET if address is UNSET else said,
        caps=UNSET if wanted.capacity is UNSET else _caps(wanted.capacity),
        active=wanted.active,
        holidays=UNSET if wanted.holidays is UNSET else _calendar(wanted.holidays),
    )


def _check_unused(use: clinics.ClinicUse) -> None:
    if use.doctors or use.appointments or use.schedules:
        raise Conflict("The clinic has doctors or appointments; deactivate it instead.")
    if use.resources:
        raise Conflict("The clinic has rooms, equipment or departments; deactivate it instead.")
    if use.accounts:
        raise Conflict("Accounts are limited to this clinic; change them first.")


def _known(found: Clinic | None) -> Clinic:
    if found is None:
        raise NotFound("There is no such clinic.")
    return found


async def _answer(unit: Unit, locked: LockedClinic) -> tuple[ClinicDetail, int]:
    state, texts = locked.state, await texts_of(unit.tx, CLINIC, locked.state)
    shown = Clinic(
        id=state.id,
        slug=state.slug,
        name=texts.get(state.name, ""),
        timezone=state.timezone,
        address=texts.get(state.address, "") if state.address is not None else "",
        capacity=state.caps,
        policy=state.policy,
        holidays=state.holidays,
        active=state.active,
        version=state.version,
    )
    return _detail(shown), state.version


def _decoded(answer: bytes) -> ClinicDetail:
    return msgspec.json.decode(answer, type=ClinicDetail)


def _detail(clinic: Clinic) -> ClinicDetail:
    holidays = clinic.holidays
    return ClinicDetail(
        id=clinic.id,
        slug=clinic.slug,
        name=clinic.name,
        timezone=clinic.timezone,
        address=clinic.address,
        capacity=Capacity(per_day=clinic.capacity.per_day, per_window=clinic.capacity.per_window),
        queue_policy=clinic.policy,
        holidays=Holidays(country=holidays.country, region=holidays.region) if holidays is not None else None,
        active=clinic.active,
        version=clinic.version,
    )
