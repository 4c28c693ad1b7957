"""Reads around doctors' calendars: who and where they are, what is booked into them, and what is free."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import (
    AccountId,
    ClinicId,
    DepartmentId,
    DoctorId,
    EntryId,
    ExceptionId,
    LeaveId,
    OverrideId,
    RoomId,
    ScheduleId,
    SlotId,
    StreamId,
)
from sql import loader

_Q = loader.queries("schedules")

MOST_DOCTORS = 500
"""Doctors of one clinic, as far as one answer shows them."""


class DoctorPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A doctor with the clinics and departments of the profile."""

    id: DoctorId
    name: str
    clinics: tuple[ClinicId, ...]
    departments: tuple[DepartmentId, ...]


class Home(msgspec.Struct, frozen=True):
    """Whose calendar something is in, and at which clinic; None for wherever the doctor works."""

    doctor: DoctorId
    clinic: ClinicId | None


class RoomPlace(msgspec.Struct, frozen=True):
    """A room, where it is and whether it is in use."""

    id: RoomId
    clinic: ClinicId
    active: bool


class LeaveQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which leave is wanted, and whose may be seen: of doctors at `within`, if any; everybody's, or only that of the
    doctor `own`, what `account` asked for, and that of doctors whose department `account` heads."""

    status: str | None
    doctor: UUID | None
    department: UUID | None
    within: tuple[ClinicId, ...]
    everybody: bool
    own: DoctorId | None
    account: AccountId | None


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """A booked appointment whose patient has not been seen yet."""

    id: EntryId
    doctor: DoctorId
    clinic: ClinicId
    date: date
    start: datetime
    minutes: int
    mode: str
    patient_name: str
    zone: str
    """Of the clinic."""


class Stretch(msgspec.Struct, frozen=True):
    """Dates of one doctor."""

    doctor: DoctorId
    first: date
    last: date


class FoundConflict(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment whose time is closed, and what closed it when that was found."""

    appointment: Expected
    cause: str
    source: UUID | None


class FreeSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that still takes somebody: how many in person, by video and altogether."""

    id: SlotId
    doctor: DoctorId
    start: datetime
    in_person: int
    tele: int
    total: int


class Counts(msgspec.Struct, frozen=True):
    """Slots of a doctor at a clinic on a date."""

    total: int
    free: int
    booked: int
    blocked: int


async def doctor_place(tx: Transaction, doctor: UUID) -> DoctorPlace | None:
    """Return a doctor of the tenant, or None."""
    row = await tx.row(_Q["doctor_place"], tx.tenant, doctor)
    if row is None:
        return None
    return DoctorPlace(
        id=DoctorId(row["doctor_id"]),
        name=row["name"],
        clinics=tuple(row["clinic_ids"]),
        departments=tuple(row["department_ids"]),
    )


async def doctors_at(tx: Transaction, clinic: UUID) -> dict[DoctorId, str]:
    """Return the doctors who work at a clinic with their names, in their order."""
    rows = await tx.rows(_Q["doctors_at_clinic"], tx.tenant, clinic, MOST_DOCTORS)
    return {DoctorId(row["doctor_id"]): row["name"] for row in rows}


async def zones(tx: Transaction, clinics: Iterable[ClinicId]) -> dict[ClinicId, str]:
    """Return the time zone of each of these clinics that the tenant has."""
    rows = await tx.rows(_Q["zones"], tx.tenant, list(clinics))
    return {ClinicId(row["clinic_id"]): row["timezone"] for row in rows}


async def rooms(tx: Transaction, rooms: Iterable[RoomId]) -> dict[RoomId, RoomPlace]:
    """Return those of these rooms that the tenant has."""
    rows = await tx.rows(_Q["rooms"], tx.tenant, list(rooms))
    return {r["room_id"]: RoomPlace(RoomId(r["room_id"]), ClinicId(r["clinic_id"]), r["active"]) for r in rows}


async def hold_rooms(tx: Transaction, rooms: Iterable[RoomId]) -> None:
    """Wait for everybody who is planning hours in these rooms, and let nobody else do so until the commit."""
    await tx.run(_Q["hold_rooms"], [f"hours:{tx.tenant}:{room}" for room in sorted(rooms)])


async def doctors_in_rooms(
    tx: Transaction,
    clinics: Iterable[ClinicId],
    rooms: Iterable[RoomId],
    since: date,
    *,
    besides: DoctorId | None = None,
) -> list[DoctorId]:
    """Return the doctors, other than `besides`, who have hours from `since` on in one of these rooms, which are at
    `clinics`."""
    names = [str(room) for room in rooms]
    found = await tx.rows(_Q["doctors_in_rooms"], tx.tenant, list(clinics), besides, since, names)
    return [DoctorId(row["doctor_id"]) for row in found]


async def room_names(tx: Transaction, rooms: Iterable[RoomId]) -> dict[RoomId, str]:
    """Return the names of those of these rooms that the tenant has."""
    rows = await tx.rows(_Q["room_names"], tx.tenant, list(rooms))
    return {RoomId(row["room_id"]): row["name"] for row in rows}


async def calendars(tx: Transaction, streams: Iterable[StreamId]) -> dict[StreamId, bytes]:
    """Return the folded state of each of these streams that has one."""
    rows = await tx.rows(_Q["calendars"], tx.tenant, list(streams))
    return {StreamId(row["stream_id"]): row["state"] for row in rows}


async def schedule_home(tx: Transaction, schedule: ScheduleId) -> Home | None:
    """Return whose schedule this is, or None."""
    return _home(await tx.row(_Q["schedule_home"], tx.tenant, schedule))


async def override_home(tx: Transaction, override: OverrideId) -> Home | None:
    """Return whose override this is, or None."""
    return _home(await tx.row(_Q["override_home"], tx.tenant, override))


async def exception_home(tx: Transaction, exception: ExceptionId) -> Home | None:
    """Return whose exception this is, or None."""
    return _home(await tx.row(_Q["exception_home"], tx.tenant, exception))


async def leave_home(tx: Transaction, leave: LeaveId) -> Home | None:
    """Return whose leave this is, or None."""
    return _home(await tx.row(_Q["leave_home"], tx.tenant, leave))


async def leaves(
    tx: Transaction, wanted: LeaveQuery, *, after: UUID | None, limit: int
) -> list[tuple[LeaveId, DoctorId]]:
    """Return requests for leave after `after` and whose they are, the newest first."""
    rows = await tx.rows(
        _Q["leaves"],
        tx.tenant,
        after,
        wanted.status,
        wanted.doctor,
        wanted.department,
        list(wanted.within),
        wanted.own,
        wanted.account,
        wanted.everybody,
        limit,
    )
    return [(LeaveId(row["leave_id"]), DoctorId(row["doctor_id"])) for row in rows]


async def heads_doctor(tx: Transaction, account: AccountId, doctor: DoctorId) -> bool:
    """Return whether an account is head of a department that the doctor belongs to."""
    row = await tx.row(_Q["heads_doctor"], tx.tenant, doctor, account)
    return bool(row and row["heads"])


async def account_names(tx: Transaction, accounts: Iterable[AccountId]) -> dict[AccountId, str]:
    """Return the names of accounts."""
    rows = await tx.rows(_Q["account_names"], tx.tenant, list(accounts))
    return {AccountId(row["account_id"]): row["name"] for row in rows}


async def doctor_names(tx: Transaction, doctors: Iterable[DoctorId]) -> dict[DoctorId, str]:
    """Return the names of doctors; an unknown one has an empty name."""
    rows = await tx.rows(_Q["doctor_names"], tx.tenant, list(doctors))
    return {DoctorId(row["doctor_id"]): row["name"] for row in rows}


async def expected(tx: Transaction, wanted: Sequence[Stretch], *, limit: int = 5000) -> list[list[Expected]]:
    """Return for each stretch the appointments whose patients are still expected, by their start."""
    doctors, firsts, lasts = [s.doctor for s in wanted], [s.first for s in wanted], [s.last for s in wanted]
    found: list[list[Expected]] = [[] for _ in wanted]
    for row in await tx.rows(_Q["expected_appointments"], tx.tenant, doctors, firsts, lasts, limit):
        found[row["place"] - 1].append(_expected(row))
    return found


async def slot_counts(
    tx: Transaction, doctors: Iterable[DoctorId], first: date, last: date, now: datetime
) -> dict[tuple[DoctorId, ClinicId, date], Counts]:
    """Return how many slots there are by doctor, clinic and date; `free` counts those after `now` alone."""
    rows = await tx.rows(_Q["slot_counts"], tx.tenant, list(doctors), first, last, now)
    return {
        (DoctorId(row["doctor_id"]), ClinicId(row["clinic_id"]), row["date"]): Counts(
            row["total"], row["free"], row["booked"], row["blocked"]
        )
        for row in rows
    }


async def conflicts(
    tx: Transaction,
    *,
    clinic: UUID | None,
    doctor: UUID | None,
    within: Sequence[ClinicId],
    now: datetime,
    limit: int,
) -> list[FoundConflict]:
    """Return appointments ahead whose time is closed, by their start; at clinics of `within`, if it names any."""
    rows = await tx.rows(_Q["conflicts"], tx.tenant, clinic, doctor, list(within), now, limit)
    return [FoundConflict(appointment=_expected(row), cause=row["cause"], source=row["source_id"]) for row in rows]


async def free_slots(
    tx: Transaction,
    doctors: Sequence[DoctorId],
    clinic: ClinicId,
    near: datetime,
    *,
    since: datetime,
    each_way: int,
    gone: Sequence[UUID] = (),
    away: tuple[datetime, datetime] | None = None,
) -> list[FreeSlot]:
    """Return free slots at a clinic: each doctor's nearest to `near` on either side, none before `since`, none of
    `gone` and none within `away`."""
    begins, ends = away if away is not None else (None, None)
    rows = await tx.rows(
        _Q["free_slots"], tx.tenant, list(doctors), clinic, near, since, each_way, list(gone), begins, ends
    )
    return [
        FreeSlot(
            id=SlotId(row["slot_id"]),
            doctor=DoctorId(row["doctor_id"]),
            start=row["start"],
            in_person=row["in_person"],
            tele=row["tele"],
            total=row["total"],
        )
        for row in rows
    ]


async def colleagues(tx: Transaction, doctor: DoctorId, clinic: ClinicId, *, limit: int) -> list[DoctorId]:
    """Return other active doctors of the clinic who share a specialty."""
    rows = await tx.rows(_Q["colleagues"], tx.tenant, doctor, clinic, limit)
    return [DoctorId(row["doctor_id"]) for row in rows]


def _home(row: Row | None) -> Home | None:
    if row is None:
        return None
    clinic = row["clinic_id"]
    return Home(DoctorId(row["doctor_id"]), ClinicId(clinic) if clinic is not None else None)


def _expected(row: Row) -> Expected:
    return Expected(
        id=EntryId(row["appointment_id"]),
        doctor=DoctorId(row["doctor_id"]),
        clinic=ClinicId(row["clinic_id"]),
        date=row["date"],
        start=row["start"],
        minutes=row["duration_minutes"],
        mode=row["mode"],
        patient_name=row["patient_name"],
        zone=row["timezone"],
    )
