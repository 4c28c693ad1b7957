"""What the routes need of the server: the part of the object graph that handlers may reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from queue_server.application.access import AccessService
    from queue_server.application.people import People
    from queue_server.application.queue import QueueService
    from queue_server.application.reading import QueueReading
    from queue_server.application.tracking import Tracking
    from queue_server.broker import Broker
    from queue_server.metrics import Metrics
    from queue_server.settings import Settings
    from queue_server.store.db import Database


class Services(Protocol):
    """`request.app.state.services`, as wiring makes it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def db(self) -> Database: ...
    @property
    def broker(self) -> Broker: ...
    @property
    def access(self) -> AccessService: ...
    @property
    def queue(self) -> QueueService: ...
    @property
    def reading(self) -> QueueReading: ...
    @property
    def tracking(self) -> Tracking: ...
    @property
    def people(self) -> People: ...
