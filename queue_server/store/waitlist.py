"""The waitlist as rows: policies, entries in the order of the list, how many wait."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import ClinicId, DoctorId, PatientId, WaitlistId
from scheduling_core.slots.times import PARTS
from scheduling_core.waitlist.events import Window
from scheduling_core.waitlist.policy import WaitlistPolicy
from sql import loader

_Q = loader.queries("waitlist")

MATCH_JOB = "waitlist_match"


class KeptPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy with its version: 0 while nobody has chosen one there, and it is what all begin with."""

    policy: WaitlistPolicy
    version: int


class OpenList(msgspec.Struct, frozen=True, kw_only=True):
    """The list of a clinic."""

    is_open: bool
    """Whether anybody is seen at the clinic at present."""
    policy: WaitlistPolicy


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who waits, in the order of the list but for positions given by hand."""

    id: WaitlistId
    clinic: ClinicId
    doctor: DoctorId | None
    status: str
    position: int | None
    points: float
    is_overdue: bool
    joined_at: datetime


async def policy(tx: Transaction, scope: UUID) -> KeptPolicy:
    """Return the policy of a clinic, or of the tenant by its own id: its own, else the tenant's, else the default."""
    rows = await tx.rows(_Q["policies"], tx.tenant, scope)
    return _policy(rows, scope)


async def open_list(tx: Transaction, clinic: ClinicId) -> OpenList | None:
    """Return whether a clinic is open and by which policy its list runs, in one round trip; None without the clinic."""
    rows = await tx.rows(_Q["open_list"], tx.tenant, clinic)
    if not rows:
        return None
    chosen = [row for row in rows if row["scope_id"] is not None]
    return OpenList(is_open=rows[0]["active"], policy=_policy(chosen, clinic).policy)


async def policies(tx: Transaction, clinics: Sequence[ClinicId]) -> dict[ClinicId, WaitlistPolicy]:
    """Return by which policy each clinic's list runs."""
    rows = await tx.rows(_Q["policies_of"], tx.tenant, list(clinics))
    return {
        clinic: _policy([row for row in rows if row["scope_id"] in (clinic, tx.tenant)], clinic).policy
        for clinic in clinics
    }


def _policy(rows: Sequence[Row], scope: UUID) -> KeptPolicy:
    own = next((row for row in rows if row["scope_id"] == scope), None)
    row = own if own is not None else (rows[0] if rows else None)
    return KeptPolicy(
        policy=msgspec.json.decode(row["policy"], type=WaitlistPolicy) if row is not None else WaitlistPolicy(),
        version=own["version"] if own is not None else 0,
    )


async def lock_policy(tx: Transaction, scope: UUID) -> int:
    """Lock a policy until the commit and return its version, 0 while there is none."""
    row = await tx.row(_Q["lock_policy"], tx.tenant, scope)
    return int(row["version"]) if row is not None else 0


async def set_policy(tx: Transaction, scope: UUID, policy: WaitlistPolicy, expected: int | None) -> int | None:
    """Keep a policy and return its new version; None when it is not the expected one any more."""
    encoded = msgspec.json.encode(policy).decode()
    row = await tx.row(_Q["set_policy"], tx.tenant, scope, encoded, expected)
    return row["version"] if row is not None else None


async def same_wish(tx: Transaction, patient: PatientId, clinic: ClinicId, doctor: DoctorId | None) -> UUID | None:
    """Return the entry by which the patient waits for the same already, or None."""
    row = await tx.row(_Q["same_wish"], tx.tenant, patient, clinic, doctor)
    return row["waitlist_id"] if row is not None else None


def count_in(tx: Transaction, clinic: ClinicId, most: int, at: datetime) -> None:
    """Count, with the commit, one more who waits at the clinic and has joined at that instant.

    The transaction ends with `WaitlistFull` when `most` do already.
    """
    tx.run_last(_Q["count_in"], tx.tenant, clinic, most, at)


def count_out(tx: Transaction, clinic: ClinicId, gone: int = 1) -> None:
    """Count out, with the commit, who waits at the clinic no longer."""
    tx.run_last(_Q["count_out"], tx.tenant, clinic, gone)


