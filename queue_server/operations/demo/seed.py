"""Fills an installation with the demo's clinics, doctors and staff; what is there already stays."""

import secrets
from functools import partial
from pathlib import Path
from uuid import uuid5

import msgspec

from queue_server.application.actor import Actor, system
from queue_server.application.doctors.adoption import AtWork, write_history
from queue_server.application.resources.clinic_writes import ClinicWrites, LockedClinic
from queue_server.application.unit import Unit
from queue_server.embedded.secrets import keep
from queue_server.operations.demo import cast
from queue_server.store import accounts, clinics, directory, tenants
from queue_server.wiring import Services
from scheduling_core.doctors.profile import Origin
from scheduling_core.ids import AccountId, ClinicId, DoctorId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Role
from scheduling_core.resources.clinics import Caps, CreateClinic, HolidayCalendar, UpdateClinic, decide

DEMO, TENANT = cast.DEMO, cast.TENANT


class StaffLogin(msgspec.Struct, frozen=True):
    """How to sign in to one of the demo's accounts."""

    role: str
    email: str
    password: str


async def seed(services: Services, zone: str) -> None:
    """Make what is missing of the tenant, its clinics and their doctors; all clinics are moved to `zone`."""
    async with services.db.tenant(TENANT) as tx:
        if await tenants.tenant(tx) is None:
            await tenants.insert(tx, cast.TENANT_NAME)
    for clinic in cast.CLINICS:
        await _clinic(services, clinic, zone)
        await _doctors(services, clinic)
    services.directory.forget(TENANT)


async def seed_staff(services: Services, data_dir: Path) -> tuple[StaffLogin, ...]:
    """Make the accounts that are missing and return how to sign in to all of them."""
    fresh: set[str] = set()

    def password(role: str) -> str:
        fresh.add(role)
        return secrets.token_urlsafe(12)

    names = {role: f"DEMO_{role.upper()}_PASSWORD" for role, _ in cast.STAFF}
    kept = keep(data_dir, {name: lambda role=role: password(role) for role, name in names.items()})  # type: ignore[misc]
    logins = tuple(StaffLogin(role, f"{name}@demo.example", kept[names[role]]) for role, name in cast.STAFF)
    async with services.db.tenant(TENANT) as tx:
        known = {login.role: await accounts.account(tx, _account_id(login.email)) for login in logins}
    for login in logins:
        account = known[login.role]
        # Hashing takes its time on purpose: only what is new is hashed.
        if account is not None and login.role not in fresh:
            continue
        hashed = await services.passwords.hash(login.password)
        async with services.db.tenant(TENANT) as tx:
            if account is None:
                await accounts.insert(tx, _account(login, hashed))
            else:
                await accounts.set_password(tx, account.id, hashed)
    return logins


def doctor_id(doctor: cast.DemoDoctor) -> DoctorId:
    """Return the id of one of the demo's doctors."""
    return DoctorId(uuid5(DEMO, f"doctor:{doctor.name}"))


def clinic_id(clinic: cast.DemoClinic) -> ClinicId:
    """Return the id of one of the demo's clinics."""
    return ClinicId(uuid5(DEMO, f"clinic:{clinic.slug}"))


def staff_actor(role: Role) -> Actor:
    """Return one of the demo's accounts, as it acts."""
    local = dict(cast.STAFF)[role]
    doctor = doctor_id(cast.CLINICS[0].doctors[0]) if role is Role.DOCTOR else None
    return Actor(tenant=TENANT, account=_account_id(f"{local}@demo.example"), role=role, doctor=doctor)


async def _clinic(services: Services, clinic: cast.DemoClinic, zone: str) -> None:
    """Make a clinic of the demo, or move the one that is there to `zone`, whatever is booked in it."""
    actor, writes = system(TENANT), ClinicWrites(services.db, services.writes)
    country, region = cast.HOLIDAYS[zone]
    holidays = HolidayCalendar(country=country, region=region)
    async with services.db.tenant(TENANT) as tx:
        known = await clinics.clinic(tx, clinic_id(clinic))

    async def create(unit: Unit, locked: LockedClinic) -> tuple[object, int | None]:
        command = CreateClinic(
            clinic=clinic_id(clinic),
            slug=clinic.slug,
            name=await unit.say(clinic.name),
            timezone=zone,
            address=await unit.say(clinic.address),
            caps=Caps(),
            policy=QueuePolicy(),
            holidays=holidays,
        )
        locked.add(*decide(None, command))
        return None, None

    async def move(_: Unit, locked: LockedClinic) -> tuple[object, int | None]:
        locked.add(*decide(locked.state, UpdateClinic(timezone=zone, holidays=holidays)))
        return None, None

    if known is None:
        await writes.create(actor, clinic_id(clinic), create)
    elif (known.timezone, known.holidays) != (zone, holidays):
        await writes.change(actor, "update-clinic", known.id, move)


async def _doctors(services: Services, clinic: cast.DemoClinic) -> None:
    """Let the doctors of a clinic be at work, each with the id that they have on every machine."""
    async with services.db.tenant(TENANT) as tx:
        known = {row["doctor_id"] for row in await directory.doctors(tx, clinic_id(clinic))}
    for doctor in clinic.doctors:
        if doctor_id(doctor) not in known:
            await services.writes.run(system(TENANT), "add-doctor", partial(_at_work, clinic, doctor))


async def _at_work(clinic: cast.DemoClinic, doctor: cast.DemoDoctor, unit: Unit) -> tuple[object, int | None]:
    at_work = AtWork(
        clinic=clinic_id(clinic),
        name=doctor.name,
        specialty=doctor.specialty,
        room=doctor.room,
        ticket_prefix=doctor.letter,
    )
    await write_history(unit, doctor_id(doctor), Origin.OPERATOR, at_work)
    return None, None


def _account_id(email: str) -> AccountId:
    return AccountId(uuid5(DEMO, f"account:{email}"))


def _account(login: StaffLogin, password_hash: str) -> accounts.NewAccount:
    role = Role(login.role)
    return accounts.NewAccount(
        id=_account_id(login.email),
        email=login.email,
        password_hash=password_hash,
        name=cast.CLINICS[0].doctors[0].name if role is Role.DOCTOR else f"Demo {role.value.replace('_', ' ')}",
        role=role,
        clinics=(),
        doctor=doctor_id(cast.CLINICS[0].doctors[0]) if role is Role.DOCTOR else None,
    )
