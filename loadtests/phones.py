"""Patients' phones on sockets: what they saw, when, and that it never went backwards."""

import asyncio
import contextlib
from bisect import bisect_left
from time import monotonic
from typing import Any

import socketio

from scheduling_core.ids import DoctorId

Order = tuple[int, int]


class Phone:
    """One phone that follows one link and comes back whenever it is cut off."""

    def __init__(self, url: str, token: str, doctor: DoctorId) -> None:
        self._url = url
        self._token = token
        self.doctor = doctor
        self.seen: Order = (0, 0)
        self.receipts: list[tuple[int, float]] = []
        """Versions of the queue in the order they came, and when."""
        self.joins = 0
        self.backwards = 0
        """Joins that answered with something older than what was seen before."""
        self.errors: list[str] = []
        self._joining: set[asyncio.Task[None]] = set()
        self._client = socketio.AsyncClient(
            reconnection_delay=0.2, reconnection_delay_max=1.0, randomization_factor=0.2
        )
        self._client.on("connect", self._connected)
        self._client.on("queue-joined", self._joined)
        self._client.on("queue-update", self._update)
        self._client.on("queue-broadcast", self._broadcast)
        self._client.on("error", self._error)

    async def connect(self) -> None:
        """Connect and join; afterwards it reconnects by itself."""
        await self._client.connect(self._url, transports=["websocket"], wait_timeout=10)

    async def close(self) -> None:
        """Disconnect for good."""
        with contextlib.suppress(Exception):
            await self._client.shutdown()

    async def _connected(self) -> None:
        await self._join()

    async def _join(self) -> None:
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            await self._client.emit(
                "join-queue", {"token": self._token, "epoch": self.seen[0], "version": self.seen[1]}
            )

    async def _joined(self, payload: dict[str, Any]) -> None:
        queue = payload["data"]["queue"]
        order = (queue["epoch"], queue["version"])
        self.joins += 1
        if order < self.seen:
            self.backwards += 1
        self._note(order)

    async def _update(self, payload: dict[str, Any]) -> None:
        queue = payload["data"]["queue"]
        self._note((queue["epoch"], queue["version"]))

    async def _broadcast(self, payload: dict[str, Any]) -> None:
        self._note((payload["epoch"], payload["version"]))

    async def _error(self, payload: dict[str, Any]) -> None:
        self.errors.append(str(payload.get("code")))
        if payload.get("retryable"):
            task = asyncio.create_task(self._again())
            self._joining.add(task)
            task.add_done_callback(self._joining.discard)

    async def _again(self) -> None:
        await asyncio.sleep(0.5)
        await self._join()

    def _note(self, order: Order) -> None:
        if order > self.seen:
            self.seen = order
            self.receipts.append((order[1], monotonic()))

    def delays(self, commits: list[tuple[int, float]]) -> list[float]:
        """Return, for each commit (version, when it was acknowledged), how much later this phone showed it."""
        versions = [version for version, _ in self.receipts]
        found = []
        for version, at in commits:
            place = bisect_left(versions, version)
            if place < len(versions):
                found.append(max(0.0, self.receipts[place][1] - at))
        return found
