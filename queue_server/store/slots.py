"""Slots, the appointments that no longer fit them, and what is known of a tenant's horizon."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.calendar.reasons import Reason
from scheduling_core.ids import ClinicId, DoctorId, EntryId, EquipmentId, PatientId, SlotId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.conflicts import Booked
from scheduling_core.slots.diff import KeptSlot, SlotChange
from scheduling_core.slots.runs import Run
from sql import loader

_Q = loader.queries("slots")


class Horizon(msgspec.Struct, frozen=True, kw_only=True):
    """How far ahead a tenant generates slots, by Postgres' clock; `version` is 0 while nobody has chosen."""

    days: int
    lead: timedelta
    """How long before its start a patient may still book a slot."""
    version: int
    now: datetime


class ToCome(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that is still ahead; `stands` unless it was cancelled, moved or is over already."""

    booked: Booked
    patient: PatientId
    mode: str
    zone: str
    stands: bool
    cause: str | None
    """Of the conflict that is known of it."""
    source: UUID | None


async def horizon(tx: Transaction) -> Horizon:
    """Return how far ahead the tenant generates."""
    row = await tx.row(_Q["horizon"], tx.tenant)
    assert row is not None
    return Horizon(
        days=row["horizon_days"],
        lead=timedelta(minutes=row["lead_minutes"]),
        version=row["version"],
        now=row["now"],
    )


async def enqueue_generation(tx: Transaction, doctors: Sequence[UUID], key: str) -> None:
    """Make a job for each doctor that generates all of their slots; `key` names what for."""
    await tx.run(_Q["enqueue_generation"], tx.tenant, key, list(doctors))


async def between(tx: Transaction, doctor: DoctorId, since: datetime, until: datetime) -> list[KeptSlot]:
    """Return the doctor's slots that start from `since` to before `until`, in the order of time."""
    rows = await tx.rows(_Q["slots_between"], tx.tenant, doctor, since, until)
    return [_kept(row) for row in rows]


async def add(tx: Transaction, doctor: DoctorId, runs: Sequence[Run]) -> None:
    """Add the slots of these runs; raises `Conflict` if one overlaps another of the doctor's."""
    if not runs:
        return
    hours = [run.hours for run in runs]
    await tx.run(
        _Q["insert_slots"],
        tx.tenant,
        doctor,
        [run.ids(doctor) for run in runs],
        [run.clinic for run in runs],
        [run.schedule for run in runs],
        [hour.room for hour in hours],
        [run.start for run in runs],
        [run.step for run in runs],
        [run.length for run in runs],
        [run.count for run in runs],
        [run.date for run in runs],
        [run.version for run in runs],
        [run.part for run in runs],
        [hour.in_person for hour in hours],
        [hour.tele for hour in hours],
        [hour.total for hour in hours],
        [_array(hour.equipment) for hour in hours],
    )


async def remove(tx: Transaction, doctor: DoctorId, slots: Sequence[KeptSlot]) -> None:
    """Remove slots that nobody has taken or blocked."""
    if slots:
        starts = [slot.start for slot in slots]
        await tx.run(_Q["delete_slots"], tx.tenant, doctor, starts, min(starts), max(starts))


async def change(tx: Transaction, doctor: DoctorId, changes: Sequence[SlotChange]) -> None:
    """Bring slots in line with their plans, which offer them again if they were withdrawn; their versions grow."""
    if not changes:
        return
    plans = [one.plan for one in changes]
    starts = [plan.start for plan in plans]
    await tx.run(
        _Q["change_slots"],
        tx.tenant,
        doctor,
        starts,
        min(starts),
        max(starts),
        [plan.schedule for plan in plans],
        [plan.hours.room for plan in plans],
        [plan.date for plan in plans],
        [one.part for one in changes],
        [one.in_person for one in changes],
        [one.tele for one in changes],
        [one.total for one in changes],
        [_array(plan.hours.equipment) for plan in plans],
    )


async def withdraw(tx: Transaction, doctor: DoctorId, slots: Sequence[KeptSlot]) -> None:
    """Let nobody else book these slots; their versions grow."""
    if slots:
        starts = [slot.start for slot in slots]
        await tx.run(_Q["withdraw_slots"], tx.tenant, doctor, starts, min(starts), max(starts))


async def appointments_to_come(
    tx: Transaction, doctor: DoctorId, first: date, last: date, now: datetime
) -> list[ToCome]:
    """Return the doctor's appointments from `first` to `last` that start after `now`, by their start."""
    rows = await tx.rows(_Q["appointments_to_come"], tx.tenant, doctor, first, last, now)
    return [_to_come(row) for row in rows]


async def set_conflicts(tx: Transaction, doctor: DoctorId, found: Mapping[EntryId, tuple[Booked, Reason]]) -> None:
    """Keep that these appointments are in conflict, and with what."""
    if not found:
        return
    booked, reasons = [one for one, _ in found.values()], [reason for _, reason in found.values()]
    await tx.run(
        _Q["set_conflicts"],
        tx.tenant,
        doctor,
        list(found),
        [one.clinic for one in booked],
        [one.slot for one in booked],
        [one.date for one in booked],
        [one.start for one in booked],
        [one.end for one in booked],
        [reason.kind.value for reason in reasons],
        [reason.source for reason in reasons],
    )


async def drop_conflicts(tx: Transaction, appointments: Sequence[EntryId]) -> None:
    """Forget that these appointments were in conflict."""
    if appointments:
        await tx.run(_Q["drop_conflicts"], tx.tenant, list(appointments))


async def of_doctor(
    tx: Transaction,
    doctor: UUID,
    first: date,
    last: date,
    clinics: Sequence[UUID],
    *,
    after: datetime | None = None,
    limit: int,
) -> Sequence[Row]:
    """Return the next slots of the doctor on these dates, at `clinics` if it names any, as staff see them; those that
    start behind `after`."""
    return await tx.rows(_Q["slots_of_doctor"], tx.tenant, doctor, first, last, list(clinics), after, limit)


async def slot(tx: Transaction, slot: UUID) -> Row | None:
    """Return a slot as staff see it, or None."""
    return await tx.row(_Q["slot"], tx.tenant, slot)


async def slot_to_book(tx: Transaction, slot: UUID) -> Row | None:
    """Return a slot as staff see it with what says who may book it, or None: clinic_open, desk_may and
    patients_may (book its doctor), lead_minutes and now."""
    return await tx.row(_Q["slot_to_book"], tx.tenant, slot)


def _key(slot: Row) -> tuple[UUID, datetime, UUID]:
    return slot["doctor_id"], slot["start"], slot["slot_id"]


async def block(tx: Transaction, slot: Row, reason: UUID | None) -> bool:
    """Block the slot; False when it is blocked already."""
    return await tx.row(_Q["block"], tx.tenant, *_key(slot), reason) is not None


async def unblock(tx: Transaction, slot: Row) -> bool:
    """Unblock the slot; False when it is not blocked."""
    return await tx.row(_Q["unblock"], tx.tenant, *_key(slot)) is not None


async def set_capacity(tx: Transaction, slot: Row, in_person: int, tele: int, total: int) -> bool:
    """Set how many the slot takes, by hand; False when more are taken."""
    return await tx.row(_Q["set_capacity"], tx.tenant, *_key(slot), in_person, tele, total) is not None


class SlotOfAppointment(msgspec.Struct, frozen=True, kw_only=True):
    """The slot that an appointment was booked into."""

    appointment: EntryId
    mode: str
    slot: SlotId
    doctor: DoctorId
    clinic: ClinicId
    date: date
    start: datetime
    equipment: tuple[EquipmentId, ...]
    """That the appointment needs beside what the slot names."""


async def slots_of_appointments(
    tx: Transaction, appointments: Sequence[EntryId], *, given_back: bool
) -> list[SlotOfAppointment]:
    """Return the slots, still to come, that these appointments hold or have given back; by doctor and slot."""
    if not appointments:
        return []
    rows = await tx.rows(_Q["slots_of_appointments"], tx.tenant, list(appointments), given_back)
    return [
        SlotOfAppointment(
            appointment=EntryId(row["appointment_id"]),
            mode=row["mode"],
            slot=SlotId(row["slot_id"]),
            doctor=DoctorId(row["doctor_id"]),
            clinic=ClinicId(row["clinic_id"]),
            date=row["date"],
            start=row["start"],
            equipment=tuple(row["equipment_ids"]),
        )
        for row in rows
    ]


async def set_equipment(tx: Transaction, appointment: EntryId, equipment: Sequence[EquipmentId]) -> None:
    """Note which equipment an appointment needs beside what its slot names."""
    await tx.run(_Q["set_equipment"], tx.tenant, appointment, list(equipment))


async def give_back(tx: Transaction, doctor: DoctorId, places: Sequence[SlotOfAppointment]) -> None:
    """Let the doctor's slots take somebody else for each of these appointments."""
    freed = Counter((place.start, place.slot, place.mode) for place in places)
    slots = sorted({(start, slot) for start, slot, _ in freed})
    await tx.run(
        _Q["give_back"],
        tx.tenant,
        doctor,
        [start for start, _ in slots],
        [slot for _, slot in slots],
        [freed[start, slot, "in_person"] for start, slot in slots],
        [freed[start, slot, "tele"] for start, slot in slots],
    )
    await tx.run(_Q["set_given_back"], tx.tenant, [place.appointment for place in places], True)


async def keep_again(tx: Transaction, appointments: Sequence[EntryId]) -> None:
    """Note that these appointments hold the places again that they had given back."""
    await tx.run(_Q["set_given_back"], tx.tenant, list(appointments), False)


async def doctors_to_generate(
    tx: Transaction, after: UUID | None, limit: int, *, only: Sequence[UUID] = (), clinics: Sequence[UUID] = ()
) -> list[DoctorId]:
    """Return the next doctors whose slots are generated, by id; of `only` and at `clinics`, where they name any."""
    rows = await tx.rows(_Q["doctors_with_calendar"], tx.tenant, after, list(only), limit, list(clinics))
    return [DoctorId(row["doctor_id"]) for row in rows]


async def lock_policy(tx: Transaction) -> int:
    """Lock the tenant's policy and return its version; 0 without one."""
    row = await tx.row(_Q["lock_policy"], tx.tenant)
    return row["version"] if row is not None else 0


async def set_policy(tx: Transaction, horizon_days: int, lead_minutes: int, expected: int | None) -> int | None:
    """Set how far ahead the tenant generates and how late patients may book; returns the policy's version.

    None when the policy has another version than `expected`, if that is given: two may make the first one at once.
    """
    row = await tx.row(_Q["set_policy"], tx.tenant, horizon_days, lead_minutes, expected)
    return row["version"] if row is not None else None


async def names_of_patients(tx: Transaction, patients: Sequence[PatientId]) -> dict[PatientId, str]:
    """Return the names of patients by their ids."""
    rows = await tx.rows(_Q["names_of_patients"], tx.tenant, list(patients))
    return {PatientId(row["patient_id"]): row["name"] for row in rows}


def _array(ids: Iterable[UUID]) -> str:
    """Write ids as Postgres writes an array: it takes no list of lists of different lengths."""
    return "{" + ",".join(map(str, ids)) + "}"


def _kept(row: Row) -> KeptSlot:
    return KeptSlot(
        id=row["slot_id"],
        clinic=row["clinic_id"],
        schedule=row["schedule_id"],
        room=row["room_id"],
        equipment=tuple(row["equipment_ids"]),
        start=row["start"],
        end=row["end"],
        date=row["date"],
        part=row["part_of_day"],
        in_person=row["in_person"],
        tele=row["tele"],
        total=row["total"],
        taken=row["taken"],
        in_person_taken=row["in_person_taken"],
        tele_taken=row["tele_taken"],
        held=row["held"],
        in_person_held=row["in_person_held"],
        tele_held=row["tele_held"],
        blocked=row["blocked"],
        by_hand=row["by_hand"],
        withdrawn=row["withdrawn"],
        version=row["version"],
    )


def _to_come(row: Row) -> ToCome:
    start, slot = row["start"], row["slot_id"]
    return ToCome(
        booked=Booked(
            id=EntryId(row["appointment_id"]),
            clinic=ClinicId(row["clinic_id"]),
            date=row["date"],
            start=start,
            end=start + timedelta(minutes=row["duration_minutes"]),
            slot=SlotId(slot) if slot is not None else None,
            in_person=row["mode"] == Mode.IN_PERSON,
        ),
        patient=PatientId(row["patient_id"]),
        mode=row["mode"],
        zone=row["timezone"],
        stands=row["stands"],
        cause=row["cause"],
        source=row["source_id"],
    )
