"""Feeds of calendars, the appointments they show, and the revision of each that was shown last."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import AccountId, DoctorId, PatientId
from sql import loader

_Q = loader.queries("calendar_feeds")


class Revision(msgspec.Struct, frozen=True):
    """Which version of an appointment calendars are shown, counted from 0, and since when."""

    sequence: int
    changed_at: datetime


async def lock_maker(tx: Transaction, account: AccountId) -> None:
    """Let this account make no other feed until the commit."""
    await tx.run(_Q["lock_maker"], tx.tenant, account)


async def add(
    tx: Transaction,
    feed: UUID,
    account: AccountId,
    *,
    doctor: DoctorId | None = None,
    patient: PatientId | None = None,
    digest: bytes,
) -> Row:
    """Add a feed of a doctor's or a patient's appointments and return it: feed_id, account_id, doctor_id, patient_id,
    created_at."""
    row = await tx.row(_Q["add"], tx.tenant, feed, account, doctor, patient, digest)
    assert row is not None
    return row


async def feed(tx: Transaction, feed: UUID) -> Row | None:
    """Return a feed, or None."""
    return await tx.row(_Q["feed"], tx.tenant, feed)


async def feeds(
    tx: Transaction,
    account: AccountId,
    *,
    own_doctor: DoctorId | None,
    own_patient: PatientId | None,
    of_doctor: UUID | None,
    limit: int,
) -> Sequence[Row]:
    """Return the feeds that an account has made or that show its own appointments; with `of_doctor` all of that
    doctor's, and no others."""
    return await tx.rows(_Q["feeds"], tx.tenant, account, own_doctor, own_patient, of_doctor, limit)


async def made_by(tx: Transaction, account: AccountId) -> int:
    """Return how many feeds the account has."""
    row = await tx.row(_Q["made_by"], tx.tenant, account)
    assert row is not None
    count: int = row["feeds"]
    return count


async def remove(tx: Transaction, feed: UUID) -> None:
    """Remove a feed: its address shows nothing any more."""
    await tx.run(_Q["remove"], tx.tenant, feed)


async def opened(tx: Transaction, digest: bytes) -> Row | None:
    """Return what the address with this digest shows: doctor_id or patient_id, clinic_ids, doctor_name, language.

    None for an address that we have not given out, that was withdrawn, or whose maker may not see this any more.
    """
    return await tx.row(_Q["opened"], tx.tenant, digest)


async def of_appointment(tx: Transaction, appointment: UUID) -> Row | None:
    """Return what calendars are told of an appointment, or None."""
    return await tx.row(_Q["of_appointment"], tx.tenant, appointment)


async def of_patient(tx: Transaction, patient: UUID, since: date, limit: int) -> Sequence[Row]:
    """Return a patient's appointments since a date, `limit` at most, the latest first."""
    return await tx.rows(_Q["of_patient"], tx.tenant, patient, since, limit)


async def of_doctor(
    tx: Transaction, doctor: UUID, since: date, limit: int, clinics: Sequence[UUID] = ()
) -> Sequence[Row]:
    """Return the appointments in a doctor's lines since a date, `limit` at most, the latest first; at `clinics`, if any
    are named."""
    return await tx.rows(_Q["of_doctor"], tx.tenant, doctor, since, limit, list(clinics))


async def revise(tx: Transaction, told: Mapping[UUID, bytes]) -> dict[UUID, Revision]:
    """Note what calendars are told of appointments, by digest; returns the revision of each."""
    if not told:
        return {}
    # Always in the same order, so that two readers never wait for each other.
    ids = sorted(told)
    await tx.run(_Q["revise"], tx.tenant, ids, [told[id] for id in ids])
    rows = await tx.rows(_Q["revisions"], tx.tenant, ids)
    return {row["appointment_id"]: Revision(row["sequence"], row["changed_at"]) for row in rows}
