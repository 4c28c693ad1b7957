"""A clinic, its desk and the people whom it tells things: every channel is a list of what was handed over."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from jobs import notices
from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import Precondition
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.messages.lines import Lines
from queue_server.application.messages.outbox import SEND_JOB, URGENT_SEND_JOB
from queue_server.application.messages.sending import Sending
from queue_server.application.messages.telling import AHEAD_JOB, ANNOUNCE_JOB, NOTIFY_JOB, Notice, tell
from queue_server.application.patients.codes import Codes
from queue_server.application.people import add_patient
from queue_server.messaging import Letter, MessageNotSent
from queue_server.settings import Settings
from queue_server.store import job_store
from queue_server.store.db import Row
from queue_server.store.idempotency import Idempotency
from queue_server.store.messages import Channel
from scheduling_core.ids import EntryId, PatientId
from tests.factories import Clinic, today
from tests.graph import Graph

NEVER_QUIET = "00:00"


class Recorded:
    """A channel: keeps what it is handed, or fails with what it is told to, message by message."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.fails: list[MessageNotSent] = []
        self.always: MessageNotSent | None = None

    async def send(self, letter: Letter) -> str | None:
        """Take the letter and return a name for it, as a provider does."""
        if self.always is not None:
            raise self.always
        if self.fails:
            raise self.fails.pop(0)
        self.letters.append(letter)
        return f"ref-{letter.id}"


