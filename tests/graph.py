"""The application's objects on the test database, without a server around them."""

from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks
from queue_server.application.people import People
from queue_server.application.queue import QueueService
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Recorder, WritePath
from queue_server.application.waitlist.links import WaitlistLinks
from queue_server.settings import Settings
from queue_server.store import event_store
from queue_server.store.db import Database
from scheduling_core.estimates.waits import RecentMean
from scheduling_core.ids import TenantId, queue_stream
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import Queue
from tests.factories import Clinic, today


class Published:
    """Remembers what was committed."""

    def __init__(self) -> None:
        self.queues: list[Queue] = []

    def committed(self, tenant: TenantId, queue: Queue, epoch: int, state: bytes, reason: str) -> None:
        """Remember the queue."""
        self.queues.append(queue)


class Graph:
    """The write side of the application."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self.db = db
        self.published = Published()
        self.directory = Directory(db)
        self.people = People(db)
        self.writes = WritePath(db, self.published)
        self.links = TrackingLinks(db, Tokens(settings), Recorder(), settings.public_url)
        self.waitlist_links = WaitlistLinks(Tokens(settings), settings.public_url)
        self.queue = QueueService(db, self.writes, self.directory, self.people, self.links, RecentMean(), 15)

    async def state(self, clinic: Clinic, doctor: int = 0) -> Queue:
        """Return the stored state of a doctor's queue of today."""
        stream = queue_stream(clinic.tenant, clinic.doctors[doctor], today(clinic.timezone))
        async with self.db.tenant(clinic.tenant) as tx:
            row = await event_store.read_stream(tx, stream)
        assert row is not None
        return codec.decode_state(row["state"])
