"""Doctors and their clinics as the queue needs them: small, read often, cached for a minute."""

from datetime import UTC, date, datetime, timedelta
from time import monotonic
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.views.clinics import LaneDoctor
from queue_server.application.views.tracking import ClinicView, DoctorView
from queue_server.store import clinics
from queue_server.store import directory as rows
from queue_server.store.clinics import ClinicCapacity
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import Conflict, InvalidValue, NotFound, OtherTimeZone
from scheduling_core.ids import ClinicId, DoctorId, TenantId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import Queue
from scheduling_core.permissions import Permission

CACHE_SECONDS = 60.0
SHOWN_KINDS = frozenset({"doctor", "clinic"})
"""Aggregates that entries of the directory are made of."""
FARTHEST_DAYS = 400
"""Queues are kept this many days around today: a date beyond is a slip of the hand."""


class DoctorEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A doctor with the facts of one clinic: of their home, unless it was asked for another (`Directory.at`)."""

    id: DoctorId
    name: str
    specialty: str
    room: str
    ticket_prefix: str
    active: bool
    clinic_active: bool
    clinic: ClinicId
    clinic_slug: str
    clinic_name: str
    address: str
    timezone: str
    policy: QueuePolicy
    capacity: ClinicCapacity
    clinics: tuple[ClinicId, ...]
    """Everywhere the doctor works, the home clinic first."""

    def authorise(self, actor: Actor, permission: Permission) -> "DoctorEntry":
        """Return the doctor to whom may do this in the doctor's line: a day has one, so any of the clinics will do.

        Raises `NotFound` for an account of other clinics, `Forbidden` for another doctor's.
        """
        actor.require_for_any(permission, clinics=self.clinics, doctor=self.id)
        return self

    def clinic_for(self, actor: Actor, preferred: ClinicId) -> ClinicId:
        """Return where the actor has patients seen by this doctor: at `preferred`, or else where the actor may."""
        candidates = [clinic for clinic in (preferred, *self.clinics) if clinic in self.clinics]
        reachable = [clinic for clinic in candidates if not actor.clinics or clinic in actor.clinics]
        return next(iter(reachable), self.clinic)

    def clinic_of(self, booked_with: DoctorId, booked_at: ClinicId) -> ClinicId:
        """Return where this doctor sees an appointment that was booked with a doctor at a clinic.

        Handed over it stays at its clinic, as long as the new doctor works there; else it moves to that doctor's home.
        """
        return booked_at if booked_with == self.id or booked_at in self.clinics else self.clinic

    def room_at(self, clinic: ClinicId) -> str:
        """Return the doctor's own room at a clinic: there is one at home only."""
        return self.room if clinic == self.clinic else ""

    @property
    def works(self) -> bool:
        """Whether patients can come: the doctor is active, and the clinic is."""
        return self.active and self.clinic_active

    def check_works(self) -> None:
        """Raise `Conflict` unless patients can come to this doctor."""
        if not self.clinic_active:
            raise Conflict("This clinic is not open at present.")
        if not self.active:
            raise Conflict("This doctor does not work here at present.")

    def view(self) -> DoctorView:
        """Return the doctor as clients see them."""
        return DoctorView(id=self.id, name=self.name, specialty=self.specialty)

    def clinic_view(self) -> ClinicView:
        """Return the clinic as clients see it."""
        return ClinicView(id=self.clinic, name=self.clinic_name, timezone=self.timezone, address=self.address)


