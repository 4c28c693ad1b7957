"""Clients that remember everything they were told, and hold it against what they were told before.

Both are the official Python client underneath, so they reconnect, poll and upgrade as it does.
"""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import Counter
from time import monotonic
from typing import Any
from urllib.parse import quote

import httpx
import socketio

from scheduling_core.ids import DoctorId

Order = tuple[int, int]

JOIN_AGAIN_SECONDS = 0.3
FACE = ("position", "total", "state", "queueStatus", "paused", "closed", "delayMinutes", "lastCalled", "graceUntil")
"""What a patient sees of the queue, but for what the clock alone moves."""
CLOCK = ("estimatedStartAt", "estimatedWaitTime", "estimatedWaitRange")
"""What the clock alone moves in a desk's entry."""


class _Witness(ABC):
    """What both kinds have in common: a client that comes back, and when it was away."""

    namespace = "/"

    def __init__(self, url: str, transports: tuple[str, ...]) -> None:
        self._url = url
        self._transports = list(transports)
        self.transport = "+".join(transports)
        self.faults: Counter[str] = Counter()
        """What must not happen, by kind."""
        self.sent_away = 0
        """How often it was told to go for good, in words after which this client does not come back by itself."""
        self.warned = 0
        """How often a server said that it is about to restart."""
        self.away: list[float] = []
        """How long each absence was: seconds from being cut off until it was shown the queue again."""
        self._left_at: float | None = None
        self._is_closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = socketio.AsyncClient(
            reconnection_delay=0.2, reconnection_delay_max=1.0, randomization_factor=0.5
        )
        self._client.on("connect", self._connected, namespace=self.namespace)
        self._client.on("disconnect", self._disconnected, namespace=self.namespace)
        self._client.on("server-restarting", self._restarting, namespace=self.namespace)
        self._client.on("__disconnect_final", self._sent_away, namespace=self.namespace)

    async def connect(self) -> None:
        """Connect and subscribe; from now on it comes back by itself."""
        await self._client.connect(
            self._url,
            transports=self._transports,
            namespaces=[self.namespace],
            auth=self._auth(),
            wait_timeout=10,
            retry=True,
        )

    async def close(self) -> None:
        """Disconnect for good."""
        self._is_closing = True
        for task in list(self._tasks):
            task.cancel()
        with contextlib.suppress(Exception):
            await self._client.shutdown()

    def _auth(self) -> dict[str, str] | None:
        return None

    @abstractmethod
    async def _connected(self) -> None:
        """The connection stands, for the first time or again: ask for what is to be followed."""

    async def _disconnected(self, *_reason: object) -> None:
        self._left_at = self._left_at or monotonic()

    async def _restarting(self, _told: object) -> None:
        self.warned += 1

    async def _sent_away(self, *_reason: object) -> None:
        if not self._is_closing:
            self.sent_away += 1
            self._later(self._come_back())

    async def _come_back(self) -> None:
        # What it was cut off from is still being put away when this is told.
        for _ in range(500):
            if self._client.eio.state == "disconnected":
                break
            await asyncio.sleep(0.01)
        await self.connect()

    def _is_back(self) -> None:
        if self._left_at is not None:
            self.away.append(monotonic() - self._left_at)
            self._left_at = None

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class PatientWitness(_Witness):
    """A phone: its views and broadcasts never go back, no broadcast comes twice."""

    def __init__(self, url: str, token: str, doctor: DoctorId, transports: tuple[str, ...] = ("websocket",)) -> None:
        super().__init__(url, transports)
        self.token = token
        self.doctor = doctor
        self.seen: Order = (0, 0)
        self.receipts: list[tuple[int, float]] = []
        """Versions of the queue as they came, and when."""
        self.joins = 0
        self.view: dict[str, Any] | None = None
        self._told: Order = (0, 0)
        """What the connection of now was told of last."""
        self._client.on("queue-joined", self._joined)
        self._client.on("queue-update", self._update)
        self._client.on("queue-broadcast", self._broadcast)
        self._client.on("error", self._error)

    async def differs(self, http: httpx.AsyncClient, url: str) -> list[str]:
        """Return in what the phone differs from what it would be shown if it were opened now."""
        answer = await http.get(f"{url}/api/appointments/track/{quote(self.token)}")
        fresh = answer.raise_for_status().json()["data"]["queue"]
        order = (fresh["epoch"], fresh["version"])
        found = [f"version {self.seen} instead of {order}"] if self.seen != order else []
        view = self.view or {}
        return found + [name for name in FACE if view.get(name) != fresh.get(name)]

    async def _connected(self) -> None:
        await self._join()

    async def _join(self) -> None:
        epoch, version = self.seen
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            await self._client.emit("join-queue", {"token": self.token, "epoch": epoch, "version": version})

    async def _joined(self, payload: dict[str, Any]) -> None:
        self.joins += 1
        self._is_back()
        self._take(payload["data"]["queue"])
        self._told = self.seen

    async def _update(self, payload: dict[str, Any]) -> None:
        self._take(payload["data"]["queue"])

    async def _broadcast(self, payload: dict[str, Any]) -> None:
        order = (payload["epoch"], payload["version"])
        if order <= self._told:
            self.faults["broadcast twice" if order == self._told else "broadcast backwards"] += 1
        self._told = order
        self._note(order)

    async def _error(self, payload: dict[str, Any]) -> None:
        if payload.get("retryable"):
            self._later(self._again())
        else:
            self.faults[f"error {payload.get('code')}"] += 1

    async def _again(self) -> None:
        await asyncio.sleep(JOIN_AGAIN_SECONDS)
        await self._join()

    def _take(self, view: dict[str, Any]) -> None:
        order = (view["epoch"], view["version"])
        if order < self.seen:
            self.faults["view backwards"] += 1
            return
        self.view = view
        self._note(order)

    def _note(self, order: Order) -> None:
        if order > self.seen:
            self.seen = order
            self.receipts.append((order[1], monotonic()))


