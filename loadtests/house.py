"""A house of a run's own: services, servers, a worker, a clinic with people in line; on free ports, gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.actor import Actor, system
from queue_server.application.admin_bodies import NewClinic, NewStaff
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Visit
from queue_server.embedded.ports import free_port
from queue_server.operations.house import CLI, House, running_house
from queue_server.store import accounts, directory
from queue_server.wiring import Services, open_services
from scheduling_core.ids import AccountId, ClinicId, DoctorId, EntryId, PatientId, TenantId
from scheduling_core.permissions import Role


class Clinic(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic made for a run; `token` is a receptionist's."""

    tenant: TenantId
    id: ClinicId
    doctors: tuple[DoctorId, ...]
    receptionist: Actor
    token: str
    date: str


class Ground(msgspec.Struct, frozen=True):
    """Everything a run stands on: the house, the application on its database for set-up and checks, the clinic."""

    house: House
    services: Services
    clinic: Clinic


@asynccontextmanager
async def ground(
    *,
    servers: int,
    doctors: int,
    worker: bool = True,
    module: str = CLI,
    environment: Mapping[str, str] | None = None,
    zone: str = "UTC",
) -> AsyncIterator[Ground]:
    """Start a house in a folder of its own, make a clinic, yield both, and leave nothing behind.

    Its processes run `module` with what `environment` adds; the clinic is in `zone`.
    """
    folder = Path(tempfile.mkdtemp(prefix="cqs-load-"))
    os.chmod(folder, 0o711)  # services run as another user
    given = {
        "DATA_DIR": str(folder / "data"),
        "PORT": str(free_port(servers)),
        "LOG_LEVEL": "ERROR",
        "PUBLIC_REQUESTS_PER_MINUTE": "10000000",
        "ADDRESS_WRITES_PER_MINUTE": "10000000",
        "GUEST_HOLDS_PER_MINUTE": "1000000",
        "USER_WRITES_PER_MINUTE": "10000000",
        "USER_READS_PER_MINUTE": "10000000",
        "TENANT_READS_PER_MINUTE": "10000000",
        "TENANT_WRITES_PER_MINUTE": "10000000",
        "SOCKET_CONNECTS_PER_MINUTE": "1000000",
        "SOCKET_CONNECTIONS_PER_ADDRESS": "100000",
        **(environment or {}),
    }
    try:
        async with running_house(given, servers=servers, worker=worker, module=module) as house:
            try:
                async with open_services(house.settings, application="load-test") as services:
                    yield Ground(house, services, await new_clinic(services, doctors, zone=zone))
            finally:
                if house.services is not None:
                    await house.services.stop(erase=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def new_clinic(services: Services, doctors: int, *, zone: str = "UTC") -> Clinic:
    """Make a tenant with a clinic in a zone, so many doctors and a receptionist."""
    tenant, ids = TenantId(uuid4()), tuple(DoctorId(uuid4()) for _ in range(doctors))
    actor = system(tenant)
    await services.clinics.create_tenant(actor, "Load test")
    clinic = await services.clinics.create(actor, NewClinic(slug="load", name="Riverside Clinic", timezone=zone))
    async with services.db.tenant(tenant) as tx:
        for number, doctor in enumerate(ids):
            prefix = chr(ord("A") + number // 26) + chr(ord("A") + number % 26)
            await directory.add_doctor(tx, doctor, clinic.id, f"Dr {prefix}", "General", f"Room {number}", prefix)
    email = f"desk-{tenant.hex[:8]}@example.org"
    await services.staff.create(actor, NewStaff(email=email, password=uuid4().hex, name="Desk", role=Role.RECEPTIONIST))
    async with services.db.tenant(tenant) as tx:
        account = await accounts.standing_by_email(tx, email)
    assert account is not None
    token = services.tokens.issue_access(account, now=datetime.now(UTC), lifetime=timedelta(hours=12))
    return Clinic(
        tenant=tenant,
        id=ClinicId(clinic.id),
        doctors=ids,
        receptionist=Actor(
            tenant=tenant, account=AccountId(account.id), role=Role.RECEPTIONIST, name="Desk", request_id=None
        ),
        token=token,
        date=datetime.now(ZoneInfo(zone)).date().isoformat(),
    )


def noon_zone() -> str:
    """Return a zone where it is about noon: what has begun a while ago there has begun today, at any hour here."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+}" if ahead else "Etc/GMT"


def still_today(ahead: timedelta, visits: int, apart: timedelta) -> datetime:
    """Return the first of so many starts that lie `ahead`, so that nobody is late meanwhile, and still on today's queue
    in UTC, however late it is."""
    now = datetime.now(UTC)
    ends = datetime.combine(now.date(), time(), UTC) + timedelta(days=1)
    return min(now + ahead, ends - visits * apart - timedelta(minutes=1))


async def enrol(services: Services, clinic: Clinic, doctor: DoctorId, starts: Iterable[datetime]) -> list[EntryId]:
    """Put one patient into the doctor's queue for each start, and return their entries."""
    visits = [
        Visit(
            id=EntryId(uuid4()),
            doctor=doctor,
            date=clinic.date,
            start=start,
            patient_id=PatientId(uuid4()),
            patient=PatientBody(name="Asha Rao"),
            booked_at=start - timedelta(days=2),
        )
        for start in starts
    ]
    await services.enrolment.enrol(clinic.receptionist, visits)
    return [visit.id for visit in visits]


def link_token(services: Services, clinic: Clinic, entry: EntryId, doctor: UUID) -> str:
    """Return what a patient's tracking link carries."""
    return services.links.make(clinic.tenant, entry, DoctorId(doctor), generation=0)[0]


def quantile(values: Sequence[float], q: float) -> float:
    """Return the value below which a share `q` of `values` lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))] if ordered else 0.0


def milliseconds(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p99 and the maximum of durations in seconds, as milliseconds."""
    return {
        "p50_ms": round(quantile(values, 0.5) * 1000, 1),
        "p99_ms": round(quantile(values, 0.99) * 1000, 1),
        "max_ms": round(max(values, default=0.0) * 1000, 1),
    }