async def entries(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """Return entries with what is known of their patients, in the order asked for; without those that are unknown."""
    rows = {row["waitlist_id"]: row for row in await tx.rows(_Q["entry"], tx.tenant, list(ids))}
    return [rows[id] for id in ids if id in rows]


async def clock(tx: Transaction) -> datetime:
    """Return what time it is by Postgres' clock."""
    row = await tx.row(_Q["clock"])
    assert row is not None
    now: datetime = row["now"]
    return now


async def ranks(
    tx: Transaction,
    policies: Mapping[ClinicId, WaitlistPolicy],
    now: datetime,
    *,
    doctor: DoctorId | None = None,
) -> list[Ranked]:
    """Return everybody who waits at these clinics, or there for a doctor or anybody, as they stand at `now`."""
    weights = [msgspec.json.encode(policy.priority_weights).decode() for policy in policies.values()]
    targets = [msgspec.json.encode(policy.target_days).decode() for policy in policies.values()]
    rows = await tx.rows(_Q["ranks"], tx.tenant, doctor, list(policies), weights, targets, now)
    return [
        Ranked(
            id=WaitlistId(row["waitlist_id"]),
            clinic=ClinicId(row["clinic_id"]),
            doctor=DoctorId(row["doctor_id"]) if row["doctor_id"] is not None else None,
            status=row["status"],
            position=row["position"],
            points=row["points"],
            is_overdue=row["is_overdue"],
            joined_at=row["joined_at"],
        )
        for row in rows
    ]


async def of_patients(tx: Transaction, patients: Sequence[PatientId]) -> list[UUID]:
    """Return what patients wait for, and what came of it within the year, the newest first."""
    return [row["waitlist_id"] for row in await tx.rows(_Q["of_patients"], tx.tenant, list(patients))]


async def ended(
    tx: Transaction,
    *,
    clinics: Sequence[ClinicId],
    doctor: DoctorId | None,
    statuses: Sequence[str],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[tuple[datetime, UUID]]:
    """Return who does not wait any more, the latest first: when that was, and the entry."""
    instant, id = after if after is not None else (None, None)
    rows = await tx.rows(_Q["ended"], tx.tenant, list(clinics), instant, id, doctor, list(statuses), limit)
    return [(row["ended_at"], row["waitlist_id"]) for row in rows]


async def enqueue_match(tx: Transaction, doctor: DoctorId, cause: str) -> None:
    """Leave a job that offers what is free of the doctor, if anybody waits for that; `cause` names what freed it."""
    await tx.run(_Q["enqueue_match"], tx.tenant, doctor, cause)


async def enqueue_matches(tx: Transaction, cause: str) -> None:
    """Leave such a job for every doctor for whom anybody waits."""
    await tx.run(_Q["enqueue_matches"], tx.tenant, cause)


async def free_slots(
    tx: Transaction,
    doctors: Sequence[DoctorId],
    clinic: ClinicId,
    window: Window,
    now: datetime,
    *,
    earliest: datetime,
    limit: int,
) -> Sequence[Row]:
    """Return the next times of doctors that are free at a clinic within a window and from `earliest` on, the soonest
    first."""
    return await tx.rows(
        _Q["free_slots"],
        tx.tenant,
        list(doctors),
        now,
        limit,
        clinic,
        max(earliest, window.start or earliest),
        window.end,
        [PARTS.index(part) for part in window.parts_of_day],
    )


async def wanted_slots(
    tx: Transaction, doctor: DoctorId, policies: Mapping[ClinicId, WaitlistPolicy], now: datetime, limit: int
) -> Sequence[Row]:
    """Return the next times of a doctor that are free and that somebody who waits may be offered by these policies, the
    soonest first."""
    return await tx.rows(
        _Q["wanted_slots"],
        tx.tenant,
        doctor,
        now,
        limit,
        list(policies),
        [policy.min_lead_minutes for policy in policies.values()],
        [msgspec.json.encode(policy.excluded_visit_types).decode() for policy in policies.values()],
        [part.value for part in PARTS],
    )


async def candidates(tx: Transaction, ids: Sequence[UUID], doctor: DoctorId) -> Sequence[Row]:
    """Return, of these entries, those whose patients may be sent messages and are offered no time of the doctor by
    another entry."""
    return await tx.rows(_Q["candidates"], tx.tenant, list(ids), doctor)


async def overdue_entries(tx: Transaction, limit: int) -> list[WaitlistId]:
    """Return who has waited for as long as their clinic keeps anybody, and has no offer to answer."""
    return [WaitlistId(row["waitlist_id"]) for row in await tx.rows(_Q["overdue_entries"], tx.tenant, limit)]


async def doctors_at(tx: Transaction, clinic: ClinicId) -> list[DoctorId]:
    """Return the active doctors who work at a clinic."""
    return [DoctorId(row["doctor_id"]) for row in await tx.rows(_Q["doctors_at"], tx.tenant, clinic)]


async def waits(tx: Transaction, patient: PatientId) -> bool:
    """Return whether a patient waits for anything."""
    row = await tx.row(_Q["waits"], tx.tenant, patient)
    return row is not None and bool(row["waits"])


async def behind_appointment(tx: Transaction, appointment: UUID) -> list[UUID]:
    """Return what the patient of an appointment waits for besides."""
    return [row["waitlist_id"] for row in await tx.rows(_Q["behind_appointment"], tx.tenant, appointment)]
