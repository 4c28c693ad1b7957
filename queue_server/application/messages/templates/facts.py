"""What fields stand for, read when a message is sent: names, places and times as they are then.

Whether there is still something to be said was asked before (`truth`); nothing is returned where what it is about is
gone all the same.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from queue_server.application.directory import Directory, DoctorEntry
from queue_server.application.links import TrackingLinks
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.engine import Facts
from queue_server.application.messages.templates.times import day_and_time, deadline, is_today
from queue_server.application.messages.templates.words import minutes, spoken
from queue_server.application.phrases import counted, phrase
from queue_server.application.places import booked_of
from queue_server.application.waitlist.links import WaitlistLinks
from queue_server.store import appointments, clinics, event_store, patients, tenants
from queue_server.store import waitlist as waitlist_store
from queue_server.store.db import Row, Transaction
from queue_server.store.messages import Message
from scheduling_core.ids import DoctorId, EntryId, WaitlistId

_OFFERS = frozenset({Kind.WAITLIST_INVITED, Kind.WAITLIST_REMINDER})
_ENDED = frozenset({Kind.WAITLIST_EXPIRED, Kind.WAITLIST_CANCELLED})


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a message tells: its facts, and whether it is about a visit of the very day."""

    facts: Facts
    is_of_today: bool


