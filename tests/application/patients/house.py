"""Everything about patients on the test database, and a way to read the codes that they are sent."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.patients.codes import Codes
from queue_server.application.patients.contacts import Contact, contact_of
from queue_server.application.patients.erasure import Erasure
from queue_server.application.patients.export import Export
from queue_server.application.patients.own import OwnRecords
from queue_server.application.patients.registry import PatientRegistry
from queue_server.application.patients.signing_in import CodeSignIn
from queue_server.application.people import add_patient
from queue_server.application.unit import Recorder
from queue_server.application.views.accounts import SignedIn
from queue_server.settings import Settings
from queue_server.store import idempotency
from queue_server.store.db import Row
from queue_server.store.idempotency import Idempotency, KeptAnswer
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.permissions import Role
from tests.access_graph import AccessGraph
from tests.factories import Clinic, from_now, today
from tests.graph import Graph


class House:
    """Patients of one clinic."""

    def __init__(self, settings: Settings, graph: Graph, access: AccessGraph, clinic: Clinic) -> None:
        self.graph, self.access, self.clinic, self.tenant = graph, access, clinic, clinic.tenant
        self.codes, recorder = Codes(settings.jwt_keys), Recorder()
        self.sign_in = CodeSignIn(
            db=graph.db, access=access.access, recorder=recorder, codes=self.codes, texts_per_hour=1_000
        )
        self.registry = PatientRegistry(graph.db, recorder, access.standings)
        self.own = OwnRecords(graph.db, recorder, self.sign_in, graph.directory, graph.links)
        self.erasure = Erasure(graph.db, recorder, access.standings)
        self.export = Export(graph.db, recorder)

    @property
    def admin(self) -> Actor:
        """An admin of the whole organisation."""
        return self.clinic.actor(Role.ADMIN)

    async def code(self, contact: str) -> str:
        """Return the newest code that was sent to a contact."""
        rows = await self.rows(
            "SELECT m.message_id, c.digest FROM message m LEFT JOIN sign_in_code c USING (tenant_id, message_id)"
            " WHERE m.recipient = $1 ORDER BY m.created_at DESC LIMIT 1",
            contact,
        )
        found = self.codes.told(self.tenant, rows[0]["message_id"], rows[0]["digest"])
        assert found is not None
        return found

    async def sent(self, contact: Contact) -> str:
        """Ask for a code and return it."""
        await self.sign_in.ask(self.tenant, contact, "en")
        return await self.code(contact.value)

    async def enter(self, contact: Contact, **more: Any) -> SignedIn:
        """Sign in with a code, from beginning to end."""
        return await self.sign_in.verify(self.tenant, contact, await self.sent(contact), **more)

    async def patient(self, *, email: str | None = None, phone: str | None = None, **more: Any) -> PatientId:
        """Add a patient as booking does, for whom nobody has shown anything yet."""
        body = PatientBody(name=more.pop("name", "Asha Rao"), email=email, phone=phone)
        async with self.graph.db.tenant(self.tenant) as tx:
            made = await add_patient(tx, body)
            for column, value in more.items():
                await tx.run(f"UPDATE patient SET {column} = $2 WHERE patient_id = $1", made, value)
        return made

    async def signed_in(self, name: str = "Asha Rao") -> Actor:
        """Return somebody who has signed in for the first time."""
        entered = await self.enter(address(), name=name)
        return await self.actor(entered)

    async def actor(self, entered: SignedIn) -> Actor:
        """Return who has signed in, as their token says."""
        return await self.access.access.authenticate(entered.access_token)

    async def visit(self, patient: UUID, *, doctor: int = 0) -> EntryId:
        """Enrol a patient who is there already into a line of today, as the first there."""
        (start,) = from_now(1)
        visit = Visit(
            id=EntryId(uuid4()),
            doctor=self.clinic.doctors[doctor],
            date=today(),
            start=start,
            patient_id=PatientId(patient),
            patient=PatientBody(name="Not taken over"),
        )
        enrolment = Enrolment(self.graph.writes, self.graph.directory, 15)
        await enrolment.enrol(self.clinic.receptionist, [visit])
        return visit.id

    async def keeps_answer(self, asked: Actor, answer: object) -> None:
        """Keep what a request of somebody's was answered with, as if it might come again."""
        request = Idempotency(uuid4().hex, b"digest")
        async with self.graph.db.tenant(self.tenant) as tx:
            await idempotency.claim(tx, asked.key, request)
            await idempotency.keep(tx, asked.key, request, KeptAnswer(msgspec.json.encode(answer), None))

    async def rows(self, query: str, *arguments: object) -> Sequence[Row]:
        """Return rows of the tenant."""
        async with self.graph.db.tenant(self.tenant) as tx:
            return await tx.rows(query, *arguments)

    async def events(self, type: str) -> list[tuple[UUID | None, dict[str, Any]]]:
        """Return who did it and the data of the administration's events of a type, oldest first."""
        rows = await self.rows(
            "SELECT actor_id, data FROM event_store WHERE type = $1 ORDER BY occurred_at, event_id", type
        )
        return [(row["actor_id"], msgspec.json.decode(row["data"])) for row in rows]


def address() -> Contact:
    """Return an e-mail address that nobody else has."""
    return contact_of(f"{uuid4().hex[:12]}@example.org", None)


def phone() -> Contact:
    """Return a phone number that nobody else has."""
    return contact_of(None, f"+44{uuid4().int % 10**10:010}")