class DeskWitness(_Witness):
    """A desk: every patch starts from what it holds, or it fetches the whole queue and says so."""

    namespace = "/staff"

    def __init__(
        self, url: str, token: str, doctors: tuple[DoctorId, ...], transports: tuple[str, ...] = ("websocket",)
    ) -> None:
        super().__init__(url, transports)
        self._token = token
        self._doctors = doctors
        self._http = httpx.AsyncClient(base_url=url, timeout=5, headers={"Authorization": f"Bearer {token}"})
        self.queues: dict[str, dict[str, Any]] = {}
        self.patches = 0
        self.states = 0
        self.refetches = 0
        """Patches that started from something else than what was held."""
        self._client.on("queue-state", self._state, namespace=self.namespace)
        self._client.on("queue-patch", self._patch, namespace=self.namespace)

    def _auth(self) -> dict[str, str]:
        return {"token": self._token}

    async def close(self) -> None:
        """Disconnect for good."""
        await super().close()
        await self._http.aclose()

    async def differs(self, http: httpx.AsyncClient, url: str) -> list[str]:
        """Return in what the desk differs from what it would be shown if it were opened now."""
        found = []
        for doctor in map(str, self._doctors):
            path = f"{url}/api/appointments/queue/state/{doctor}"
            answer = await http.get(path, headers={"Authorization": f"Bearer {self._token}"})
            fresh, held = answer.raise_for_status().json()["data"], self.queues.get(doctor)
            if held is None:
                found.append("a queue is missing")
                continue
            found += [
                f"{name} {held[name]} instead of {fresh[name]}"
                for name in ("epoch", "version", "line")
                if held[name] != fresh[name]
            ]
            if _entries(held) != _entries(fresh):
                found.append("entries")
        return found

    async def _connected(self) -> None:
        self._later(self._subscribe())

    async def _subscribe(self) -> None:
        wanted = {"doctorIds": [str(doctor) for doctor in self._doctors]}
        while self.namespace in self._client.namespaces:
            with contextlib.suppress(socketio.exceptions.SocketIOError):
                answer = await self._client.call("subscribe", wanted, namespace=self.namespace, timeout=5)
                if isinstance(answer, dict) and answer.get("ok"):
                    self._is_back()
                    return
            await asyncio.sleep(JOIN_AGAIN_SECONDS)

    async def _state(self, queue: dict[str, Any]) -> None:
        self.states += 1
        self._take(queue)

    def _take(self, queue: dict[str, Any]) -> None:
        held = self.queues.get(queue["doctorId"])
        if held is None or _order(queue) >= _order(held):
            self.queues[queue["doctorId"]] = queue

    async def _patch(self, patch: dict[str, Any]) -> None:
        self.patches += 1
        held = self.queues.get(patch["doctorId"])
        if held is None:
            self.faults["patch before state"] += 1
            return
        is_older = _order(patch) < _order(held)
        if is_older or (patch["epoch"], patch["fromVersion"]) != (held["epoch"], held["version"]):
            self.faults["patch backwards"] += is_older
            self.refetches += not is_older
            self._later(self._refetch(patch["doctorId"]))
            return
        entries = {entry["id"]: entry for entry in held["entries"] if entry["id"] not in patch["removed"]}
        entries |= {entry["id"]: entry for entry in patch["changed"]}
        self.queues[patch["doctorId"]] = {
            **held,
            **{name: patch[name] for name in ("epoch", "version", "header", "line")},
            "entries": list(entries.values()),
        }

    async def _refetch(self, doctor: str) -> None:
        with contextlib.suppress(httpx.HTTPError):
            answer = await self._http.get(f"/api/appointments/queue/state/{doctor}")
            if answer.status_code == httpx.codes.OK:
                self._take(answer.json()["data"])


def _order(queue: dict[str, Any]) -> Order:
    return queue["epoch"], queue["version"]


def _entries(queue: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {e["id"]: {name: value for name, value in e.items() if name not in CLOCK} for e in queue["entries"]}
