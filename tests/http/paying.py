"""A server on a port of its own, a simulated payment provider beside it, and people who book and pay."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import uvicorn

from queue_server.app import uvicorn_config
from queue_server.application.payments.model import CANCEL_JOB, OPEN_JOB, REFUND_JOB, SETTLE_JOB
from queue_server.application.payments.work import ProviderWork
from queue_server.application.schedules.bodies import NewSchedule, WeeklySitting
from queue_server.application.schedules.service import ScheduleService
from queue_server.application.schedules.sources import load_sources
from queue_server.application.slots.generation import regenerate
from queue_server.operations.payment_simulator.app import Provider
from queue_server.operations.payment_simulator.environment import NAME, WEBHOOK
from queue_server.operations.payment_simulator.run import running_provider
from queue_server.payments.http_provider import HttpProvider, provider_client
from queue_server.settings import Settings
from queue_server.settings.payments import PaymentSettings
from queue_server.store.db import Database, Row
from queue_server.store.job_store import Job
from scheduling_core.errors import DomainError
from scheduling_core.permissions import Role
from tests.graph import Graph
from tests.http.world import World, new_world

API_KEY, SECRET = "an api key of tests", b"0123456789abcdef" * 4
FEE = 4_500


class Somebody:
    """A guest at a clinic."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._headers = {"X-Tenant-Id": str(world.clinic.tenant)}
        self.slot: UUID | None = None
        self.hold = ""
        self.payment = ""
        self.booked: dict[str, Any] = {}

    async def sends(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a request with a key of its own."""
        headers = self._headers | {"Idempotency-Key": uuid4().hex}
        return await self._world.send(method, path, body, role=None, headers=headers)

    async def done(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Send a request that must succeed, and return its data."""
        answer = await self.sends(method, path, body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def holds(self, slot: UUID) -> None:
        """Hold a time."""
        held = await self.done("POST", f"/api/slots/{slot}/hold", {})
        self._headers["X-Session-Token"] = held.get("sessionToken") or self._headers["X-Session-Token"]
        self.slot, self.hold = slot, held["holdId"]

    async def begins(self) -> dict[str, Any]:
        """Begin to pay for what is held."""
        made = await self.done("POST", "/api/payments", {"holdId": self.hold})
        self.payment = made["id"]
        return made

    async def stands(self) -> dict[str, Any]:
        """Ask how the payment stands."""
        return await self.done("GET", f"/api/payments/{self.payment}")

    async def books(self) -> None:
        """Book what is held."""
        body = {"holdId": self.hold, "patient": {"name": "Mei Chen", "email": "mei@example.org"}}
        self.booked = await self.done("POST", f"/api/slots/{self.slot}/book", body)

    async def cancels(self) -> None:
        """Cancel with the link."""
        await self.done("POST", f"/api/appointments/track/{self.booked['trackingToken']}/cancel", {})


class Paying:
    """The server's world, the provider, and what a worker would do."""

    def __init__(self, world: World, provider: Provider, work: ProviderWork) -> None:
        self.world = world
        self.provider = provider
        self._work = work

    async def takes_fees(self) -> None:
        """Let the doctor take patients and ask for fees."""
        clinic = self.world.clinic
        async with self.world.graph.db.tenant(clinic.tenant) as tx:
            await tx.run(
                "INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search,"
                " can_patient_book, can_receptionist_book, failing, checked_at)"
                " VALUES ($1, $2, 100, true, true, true, true, '{}', now())"
                " ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET can_patient_book = true",
                tx.tenant,
                self.world.doctor,
            )
            await tx.run(
                "INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label,"
                " specialties, qualifications, languages, modes, currency, consultation_fee, verification,"
                " verification_critical, department_ids, clinic_ids, home_clinic_id, room, public_profile_visible,"
                " accepts_online_bookings, onboarding_progress, last_event_id)"
                " VALUES ($1, $2, 'active', 'Dr Rao', 'dr rao', '', '', '{}', '[]', '{}', '{in_person}', 'EUR', $3,"
                " 'verified', false, '{}', ARRAY[$4::uuid], $4, '', true, true, 100, $2)",
                tx.tenant,
                self.world.doctor,
                FEE,
                clinic.id,
            )

    async def slots(self, days: int) -> list[UUID]:
        """Let the doctor sit on some days to come, and return the free times; the calendar stays to make them from."""
        first = datetime.now(UTC).date() + timedelta(days=3)
        last = first + timedelta(days=days - 1)
        sittings = tuple(WeeklySitting(weekday=n, start="09:00", end="12:00", slot_minutes=30) for n in range(1, 8))
        new = NewSchedule(clinic_id=self.world.clinic.id, effective_from=first, effective_until=last, sittings=sittings)
        graph, doctor = self.world.graph, self.world.doctor
        await ScheduleService(graph.db, graph.writes).create(self.world.clinic.actor(Role.ADMIN), doctor, new)
        async with graph.db.tenant(self.world.clinic.tenant) as tx:
            await regenerate(tx, doctor, await load_sources(tx, doctor), first, last)
        found = await self.rows("SELECT slot_id FROM slot WHERE date BETWEEN $1 AND $2 ORDER BY start", first, last)
        return [row["slot_id"] for row in found]

    async def rows(self, query: str, *arguments: object) -> list[Row]:
        """Return what a query finds in the tenant."""
        async with self.world.graph.db.tenant(self.world.clinic.tenant) as tx:
            return list(await tx.rows(query, *arguments))

    async def works(self, *kinds: str, rounds: int = 40) -> None:
        """Do what waits, as a worker does, until nothing is left that can be done; failures are tried again."""
        handlers = {
            OPEN_JOB: self._work.open_lost,
            SETTLE_JOB: self._work.settle,
            REFUND_JOB: self._work.refund,
            CANCEL_JOB: self._work.cancel,
        }
        for _ in range(rounds):
            waiting = await self.rows(
                "SELECT * FROM job WHERE kind = ANY ($1) AND state = 'ready'", list(kinds or handlers)
            )
            if not waiting:
                return
            for row in waiting:
                try:
                    await handlers[row["kind"]](self._job(row))
                except DomainError:
                    continue  # the provider's answer was lost: the next round asks again

    def _job(self, row: Row) -> Job:
        return Job(
            tenant=self.world.clinic.tenant,
            kind=row["kind"],
            key=row["key"],
            payload=msgspec.json.decode(row["payload"]),
            due_at=row["due_at"],
            attempts=row["attempts"],
        )


@asynccontextmanager
async def paying_world(settings: Settings, db: Database) -> AsyncIterator[Paying]:
    """Serve on a free port, with a simulated provider that behaves until it is told otherwise."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with running_provider(api_key=API_KEY, secret=SECRET, notify=url + WEBHOOK) as provider:
        known = PaymentSettings(name=NAME, url=provider.url, api_key=API_KEY, webhook_secret=SECRET)
        given = msgspec.structs.replace(settings, payments=known, public_url=url)
        server = uvicorn.Server(uvicorn_config(given))
        serving = asyncio.create_task(server.serve([listening]))
        try:
            while not server.started:
                assert not serving.done(), "the server did not start"
                await asyncio.sleep(0.02)
            async with httpx.AsyncClient(base_url=url, timeout=60) as client, provider_client() as http:
                graph = Graph(given, db)
                work = ProviderWork(db, graph.writes, HttpProvider(http, known))
                yield Paying(await new_world(client, given, db, graph), provider, work)
        finally:
            await provider.notices.stop()
            server.should_exit = True
            await serving
