"""The people of a waitlist: patients, their accounts, staff."""

from typing import Any
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Precondition
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.people import add_patient
from queue_server.application.slots.bodies import BookedPatient
from queue_server.application.unit import Recorder
from queue_server.application.waitlist.bodies import EntryPatch, JoinBody
from queue_server.application.waitlist.changing import Changing
from queue_server.application.waitlist.joining import Joining
from queue_server.application.waitlist.policies import WaitlistPolicies
from queue_server.application.waitlist.reading import WaitlistFilter, WaitlistReading
from scheduling_core.ids import AccountId, PatientId
from scheduling_core.permissions import Role
from scheduling_core.waitlist.policy import WaitlistPolicy
from tests.factories import Clinic
from tests.graph import Graph


class Waitlist:
    """The waitlist of one clinic, as its people use it."""

    def __init__(self, graph: Graph, clinic: Clinic) -> None:
        self.db, self.clinic = graph.db, clinic
        self.desk = clinic.actor(Role.RECEPTIONIST)
        self.admin = clinic.actor(Role.ADMIN)
        self.joining = Joining(graph.writes, graph.directory, graph.waitlist_links)
        self.changing = Changing(graph.writes)
        self.reading = WaitlistReading(graph.db)
        self.policies = WaitlistPolicies(graph.db, Recorder())

    async def somebody(self, name: str = "Asha Rao", **particulars: Any) -> PatientId:
        """Return a new patient, with a tier or conditions if they are given."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            patient = await add_patient(tx, PatientBody(name=name))
            for column, value in particulars.items():
                await tx.run(f"UPDATE patient SET {column} = $2 WHERE patient_id = $1", patient, value)
        return patient

    async def account_of(self, patient: PatientId) -> Actor:
        """Return a patient who has signed in."""
        return Actor(tenant=self.clinic.tenant, account=AccountId(uuid4()), role=Role.PATIENT, patient=patient)

    async def join(
        self,
        patient: PatientId | None = None,
        *,
        by: Actor | None = None,
        precondition: Precondition = NONE,
        **wish: Any,
    ) -> dict[str, Any]:
        """Put a patient (somebody new, if none is given) on the list and return the entry."""
        who = patient or await self.somebody()
        given = {"clinic_id": self.clinic.id, "doctor_id": self.clinic.doctors[0], **wish}
        named = None if by is not None and by.role is Role.PATIENT else BookedPatient(id=who)
        answer = await self.joining.join(by or self.desk, JoinBody(patient=named, **given), precondition)
        made: dict[str, Any] = msgspec.json.decode(answer.body)
        return made

    async def change(
        self, entry: dict[str, Any], *, by: Actor | None = None, seen: int | None = None, **patch: Any
    ) -> dict[str, Any]:
        """Change an entry and return it."""
        body = EntryPatch(**patch)
        answer = await self.changing.change(by or self.desk, UUID(entry["id"]), body, Precondition(if_match=seen))
        made: dict[str, Any] = msgspec.json.decode(answer.body)
        return made

    async def line(self, **wanted: Any) -> list[UUID]:
        """Return who waits, in order."""
        return [one.id for one in (await self.reading.page(self.desk, WaitlistFilter(**wanted))).items]

    async def runs_by(self, **policy: Any) -> WaitlistPolicy:
        """Let the clinic's list run by a policy."""
        kept, _ = await self.policies.set(self.admin, self.clinic.tenant, self.clinic.id, WaitlistPolicy(**policy))
        return kept

    async def waited(self, entry: dict[str, Any], days: float) -> None:
        """Let somebody have waited for so many days, as far as the list knows."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            await tx.run(
                "UPDATE waitlist_entry SET joined_at = now() - $2 * interval '1 day' WHERE waitlist_id = $1",
                UUID(entry["id"]),
                days,
            )

    async def counted(self) -> int:
        """Return how many wait, as it is counted for the cap."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            row = await tx.row("SELECT waiting FROM waitlist_load WHERE clinic_id = $1", self.clinic.id)
        return int(row["waiting"]) if row is not None else 0
