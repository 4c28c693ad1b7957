"""A clinic whose doctors have free times that anybody may book."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from loadtests.house import Clinic, Ground
from queue_server.application.actor import system
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.schedules.sources import load_sources
from queue_server.application.slots.generation import regenerate
from queue_server.application.unit import Unit
from queue_server.store.db import Row
from queue_server.wiring import Services
from scheduling_core.calendar.events import ScheduleCreated
from scheduling_core.calendar.sources import Hours
from scheduling_core.ids import DoctorId, ScheduleId

MORNING_TO_EVENING = (8 * 60, 18 * 60)


class Slot(msgspec.Struct, frozen=True):
    """A free time."""

    id: UUID
    doctor: DoctorId
    date: date
    start: datetime
    places: int


class Standing(msgspec.Struct, frozen=True):
    """A slot as its row and the appointments in it say it is."""

    taken: int
    held: int
    appointments: frozenset[str]
    """Those that were not cancelled."""


async def open_times(
    at: Ground, doctors: Sequence[DoctorId], *, days: int, places: int = 1, minutes: int = 20
) -> list[Slot]:
    """Give doctors hours on so many days from tomorrow, each slot for so many patients, and return the slots.

    They come in an order that goes through the doctors first, so that neighbours in it do not wait for one another.
    """
    services, clinic = at.services, at.clinic
    first = datetime.now(UTC).date() + timedelta(days=1)
    last = first + timedelta(days=days - 1)
    begin, end = MORNING_TO_EVENING
    week = ((Hours(start=begin, end=end, slot_minutes=minutes, in_person=places, total=places),),) * 7
    for doctor in doctors:
        await _sits(services, clinic, doctor, week, first, last)
    async with services.db.tenant(clinic.tenant) as tx:
        rows = await tx.rows(
            "SELECT slot_id, doctor_id, date, start, total FROM slot"
            " WHERE tenant_id = $1 AND doctor_id = ANY ($2::uuid[]) ORDER BY start, doctor_id",
            clinic.tenant,
            list(doctors),
        )
    return [_slot(row) for row in rows]


async def _sits(
    services: Services, clinic: Clinic, doctor: DoctorId, week: tuple[tuple[Hours, ...], ...], first: date, last: date
) -> None:
    async def work(unit: Unit) -> tuple[object, int | None]:
        calendar = await unit.lock_aggregate(CALENDAR, doctor)
        calendar.add(
            ScheduleCreated(
                doctor=doctor,
                schedule=ScheduleId(uuid4()),
                clinic=clinic.id,
                effective_from=first,
                effective_until=last,
                week=week,
            )
        )
        return None, None

    await services.writes.run(system(clinic.tenant), "load_test", work)
    async with services.db.tenant(clinic.tenant) as tx:
        await regenerate(tx, doctor, await load_sources(tx, doctor), first, last)
        await tx.run(
            "INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search,"
            " can_patient_book, can_receptionist_book, failing, checked_at)"
            " VALUES ($1, $2, 100, true, true, true, true, '{}', now())",
            tx.tenant,
            doctor,
        )


def _slot(row: Row) -> Slot:
    return Slot(UUID(int=row["slot_id"].int), DoctorId(row["doctor_id"]), row["date"], row["start"], row["total"])


async def standings(at: Ground, slots: Sequence[Slot]) -> dict[UUID, Standing]:
    """Return how slots stand in Postgres."""
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        rows = await tx.rows(
            "SELECT s.slot_id, s.taken, s.held, coalesce((SELECT array_agg(a.appointment_id::text) FROM appointment a"
            " WHERE a.tenant_id = s.tenant_id AND a.slot_id = s.slot_id AND NOT a.slot_given_back), '{}') AS booked"
            " FROM slot s WHERE s.tenant_id = $1 AND s.slot_id = ANY ($2::uuid[])",
            at.clinic.tenant,
            [slot.id for slot in slots],
        )
    return {UUID(int=row["slot_id"].int): Standing(row["taken"], row["held"], frozenset(row["booked"])) for row in rows}


async def overbooked(at: Ground) -> int:
    """Return how many appointments stand in slots beyond the places these have, over the whole clinic; what a row says
    to be taken counts as much as the appointments that name it."""
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        row = await tx.row(
            "SELECT coalesce(sum(greatest(b.count, s.taken) - s.total), 0)::integer AS over FROM slot s JOIN ("
            "  SELECT slot_id, count(*) AS count FROM appointment"
            "  WHERE tenant_id = $1 AND slot_id IS NOT NULL AND NOT slot_given_back GROUP BY 1) AS b USING (slot_id)"
            " WHERE s.tenant_id = $1 AND greatest(b.count, s.taken) > s.total",
            at.clinic.tenant,
        )
    assert row is not None
    over: int = row["over"]
    return over


async def deadlocks(at: Ground) -> int:
    """Return how many deadlocks Postgres has ended in this database since it started."""
    async with at.services.db.anonymous() as connection:
        count: int = await connection.fetchval(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
    return count