class Teller:
    """Tells people things, and does the jobs that it takes, one after another."""

    def __init__(self, settings: Settings, graph: Graph, clinic: Clinic) -> None:
        self.settings, self.graph, self.clinic = settings, graph, clinic
        self.channels = {channel: Recorded() for channel in Channel}
        self.lines = Lines(graph.db)
        self.notifying = notices.notifying(graph.db, settings, self.channels)
        self.sending = self.with_channels(self.channels)

    def with_channels(self, channels: dict[Channel, Any]) -> Sending:
        """Return a sender with these channels."""
        db, codes = self.graph.db, Codes(self.settings.jwt_keys)
        letters = notices.letters(db, self.settings)
        return Sending(db, channels, codes, letters=letters, notifying=self.notifying)

    # ---- people and their visits -----------------------------------------------------------------------------------

    async def patient(self, name: str = "Nandini Iyer", **particulars: Any) -> PatientId:
        """Add a patient with these particulars."""
        async with self.graph.db.tenant(self.clinic.tenant) as tx:
            patient = await add_patient(tx, PatientBody(name=name))
            for column, value in particulars.items():
                await tx.run(f"UPDATE patient SET {column} = $2 WHERE patient_id = $1", patient, value)
        return patient

    async def line(self, *patients: PatientId, apart: float = 5) -> list[EntryId]:
        """Enrol patients into today's line of the first doctor, so many minutes apart from now on."""
        now = datetime.now(UTC)
        visits = [
            Visit(
                id=EntryId(uuid4()),
                doctor=self.clinic.doctors[0],
                date=today(self.clinic.timezone),
                start=now + timedelta(minutes=apart * index),
                patient_id=patient,
                patient=PatientBody(name="Is known"),
                booked_at=now - timedelta(days=1, minutes=-index),
            )
            for index, patient in enumerate(patients)
        ]
        await Enrolment(self.graph.writes, self.graph.directory, 15).enrol(self.clinic.receptionist, visits)
        return [visit.id for visit in visits]

    async def desk(self, name: str, target: UUID, body: bodies.Body | None = None) -> dict[str, Any]:
        """Do a command of the desk and return its answer."""
        wanted = body or bodies.DESK_COMMANDS[name].body()
        precondition = Precondition(idempotency=Idempotency(uuid4().hex, b"digest"))
        answer = await self.graph.queue.run(self.clinic.receptionist, name, target, wanted, precondition)
        made: dict[str, Any] = json.loads(answer.body)
        return made

    async def tell(self, *wanted: Notice) -> None:
        """Leave notices."""
        async with self.graph.db.tenant(self.clinic.tenant) as tx:
            await tell(tx, *wanted)

    # ---- jobs ------------------------------------------------------------------------------------------------------

    async def jobs(self, kind: str, *, also_later: bool = False) -> list[job_store.Job]:
        """Claim the jobs of a kind that are due, or all that wait."""
        rows = await self.rows(
            "UPDATE job SET attempts = attempts + 1 WHERE kind = $1 AND state = 'ready'"
            " AND ($2 OR due_at <= clock_timestamp()) RETURNING *",
            kind,
            also_later,
        )
        return [
            job_store.Job(
                tenant=self.clinic.tenant,
                kind=kind,
                key=row["key"],
                payload=json.loads(row["payload"]),
                due_at=row["due_at"],
                attempts=row["attempts"],
            )
            for row in sorted(rows, key=lambda row: (row["due_at"], row["key"]))
        ]

    async def work(self, *, also_later: bool = False, sending: Sending | None = None) -> None:
        """Do what is due, and what that leaves, once; `also_later` all that waits as if its time had come."""
        for job in await self.jobs(ANNOUNCE_JOB, also_later=also_later):
            await self.lines.announce(job)
        for job in await self.jobs(AHEAD_JOB, also_later=also_later):
            await self.lines.ahead(job)
        for job in await self.jobs(NOTIFY_JOB, also_later=also_later):
            await self.notifying.run(job)
        await self.send(also_later=also_later, sending=sending)

    async def send(self, *, also_later: bool = False, sending: Sending | None = None) -> None:
        """Send what is due in the outbox, once."""
        for kind in (URGENT_SEND_JOB, SEND_JOB):
            for job in await self.jobs(kind, also_later=also_later):
                await (sending or self.sending).send(job)

    # ---- what came of it -------------------------------------------------------------------------------------------

    def told(self, channel: Channel) -> list[Letter]:
        """Return what a channel was handed."""
        return self.channels[channel].letters

    @property
    def everything(self) -> list[Letter]:
        """What was handed over, by channels."""
        return [letter for channel in self.channels.values() for letter in channel.letters]

    async def messages(self) -> list[tuple[str, str, str]]:
        """Return kind, channel and state of the messages, in the order in which they were made."""
        rows = await self.rows("SELECT kind, channel, state FROM message ORDER BY created_at, message_id")
        return [(row["kind"], row["channel"], row["state"]) for row in rows]

    async def waiting(self, kind: str) -> list[Row]:
        """Return the jobs of a kind that wait, with the seconds until they are due."""
        rows = await self.rows(
            "SELECT key, payload, extract(epoch FROM due_at - clock_timestamp())::double precision AS seconds"
            " FROM job WHERE kind = $1 AND state = 'ready' ORDER BY due_at, key",
            kind,
        )
        return list(rows)

    async def rows(self, query: str, *arguments: object) -> Sequence[Row]:
        """Return rows of the tenant."""
        async with self.graph.db.tenant(self.clinic.tenant) as tx:
            return await tx.rows(query, *arguments)

    async def change(self, query: str, *arguments: object) -> None:
        """Change rows of the tenant."""
        async with self.graph.db.tenant(self.clinic.tenant) as tx:
            await tx.run(query, *arguments)

    async def is_awake(self) -> None:
        """Let the clinic have no quiet hours: tests run at any hour."""
        policy = json.dumps({"quietHours": {"start": NEVER_QUIET, "end": NEVER_QUIET}})
        await self.change(
            "INSERT INTO waitlist_policy (tenant_id, scope_id, policy) VALUES ($1, $2, $3::json)",
            self.clinic.tenant,
            self.clinic.id,
            policy,
        )


def address() -> str:
    """Return an e-mail address that nobody else has."""
    return f"{uuid4().hex[:12]}@reader.example"


def number() -> str:
    """Return a phone number that nobody else has."""
    return f"+44{uuid4().int % 10**10:010}"
