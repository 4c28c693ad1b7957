"""People behind entries: names for staff, search at the desk. Kept apart from queues and events."""

import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from time import monotonic
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.places import Booked, booked_of
from queue_server.application.plain_text import email_address, one_line
from queue_server.application.views.patients import FoundAppointment, PatientView
from queue_server.store import people as rows_of
from queue_server.store.db import Database, Transaction
from scheduling_core.ids import EntryId, PatientId, TenantId
from scheduling_core.live_queue.state import EntryState
from scheduling_core.permissions import Permission

PATIENT_KIND = "patient"
"""What notifications call a change of somebody's particulars."""
CACHE_SECONDS = 120.0
CACHE_SIZE = 50_000


class Person(msgspec.Struct, frozen=True):
    """Who stands behind an entry."""

    name: str
    phone: str | None
    booked: Booked


class People:
    """Finds the people behind entries; names are cached for two minutes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: OrderedDict[tuple[TenantId, EntryId], tuple[float, Person]] = OrderedDict()

    async def of(
        self, tenant: TenantId, entries: Iterable[EntryId], tx: Transaction | None = None
    ) -> dict[EntryId, Person]:
        """Return the people behind `entries`; give `tx` when a transaction of the tenant is open."""
        now = monotonic()
        found: dict[EntryId, Person] = {}
        missing: list[EntryId] = []
        for entry in entries:
            known = self._known.get((tenant, entry))
            if known is not None and known[0] > now:
                found[entry] = known[1]
            else:
                missing.append(entry)
        if missing:
            if tx is not None:
                rows = await rows_of.behind(tx, missing)
            else:
                async with self._db.tenant(tenant) as own:
                    rows = await rows_of.behind(own, missing)
            for row in rows:
                entry, person = EntryId(row["appointment_id"]), Person(row["name"], row["phone"], booked_of(row))
                found[entry] = person
                self._known[tenant, entry] = (now + CACHE_SECONDS, person)
            while len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        return found

    def forget(self, tenant: TenantId) -> None:
        """Drop what is cached of a tenant, because somebody's particulars have changed."""
        for key in [key for key in self._known if key[0] == tenant]:
            del self._known[key]

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        """A patient's name may be another, or erased."""
        if kind == PATIENT_KIND:
            self.forget(tenant)

    def on_gap(self) -> None:
        """Changes may have been missed."""
        self._known.clear()

    async def search(
        self, actor: Actor, text: str, *, limit: int = 20, after: UUID | None = None
    ) -> tuple[list[FoundAppointment], UUID | None]:
        """Return people whose name, phone or ticket fits `text`, with today's place, and where to go on.

        An account that is limited to clinics finds their people and places only.
        """
        actor.require(Permission.READ_PATIENTS)
        wanted = folded(text)
        async with self._db.tenant(actor.tenant) as tx:
            rows = await rows_of.search(tx, wanted, phone_key(text) or text, after, limit + 1, actor.clinics)
        found = [
            FoundAppointment(
                patient=PatientView(
                    id=row["patient_id"],
                    name=row["name"],
                    phone=row["phone"],
                    email=row["email"],
                    language=row["language"],
                ),
                appointment_id=row["entry_id"],
                doctor_id=row["doctor_id"],
                doctor_name=row["doctor_name"],
                start=row["start"],
                ticket=row["ticket"],
                state=EntryState(row["state"]) if row["state"] else None,
            )
            for row in rows[:limit]
        ]
        return found, rows[limit - 1]["patient_id"] if len(rows) > limit else None


async def add_patient(tx: Transaction, patient: PatientBody) -> PatientId:
    """Add a patient and return the new id; raises `InvalidValue` for a name or an address that is none."""
    return PatientId((await add_new_patient(tx, patient)).id)


async def add_new_patient(tx: Transaction, patient: PatientBody) -> rows_of.NewPatient:
    """Add a patient and return them as they are kept; raises as `add_patient` does."""
    row = _row(PatientId(uuid4()), patient)
    await rows_of.add_patients(tx, [row])
    return row


async def add_patients(tx: Transaction, patients: Mapping[PatientId, PatientBody]) -> None:
    """Add patients under these ids; one that exists already is left as it is. Raises as `add_patient` does."""
    await rows_of.add_patients(tx, [_row(identity, patient) for identity, patient in patients.items()])


def _row(identity: PatientId, patient: PatientBody) -> rows_of.NewPatient:
    name = one_line(patient.name, "patient.name", longest=200)
    return rows_of.NewPatient(
        id=identity,
        name=name,
        name_folded=folded(name),
        phone=phone_key(patient.phone) if patient.phone else None,
        email=email_address(patient.email, "patient.email") if patient.email else None,
        language=patient.language,
    )


def folded(name: str) -> str:
    """Return `name` as it is searched by: without case, accents and superfluous spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def phone_key(phone: str) -> str:
    """Return a phone number without what people put between its digits."""
    digits = "".join(c for c in phone if c.isdigit())
    return "+" + digits if phone.strip().startswith("+") else digits