class Directory:
    """Looks up doctors; answers are at most a minute old, and new at once after `forget`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._doctors: dict[tuple[TenantId, DoctorId], tuple[float, DoctorEntry]] = {}

    async def doctor(self, tenant: TenantId, doctor: DoctorId, tx: Transaction | None = None) -> DoctorEntry:
        """Return the doctor; raises `NotFound` when the tenant has none of this id.

        Give `tx` when a transaction of the tenant is open, so that no second connection is taken.
        """
        known = self._doctors.get((tenant, doctor))
        if known is not None and known[0] > monotonic():
            return known[1]
        if tx is not None:
            return await self.fresh(tx, doctor)
        async with self._db.tenant(tenant) as own:
            return await self.fresh(own, doctor)

    async def fresh(self, tx: Transaction, doctor: DoctorId) -> DoctorEntry:
        """Return the doctor as Postgres has it now; for what must not rest on a minute ago: openings, caps, who works.

        Another server may have changed it, which `forget` does not tell of.
        """
        row = await rows.doctor(tx, doctor)
        if row is None:
            raise NotFound("There is no such doctor.")
        entry = doctor_entry(row)
        if len(self._doctors) > 100_000:
            self._doctors.clear()
        self._doctors[tx.tenant, doctor] = (monotonic() + CACHE_SECONDS, entry)
        return entry

    async def at(self, tx: Transaction, entry: DoctorEntry, clinic: ClinicId) -> DoctorEntry:
        """Return the doctor with the facts of `clinic`; raises `NotFound` when there is no such clinic.

        The doctor's own room is one of the home clinic, so elsewhere there is none.
        """
        if entry.clinic == clinic:
            return entry
        there = await clinics.clinic(tx, clinic)
        if there is None:
            raise NotFound("There is no such clinic.")
        return msgspec.structs.replace(
            entry,
            clinic=there.id,
            clinic_slug=there.slug,
            clinic_name=there.name,
            clinic_active=there.active,
            address=there.address,
            timezone=there.timezone,
            policy=there.policy,
            capacity=there.capacity,
            room="",
        )

    async def tenant_of(self, doctor: DoctorId) -> TenantId:
        """Return the tenant of an active doctor, for what the public may ask; raises `NotFound`."""
        tenant = await rows.tenant_of_doctor(self._db, doctor)
        if tenant is None:
            raise NotFound("There is no such doctor.")
        return TenantId(tenant)

    async def doctors(self, tenant: TenantId, clinic: ClinicId | None) -> list[DoctorEntry]:
        """Return the active doctors of the tenant, or those at home at one of its clinics."""
        async with self._db.tenant(tenant) as tx:
            return [doctor_entry(row) for row in await rows.doctors(tx, clinic)]

    async def lanes(self, actor: Actor, clinic: ClinicId | None) -> list[LaneDoctor]:
        """Return the doctors whose queues the account may watch, each with the clinic it knows them by: their home, or
        else the first that was asked for."""
        actor.require(Permission.WATCH_DISPLAY)
        if clinic is not None:
            actor.require_for(Permission.WATCH_DISPLAY, clinic=clinic)
        within = (clinic,) if clinic is not None else actor.clinics
        async with self._db.tenant(actor.tenant) as tx:
            found = await rows.lanes(tx, within)
        return [
            LaneDoctor(
                id=row["doctor_id"],
                name=row["name"],
                specialty=row["specialty"],
                room=row["room"],
                clinic_id=row["clinic_id"],
                clinic_name=row["clinic_name"],
                ticket_prefix=row["ticket_prefix"],
            )
            for row in found
        ]

    def on_directory_changed(self, tenant: TenantId, kind: str, _subject: UUID) -> None:
        """Hear from Postgres that a doctor or clinic has changed, on whichever server."""
        if kind in SHOWN_KINDS:
            self.forget(tenant)

    def on_gap(self) -> None:
        """Drop everything: what has changed while nobody listened is not known."""
        self._doctors.clear()

    def forget(self, tenant: TenantId) -> None:
        """Drop what is cached of a tenant, because its doctors or clinics have changed."""
        for key in [key for key in self._doctors if key[0] == tenant]:
            del self._doctors[key]


def doctor_entry(row: Row) -> DoctorEntry:
    """Return a doctor from a row of the directory's queries."""
    return DoctorEntry(
        id=DoctorId(row["doctor_id"]),
        name=row["name"],
        specialty=row["specialty"],
        room=row["room"],
        ticket_prefix=row["ticket_prefix"],
        active=row["active"],
        clinic_active=row["clinic_active"],
        clinic=ClinicId(row["clinic_id"]),
        clinic_slug=row["clinic_slug"],
        clinic_name=row["clinic_name"],
        address=row["address"],
        timezone=row["timezone"],
        policy=msgspec.json.decode(row["queue_policy"], type=QueuePolicy),
        capacity=msgspec.json.decode(row["capacity"], type=ClinicCapacity),
        clinics=(ClinicId(row["clinic_id"]), *(ClinicId(clinic) for clinic in row["elsewhere"])),
    )


def check_zone(queue: Queue, doctor: DoctorEntry) -> None:
    """Raise `OtherTimeZone` when a queue runs by another clinic's clock, and it is not the clock of this one."""
    if queue.clinic != doctor.clinic and queue.timezone != doctor.timezone:
        raise OtherTimeZone(
            f"The doctor's line of {queue.date} runs by the clock of {queue.timezone}; this clinic has "
            f"{doctor.timezone}. Choose a time on another day."
        )


def today(zone: str, now: datetime | None = None) -> str:
    """Return the date in a clinic's zone, as YYYY-MM-DD."""
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date().isoformat()


def checked_day(day: str | None, zone: str, *, field: str = "date") -> str:
    """Return `day`, or today in the clinic's zone if it is None; raises `InvalidValue` for what is no sensible date."""
    if day is None:
        return today(zone)
    try:
        given = date.fromisoformat(day)
    except ValueError:
        raise InvalidValue("Give a date as YYYY-MM-DD.", field=field) from None
    if abs(given - date.fromisoformat(today(zone))) > timedelta(days=FARTHEST_DAYS):
        raise InvalidValue(f"The date is more than {FARTHEST_DAYS} days away.", field=field)
    return given.isoformat()
