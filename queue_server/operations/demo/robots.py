"""Robots that make the day live: a receptionist at every desk, and patients who come, or do not.

They use nothing but the public API, as people's browsers and phones do.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import httpx
import structlog

from queue_server.operations.demo import cast

log = structlog.stdlib.get_logger("robots")

# Seconds at speed 1, so that a watcher sees something move every few seconds.
CONSULTATION = (40.0, 110.0)
WALK_TO_ROOM = (4.0, 10.0)
LOOK_AROUND = (4.0, 9.0)
PHONE_POLL = (5.0, 15.0)
NEVER_COMES = 0.08
COMES_LATE = 0.15
MOVES_SOMEBODY = 0.02
SHORT_LINE = 4


class Robots:
    """Everybody in the demo who is not you."""

    def __init__(self, url: str, email: str, password: str, speed: float, *, seed: int = 20) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=10, trust_env=False)
        self._sign_in = {"email": email, "password": password}
        self._tokens: Mapping[str, str] = {}
        self._speed = speed
        self._chance = random.Random(seed)  # noqa: S311 – plays, hides nothing
        self._minds: dict[str, float] = {}

    async def run(self, doctors: Sequence[str], trackers: Sequence[str]) -> None:
        """Play until cancelled."""
        try:
            await self._login()
            async with asyncio.TaskGroup() as group:
                for doctor in doctors:
                    group.create_task(self._forever(self._desk, doctor))
                for token in trackers[:12]:
                    group.create_task(self._forever(self._phone, token))
        finally:
            await self._http.aclose()

    async def _forever(self, play: Any, subject: str) -> None:
        """A server that restarts, or Postgres that does, is waited for: robots have time."""
        while True:
            try:
                await play(subject)
            except httpx.HTTPError as error:
                log.debug("robot_waits", error_type=type(error).__name__)
                await asyncio.sleep(2)

    async def _login(self) -> None:
        while True:
            try:
                answer = await self._http.post("/api/auth/login", json=self._sign_in)
                if answer.status_code == httpx.codes.OK:
                    self._tokens = answer.json()["data"]
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(1)

    async def _pause(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*between) / self._speed)

    async def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> httpx.Response:
        answer = await self._once(method, path, body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            await self._login()
            answer = await self._once(method, path, body)
        return answer

    async def _once(self, method: str, path: str, body: Mapping[str, object] | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens['accessToken']}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        return await self._http.request(method, f"/api/appointments/queue/{path}", json=body, headers=headers)

    async def _desk(self, doctor: str) -> None:
        """Look at one doctor's lane and do the next sensible thing. A person at the desk may always be quicker."""
        answer = await self._call("GET", f"state/{doctor}")
        if answer.status_code != httpx.codes.OK:
            await asyncio.sleep(2)
            return
        queue = answer.json()["data"]
        if queue["header"]["closed"] or queue["header"]["paused"]:
            await self._pause(LOOK_AROUND)
            return
        entries = {entry["id"]: entry for entry in queue["entries"]}
        line = [entries[entry] for entry in queue["line"]]
        await self._arrivals(line)
        await self._serve(doctor, entries, line)
        await self._pause(LOOK_AROUND)

    async def _arrivals(self, line: Sequence[Mapping[str, Any]]) -> None:
        """Patients come when it is nearly their turn – most of them, and some of them late."""
        for place, entry in enumerate(line):
            if entry["state"] != "expected":
                continue
            mind = self._minds.setdefault(entry["id"], self._chance.random())
            is_late = NEVER_COMES <= mind < NEVER_COMES + COMES_LATE
            if mind < NEVER_COMES or (is_late and entry["promptedAt"] is None):
                continue
            if place < 4 or self._chance.random() < 0.08:
                await self._call("POST", f"check-in/{entry['id']}", {})
                return

    async def _serve(
        self, doctor: str, entries: Mapping[str, Mapping[str, Any]], line: Sequence[Mapping[str, Any]]
    ) -> None:
        called = next((e for e in entries.values() if e["state"] == "called"), None)
        seen = next((e for e in entries.values() if e["state"] == "in_consultation"), None)
        if seen is not None:
            if seen["id"] not in self._minds or self._minds[seen["id"]] >= 0:
                await self._pause(CONSULTATION)
                self._minds[seen["id"]] = -1.0
            await self._call("POST", f"complete/{seen['id']}", {})
        elif called is not None:
            await self._pause(WALK_TO_ROOM)
            await self._call("POST", f"start/{called['id']}", {})
        else:
            await self._call("POST", f"call-next/{doctor}", {})
        waiting = [e for e in line if e["state"] == "waiting"]
        if len(waiting) > 3 and self._chance.random() < MOVES_SOMEBODY:
            move = {"newPosition": len(line) - 1, "reason": "Asked to step out for a moment"}
            await self._call("POST", f"move/{waiting[0]['id']}", move)
        if len(line) < SHORT_LINE:
            await self._walk_in(doctor)

    async def _walk_in(self, doctor: str) -> None:
        name, language = self._chance.choice(cast.PATIENTS)
        phone = f"+1 555 02{self._chance.randrange(10_000):04}"
        triage = 2 if self._chance.random() < 0.1 else 4
        body = {"patient": {"name": name, "phone": phone, "language": language}, "triage": triage}
        await self._call("POST", f"walk-in/{doctor}", body)

    async def _phone(self, token: str) -> None:
        """A patient's phone that polls, as one without sockets does."""
        headers: dict[str, str] = {}
        while True:
            answer = await self._http.get(f"/api/appointments/refresh-queue/{token}", headers=headers)
            if "etag" in answer.headers:
                headers["If-None-Match"] = answer.headers["etag"]
            await self._pause(PHONE_POLL)
