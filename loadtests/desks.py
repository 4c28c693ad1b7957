"""Desks that never give up: each command is repeated with its key until its outcome is known."""

import asyncio
import itertools
import random
from collections import Counter
from time import monotonic
from uuid import UUID, uuid4

import httpx
import msgspec

from loadtests.house import Clinic
from scheduling_core.ids import DoctorId, EntryId

AGAIN = frozenset({429, 502, 503, 504})
"""Answers that say: not now."""
GIVE_UP_SECONDS = 90.0


class Acknowledged(msgspec.Struct, frozen=True):
    """A command that was answered with success."""

    request: str
    command: str
    doctor: DoctorId
    version: int
    sent: float
    answered: float
    attempts: int
    entry: UUID | None = None
    """Who walked in."""


class Desks:
    """Several desks working on several queues, over HTTP, on all servers."""

    def __init__(self, clinic: Clinic, urls: tuple[str, ...], entries: dict[DoctorId, list[EntryId]]) -> None:
        self._clinic = clinic
        self._urls = urls
        self._entries = entries
        self._running = True
        self.acknowledged: list[Acknowledged] = []
        self.refused: Counter[str] = Counter()
        self.retries: Counter[str] = Counter()
        self.unanswered = 0

    async def work(self, desks: int, *, pause: float = 0.05) -> None:
        """Work with so many desks until `stop()`; commands under way are brought to their end."""
        limits = httpx.Limits(max_connections=desks * 2, max_keepalive_connections=desks * 2)
        timeout = httpx.Timeout(5, connect=2)
        async with httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False) as client:
            await asyncio.gather(*(self._desk(client, number, desks, pause) for number in range(desks)))

    def stop(self) -> None:
        """Let the desks come to an end."""
        self._running = False

    async def _desk(self, client: httpx.AsyncClient, number: int, desks: int, pause: float) -> None:
        chance = random.Random(number)
        # Each desk triages patients of its own, another urgency each time, so that every triage makes a version.
        own = {doctor: entries[number::desks] for doctor, entries in self._entries.items()}
        triage: dict[EntryId, int] = {}
        doctors = itertools.cycle(self._entries)
        for _ in range(number % len(self._entries)):
            next(doctors)
        while self._running:
            doctor = next(doctors)
            entry = chance.choice(own[doctor])
            other = 2 + (triage.get(entry, 4) - 1) % 4
            command, target, body = chance.choices(
                [
                    ("triage", entry, {"triage": other}),
                    ("move", entry, {"newPosition": chance.randint(1, len(self._entries[doctor]))}),
                    ("walk-in", doctor, {"patient": {"name": "Ravi Patel"}}),
                ],
                weights=[6, 3, 0.3],
            )[0]
            await self._until_known(client, number, command, target, doctor, body)
            if command == "triage":
                triage[entry] = other
            await asyncio.sleep(pause)

    async def _until_known(
        self, client: httpx.AsyncClient, desk: int, command: str, target: UUID, doctor: DoctorId, body: object
    ) -> None:
        request, sent = uuid4().hex, monotonic()
        headers = {
            "Authorization": f"Bearer {self._clinic.token}",
            "Idempotency-Key": request,
            "X-Request-Id": request,
        }
        for attempt in itertools.count(1):
            url = self._urls[(desk + attempt) % len(self._urls)]
            try:
                response = await client.post(
                    f"{url}/api/appointments/queue/{command}/{target}", json=body, headers=headers
                )
            except httpx.TransportError as error:
                self.retries[type(error).__name__] += 1
            else:
                if response.status_code == httpx.codes.OK:
                    data = response.json()["data"]
                    who = UUID(data["appointment"]["id"]) if command == "walk-in" else None
                    self.acknowledged.append(
                        Acknowledged(request, command, doctor, data["version"], sent, monotonic(), attempt, who)
                    )
                    return
                if response.status_code not in AGAIN:
                    self.refused[f"{response.status_code} {response.json().get('code')}"] += 1
                    return
                self.retries[str(response.status_code)] += 1
            if monotonic() - sent > GIVE_UP_SECONDS:
                self.unanswered += 1
                return
            await asyncio.sleep(min(0.1 * attempt, 0.5))
