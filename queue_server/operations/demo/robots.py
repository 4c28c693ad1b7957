"""Robots that make the day live: a receptionist at every desk, and patients who come, or do not.

They use nothing but the public API, as people's browsers and phones do.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
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
ABSENT_FOR = 120.0
"""How long reception looks for somebody who was passed over, before giving up."""

NEVER_COMES = 0.08
COMES_LATE = 0.15
MOVES_SOMEBODY = 0.02
WALKS_IN, WALKS_IN_WHEN_IDLE = 0.06, 0.3
SHORT_LINE, LONG_LINE = 4, 10
COME_WHEN_AHEAD = 4
"""Most patients come when so many are before them."""
PHONES = 12
AWAY_SECONDS = 2.0


class _Away(Exception):
    """The server is up but cannot do what is asked now."""


class Robots:
    """Everybody in the demo who is not you."""

    def __init__(self, url: str, email: str, password: str, speed: float, *, seed: int = 20) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=10, trust_env=False)
        self._sign_in = {"email": email, "password": password}
        self._tokens: Mapping[str, str] = {}
        self._speed = speed
        self._chance = random.Random(seed)  # noqa: S311 – plays, hides nothing
        self._signing_in = asyncio.Lock()
        self._minds: dict[str, float] = {}
        """How each patient is about appointments, from 0 (never comes) to 1."""
        self._missing_since: dict[str, float] = {}
        self._seen: set[str] = set()

    async def run(self, doctors: Sequence[str], trackers: Sequence[str]) -> None:
        """Play until cancelled."""
        try:
            await self._login()
            async with asyncio.TaskGroup() as group:
                for doctor in doctors:
                    group.create_task(self._forever(self._desk, doctor))
                # From all over the lines, for whoever is at the head of one is soon gone.
                for token in trackers[:: max(1, len(trackers) // PHONES)]:
                    group.create_task(self._forever(self._phone, token))
        finally:
            await self._http.aclose()

    async def _forever(self, play: Callable[[str], Awaitable[None]], subject: str) -> None:
        """A server that restarts, or Postgres that does, is waited for: robots have time."""
        while True:
            try:
                await play(subject)
            except (httpx.HTTPError, _Away) as error:
                log.debug("robot_waits", error_type=type(error).__name__)
                await asyncio.sleep(AWAY_SECONDS)

    async def _login(self) -> None:
        """Sign in, once for all who need it at the same moment."""
        before = self._tokens
        async with self._signing_in:
            while self._tokens is before:
                with suppress(httpx.HTTPError):
                    answer = await self._http.post("/api/auth/login", json=self._sign_in)
                    if answer.status_code == httpx.codes.OK:
                        self._tokens = answer.json()["data"]
                        return
                await asyncio.sleep(AWAY_SECONDS)

    async def _pause(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*between) / self._speed)

    async def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> httpx.Response:
        """Send a request; raises `_Away` when the server cannot do anything now. Refusals are returned."""
        # The same key for the second try: whatever became of the first, it is done once.
        key = str(uuid4())
        answer = await self._once(method, path, body, key)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            await self._login()
            answer = await self._once(method, path, body, key)
        if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise _Away
        return answer

    async def _once(self, method: str, path: str, body: Mapping[str, object] | None, key: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens['accessToken']}"}
        if method == "POST":
            headers["Idempotency-Key"] = key
        return await self._http.request(method, f"/api/appointments/queue/{path}", json=body, headers=headers)

    async def _desk(self, doctor: str) -> None:
        """Look at one doctor's lane and do the next sensible thing. A person at the desk may always be quicker."""
        await self._pause(LOOK_AROUND)
        answer = await self._call("GET", f"state/{doctor}")
        if answer.status_code != httpx.codes.OK:
            raise _Away
        queue = answer.json()["data"]
        # Paused or closed by a person, who will know why.
        if queue["header"]["closed"] or queue["header"]["paused"]:
            return
        entries = {entry["id"]: entry for entry in queue["entries"]}
        line = [entries[entry] for entry in queue["line"]]
        await self._arrivals(line)
        await self._give_up(line)
        await self._serve(doctor, entries)
        await self._move(line)
        is_idle = not any(entry["callable"] or entry["early"] for entry in line)
        chance = 1.0 if len(line) < SHORT_LINE else WALKS_IN_WHEN_IDLE if is_idle else WALKS_IN
        if len(line) < LONG_LINE and self._chance.random() < chance:
            await self._walk_in(doctor)

    async def _arrivals(self, line: Sequence[Mapping[str, Any]]) -> None:
        """Patients come when it is nearly their turn – most of them. Some come only when they were missed."""
        for place, entry in enumerate(line):
            if entry["state"] != "expected":
                continue
            mind = self._minds.setdefault(entry["id"], self._chance.random())
            was_missed = entry["passedOver"] or entry["promptedAt"] is not None
            is_late = NEVER_COMES <= mind < NEVER_COMES + COMES_LATE
            if mind < NEVER_COMES or (is_late and not was_missed):
                continue
            if place < COME_WHEN_AHEAD or self._chance.random() < 0.08:
                await self._call("POST", f"check-in/{entry['id']}", {})
                return

    async def _give_up(self, line: Sequence[Mapping[str, Any]]) -> None:
        """Reception marks as not shown who was passed over and has been missing for a while."""
        now = asyncio.get_running_loop().time()
        for entry in line:
            if entry["state"] != "expected" or not entry["passedOver"] or entry["graceUntil"] is not None:
                continue
            if now - self._missing_since.setdefault(entry["id"], now) > ABSENT_FOR / self._speed:
                await self._call("POST", f"no-show/{entry['id']}", {"gracePeriod": 0})
                return

    async def _serve(self, doctor: str, entries: Mapping[str, Mapping[str, Any]]) -> None:
        called = next((e for e in entries.values() if e["state"] == "called"), None)
        seen = next((e for e in entries.values() if e["state"] == "in_consultation"), None)
        if seen is not None:
            if seen["id"] not in self._seen:
                self._seen.add(seen["id"])
                await self._pause(CONSULTATION)
            await self._call("POST", f"complete/{seen['id']}", {})
        elif called is not None:
            await self._pause(WALK_TO_ROOM)
            await self._call("POST", f"start/{called['id']}", {})
        elif any(e["state"] == "waiting" for e in entries.values()):
            await self._call("POST", f"call-next/{doctor}", {})

    async def _move(self, line: Sequence[Mapping[str, Any]]) -> None:
        waiting = [e for e in line if e["state"] == "waiting"]
        if len(waiting) > 3 and self._chance.random() < MOVES_SOMEBODY:
            move = {"newPosition": len(line) - 1, "reason": "Asked to step out for a moment"}
            await self._call("POST", f"move/{waiting[0]['id']}", move)

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
