"""Fills an installation with the demo's clinics, people and a day; what is there already stays."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application import actor
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.directory import today
from queue_server.application.enrolment import Enrolled, Visit
from queue_server.application.unit import QueueKey
from queue_server.embedded.secrets import keep
from queue_server.operations.demo import cast
from queue_server.store import accounts, clinics, directory, tenants
from queue_server.store.db import Transaction
from queue_server.wiring import Services
from scheduling_core.ids import AccountId, ClinicId, DoctorId, EntryId, PatientId, TenantId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Role

DEMO = UUID("5b0c6f0e-6a4f-4f5e-9d7c-2b7a1c9f3d10")
"""Namespace of the demo's ids: the same on every machine, so that a second start finds what the first one made."""
PATIENTS_A_DOCTOR = 9
FIRST_BEFORE_NOW = timedelta(minutes=12)


class StaffLogin(msgspec.Struct, frozen=True):
    """How to sign in to one of the demo's accounts."""

    role: str
    email: str
    password: str


class DemoDay(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo consists of today."""

    tenant: TenantId
    date: str
    staff: tuple[StaffLogin, ...]
    doctors: tuple[tuple[DoctorId, str], ...]
    visits: tuple[Enrolled, ...]


async def seed(services: Services, data_dir: Path) -> DemoDay:
    """Make or complete the demo and return what there is of it today."""
    tenant = TenantId(uuid5(DEMO, "tenant"))
    passwords = keep(
        data_dir, {f"DEMO_{role.upper()}_PASSWORD": lambda: secrets.token_urlsafe(12) for role, _ in cast.STAFF}
    )
    zone = forenoon_zone(datetime.now(UTC))
    hashed = {role: await services.passwords.hash(passwords[f"DEMO_{role.upper()}_PASSWORD"]) for role, _ in cast.STAFF}
    async with services.db.tenant(tenant) as tx:
        if await tenants.tenant(tx) is None:
            await tenants.insert(tx, cast.TENANT_NAME)
        for clinic in cast.CLINICS:
            await _clinic(tx, clinic, zone)
        for role, name in cast.STAFF:
            await _account(tx, Role(role), _email(name), hashed[role])
    services.directory.forget(tenant)
    doctors = tuple((_doctor_id(d), d.name) for c in cast.CLINICS for d in c.doctors)
    visits = await _day(services, tenant)
    logins = tuple(
        StaffLogin(role, _email(name), passwords[f"DEMO_{role.upper()}_PASSWORD"]) for role, name in cast.STAFF
    )
    return DemoDay(tenant=tenant, date=today(zone), staff=logins, doctors=doctors, visits=tuple(visits))


def forenoon_zone(now: datetime) -> str:
    """Return the zone where it is nearest to ten in the morning."""

    def distance(zone: str) -> float:
        local = now.astimezone(ZoneInfo(zone))
        return abs(local.hour + local.minute / 60 - cast.BEST_HOUR)

    return min(cast.ZONES, key=distance)


def _email(name: str) -> str:
    return f"{name}@demo.example"


def _clinic_id(clinic: cast.DemoClinic) -> ClinicId:
    return ClinicId(uuid5(DEMO, f"clinic:{clinic.slug}"))


def _doctor_id(doctor: cast.DemoDoctor) -> DoctorId:
    return DoctorId(uuid5(DEMO, f"doctor:{doctor.name}"))


async def _clinic(tx: Transaction, clinic: cast.DemoClinic, zone: str) -> None:
    wanted = clinics.Clinic(
        id=_clinic_id(clinic),
        slug=clinic.slug,
        name=clinic.name,
        timezone=zone,
        address=clinic.address,
        capacity=clinics.ClinicCapacity(),
        policy=QueuePolicy(),
        active=True,
        version=1,
    )
    known = await clinics.clinic(tx, wanted.id)
    if known is None:
        await clinics.insert(tx, wanted)
        for doctor in clinic.doctors:
            await directory.add_doctor(
                tx, _doctor_id(doctor), wanted.id, doctor.name, doctor.specialty, doctor.room, doctor.letter
            )
    elif known.timezone != zone:
        # A demo that was last seen on another day, or at another hour of it, begins a new forenoon.
        await clinics.update(tx, msgspec.structs.replace(known, timezone=zone))


async def _account(tx: Transaction, role: Role, email: str, password_hash: str) -> None:
    identity = AccountId(uuid5(DEMO, f"account:{email}"))
    if await accounts.account(tx, identity) is None:
        doctor = _doctor_id(cast.CLINICS[0].doctors[0]) if role is Role.DOCTOR else None
        await accounts.insert(
            tx,
            accounts.NewAccount(
                id=identity,
                email=email,
                password_hash=password_hash,
                name=f"Demo {role.value}",
                role=role,
                clinics=(),
                doctor=doctor,
            ),
        )


async def _day(services: Services, tenant: TenantId) -> list[Enrolled]:
    """Book a forenoon for every doctor who has nobody left to see, and return everybody booked for today."""
    visits: list[Visit] = []
    for index, doctor in enumerate(d for c in cast.CLINICS for d in c.doctors):
        entry = await services.directory.doctor(tenant, _doctor_id(doctor))
        day = today(entry.timezone)
        state = await services.reading.room(tenant, QueueKey(entry.id, day))
        if state.queue.closed or len(state.queue.line) >= PATIENTS_A_DOCTOR // 2:
            continue
        visits += _bookings(tenant, entry.id, day, doctor, index)
    if not visits:
        return await _already_there(services, tenant)
    return await services.enrolment.enrol(actor.system(tenant), visits)


def _bookings(tenant: TenantId, doctor: DoctorId, day: str, plays: cast.DemoDoctor, index: int) -> Sequence[Visit]:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    first = now - FIRST_BEFORE_NOW - timedelta(minutes=now.minute % 5)
    found = []
    for n in range(PATIENTS_A_DOCTOR):
        name, language = cast.PATIENTS[(index * 7 + n * 3) % len(cast.PATIENTS)]
        number = index * 100 + n
        found.append(
            Visit(
                id=EntryId(uuid4()),
                doctor=doctor,
                date=day,
                start=first + n * timedelta(minutes=plays.minutes),
                patient_id=PatientId(uuid5(tenant, f"patient:{number}")),
                patient=PatientBody(name=name, phone=f"+1 555 01{number:04}", language=language),
                visit_type="follow-up" if n % 3 == 2 else "consultation",
                triage=2 if n == 5 else 4,
                duration=plays.minutes,
                booked_at=now - timedelta(days=2, minutes=(number * 37) % 600),
                paid_at=now - timedelta(days=1, minutes=(number * 53) % 600) if n % 2 else None,
            )
        )
    return found


async def _already_there(services: Services, tenant: TenantId) -> list[Enrolled]:
    found = []
    for doctor in (d for c in cast.CLINICS for d in c.doctors):
        entry = await services.directory.doctor(tenant, _doctor_id(doctor))
        state = await services.reading.room(tenant, QueueKey(entry.id, today(entry.timezone)))
        for known in (state.queue.entries[e] for e in state.queue.line):
            visit = Visit(
                id=known.id,
                doctor=entry.id,
                date=state.date,
                start=known.start,
                patient_id=PatientId(known.id),
                patient=PatientBody(name=known.ticket),
            )
            found.append(Enrolled(visit=visit, ticket=known.ticket, is_new=False))
    return found
