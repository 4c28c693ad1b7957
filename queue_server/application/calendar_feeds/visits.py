"""Appointments as calendars are told of them.

A patient's calendar says what their tracking link shows. A doctor's says tickets and kinds of visits and names nobody:
feeds are copied to wherever a calendar is kept.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec

from queue_server.application.calendar_feeds.words import word
from queue_server.application.directory import Directory, DoctorEntry
from queue_server.application.places import Place, booked_of
from queue_server.interop.icalendar import Visit
from queue_server.store import calendar_feeds as store
from queue_server.store.calendar_feeds import Revision
from queue_server.store.db import Row, Transaction
from scheduling_core.ids import DoctorId
from scheduling_core.live_queue.state import EntryState, Mode


class Shown(msgspec.Struct, frozen=True):
    """An appointment, where it takes place and with whom, and its revision."""

    row: Row
    doctor: DoctorEntry
    place: Place
    revision: Revision


async def shown(tx: Transaction, directory: Directory, rows: Sequence[Row]) -> list[Shown]:
    """Return the appointments with their revisions, which grow where anything has changed that a calendar shows."""
    found = []
    for row in rows:
        doctor = await directory.doctor(tx.tenant, DoctorId(row["doctor_id"]), tx)
        found.append((row, doctor, booked_of(row).place(doctor)))
    digests = {row["appointment_id"]: _digest(row, doctor, place) for row, doctor, place in found}
    changed = {row["appointment_id"]: digests[row["appointment_id"]] for row in rows}
    for row in rows:
        if row["digest"] == digests[row["appointment_id"]]:
            del changed[row["appointment_id"]]
    revised = await store.revise(tx, changed)
    return [
        Shown(row, doctor, place, revised.get(row["appointment_id"]) or Revision(row["sequence"], row["changed_at"]))
        for row, doctor, place in found
    ]


def of_patient(one: Shown, *, language: str, url: str | None = None) -> Visit:
    """Return the appointment for its patient's calendar."""
    is_tele = one.row["mode"] == Mode.TELE
    clinic = one.place.clinic
    where = (clinic.name, clinic.address, one.place.room)
    return _visit(
        one,
        summary=word(language, "visit", doctor=one.doctor.name),
        location=word(language, "video") if is_tele else ", ".join(part for part in where if part),
        description=word(language, "ticket", ticket=one.row["ticket"]),
        url=url,
    )


def of_doctor(one: Shown, *, language: str) -> Visit:
    """Return the appointment for its doctor's calendar, which does not say whose it is."""
    is_tele = one.row["mode"] == Mode.TELE
    where = (one.place.clinic.name, one.place.room)
    return _visit(
        one,
        summary=f"{one.row['ticket']} · {one.row['visit_type']}",
        location=word(language, "video") if is_tele else ", ".join(part for part in where if part),
    )


def _visit(one: Shown, *, summary: str, location: str, description: str = "", url: str | None = None) -> Visit:
    row = one.row
    return Visit(
        id=row["appointment_id"],
        sequence=one.revision.sequence,
        changed_at=one.revision.changed_at,
        start=row["start"],
        end=row["start"] + timedelta(minutes=row["duration_minutes"]),
        is_cancelled=row["state"] == EntryState.CANCELLED,
        summary=summary,
        location=location,
        description=description,
        url=url,
    )


def _digest(row: Row, doctor: DoctorEntry, place: Place) -> bytes:
    """Return a digest of all that any calendar is told of an appointment."""
    told = (
        row["start"],
        row["duration_minutes"],
        row["visit_type"],
        row["mode"],
        row["ticket"],
        row["state"] == EntryState.CANCELLED,
        row["language"],
        doctor.name,
        place.clinic.name,
        place.clinic.address,
        place.room,
    )
    return sha256(msgspec.json.encode(told)).digest()
