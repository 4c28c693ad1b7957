"""Makes tenants, clinics, doctors and patients; a test names only what it is about."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.actor import Actor
from queue_server.store import directory
from queue_server.store.db import Database
from scheduling_core.ids import AccountId, ClinicId, DoctorId, TenantId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Role

NAMES = ("Asha Rao", "Imran Khan", "Lena Fischer", "Tomás Díaz", "Priya Nair", "Mei Chen", "Sara Lind", "Ravi Patel")


class Clinic(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic in a tenant of its own."""

    tenant: TenantId
    id: ClinicId
    doctors: tuple[DoctorId, ...]
    timezone: str

    @property
    def receptionist(self) -> Actor:
        """Somebody at the desk."""
        return self.actor(Role.RECEPTIONIST)

    def actor(self, role: Role, *, doctor: DoctorId | None = None, clinics: tuple[ClinicId, ...] = ()) -> Actor:
        """Return an account's actor without an account row: for the application layer, which does not look one up."""
        return Actor(
            tenant=self.tenant, account=AccountId(uuid4()), role=role, name="Test", doctor=doctor, clinics=clinics
        )


async def new_clinic(
    db: Database,
    *,
    doctors: int = 2,
    timezone: str = "UTC",
    policy: QueuePolicy | None = None,
    tenant: UUID | None = None,
) -> Clinic:
    """Add a tenant (unless given) with one clinic and some doctors."""
    tenant_id, clinic_id = TenantId(tenant or uuid4()), ClinicId(uuid4())
    ids = tuple(DoctorId(uuid4()) for _ in range(doctors))
    encoded = msgspec.json.encode(policy or QueuePolicy()).decode()
    async with db.tenant(tenant_id) as tx:
        if tenant is None:
            await tx.run("INSERT INTO tenant (tenant_id, name) VALUES ($1, $2)", tenant_id, "Test tenant")
        await tx.run(
            "INSERT INTO clinic (tenant_id, clinic_id, slug, name, timezone, address, queue_policy)"
            " VALUES ($1, $2, $3, 'Riverside Clinic', $4, '1 River Street', $5::json)",
            tenant_id,
            clinic_id,
            f"c-{clinic_id.hex[:12]}",
            timezone,
            encoded,
        )
        for index, doctor in enumerate(ids):
            await directory.add_doctor(
                tx,
                doctor,
                clinic_id,
                f"Dr {NAMES[index % 8].split()[1]}",
                "General",
                f"Room {index + 1}",
                "GPCDEFHJ"[index],
            )
    return Clinic(tenant=tenant_id, id=clinic_id, doctors=ids, timezone=timezone)


def later(minutes: float) -> datetime:
    """Return an instant so many minutes from now."""
    return datetime.now(UTC) + timedelta(minutes=minutes)


def from_now(count: int, *, minutes: float = 15, ago: float = 0) -> list[datetime]:
    """Return instants of today (UTC) so many minutes apart, the first one now or some minutes `ago`.

    Near midnight they are closer together, and less long ago: a visit has to be on its queue's day.
    """
    now = datetime.now(UTC)
    morning = datetime.combine(now.date(), time(), UTC)
    first = max(morning, now - timedelta(minutes=ago))
    apart = min(timedelta(minutes=minutes), (morning + timedelta(days=1) - first) / (count + 1))
    return [first + index * apart for index in range(count)]


def noon(minutes: int = 0) -> datetime:
    """Return noon of today in UTC, and some minutes: far from midnight whenever the tests run."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(minutes=minutes)


def in_days(days: int) -> date:
    """Return the date so many days from today."""
    return datetime.now(UTC).date() + timedelta(days=days)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant of a date, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def noon_zone() -> str:
    """Return a zone where it is about noon: for what has to have begun a while ago, or to go on for a while, today."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+}" if ahead else "Etc/GMT"


def today(zone: str = "UTC") -> str:
    """Return today's date in a zone; test clinics are in UTC unless they say otherwise."""
    return datetime.now(ZoneInfo(zone)).date().isoformat()
