"""The realtime layer of one server process: everything wired, swept every second, drained before it stops."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Protocol

import structlog

from queue_server.application.access import AccessService
from queue_server.application.directory import Directory
from queue_server.application.queue import QueueService
from queue_server.application.reading import QueueReading
from queue_server.application.slots.changes import SlotChanges
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.tracking import Tracking
from queue_server.application.waitlist.followers import WaitlistFollowers
from queue_server.application.waitlist.live import WaitlistChanges
from queue_server.application.waitlist.reading import WaitlistReading
from queue_server.broker import Broker
from queue_server.metrics import Metrics
from queue_server.realtime.asyncapi import document
from queue_server.realtime.availability.watching import Watching
from queue_server.realtime.collector import SocketCollector
from queue_server.realtime.door import ASGIApp, Door, Receive, Scope, Send
from queue_server.realtime.hub import Hub
from queue_server.realtime.limits import Admission
from queue_server.realtime.messages import Restarting
from queue_server.realtime.patients.namespace import Patients
from queue_server.realtime.sockets import SocketServer
from queue_server.realtime.staff.namespace import Staff
from queue_server.realtime.statistics import Statistics
from queue_server.realtime.waitlist.lists import ListsFollowed
from queue_server.realtime.waitlist.own import OwnWatching
from queue_server.settings import Settings
from queue_server.store.notifications import Notifications
from scheduling_core.ids import DoctorId, EntryId, TenantId

log = structlog.stdlib.get_logger("realtime")

PATH = "/socket.io"
SWEEP_SECONDS = 1.0
CLOCK_SECONDS = 30.0
"""How often phones are told what time alone has changed."""
FAREWELLS_PER_SECOND = 1_000
"""Clients sent away per second when the server stops: others have to take them in."""


class Services(Protocol):
    """The part of the object graph that sockets reach."""

    @property
    def access(self) -> AccessService: ...
    @property
    def queue(self) -> QueueService: ...
    @property
    def reading(self) -> QueueReading: ...
    @property
    def tracking(self) -> Tracking: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def slot_changes(self) -> SlotChanges: ...
    @property
    def waitlist_changes(self) -> WaitlistChanges: ...
    @property
    def waitlist_followers(self) -> WaitlistFollowers: ...
    @property
    def waitlist_reading(self) -> WaitlistReading: ...
    @property
    def snapshots(self) -> QueueSnapshots: ...
    @property
    def notifications(self) -> Notifications: ...
    @property
    def broker(self) -> Broker: ...
    @property
    def metrics(self) -> Metrics: ...


class Realtime:
    """The sockets of a process."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._settings = settings
        self._services = services
        self._statistics = Statistics()
        self._hub = Hub(services.snapshots, self._statistics)
        self._watching = Watching(services.slot_changes, services.directory, self._statistics)
        self._waiting = OwnWatching(services.waitlist_changes, services.waitlist_followers, self._statistics)
        self._lists = ListsFollowed(services.waitlist_changes, services.waitlist_reading, self._statistics)
        self._patients = Patients(self._hub, services.tracking, services.snapshots, self._watching, self._waiting)
        self._staff = Staff(
            self._hub, services.access, services.queue, services.reading, services.broker, services.metrics, self._lists
        )
        self._hub.add(self._patients)
        self._hub.add(self._staff)
        self._admission = admission = Admission(
            at_once=settings.socket_connections_per_address, per_minute=settings.socket_connects_per_minute
        )
        self._sockets = SocketServer(
            settings, self._statistics, admission, lambda scope: self._door.cors_headers(scope)
        )
        self._sockets.add(self._patients)
        self._sockets.add(self._staff)
        self._door = Door(self._sockets, settings, admission, self._statistics)
        self._tasks: list[asyncio.Task[None]] = []
        self._statistics.backlogs = lambda: self._sockets.backlogs
        services.metrics.registry.register(SocketCollector(self.stats, self._statistics))

    def asgi(self, app: ASGIApp) -> ASGIApp:
        """Return an application that serves sockets at `/socket.io/` and leaves everything else to `app`."""
        door = self._door

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope.get("path", "")
            if scope["type"] in ("http", "websocket") and (path == PATH or path.startswith(PATH + "/")):
                await door(scope, receive, send)
            else:
                await app(scope, receive, send)

        return serve

    @property
    def is_draining(self) -> bool:
        """Whether nobody is let in any more and everybody is being sent elsewhere."""
        return self._door.is_draining

    async def start(self) -> None:
        """Begin to sweep; connections may come."""
        self._services.notifications.add(self)
        # One task each: what waits for Postgres or an identity provider must not keep the others.
        self._tasks = [
            asyncio.create_task(_every(SWEEP_SECONDS, self._sweep), name="sockets"),
            asyncio.create_task(_every(SWEEP_SECONDS, self._renew), name="sockets: standing"),
            asyncio.create_task(_every(SWEEP_SECONDS, self._staff.show_anew), name="sockets: desks' clock"),
            asyncio.create_task(_every(CLOCK_SECONDS, self._patients.show_anew), name="sockets: phones' clock"),
            asyncio.create_task(_every(SWEEP_SECONDS, self._lists.catch_up), name="sockets: waitlists"),
            asyncio.create_task(_every(CLOCK_SECONDS, self._reorder), name="sockets: waitlists' clock"),
            asyncio.create_task(self._statistics.loop_lag.watch(), name="loop lag"),
        ]

    async def drain(self) -> None:
        """Let nobody in any more and send everybody to other servers, not all at the same moment.

        For a server about to stop: call it before the transports are closed, which is before the lifespan ends.
        """
        self._door.is_draining = True
        connections = self._sockets.connections
        within = min(self._settings.shutdown_seconds / 2, len(connections) / FAREWELLS_PER_SECOND)
        for connection in connections:
            for socket in list(connection.sockets.values()):
                socket.send("server-restarting", Restarting(within_ms=int(within * 1000)))
        random.shuffle(connections)
        for count, connection in enumerate(connections, start=1):
            self._sockets.end(connection, "draining")
            if count % 50 == 0:
                await asyncio.sleep(within * 50 / len(connections))

    async def stop(self) -> None:
        """Drain what is left and stop."""
        await self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._patients.stop()
        self._lists.stop()
        self._staff.stop()
        self._sockets.stop()
        self._hub.stop()

    def stats(self) -> dict[str, Any]:
        """Return the figures of this process's sockets, which `serverId` names; counters since it started."""
        statistics, services = self._statistics, self._services
        backlogs = statistics.backlogs()
        return {
            "serverId": statistics.server_id,
            "connectedClients": len(self._sockets.connections),
            "activeRooms": len(self._hub.rooms),
            "messagesPerSecond": round(statistics.messages_per_second, 2),
            "uptimeSeconds": int(monotonic() - statistics.started),
            "errors": sum(statistics.errors.values()),
            "patients": self._patients.members,
            "desks": self._staff.desks,
            "watchers": self._watching.watchers,
            "watchedRooms": self._watching.rooms,
            "waitlistFollowers": self._waiting.watchers,
            "waitlistRooms": self._lists.rooms,
            "handshakes": self._admission.handshakes,
            "messagesReceived": statistics.received,
            "messagesSent": statistics.sent,
            "messagesDropped": statistics.dropped,
            "updatesConflated": statistics.conflated,
            "updatesWithheld": statistics.withheld,
            "slowClients": len(backlogs),
            "waitingMost": max(backlogs, default=0),
            "waitingTotal": sum(backlogs),
            "connectionsRefused": sum(statistics.refused.values()),
            "connectionsEnded": sum(statistics.closed.values()),
            "loopLagMs": round(statistics.loop_lag.recent * 1000, 1),
            "snapshotHits": services.snapshots.hits,
            "snapshotReads": services.snapshots.reads,
            "brokerConnected": services.broker.is_connected,
            "brokerDropped": services.broker.dropped,
            "listening": services.notifications.is_listening,
            "errorsByCode": dict(statistics.errors),
            "refusedByReason": dict(statistics.refused),
            "endedByReason": dict(statistics.closed),
        }

    @staticmethod
    def asyncapi() -> bytes:
        """Return the AsyncAPI document of the sockets."""
        return document()

    # ---- what Postgres tells --------------------------------------------------------------------------------------

    def on_pointer(self, tenant: TenantId, doctor: DoctorId, date: str, epoch: int, version: int) -> None:
        """Rooms hear of commits from the snapshots."""

    def on_moved(self, tenant: TenantId, entry: EntryId) -> None:
        """An appointment was given another time."""
        self._patients.on_moved(tenant, entry)

    def on_revoked(self, tenant: TenantId, entry: EntryId) -> None:
        """Links were withdrawn."""
        self._patients.on_revoked(tenant, entry)

    def on_gap(self) -> None:
        """A withdrawal may have been missed."""
        self._patients.on_gap()

    async def _sweep(self) -> None:
        self._statistics.sample()
        self._sockets.sweep()
        self._patients.sweep()
        self._staff.sweep()

    async def _reorder(self) -> None:
        self._services.waitlist_changes.reorder()

    async def _renew(self) -> None:
        for socket in await self._staff.renew():
            self._sockets.leave(socket.connection, socket.namespace, tell=True)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            log.exception("sweep_failed")


def create_realtime(services: Services, settings: Settings) -> Realtime:
    """Return the realtime layer; `start` and `stop` it with the application, whose ASGI app `asgi` wraps."""
    return Realtime(services, settings)
