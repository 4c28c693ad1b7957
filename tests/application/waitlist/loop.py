"""A doctor whose day is full, somebody who gives a time up, and the jobs that offer it on."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.booking.visits import Visits
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Unit
from queue_server.application.waitlist.answering import Answering
from queue_server.application.waitlist.matching import MATCH_JOB, Matching
from queue_server.application.waitlist.offering import offer, read
from queue_server.settings import Settings
from queue_server.store import job_store
from queue_server.store.db import Row
from scheduling_core.ids import WaitlistId
from scheduling_core.waitlist.policy import QuietHours, WaitlistPolicy
from tests.application.slots.conftest import Practice
from tests.application.waitlist.people import Waitlist
from tests.graph import Graph

AWAKE = QuietHours(start="00:00", end="00:00")


class Loop:
    """A doctor with six times, and the jobs that fill them."""

    def __init__(self, settings: Settings, graph: Graph, practice: Practice, waitlist: Waitlist) -> None:
        self.graph, self.practice, self.waitlist = graph, practice, waitlist
        self.matching = Matching(graph.db, graph.writes, Visits(graph.directory, 15))
        self.holding = Holding(graph.db, graph.writes, graph.directory)
        self.answering = Answering(
            graph.db,
            graph.writes,
            graph.directory,
            graph.links,
            Tokens(settings),
            default_minutes=15,
            public_url=settings.public_url,
        )
        self._guests: dict[UUID, Actor] = {}

    async def jobs(self, kind: str) -> list[job_store.Job]:
        """Return the jobs of a kind that wait, as a worker is given them."""
        rows = await self.practice.rows(
            "UPDATE job SET attempts = attempts + 1 WHERE kind = $1 AND state = 'ready' RETURNING *", kind
        )
        return [
            job_store.Job(
                tenant=self.practice.clinic.tenant,
                kind=kind,
                key=row["key"],
                payload=json.loads(row["payload"]),
                due_at=row["due_at"],
                attempts=row["attempts"],
            )
            for row in rows
        ]

    async def match(self) -> int:
        """Run what was left to match; returns how many jobs there were."""
        jobs = await self.jobs(MATCH_JOB)
        for job in jobs:
            await self.matching.run(job)
        return len(jobs)

    async def is_over(self, instant: datetime) -> bool:
        """Return whether an instant has passed by Postgres' clock."""
        (row,) = await self.practice.rows("SELECT clock_timestamp() > $1 AS over", instant)
        return bool(row["over"])

    async def invited(self) -> dict[str, Row]:
        """Return who is invited, by entry."""
        rows = await self.practice.rows("SELECT * FROM waitlist_entry WHERE status = 'invited'")
        return {str(row["waitlist_id"]): row for row in rows}

    async def fill(self) -> list[UUID]:
        """Hold every time for guests, so that nothing is free; returns the slots."""
        slots = [row["slot_id"] for row in await self.practice.slots()]
        for slot in slots:
            await self.holding.create(self._guest(slot), slot, HoldBody())
        return slots

    async def free(self, slot: UUID) -> None:
        """Give a time up again."""
        await self.holding.release(self._guest(slot), slot)

    def _guest(self, slot: UUID) -> Actor:
        return self._guests.setdefault(slot, guest(self.practice.clinic.tenant, new_token()))

    async def token(self, entry: dict[str, object]) -> str:
        """Return the token of an entry's link."""
        async with self.graph.db.tenant(self.practice.clinic.tenant) as tx:
            found = await read(tx, WaitlistId(UUID(str(entry["id"]))))
        assert found is not None
        return self.answering.link(self.waitlist.desk, found)[0]

    async def slots(self) -> list[UUID]:
        """Return the doctor's six slots."""
        return [row["slot_id"] for row in await self.practice.slots()]

    async def offer(
        self, entry: dict[str, object], slot: UUID, *, by_hand: bool = True, seconds: float | None = None
    ) -> None:
        """Offer a time by hand, to be answered within so many seconds if they are given."""
        respond_by = datetime.now(UTC) + timedelta(seconds=seconds) if seconds is not None else None

        async def work(unit: Unit) -> tuple[object, int | None]:
            who = WaitlistId(UUID(str(entry["id"])))
            await offer(unit, who, slot, WaitlistPolicy(), respond_by=respond_by, by_hand=by_hand)
            return None, None

        await self.graph.writes.run(self.waitlist.desk, "invite", work)
