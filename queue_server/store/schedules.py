"""Reads around doctors' calendars: who and where they are, what is booked into them, and what is free."""

from collections.abc import Collection, Iterable, Sequence
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
    EquipmentId,
    ExceptionId,
    LeaveId,
    OverrideId,
    ResourceId,
    RoomId,
    ScheduleId,
    SlotId,
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


class ResourcePlace(msgspec.Struct, frozen=True):
    """Where a room or a piece of equipment is, and whether it is in use."""

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


class ConflictQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which appointments in conflict are wanted: at a clinic, of a doctor, at clinics of `within` if it names any, and
    none that is over `now`."""

    clinic: UUID | None
    doctor: UUID | None
    within: tuple[ClinicId, ...]
    now: datetime

    def parameters(self) -> tuple[object, ...]:
        """Return these as the queries take them."""
        return self.clinic, self.doctor, list(self.within), self.now


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


class Span(msgspec.Struct, frozen=True):
    """From one instant to another, as it is by the clock of a zone."""

    zone: str
    begins: datetime
    ends: datetime


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Time of one doctor: from when to when at clinics of each zone, within the dates `first` to `last`."""

    doctor: DoctorId
    first: date
    last: date
    spans: tuple[Span, ...]


class FoundConflict(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment whose time is closed, and what closed it when that was found."""

    appointment: Expected
    cause: str
    source: UUID | None
    phone: str | None
    """Of the patient, who is to be told."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Time that is looked for: of a doctor at a clinic, near an instant, and how many slots on either side of it."""

    doctor: DoctorId
    clinic: ClinicId
    near: datetime
    tele: bool
    each_way: int


class FreeSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that still takes somebody: how many in person, by video and altogether."""

    id: SlotId
    doctor: DoctorId
    clinic: ClinicId
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
    free_in_person: int
    free_tele: int


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


async def places(
    tx: Transaction, rooms: Iterable[RoomId], equipment: Iterable[EquipmentId]
) -> dict[ResourceId, ResourcePlace]:
    """Return what the tenant has of these rooms and this equipment, none of which is removed before the end of the
    transaction."""
    found: dict[ResourceId, ResourcePlace] = {}
    if asked := list(rooms):
        for row in await tx.rows(_Q["rooms"], tx.tenant, asked):
            found[RoomId(row["room_id"])] = ResourcePlace(ClinicId(row["clinic_id"]), row["active"])
    if devices := list(equipment):
        for row in await tx.rows(_Q["equipment"], tx.tenant, devices):
            found[EquipmentId(row["equipment_id"])] = ResourcePlace(ClinicId(row["clinic_id"]), row["active"])
    return found


async def hold_resources(tx: Transaction, resources: Iterable[ResourceId]) -> None:
    """Wait for everybody who is planning hours with these rooms or this equipment, and let nobody else do so until the
    commit."""
    await tx.run(_Q["hold_resources"], [f"hours:{tx.tenant}:{resource}" for resource in sorted(resources)])


async def doctors_using(
    tx: Transaction,
    clinics: Iterable[ClinicId],
    resources: Iterable[ResourceId],
    since: date,
    *,
    besides: DoctorId | None = None,
) -> list[DoctorId]:
    """Return the doctors, other than `besides`, whose hours from `since` on take one of these `resources`, which are at
    `clinics`."""
    names = [str(resource) for resource in resources]
    found = await tx.rows(_Q["doctors_using"], tx.tenant, list(clinics), besides, since, names)
    return [DoctorId(row["doctor_id"]) for row in found]


async def resource_names(tx: Transaction, resources: Iterable[ResourceId]) -> dict[ResourceId, str]:
    """Return the names of those of these rooms and pieces of equipment that the tenant has."""
    found = await tx.rows(_Q["resource_names"], tx.tenant, list(resources))
    return {row["resource_id"]: row["name"] for row in found}


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


async def headed_doctors(tx: Transaction, account: AccountId, doctors: Iterable[DoctorId]) -> frozenset[DoctorId]:
    """Return those of these doctors who belong to a department that the account is head of."""
    rows = await tx.rows(_Q["headed_doctors"], tx.tenant, list(doctors), account)
    return frozenset(DoctorId(row["doctor_id"]) for row in rows)


async def account_names(tx: Transaction, accounts: Iterable[AccountId]) -> dict[AccountId, str]:
    """Return the names of accounts."""
    rows = await tx.rows(_Q["account_names"], tx.tenant, list(accounts))
    return {AccountId(row["account_id"]): row["name"] for row in rows}


async def doctor_names(tx: Transaction, doctors: Iterable[DoctorId]) -> dict[DoctorId, str]:
    """Return the names of doctors; an unknown one has an empty name."""
    rows = await tx.rows(_Q["doctor_names"], tx.tenant, list(doctors))
    return {DoctorId(row["doctor_id"]): row["name"] for row in rows}


async def zones_in_use(tx: Transaction) -> list[str]:
    """Return the zones of the tenant's clinics, each once."""
    return [row["timezone"] for row in await tx.rows(_Q["zones_in_use"], tx.tenant)]


async def expected(
    tx: Transaction, wanted: Stretch, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> list[Expected]:
    """Return the next appointments whose patients are still expected in a stretch, by their start and id; those behind
    the start and id `after`."""
    start, id = after if after is not None else (None, None)
    found = await tx.rows(
        _Q["expected_appointments"],
        tx.tenant,
        wanted.doctor,
        [span.zone for span in wanted.spans],
        wanted.first,
        wanted.last,
        [span.begins for span in wanted.spans],
        [span.ends for span in wanted.spans],
        start,
        id,
        limit,
    )
    return [_expected(row) for row in found]


async def count_expected(tx: Transaction, wanted: Sequence[Stretch], *, besides: Collection[UUID] = ()) -> list[int]:
    """Return for each stretch how many patients are still expected, those of the appointments `besides` apart."""
    spans = [(place, one, span) for place, one in enumerate(wanted) for span in one.spans]
    found = await tx.rows(
        _Q["count_expected"],
        tx.tenant,
        [place for place, _, _ in spans],
        [one.doctor for _, one, _ in spans],
        [span.zone for _, _, span in spans],
        [one.first for _, one, _ in spans],
        [one.last for _, one, _ in spans],
        [span.begins for _, _, span in spans],
        [span.ends for _, _, span in spans],
        list(besides),
    )
    counts = {row["place"]: int(row["expected"]) for row in found}
    return [counts.get(place, 0) for place in range(len(wanted))]


async def slot_counts(
    tx: Transaction, doctors: Iterable[DoctorId], first: date, last: date, now: datetime
) -> dict[tuple[DoctorId, ClinicId, date], Counts]:
    """Return how many slots there are by doctor, clinic and date; `free` counts those after `now` alone."""
    rows = await tx.rows(_Q["slot_counts"], tx.tenant, list(doctors), first, last, now)
    return {
        (DoctorId(row["doctor_id"]), ClinicId(row["clinic_id"]), row["date"]): Counts(
            row["total"], row["free"], row["booked"], row["blocked"], row["free_in_person"], row["free_tele"]
        )
        for row in rows
    }


async def conflicts(
    tx: Transaction, wanted: ConflictQuery, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> list[FoundConflict]:
    """Return the next appointments ahead whose time is closed, by their start and id; those behind `after`."""
    start, id = after if after is not None else (None, None)
    rows = await tx.rows(_Q["conflicts"], tx.tenant, *wanted.parameters(), start, id, limit)
    return [
        FoundConflict(
            appointment=_expected(row), cause=row["cause"], source=row["source_id"], phone=row["patient_phone"]
        )
        for row in rows
    ]


async def count_conflicts(tx: Transaction, wanted: ConflictQuery) -> int:
    """Return how many appointments ahead have lost their time."""
    row = await tx.row(_Q["count_conflicts"], tx.tenant, *wanted.parameters())
    return int(row["conflicts"]) if row is not None else 0


async def free_slots(
    tx: Transaction,
    wishes: Sequence[Wish],
    *,
    since: datetime,
    gone: Sequence[UUID] = (),
    away: tuple[datetime, datetime] | None = None,
) -> list[FreeSlot]:
    """Return free slots for all wishes, each once: none before `since`, none of `gone` and none within `away`."""
    begins, ends = away if away is not None else (None, None)
    rows = await tx.rows(
        _Q["free_slots"],
        tx.tenant,
        [wish.doctor for wish in wishes],
        [wish.clinic for wish in wishes],
        [wish.near for wish in wishes],
        [wish.tele for wish in wishes],
        [wish.each_way for wish in wishes],
        since,
        list(gone),
        begins,
        ends,
    )
    return [
        FreeSlot(
            id=SlotId(row["slot_id"]),
            doctor=DoctorId(row["doctor_id"]),
            clinic=ClinicId(row["clinic_id"]),
            start=row["start"],
            in_person=row["in_person"],
            tele=row["tele"],
            total=row["total"],
        )
        for row in rows
    ]


async def colleagues(
    tx: Transaction, places: Sequence[tuple[DoctorId, ClinicId]], *, limit: int
) -> dict[tuple[DoctorId, ClinicId], list[DoctorId]]:
    """Return for each doctor at a clinic at most `limit` other active doctors of the clinic who share a specialty."""
    doctors, clinics = [doctor for doctor, _ in places], [clinic for _, clinic in places]
    found: dict[tuple[DoctorId, ClinicId], list[DoctorId]] = {place: [] for place in places}
    for row in await tx.rows(_Q["colleagues"], tx.tenant, doctors, clinics, limit):
        found[DoctorId(row["of"]), ClinicId(row["clinic_id"])].append(DoctorId(row["doctor_id"]))
    return found


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