class Reading:
    """Reads facts."""

    def __init__(
        self, directory: Directory, links: TrackingLinks, waitlist_links: WaitlistLinks, public_url: str
    ) -> None:
        self._directory = directory
        self._links = links
        self._waitlist_links = waitlist_links
        self._public_url = public_url.rstrip("/")

    async def told(self, tx: Transaction, message: Message, language: str) -> Told | None:
        """Return what a message tells in a language, None when what it is about is gone."""
        found = await self._about(tx, message, Kind(message.kind), language)
        tenant = await tenants.tenant(tx)
        if found is None or tenant is None:
            return None
        whose = message.reader or message.patient
        reader = await patients.patient(tx, whose) if whose is not None else None
        name = found.facts.get("patientName", "") or (reader.name if reader is not None else "")
        is_another = reader is not None and message.patient is not None and reader.id != message.patient
        greeted = reader.name if reader is not None else name
        shared = {
            "organisationName": _line(tenant.name),
            "patientName": _line(name),
            "readerName": _first(greeted),
            "forWhom": spoken(language).for_whom.format(name=_first(name)) if is_another and name else "",
        }
        return Told(
            facts={"clinicName": shared["organisationName"], **found.facts, **shared}, is_of_today=found.is_of_today
        )

    async def _about(self, tx: Transaction, message: Message, kind: Kind, language: str) -> Told | None:
        """Return what is told of the visit or the entry that the message is about, or of neither."""
        given, more = message.facts, await _said(tx, message.facts)
        if more is None:
            return None
        appointment, entry = _id(given, "appointmentId"), _id(given, "entryId")
        if appointment is not None:
            return await self._visit(tx, kind, appointment, language, {**_numbers(kind, given, language), **more})
        if entry is not None:
            return await self._waiting(tx, kind, entry, language, more)
        return await self._neither(tx, message, more) if kind is Kind.MANUAL else None

    async def _visit(self, tx: Transaction, kind: Kind, appointment: UUID, language: str, more: Facts) -> Told | None:
        row = await appointments.appointment(tx, appointment)
        if row is None:
            return None
        doctor = await self._directory.doctor(tx.tenant, DoctorId(row["doctor_id"]), tx)
        place = booked_of(row).place(doctor)
        zone = place.clinic.timezone
        room = _line(place.room)
        facts = {
            "patientName": row["patient_name"],
            "doctorName": _line(doctor.name),
            "clinicName": _line(place.clinic.name),
            "clinicAddress": _line(place.clinic.address),
            "start": day_and_time(language, row["start"], zone),
            "ticket": row["ticket"],
            "whereTo": phrase(language, "go", room=room) if room else phrase(language, "come_in"),
            "link": self._book(doctor) if kind is Kind.CANCELLED else self._tracking(tx, row),
        }
        return Told(facts={**facts, **more}, is_of_today=is_today(row["start"], zone, row["now"]))

    async def _waiting(self, tx: Transaction, kind: Kind, entry: UUID, language: str, more: Facts) -> Told | None:
        rows = await waitlist_store.entries(tx, [entry])
        row = rows[0] if rows else None
        clinic = await clinics.clinic(tx, row["clinic_id"]) if row is not None else None
        is_offer = kind in _OFFERS
        if row is None or clinic is None or (is_offer and row["invite_id"] is None):
            return None
        whom = row["slot_doctor_id"] if is_offer else row["doctor_id"]
        doctor = await self._directory.doctor(tx.tenant, DoctorId(whom), tx) if whom is not None else None
        facts = {
            "patientName": row["patient_name"],
            "doctorName": _line(doctor.name) if doctor is not None else spoken(language).any_doctor,
            "clinicName": _line(clinic.name),
            "clinicAddress": _line(clinic.address),
            "link": self._book(doctor, tx) if kind in _ENDED else self._entry(tx, row),
        }
        is_of_today = False
        if is_offer:
            facts["start"] = day_and_time(language, row["slot_start"], clinic.timezone)
            facts["respondBy"] = deadline(language, row["respond_by"], clinic.timezone, row["now"])
            is_of_today = is_today(row["slot_start"], clinic.timezone, row["now"])
        return Told(facts={**facts, **more}, is_of_today=is_of_today)

    async def _neither(self, tx: Transaction, message: Message, more: Facts) -> Told:
        clinic = await clinics.clinic(tx, message.clinic) if message.clinic is not None else None
        named = {"clinicName": _line(clinic.name)} if clinic is not None else {}
        whom = await patients.patient(tx, message.patient) if message.patient is not None else None
        return Told(facts={"patientName": whom.name if whom is not None else "", **named, **more}, is_of_today=False)

    def _tracking(self, tx: Transaction, row: Row) -> str:
        _, url = self._links.make(
            tx.tenant,
            EntryId(row["appointment_id"]),
            DoctorId(row["doctor_id"]),
            generation=row["links_generation"],
            start=row["start"],
        )
        return url

    def _entry(self, tx: Transaction, row: Row) -> str:
        return self._waitlist_links.make(tx.tenant, WaitlistId(row["waitlist_id"]), row["expires_at"])[1]

    def _book(self, doctor: DoctorEntry | None, tx: Transaction | None = None) -> str:
        """Return where another time is found: with the doctor, or with whoever has one."""
        if doctor is not None:
            return f"{self._public_url}/book/doctors/{doctor.id}"
        assert tx is not None
        return f"{self._public_url}/book?tenantId={tx.tenant}"


def _numbers(kind: Kind, given: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return what is counted, as numbers and in words."""
    found: dict[str, str] = {}
    if kind is Kind.AHEAD:
        ahead = int(given.get("ahead", 0))
        found["ahead"] = str(ahead)
        found["aheadOfYou"] = counted(language, "ahead", ahead) if ahead else phrase(language, "next")
    if "delayMinutes" in given:
        late = int(given["delayMinutes"])
        found |= {"delayMinutes": str(late), "delay": minutes(language, late)}
    return found


async def _said(tx: Transaction, given: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what somebody has written, if the message tells that; None when it was erased."""
    text = _id(given, "textId")
    if text is None:
        return {}
    words = (await event_store.free_texts(tx, [text])).get(text)
    return {"message": words} if words is not None else None


def _id(given: Mapping[str, Any], name: str) -> UUID | None:
    value = given.get(name)
    return UUID(value) if value is not None else None


def _line(text: str) -> str:
    """Names are typed by people: one line of each, whatever it holds."""
    return " ".join(text.split())


def _first(name: str) -> str:
    return (name.split() or [""])[0]
